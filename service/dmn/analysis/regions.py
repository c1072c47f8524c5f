"""A column's values in classes that its tests cannot tell apart, and sets of classes as bits of a whole number."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from service.dmn.analysis.lines import Key, Line

Mask = int
"""A set of classes: bit i is class i of its partition."""


@dataclass(frozen=True, slots=True)
class ValueClass:
    """One value (`low` = `high`, `single`) or all values strictly between two keys; None is no bound. `sample` is one of them."""

    line: Line
    low: Key | None
    high: Key | None
    single: bool
    sample: Any


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The classes of one line: `keys[i]` is the class `start + 2 * i + 1`, the gaps between are the even ones."""

    line: Line
    start: int
    keys: tuple[Key, ...]

    @property
    def end(self) -> int:
        return self.start + 2 * len(self.keys) + 1


@dataclass(frozen=True, slots=True)
class Region:
    """Where a test passes: `certain` classes, and those where it may pass, which include the certain ones."""

    certain: Mask
    possible: Mask

    def __and__(self, other: Region) -> Region:
        return Region(self.certain & other.certain, self.possible & other.possible)


class Partition:
    """The classes of one or more lines cut at `constants`, and null as the last one.

    Classes that hold no value are kept, so that every run of bits is an interval, but are not `inhabited`.
    """

    def __init__(self, lines: Sequence[Line], constants: Iterable[Any]) -> None:
        found = list(constants)
        classes: list[ValueClass | None] = []
        self._stretches: list[_Stretch] = []
        for line in lines:
            cuts = {cut for constant in found if line.holds(constant) for cut in line.cuts(line.key(constant))}
            keys = tuple(sorted(cuts.union(line.finite or ())))
            stretch = _Stretch(line, len(classes), keys)
            self._stretches.append(stretch)
            for low, high in zip([None, *keys], [*keys, None], strict=True):
                classes.append(_between(line, low, high))
                if high is not None:
                    classes.append(_point(line, high))
        self.lines = tuple(lines)
        self.classes: tuple[ValueClass | None, ...] = tuple(classes)
        self.null: Mask = 1 << len(classes)
        self.inhabited: Mask = sum(1 << index for index, found_class in enumerate(classes) if found_class is not None) | self.null

    @property
    def named(self) -> Mask:
        """The single values."""
        return sum(1 << index for index in self._singles())

    @property
    def starts(self) -> tuple[int, ...]:
        """The index of the first class of each line."""
        return tuple(stretch.start for stretch in self._stretches)

    def region(self, cuts: Iterable[Any] | None, passes: Callable[[Any], bool]) -> Region:
        """Where `passes` holds.

        `cuts` are the constants at which its outcome may change; with None only single values and null can be told.
        """
        null = self.null if passes(None) else 0
        if cuts is None:
            certain = self._where(self._singles(), passes) | null
            return Region(certain, certain | (self.inhabited & ~self.named & ~self.null))
        known = list(cuts)
        mask = null
        for stretch in self._stretches:
            mask |= self._along(stretch, known, passes)
        mask &= self.inhabited
        return Region(mask, mask)

    def _singles(self) -> Iterable[int]:
        return (index for index, found in enumerate(self.classes) if found is not None and found.single)

    def _where(self, indexes: Iterable[int], passes: Callable[[Any], bool]) -> Mask:
        mask = 0
        for index in indexes:
            found = self.classes[index]
            if found is not None and passes(found.sample):
                mask |= 1 << index
        return mask

    def _along(self, stretch: _Stretch, constants: Sequence[Any], passes: Callable[[Any], bool]) -> Mask:
        line = stretch.line
        if line.finite is not None:
            return self._where(range(stretch.start, stretch.end), passes)
        keys = sorted({cut for constant in constants if line.holds(constant) for cut in line.cuts(line.key(constant))})
        points = [stretch.start + 2 * bisect_left(stretch.keys, key) + 1 for key in keys]
        mask = 0
        start = stretch.start
        for point in [*points, stretch.end]:
            inside = next((found for found in map(self.classes.__getitem__, range(start, point)) if found is not None), None)
            if inside is not None and passes(inside.sample):
                mask |= (1 << point) - (1 << start)
            if point < stretch.end:
                mask |= self._where((point,), passes)
            start = point + 1
        return mask


def _between(line: Line, low: Key | None, high: Key | None) -> ValueClass | None:
    key = line.between(low, high)
    return None if key is None else ValueClass(line, low, high, False, line.value(key))


def _point(line: Line, key: Key) -> ValueClass | None:
    return ValueClass(line, key, key, True, line.value(key)) if line.inhabited(key) else None


def bits(mask: Mask) -> Iterable[int]:
    """The indexes of the bits set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
