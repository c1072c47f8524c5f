"""Types of values: strict checks at the door (JSON) and the standard's conversions inside."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from service.dmn.findings import InputProblem
from service.dmn.tables.constraint import Constraint
from service.feel import DEFAULT_LIMITS, Date, DateTime, FeelLimitError, Function, compile_expression, to_json, type_name

Path = tuple[str | int, ...]
_DEEPEST = 64
_DEEPEST_INSIDE = DEFAULT_LIMITS.depth
_LONGEST_SHOWN = 60
_MIDNIGHT = compile_expression('date and time(day, time("00:00:00Z"))', names=["day"])


class Mismatch:
    """The answer of `convert` for a value that does not fit."""


MISMATCH = Mismatch()


class ValueType:
    """Any value; also the base of all other types. `name` is how messages call it."""

    name = "Any"
    scalars: frozenset[type] = frozenset()
    """Classes whose values are all of this type as they stand: they need no check and no conversion, only others do."""

    def admit(self, value: Any, path: Path, problems: list[InputProblem]) -> Any:
        """A JSON value as a value of this type; what does not fit is added to `problems`. Null always fits."""
        return _plain(value, path, problems)

    def conforms(self, value: Any, level: int = 0) -> bool:
        """Whether a FEEL value is of this type as it stands. Null always is.

        `level` counts the lists and contexts around the value. Raises `FeelLimitError` for one that nests without end.
        """
        return True

    def convert(self, value: Any) -> Any:
        """A FEEL value as a value of this type, or `MISMATCH`: lists of one are opened, once (DMN 1.5, 10.3.2.9.4)."""
        if self.conforms(value):
            return value
        if isinstance(value, list) and len(value) == 1 and self.conforms(value[0]):
            return value[0]
        return MISMATCH

    @property
    def takes_lists(self) -> bool:
        """Whether a list can be a value of this type."""
        return True

    @property
    def is_collection(self) -> bool:
        """Whether every value is a list."""
        return False

    def component(self, name: str) -> ValueType | None:
        """The type of `value.name` as far as known; None when there can be no such component."""
        return ANY


ANY = ValueType()


def wrong_type(path: Path, expected: str, value: Any) -> InputProblem:
    """The problem of a value of another type."""
    return InputProblem(path, "wrong-type", f"{_dotted(path)} must be {expected}, not {_shown(value)}")


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)


def _shown(value: Any) -> str:
    kind = "float" if isinstance(value, float) else type_name(value)
    if isinstance(value, list | dict):
        return f"a {kind}"
    if isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = f'"{value}"' if isinstance(value, str) else str(value if isinstance(value, float) else to_json(value))
    return f"{kind} {text}" if len(text) <= _LONGEST_SHOWN else f"a {kind}"


def _deeper(level: int) -> int:
    if level >= _DEEPEST_INSIDE:
        raise FeelLimitError("depth", f"the value nests deeper than {_DEEPEST_INSIDE}")
    return level + 1


def _plain(value: Any, path: Path, problems: list[InputProblem]) -> Any:
    """Untyped data: numbers become decimals, everything else stays."""
    if isinstance(value, dict):
        if len(path) > _DEEPEST:
            problems.append(wrong_type(path, f"nested at most {_DEEPEST} deep", value))
            return None
        return {key: _plain(inner, (*path, key), problems) for key, inner in value.items()}
    if isinstance(value, list):
        if len(path) > _DEEPEST:
            problems.append(wrong_type(path, f"nested at most {_DEEPEST} deep", value))
            return None
        return [_plain(inner, (*path, index), problems) for index, inner in enumerate(value)]
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float):
        problems.append(wrong_type(path, "an exact decimal", value))
        return None
    return value


class SimpleType(ValueType):
    """A built-in type held by one or more Python classes; `feel_name` is what FEEL calls the type of its values."""

    def __init__(self, name: str, classes: tuple[type, ...], parse: Callable[[str], Any] | None = None, *, structured: bool) -> None:
        self.name = self.feel_name = name
        self._classes = classes
        # Data in a context may have to be made exact.
        self.scalars = frozenset(classes) - {dict}
        self._parse = parse
        self._structured = structured

    def admit(self, value: Any, path: Path, problems: list[InputProblem]) -> Any:
        """Text is read as a temporal value where one is expected; a date may stand for a date and time."""
        if value is None or type(value) in self.scalars:
            return value
        if self._parse is not None and isinstance(value, str):
            value_read = self._parse(value)
            if value_read is None:
                problems.append(wrong_type(path, self.name, value))
            return value_read
        if isinstance(value, Date) and DateTime in self._classes:
            return self.convert(value)
        value = _plain(value, path, problems)
        if value is not None and not self._fits(value):
            problems.append(wrong_type(path, self.name, value))
            return None
        return value

    def _fits(self, value: Any) -> bool:
        return isinstance(value, self._classes)

    def conforms(self, value: Any, level: int = 0) -> bool:
        """By Python class."""
        return value is None or self._fits(value)

    def convert(self, value: Any) -> Any:
        """A date becomes midnight UTC where a date and time is expected."""
        if type(value) in self._classes:
            return value
        if DateTime in self._classes and isinstance(value, Date):
            return _MIDNIGHT.evaluate({"day": value}).value
        return super().convert(value)

    @property
    def takes_lists(self) -> bool:
        """No built-in type but `list` and `Any` does."""
        return False

    def component(self, name: str) -> ValueType | None:
        """Temporal values and contexts have properties, strings and numbers have none."""
        return ANY if self._structured else None


class WholeNumberType(SimpleType):
    """Numbers without a fraction: Camunda's `integer` and `long`; 5.0 is one, 5.5 is not and is never rounded."""

    def __init__(self) -> None:
        super().__init__("number", (Decimal,), structured=False)
        self.name = "whole number"
        self.scalars = frozenset()

    def _fits(self, value: Any) -> bool:
        return isinstance(value, Decimal) and value == value.to_integral_value()

    def convert(self, value: Any) -> Any:
        """Nothing is rounded."""
        return ValueType.convert(self, value)


