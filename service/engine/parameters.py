"""The parameters of an input/output mapping as plain values: what they are called and what their values are made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextValue:
    """A text by its own mark: `${…}`, `=feel`, or fixed; empty is null."""

    text: str


@dataclass(frozen=True, slots=True)
class ScriptValue:
    """FEEL (camunda:script with scriptFormat feel)."""

    text: str


@dataclass(frozen=True, slots=True)
class VariableValue:
    """The value of a variable, whatever its name; null when it is not there (a data association of BPMN)."""

    name: str


@dataclass(frozen=True, slots=True)
class ListValue:
    """camunda:list."""

    items: "tuple[ParameterValue, ...]"


@dataclass(frozen=True, slots=True)
class MapValue:
    """camunda:map."""

    entries: "tuple[tuple[str, ParameterValue], ...]"


ParameterValue = TextValue | ScriptValue | VariableValue | ListValue | MapValue


@dataclass(frozen=True, slots=True)
class Parameter:
    """One inputParameter or outputParameter."""

    name: str
    value: ParameterValue
    line: int | None


@dataclass(frozen=True, slots=True)
class InputOutput:
    """What an element maps, in document order."""

    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()

    def followed_by(self, other: "InputOutput | None") -> "InputOutput":
        """Both, this one first."""
        return self if other is None else InputOutput(self.inputs + other.inputs, self.outputs + other.outputs)
