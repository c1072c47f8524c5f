"""Which rules of a table can apply, found from the input values instead of rule by rule.

Only cells of constants are looked at; what else the rules ask is for the caller, of the rules that are left.
A set of rules is an integer with one bit per rule. For each input column and type of value the index knows the rules
whose cell passes; the rules that apply are in all of those sets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import NoneType
from typing import Any

from service.dmn.tables.constant_cell import SORT_KEYS, ConstantCell, Interval, ValueSet

# Rules are indexed in blocks: with one set per constant, a single block would need memory by the square of the rules.
BLOCK = 512

Cells = Sequence[tuple[int, ConstantCell]]
_Entries = Sequence[tuple[int, ConstantCell]]
_Find = Callable[[Any], int]
# The rules that are not out because of a value of the type, and those whose cell has to be evaluated for that type.
_Lookup = tuple[_Find, int]


class RuleIndex:
    """Finds the rules that can apply; immutable, shared between threads.

    A rule is left out only where going through its cells of constants from left to right would end with one that does not pass,
    after none that leaves a warning: results and warnings are those of a table without an index. Only the steps are fewer.
    """

    def __init__(self, rules: Sequence[Cells]) -> None:
        """`rules` are the cells of constants (input column, cell) of each, from left to right."""
        self._blocks = [_Block(first, rules[first : first + BLOCK]) for first in range(0, len(rules), BLOCK)]

    def candidates(self, values: Sequence[Any]) -> Iterator[tuple[int, bool]]:
        """The rules in table order, counted from 0, that can apply to the input values.

        True: its cells of constants pass and need no evaluation; False: they are open.
        """
        for block in self._blocks:
            rules, undecided = block.candidates(values)
            while rules:
                lowest = rules & -rules
                rules ^= lowest
                yield block.first + lowest.bit_length() - 1, not undecided & lowest


class _Block:
    """Some successive rules."""

    def __init__(self, first: int, rules: Sequence[Cells]) -> None:
        self.first = first
        self._rules = (1 << len(rules)) - 1
        by_column: dict[int, list[tuple[int, ConstantCell]]] = {}
        for number, cells in enumerate(rules):
            for column, cell in cells:
                by_column.setdefault(column, []).append((1 << number, cell))
        self._columns = [(column, self._covered(entries), self._lookups(entries)) for column, entries in sorted(by_column.items())]

    @staticmethod
    def _covered(entries: _Entries) -> int:
        covered = 0
        for bit, _ in entries:
            covered |= bit
        return covered

    def _lookups(self, entries: _Entries) -> dict[type, _Lookup]:
        free = self._rules & ~self._covered(entries)
        kinds = {NoneType}.union(*(cell.kinds for _, cell in entries))
        return {kind: _lookup(kind, entries, free) for kind in kinds}

    def candidates(self, values: Sequence[Any]) -> tuple[int, int]:
        """The rules that can apply, and of which of them the indexed cells still have to be evaluated."""
        rules, undecided = self._rules, 0
        for column, covered, by_type in self._columns:
            value = values[column]
            lookup = by_type.get(type(value))
            if lookup is None:
                undecided |= covered
                continue
            passing, open_rules = lookup
            rules &= passing(value) | undecided
            if not rules:
                break
            undecided |= open_rules
        return rules, undecided


def _lookup(kind: type, entries: _Entries, free: int) -> _Lookup:
    undecided = 0
    decided: list[tuple[int, ValueSet]] = []
    for bit, cell in entries:
        passing = cell.passing(kind)
        if passing is None:
            undecided |= bit
        else:
            decided.append((bit, passing))
    keys = {key for _, passing in decided for interval in passing.intervals for key in (interval.low, interval.high)}
    bounds = sorted(keys - {None})
    sets = _sets(bounds, decided, free | undecided)
    find = _by_point(bounds, sets) if len(set(sets[::2])) == 1 else _by_line(bounds, sets)
    key = SORT_KEYS.get(kind)
    return (find if key is None else lambda value: find(key(value))), undecided


class _Points(dict[Any, int]):
    """The rules for each value that some cell names."""

    def __init__(self, points: Iterable[tuple[Any, int]], elsewhere: int) -> None:
        super().__init__(points)
        self._elsewhere = elsewhere

    def __missing__(self, key: Any) -> int:
        return self._elsewhere


def _by_point(bounds: Sequence[Any], sets: Sequence[int]) -> _Find:
    """For cells that name single values: everything elsewhere is alike."""
    return _Points(zip(bounds, sets[1::2], strict=True), sets[0]).__getitem__


def _by_line(bounds: Sequence[Any], sets: Sequence[int]) -> _Find:
    """For cells that name ranges: a set for each bound and for what lies before, between and beyond the bounds."""

    def find(key: Any) -> int:
        place = bisect_left(bounds, key)
        on_bound = place < len(bounds) and bounds[place] == key
        return sets[2 * place + on_bound]

    return find


def _sets(bounds: Sequence[Any], decided: Iterable[tuple[int, ValueSet]], always: int) -> list[int]:
    """The rules at each place: before the first bound, on it, behind it, on the second, and so on."""
    places = {key: 2 * index + 1 for index, key in enumerate(bounds)}
    last = 2 * len(bounds)
    # A rule's bit stands where it begins or ceases to pass.
    changes = [0] * (last + 2)
    for bit, passing in decided:
        if passing.negated:
            changes[0] ^= bit
        for start, end in _merged(_span(interval, places, last) for interval in passing.intervals):
            changes[start] ^= bit
            changes[end + 1] ^= bit
    current = always
    sets = []
    for change in changes[:-1]:
        current ^= change
        sets.append(current)
    return sets


def _span(interval: Interval, places: dict[Any, int], last: int) -> tuple[int, int]:
    start = 0 if interval.low is None else places[interval.low] + (not interval.low_included)
    end = last if interval.high is None else places[interval.high] - (not interval.high_included)
    return start, end


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans without overlaps; those that end before they start are empty."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if start > end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