class ContextType(ValueType):
    """An item definition with components: closed at the door, open upwards inside."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.components: dict[str, ValueType] = {}

    def admit(self, value: Any, path: Path, problems: list[InputProblem]) -> Any:
        """Unknown keys are refused, missing ones are unknown and become null."""
        if value is None:
            return None
        if not isinstance(value, dict):
            problems.append(wrong_type(path, self.name, value))
            return None
        if len(path) > _DEEPEST:
            problems.append(wrong_type(path, f"nested at most {_DEEPEST} deep", value))
            return None
        for key in value:
            if key not in self.components:
                message = f"{_dotted((*path, key))} is unknown; {self.name} has no component {key!r}"
                problems.append(InputProblem((*path, key), "unknown-key", message))
        return {name: kind.admit(value[name], (*path, name), problems) if name in value else None for name, kind in self.components.items()}

    def conforms(self, value: Any, level: int = 0) -> bool:
        """Every component must be there and conform; others may be there too."""
        if value is None:
            return True
        inner = _deeper(level)
        return isinstance(value, dict) and all(
            name in value and kind.conforms(value[name], inner) for name, kind in self.components.items()
        )

    @property
    def takes_lists(self) -> bool:
        """Only one context."""
        return False

    def component(self, name: str) -> ValueType | None:
        """Only the defined ones."""
        return self.components.get(name)


class ListType(ValueType):
    """A collection of one type."""

    def __init__(self, element: ValueType, name: str) -> None:
        self.name = name
        self.element = element

    def admit(self, value: Any, path: Path, problems: list[InputProblem]) -> Any:
        """Only lists; a single value is not taken for a list of one."""
        if value is None:
            return None
        if not isinstance(value, list):
            problems.append(wrong_type(path, self.name, value))
            return None
        return [self.element.admit(inner, (*path, index), problems) for index, inner in enumerate(value)]

    def conforms(self, value: Any, level: int = 0) -> bool:
        """Every element must conform."""
        if value is None:
            return True
        inner = _deeper(level)
        return isinstance(value, list) and all(self.element.conforms(element, inner) for element in value)

    def convert(self, value: Any) -> Any:
        """A single value becomes a list of one."""
        if self.conforms(value):
            return value
        return [value] if self.conforms([value]) else MISMATCH

    @property
    def is_collection(self) -> bool:
        """Always."""
        return True

    def component(self, name: str) -> ValueType | None:
        """A path over a list goes through its elements."""
        found = self.element.component(name)
        return ListType(found, found.name) if found is not None else None


class ConstrainedType(ValueType):
    """Another type with allowed values."""

    def __init__(self, base: ValueType, constraint: Constraint, name: str) -> None:
        self.name = name
        self.base = base
        self.constraint = constraint

    def admit(self, value: Any, path: Path, problems: list[InputProblem]) -> Any:
        """The base type's check, then the allowed values."""
        before = len(problems)
        admitted = self.base.admit(value, path, problems)
        if admitted is None or len(problems) > before or self.constraint.allows(admitted):
            return admitted
        wanted = self.constraint.text
        if not wanted.startswith(("<", ">")):
            wanted = f"one of {wanted}"
        message = f"{_dotted(path)} must be {wanted}, not {_shown(value)}"
        problems.append(InputProblem(path, "not-allowed", message))
        return None

    def conforms(self, value: Any, level: int = 0) -> bool:
        """A value that is not allowed does not conform."""
        return value is None or (self.base.conforms(value, level) and self.constraint.allows(value))

    def convert(self, value: Any) -> Any:
        """As the base type converts; then it must be allowed."""
        converted = self.base.convert(value)
        if converted is None or converted is MISMATCH or self.constraint.allows(converted):
            return converted
        return MISMATCH

    @property
    def takes_lists(self) -> bool:
        """As the base type."""
        return self.base.takes_lists

    @property
    def is_collection(self) -> bool:
        """As the base type."""
        return self.base.is_collection

    def component(self, name: str) -> ValueType | None:
        """As the base type."""
        return self.base.component(name)


