"""Which combinations of values no rule covers.

The sweep over hyper-rectangles of Calvanese, Dumas, Laurson, Maggi, Montali and Teinemaa ("Semantics and analysis of DMN
decision tables", BPM 2016): one dimension after the other is cut where the set of active rules changes. Sets of rules are
bits of whole numbers, values with the same rules are one group, and what was found covered is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import and_

from service.dmn.analysis.limits import Budget, Exhausted
from service.dmn.analysis.regions import Mask, bits

Rules = int
"""A set of rules: bit i is the rule at position i."""
Group = tuple[Mask, Rules]
"""Classes of one dimension with the rules that cover them."""
_CHEAP = 16
"""Joining sets of rules, compared with a step of a search."""
Box = tuple[Mask, ...]
"""For each dimension the values."""


class Coverage:
    """The boxes of rules over a number of dimensions. `masks[d][r]` is what rule r covers of dimension d, which has `width[d]` classes."""

    def __init__(self, masks: Sequence[Sequence[Mask]], widths: Sequence[int], rules: int) -> None:
        self._masks = masks
        self._every: Rules = (1 << rules) - 1
        self._groups = [_groups(column, width) for column, width in zip(masks, widths, strict=True)]
        self._covering = [_by_class(groups, width) for groups, width in zip(self._groups, widths, strict=True)]
        self._meeting: list[dict[Mask, Rules]] = [{} for _ in masks]

    def meeting(self, box: Box, rules: Rules, budget: Budget) -> Rules:
        """Those of the rules that share a combination with the box."""
        for index, values in enumerate(box):
            if not rules:
                break
            known = self._meeting[index]
            if values not in known:
                groups = self._groups[index]
                budget.spend(1 + min(len(groups), values.bit_count()) // _CHEAP)
                if values.bit_count() < len(groups):
                    known[values] = _sum(self._covering[index][found] for found in bits(values))
                else:
                    known[values] = _union(groups, values)
            rules &= known[values]
        return rules

    def of_rule(self, position: int) -> Box:
        """What a rule covers."""
        return tuple(column[position] for column in self._masks)

    def is_covered(self, box: Box, rules: Rules, budget: Budget) -> bool:
        """Whether the rules together cover the whole box."""
        for corner in ([(values & -values).bit_length() for values in box], [values.bit_length() for values in box]):
            there = rules
            for covering, found in zip(self._covering, corner, strict=True):
                there &= covering[found - 1]
            if not there:
                return False
        inside = [self._inside(index, values, budget) for index, values in enumerate(box)]
        return next(_Search(inside, box, rules, [], budget).boxes(), None) is None

    def _inside(self, index: int, values: Mask, budget: Budget) -> list[Group]:
        """The groups of one dimension, or only the classes asked for where these are fewer."""
        groups = self._groups[index]
        budget.spend(1 + min(len(groups), values.bit_count()) // _CHEAP)
        if values.bit_count() >= len(groups):
            return groups
        return [(1 << found, self._covering[index][found]) for found in bits(values)]

    def uncovered(self, space: Box, budget: Budget, known: list[Box] | None = None) -> Iterator[Box]:
        """The combinations in `space` that no rule covers, as boxes as large as can be; they may overlap each other.

        What lies in one of the boxes `known` is left out.
        """
        found = [] if known is None else list(known)
        groups = sum(map(len, self._groups))
        for box in _Search(self._groups, space, self._every, found, budget).boxes():
            largest = self._largest(box, space)
            found.append(largest)
            yield largest
            budget.spend(1 + groups // _CHEAP)

    def _largest(self, box: Box, space: Box) -> Box:
        """The uncovered box grown in each dimension: first where all values will do, then as far as possible."""
        grown = list(box)
        meeting = [_union(groups, values) for groups, values in zip(self._groups, box, strict=True)]
        for whole in (True, False):
            after = list(accumulate(reversed(meeting), and_, initial=self._every))
            before = self._every
            for index, groups in enumerate(self._groups):
                after.pop()
                others = before & after[-1]
                wider = space[index] & _sum(values for values, rules in groups if not rules & others)
                if wider == space[index] or not whole:
                    grown[index] = wider
                    meeting[index] = _union(groups, wider)
                before &= meeting[index]
        return tuple(grown)


def trimmed(boxes: Sequence[Box], space: Box, budget: Budget) -> list[Box]:
    """The same combinations in boxes that say less twice: values another box has already are left out where not all are listed.

    When the budget ends the rest stays as it is.
    """
    kept = list(boxes)
    try:
        for position in sorted(range(len(kept)), key=lambda index: -_narrowed(kept[index], space)):
            for index, whole in enumerate(space):
                if kept[position][index] == whole:
                    continue
                for other, outer in enumerate(kept):
                    budget.spend(1 + len(space) // _CHEAP)
                    box = kept[position]
                    if other != position and all(at == index or not box[at] & ~outer[at] for at in range(len(space))):
                        kept[position] = (*box[:index], box[index] & ~outer[index], *box[index + 1 :])
    except Exhausted:
        pass  # The boxes say the same as they are, only more of it twice.
    return [box for box in kept if all(box)]


def _narrowed(box: Box, space: Box) -> int:
    return sum(values != whole for values, whole in zip(box, space, strict=True))


_State = tuple[tuple[int, ...], Rules]
"""Dimensions yet to cut and rules yet to rule out; all that covering depends on."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A box of the search, the dimensions not cut yet in which a rule may end within it, and the rules that may cover it."""

    remaining: tuple[int, ...]
    active: Rules
    box: Box


