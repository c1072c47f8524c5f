"""What values an unknown may have, in classes that the tests made of it cannot tell apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from service.dmn.analysis.box_text import cell_text
from service.dmn.analysis.lines import LINES, WHOLE_NUMBER, Line, line_of
from service.dmn.analysis.regions import Partition, Region, bits
from service.dmn.cut_points import INPUT, cut_points
from service.dmn.tables.constraint import Constraint, test_list
from service.dmn.value_types import ANY, ConstrainedType, DeferredType, SimpleType, ValueType, WholeNumberType
from service.feel import compile_tree

_ORDERED = {name: lines for name, lines in LINES.items() if name != "time"}
"""Times are left out: those with the id of a zone have no place among the others."""
_NAMES = {line.name: name for name, lines in LINES.items() for line in lines if name != "duration"} | {WHOLE_NUMBER.name: "number"}


NULL = 0
"""The place of null among the classes of a domain."""


@dataclass(frozen=True, slots=True)
class ValueClass:
    """Values no test tells apart; `value` is one of them, or with `single` the only one.

    `kind` is their built-in type; `place` their class in the partition, None for what lies on no line of it.
    """

    value: Any
    single: bool
    kind: str | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Domain:
    """A type taken apart: its built-in type (None = not declared), the conditions of its allowed values, whether fractions are left out."""

    kind: str | None
    conditions: tuple[Constraint, ...] = ()
    whole: bool = False

    @property
    def supported(self) -> bool:
        """Whether the values can be parted exactly by the constants they are compared with."""
        return self.kind is None or self.kind in _ORDERED

    def tells_apart(self, constant: Any) -> bool:
        """Whether a comparison with the constant parts the values of this domain; constants of other types are equal to none."""
        line = line_of(constant)
        return line is not None and (self.kind is None or line in _ORDERED.get(self.kind, ()))


def domain_of(kind: ValueType) -> Domain:
    """The domain of a type."""
    conditions: list[Constraint] = []
    while isinstance(kind, ConstrainedType | DeferredType):
        if isinstance(kind, ConstrainedType):
            conditions.append(kind.constraint)
            kind = kind.base
        else:
            kind = kind.target
    name = None if kind is ANY else kind.feel_name if isinstance(kind, SimpleType) else "list"
    return Domain(name, tuple(conditions), isinstance(kind, WholeNumberType))


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of a domain, null first. `exact`: all of them hold values the domain admits."""

    partition: Partition
    members: tuple[ValueClass, ...]
    exact: bool

    def text(self, chosen: Iterable[int]) -> str:
        """These of the classes as the text of a cell; values on no line are told by what they are not."""
        wanted = {self.members[index].place for index in chosen}
        places = [member.place for member in self.members]
        if None not in places:
            return cell_text(self.partition, _mask(wanted), _mask(places))
        if None not in wanted:
            return ", ".join(self._single(place) for place in places if place in wanted)
        left_out = [place for place in places if place not in wanted]
        texts = ", ".join(self._single(place) for place in left_out)
        # A comparison with null is neither true nor false, so that its negation does not let null in.
        told = self._null not in wanted or all(place == self._null or self._is_value(place) for place in left_out)
        return "-" if not left_out else f"not({texts})" if told else f"anything but {texts}"

    @property
    def _null(self) -> int:
        return self.partition.null.bit_length() - 1

    def _is_value(self, place: int | None) -> bool:
        found = self.partition.classes[place] if place is not None else None
        return found is not None and found.single

    def _single(self, place: int | None) -> str:
        return "null" if place is None or place == self._null else cell_text(self.partition, 1 << place, self.partition.inhabited)


def _mask(places: Iterable[int | None]) -> int:
    return sum(1 << place for place in places if place is not None)


def classes_of(domain: Domain, cuts: Iterable[Any]) -> Classes:
    """The classes of a domain whose values are compared with these constants."""
    constants = list(cuts)
    conditions = [(condition, constants_of(condition)) for condition in domain.conditions]
    constants.extend(value for _, cuts_of_it in conditions for value in cuts_of_it or ())
    lines = _ORDERED.get(domain.kind, ()) if domain.kind is not None else _lines_of(constants)
    partition = Partition((WHOLE_NUMBER,) if domain.whole else lines, constants)
    allowed = Region(partition.inhabited, partition.inhabited)
    for condition, cuts_of_it in conditions:
        allowed = allowed & partition.region(cuts_of_it, partial(_admits, condition))
    null = ValueClass(None, True, "null", partition.null.bit_length() - 1)
    members = [null, *(member for place in bits(allowed.possible & ~partition.null) for member in _member(partition, place))]
    if domain.kind is None or not domain.supported:
        members.append(ValueClass({}, False, domain.kind, None))
    return Classes(partition, tuple(members), not conditions or (domain.supported and allowed.certain == allowed.possible))


def constants_of(condition: Constraint) -> list[Any] | None:
    """The constants allowed values are made of; None when they are more than values and ranges."""
    found = cut_points(test_list(condition.tests), INPUT, lambda part: compile_tree(part).evaluate({}).value)
    return found if found is not None and all(line_of(value) is not None for value in found) else None


def _admits(condition: Constraint, value: Any) -> bool:
    return value is None or condition.allows(value)


def _lines_of(constants: Iterable[Any]) -> tuple[Line, ...]:
    return tuple(dict.fromkeys(line for line in map(line_of, constants) if line is not None))


def _member(partition: Partition, place: int) -> Iterable[ValueClass]:
    found = partition.classes[place]
    if found is not None:
        yield ValueClass(found.sample, found.single and not found.line.blurred, _NAMES[found.line.name], place)