class DeferredType(ValueType):
    """A type mentioned inside its own definition."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.target: ValueType = ANY

    def admit(self, value: Any, path: Path, problems: list[InputProblem]) -> Any:
        """As the target; data nested too deeply is refused."""
        return self.target.admit(value, path, problems)

    def conforms(self, value: Any, level: int = 0) -> bool:
        """As the target."""
        return self.target.conforms(value, level)

    def convert(self, value: Any) -> Any:
        """As the target."""
        return self.target.convert(value)

    @property
    def takes_lists(self) -> bool:
        """As the target."""
        return self.target.takes_lists

    @property
    def is_collection(self) -> bool:
        """As the target."""
        return self.target.is_collection

    def component(self, name: str) -> ValueType | None:
        """As the target."""
        return self.target.component(name)


class FunctionType(ValueType):
    """A function of a given number of parameters."""

    def __init__(self, name: str, parameters: tuple[ValueType, ...], result: ValueType) -> None:
        self.name = name
        self.parameters = parameters
        self.result = result

    def admit(self, value: Any, path: Path, problems: list[InputProblem]) -> Any:
        """No JSON value is a function."""
        if value is not None and not isinstance(value, Function):
            problems.append(wrong_type(path, "a function", value))
            return None
        return value

    def conforms(self, value: Any, level: int = 0) -> bool:
        """Functions of the right number of parameters."""
        if value is None:
            return True
        return isinstance(value, Function) and value.takes(len(self.parameters))

    @property
    def takes_lists(self) -> bool:
        """A function is no list."""
        return False

    def component(self, name: str) -> ValueType | None:
        """Functions have none."""
        return None


def result_type(kind: ValueType) -> ValueType:
    """What a function yields whose variable has this type: files declare either the function's type or its result's."""
    return kind.result if isinstance(kind, FunctionType) else kind