@dataclass(frozen=True, slots=True)
class _Cut:
    """The parts of a box not looked at yet, and how many uncovered boxes the search had met when it was cut."""

    state: _State | None
    parts: Iterator[_Part]
    uncovered: int


class _Search:
    """One search for boxes in `space` that none of `rules` covers and that lie in none of the `found` ones."""

    def __init__(self, groups: Sequence[list[Group]], space: Box, rules: Rules, found: list[Box], budget: Budget) -> None:
        self._space = space
        self._rules = rules
        self._found = found
        self._budget = budget
        self._groups = [
            [(values & within, covering) for values, covering in column if values & within]
            for column, within in zip(groups, space, strict=True)
        ]
        self._narrow = [_partial(column, rules) for column in self._groups]
        self._covered: set[_State] = set()
        self._uncovered = 0

    def boxes(self) -> Iterator[Box]:
        """Every uncovered box, while `found` may grow."""
        if not all(self._space):
            return
        remaining = tuple(index for index, narrow in enumerate(self._narrow) if narrow)
        # A stack of its own: there are as many levels as columns.
        cuts = [_Cut(None, iter([_Part(remaining, self._rules, self._space)]), 0)]
        while cuts:
            part = next(cuts[-1].parts, None)
            if part is None:
                cut = cuts.pop()
                if cut.state is not None and cut.uncovered == self._uncovered:
                    self._covered.add(cut.state)
            elif any(all(not values & ~outer for values, outer in zip(part.box, known, strict=True)) for known in self._found):
                # That it is known already is no proof that the rules cover it.
                self._uncovered += 1
            elif not part.active:
                self._uncovered += 1
                yield part.box
            else:
                deeper = self._cut(part)
                if deeper is not None:
                    cuts.append(deeper)

    def _cut(self, part: _Part) -> _Cut | None:
        """The part cut along the dimension that tells most rules apart; None when it is covered."""
        remaining, active, box = part.remaining, part.active, part.box
        counts = {index: (active & self._narrow[index]).bit_count() for index in remaining}
        narrow = 0
        for index, count in counts.items():
            if count:
                narrow |= self._narrow[index]
        state = (remaining, active)
        if active & ~narrow or state in self._covered:
            return None
        chosen = max(counts, key=counts.__getitem__)
        rest = tuple(index for index in remaining if index != chosen and counts[index])
        parts: dict[Rules, Mask] = {}
        self._budget.spend(len(self._groups[chosen]))
        for values, covering in self._groups[chosen]:
            still = active & covering
            parts[still] = parts.get(still, 0) | values
        inner = (
            _Part(rest, still, (*box[:chosen], values, *box[chosen + 1 :]))
            for still, values in sorted(parts.items(), key=lambda found: found[0].bit_count())
        )
        return _Cut(state, inner, self._uncovered)


def _groups(column: Sequence[Mask], width: int) -> list[Group]:
    """Classes that the same rules cover, together. The last class, null, stays by itself."""
    with_mask: dict[Mask, Rules] = {}
    for position, mask in enumerate(column):
        with_mask[mask] = with_mask.get(mask, 0) | 1 << position
    changes = [0] * (width + 1)
    for mask, rules in with_mask.items():
        for start, end in _runs(mask):
            changes[start] ^= rules
            changes[end] ^= rules
    together: dict[tuple[Rules, bool], list[int]] = {}
    covering = 0
    for index in range(width):
        covering ^= changes[index]
        together.setdefault((covering, index == width - 1), []).append(index)
    return [(_mask(indexes), rules) for (rules, _), indexes in together.items()]


def _by_class(groups: list[Group], width: int) -> list[Rules]:
    covering = [0] * width
    for values, rules in groups:
        for index in bits(values):
            covering[index] = rules
    return covering


def _runs(mask: Mask) -> Iterator[tuple[int, int]]:
    """Runs of bits as half-open pairs of indexes."""
    offset = 0
    while mask:
        zeros = (mask & -mask).bit_length() - 1
        mask >>= zeros
        ones = (~mask & (mask + 1)).bit_length() - 1
        yield offset + zeros, offset + zeros + ones
        mask >>= ones
        offset += zeros + ones


def _mask(indexes: Sequence[int]) -> Mask:
    mask = 0
    for index in indexes:
        mask |= 1 << index
    return mask


def _sum(masks: Iterator[Mask]) -> Mask:
    total = 0
    for mask in masks:
        total |= mask
    return total


def _union(groups: list[Group], values: Mask) -> Rules:
    """The rules that cover any of the values."""
    rules = 0
    for inside, covering in groups:
        if inside & values:
            rules |= covering
    return rules


def _partial(groups: list[Group], rules: Rules) -> Rules:
    """Those of the rules that leave some of the values uncovered."""
    everywhere = rules
    for _, covering in groups:
        everywhere &= covering
    return rules & ~everywhere
