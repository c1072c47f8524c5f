"""One table as boxes over its dimensions, and the questions asked of them. Rules are meant by their position, from 0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from math import prod

from service.dmn.analysis.columns import Dimension
from service.dmn.analysis.coverage import Box, Coverage, Rules
from service.dmn.analysis.limits import AnalysisLimits, Budget
from service.dmn.analysis.regions import bits
from service.dmn.path_set import PathSet

_MOST_NAMED = 50


class Examination:
    """Answers are certain: what rests on undecided cells is left out and told by `decided`."""

    def __init__(self, dimensions: list[Dimension], rules: int, limits: AnalysisLimits, deadline: float) -> None:
        # One for each question, so that a hard one leaves the others their steps.
        self._gap_budget, self._null_budget, self._overlap_budget, self._hiding_budget = (Budget(limits, deadline) for _ in range(4))
        self._rules = rules
        self.dimensions = dimensions
        covered = [[dimension.covered(position) for position in range(rules)] for dimension in dimensions]
        widths = [len(dimension.partition.classes) + 1 for dimension in dimensions]
        self._possible = Coverage([[region.possible for region in column] for column in covered], widths, rules)
        self.decided = all(region.certain == region.possible for column in covered for region in column)
        self._certain = (
            self._possible if self.decided else Coverage([[region.certain for region in column] for column in covered], widths, rules)
        )
        self.domain: Box = tuple(dimension.domain for dimension in dimensions)
        self._everything: Box = tuple(dimension.everything for dimension in dimensions)
        self._nulls: Box = tuple(dimension.partition.null for dimension in dimensions)
        self._has_related = not _are_independent(dimensions)

    def without_null(self, box: Box) -> Box:
        """The part of a box where no input is null."""
        return tuple(values & ~null for values, null in zip(box, self._nulls, strict=True))

    def is_filled(self) -> bool:
        """Whether rules that do not overlap cover every combination without null: their sizes then add up to that of the whole."""
        space = self.without_null(self.domain)
        sizes = (_size(_meet(self._certain.of_rule(position), space)) for position in range(self._rules))
        return self._everything == self.domain and sum(sizes) == _size(space)

    @property
    def everything(self) -> Box:
        """All values the dimensions have or may have."""
        return self._everything

    def gaps(self) -> Iterator[Box]:
        """Combinations of values other than null that no rule covers. Raises `Exhausted`."""
        space = self.without_null(self.domain)
        return (box for box in self._possible.uncovered(space, self._gap_budget) if self._is_independent(box, space))

    def widened(self, box: Box, *, without_null: bool) -> Box:
        """An uncovered box over all values that a dimension has or may have, where no rule can apply to these either.

        Raises `Exhausted`.
        """
        for index, (certain, values) in enumerate(zip(self.domain, self._everything, strict=True)):
            if certain != values:
                wider = (*box[:index], values & ~self._nulls[index] if without_null else values, *box[index + 1 :])
                if not self._possible.meeting(wider, (1 << self._rules) - 1, self._gap_budget):
                    box = wider
        return box

    def may_have_gaps(self) -> bool:
        """Whether some combination may be uncovered, depending on what is undecided. Raises `Exhausted`."""
        space = self.without_null(self._everything)
        return next(self._certain.uncovered(space, self._gap_budget), None) is not None

    def null_gaps(self) -> Iterator[Box]:
        """Combinations that no rule covers and that have a null among them. Raises `Exhausted`."""
        found: list[Box] = []
        for index, null in enumerate(self._nulls):
            space = (*self.domain[:index], null, *self.domain[index + 1 :])
            for box in self._possible.uncovered(space, self._null_budget, found):
                if self._is_independent(box, self.domain):
                    found.append(box)
                    yield box

    def unreachable(self) -> list[int]:
        """Rules that can never apply."""
        return [position for position in range(self._rules) if not self._is_possible(self._box(position))]

    def overlapping(self, position: int, *, certainly: bool = True) -> Iterator[tuple[int, Box]]:
        """Later rules that apply together with this one, and where; with `certainly` false those that may. Raises `Exhausted`."""
        coverage = self._certain if certainly else self._possible
        within = self.domain if certainly else self._everything
        own = _meet(coverage.of_rule(position), within)
        if not self._is_possible(own):
            return
        later = ((1 << self._rules) - 1) >> (position + 1) << (position + 1)
        for other in bits(coverage.meeting(own, later, self._overlap_budget)):
            common = _meet(own, coverage.of_rule(other))
            if self._is_possible(common) and (not certainly or self._is_independent(common, within)):
                yield other, common

    def overlap_total(self) -> int | None:
        """How many pairs of rules overlap; None when related columns would have to be looked at pair by pair. Raises `Exhausted`."""
        if self._has_related or self._everything != self.domain:
            return None
        total = 0
        for position in range(self._rules):
            own = self._certain.of_rule(position)
            later = ((1 << self._rules) - 1) >> (position + 1) << (position + 1)
            total += self._certain.meeting(own, later, self._overlap_budget).bit_count() if self._is_possible(own) else 0
        return total

    def hiding(self, position: int, before: Rules) -> tuple[int, ...] | None:
        """The rules among `before` that leave nothing to this one; None when something is left. Raises `Exhausted`."""
        return self._hiding(self._box(position), before)

    def hiding_except_null(self, position: int, before: Rules) -> tuple[int, ...] | None:
        """The same where no input is null; None also when the rule covers nothing else."""
        box = self.without_null(self._box(position))
        return self._hiding(box, before) if self._is_possible(box) else None

    def _hiding(self, box: Box, before: Rules) -> tuple[int, ...] | None:
        meeting = self._certain.meeting(box, before, self._hiding_budget)
        if not meeting:
            return None
        for other in islice(bits(meeting), _MOST_NAMED):
            if not any(values & ~outer for values, outer in zip(box, self._certain.of_rule(other), strict=True)):
                return (other,)
        return tuple(bits(meeting)) if self._certain.is_covered(box, meeting, self._hiding_budget) else None

    def same_conditions(self, texts: list[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
        """Rules that cover the same as an earlier one, with that one; `texts` stand for cells that are not decided."""
        first: dict[tuple[object, ...], int] = {}
        for position in range(self._rules):
            box = self._box(position)
            if not self._is_possible(box):
                continue
            key = tuple(
                values if values == dimension.covered(position).certain else tuple(texts[position][column] for column in dimension.columns)
                for values, dimension in zip(box, self.dimensions, strict=True)
            )
            if first.setdefault(key, position) != position:
                yield position, first[key]

    def certainly_applies(self, position: int) -> bool:
        """Whether there are values for which the rule applies whatever is undecided."""
        return self._is_possible(_meet(self._certain.of_rule(position), self.domain))

    def _box(self, position: int) -> Box:
        return self._possible.of_rule(position)

    def _is_possible(self, box: Box) -> bool:
        return all(box)

    def _is_independent(self, box: Box, space: Box) -> bool:
        """Whether the box does not ask for values of two columns that read the same variable and may exclude each other."""
        if not self._has_related:
            return True
        asked = (dimension for dimension, values, whole in zip(self.dimensions, box, space, strict=True) if values != whole)
        return _are_independent(asked)

    @property
    def has_related_columns(self) -> bool:
        """Whether different expressions read the same variable."""
        return self._has_related


def _meet(left: Box, right: Box) -> Box:
    return tuple(values & others for values, others in zip(left, right, strict=True))


def _size(box: Box) -> int:
    return prod(values.bit_count() for values in box)


def _are_independent(dimensions: Iterable[Dimension]) -> bool:
    """Whether no two of them read the same variable, or one a part of what the other reads."""
    read = PathSet()
    for dimension in dimensions:
        if any(read.touches(path) for path in dimension.paths):
            return False
        for path in dimension.paths:
            read.add(path)
    return True
