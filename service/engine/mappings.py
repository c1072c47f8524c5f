"""Input/output mapping (camunda:inputOutput): what becomes a variable of the element itself, and what comes out of it.

As in Camunda 7: inputs are evaluated one after the other when the element is entered, before its boundary events, and become variables
of its own; outputs are evaluated there when its work is done and are set as seen from around it. A value that cannot be made is a
failed step of the kind "mapping" that names element and parameter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task

from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.engine.language.expressions import ExpressionFault, compile_feel, compile_text
from service.engine.language.inquiry import Inquiry
from service.engine.parameters import InputOutput, ListValue, MapValue, Parameter, ParameterValue, ScriptValue, TextValue, VariableValue
from service.engine.scopes import around, assign
from service.engine.state.storable import require_storable

if TYPE_CHECKING:
    from service.engine.instance import Instance


_Evaluate = Callable[[Inquiry], Json]


@dataclass(frozen=True, slots=True)
class Mappings:
    """The compiled mapping of one element. Immutable, shared between instances."""

    element_id: str
    inputs: tuple[tuple[str, _Evaluate], ...] = ()
    outputs: tuple[tuple[str, _Evaluate], ...] = ()

    def enter(self, instance: "Instance", task: Task) -> None:
        """Make the element's own variables; each input sees those before it."""
        for name, evaluate in self.inputs:
            task.data[name] = self._value("input", name, evaluate, instance, task)

    def leave(self, instance: "Instance", task: Task) -> None:
        """Set what comes out, as seen from around the element."""
        for name, evaluate in self.outputs:
            assign(around(task), name, self._value("output", name, evaluate, instance, task))

    def payload(self, task: Task) -> Mapping[str, Json]:
        """The inputs by name, as they are now."""
        return {name: task.data[name] for name, _ in self.inputs}

    def _value(self, which: str, name: str, evaluate: _Evaluate, instance: "Instance", task: Task) -> Json:
        try:
            value = evaluate(instance.inquiry(self.element_id, task))
            require_storable(self.element_id, f"the {which} parameter {name!r}", value)
        except StepFailed as failure:
            message = f"the {which} parameter {name!r}: {failure.message}"
            kind = "mapping" if failure.kind == "expression" else failure.kind
            raise StepFailed(self.element_id, kind, message) from failure
        return value


def compile_mappings(element_id: str, mapped: InputOutput) -> Mappings:
    """Compile all parameters. Raises ExpressionFault naming the parameter."""
    return Mappings(
        element_id,
        tuple((one.name, compile_parameter("input", one)) for one in mapped.inputs),
        tuple((one.name, compile_parameter("output", one)) for one in mapped.outputs),
    )


def compile_parameter(which: str, parameter: Parameter) -> Callable[[Inquiry], Json]:
    """What gives the value of one parameter; `which` is "input" or "output". Raises ExpressionFault."""
    try:
        return _evaluator(parameter.value)
    except ExpressionFault as fault:
        raise ExpressionFault(f"the {which} parameter {parameter.name!r}: {fault}", fault.line, fault.column) from None


def _evaluator(value: ParameterValue) -> _Evaluate:
    match value:
        case TextValue(text):
            return compile_text(text).evaluate if text else lambda inquiry: None
        case ScriptValue(text):
            return compile_feel(text).evaluate
        case VariableValue(name):
            return lambda inquiry: inquiry.variables.get(name)
        case ListValue(items):
            parts = tuple(_evaluator(item) for item in items)
            return lambda inquiry: [part(inquiry) for part in parts]
        case MapValue(entries):
            named = tuple((key, _evaluator(entry)) for key, entry in entries)
            return lambda inquiry: {key: part(inquiry) for key, part in named}
