"""A BPMN diagram as the engine reads it: plain frozen values, before anything is compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.domain.law import ClockStops
from service.engine.parameters import InputOutput

SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = SUB_PROCESSES | {
    "userTask",
    "manualTask",
    "task",
    "scriptTask",
    "businessRuleTask",
    "receiveTask",
    "serviceTask",
    "sendTask",
    "callActivity",
}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"})
WAITING_ACTIVITIES = SUB_PROCESSES | {"userTask", "receiveTask", "serviceTask", "sendTask", "businessRuleTask", "callActivity"}
"""Activities in which an instance rests, so that a boundary event can happen."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. `condition` is its text, `language` the declared one ("" when none is)."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None
    language: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Work:
    """How the work of a service, send or business rule task, or the sending of a message, is done: by exactly one of the two.

    `topic`: by an external worker; then `priority` and `rules` (error code, condition) may stand there too. `expression`: by evaluating
    it; its value goes into `result_variable`. All are texts of the diagram.
    """

    topic: str | None = None
    priority: str | None = None
    rules: tuple[tuple[str, str], ...] = ()
    expression: str | None = None
    result_variable: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class VariableChange:
    """What a conditional event is looked at for (camunda:variableName, camunda:variableEvents); None or no kinds: any.

    `kinds` are create and update; nothing here deletes a variable.
    """

    name: str | None
    kinds: frozenset[str]

    def is_meant(self, name: str, created: bool) -> bool:
        """Whether setting the variable `name`, for the first time or again, is such a change."""
        return self.name in (None, name) and (not self.kinds or ("create" if created else "update") in self.kinds)


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event is about (BPMN 2.0.2 §10.5.5).

    `kind`: none, message, timer, signal, error, escalation, conditional, compensate, cancel, terminate, link. `message_name` and
    `signal_name` belong to their kinds; `code` is the error or escalation code, None where a catching event takes any;
    `code_variable` and `text_variable` take code and message of what was caught (camunda:errorCodeVariable and its like), `text` is the
    message of an error that is thrown (camunda:errorMessage). A message or signal that is waited for may be named by an expression.
    `timer_kind`: date, duration, cycle. `condition`, `language` and `change` belong to a conditional event, `activity` and `wait` to a
    compensation. `payload` are the camunda:in texts of a thrown signal (see `Passed`); `work` says how a thrown message is sent, None: by
    this service.

    A pair of link events is one sequence flow drawn in two parts; the reader puts that flow into the diagram (its id ends in LINK).
    """

    kind: str
    message_name: str | None = None
    signal_name: str | None = None
    code: str | None = None
    code_variable: str | None = None
    text_variable: str | None = None
    text: str = ""
    timer_kind: str | None = None
    timer_text: str = ""
    condition: str = ""
    language: str = ""
    change: VariableChange | None = None
    activity: str | None = None
    wait: bool = True
    link: str | None = None
    payload: "tuple[Passed, ...]" = ()
    work: Work | None = None
    line: int | None = None

    @property
    def name(self) -> str | None:
        """Name of the message or signal."""
        return self.message_name if self.kind == "message" else self.signal_name


LINK = ":link"
NONE_EVENT = EventDefinition("none")


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """Standard loop characteristics: the activity runs again while `condition` is true, at most `maximum` times (None: no limit)."""

    test_before: bool
    condition: str | None
    language: str
    maximum: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Behavior:
    """A behaviour event of a multi-instance (BPMN 2.0.2 §13.3.7): thrown after an iteration when `condition` (None: always) is true."""

    event: EventDefinition
    condition: str | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """Multi-instance characteristics. `collection` is an expression or a variable name; exactly one of it and `cardinality` is given.

    `behavior`: All (nothing is thrown), None, One or Complex; `thrown` are the events it throws.
    """

    sequential: bool
    collection: str | None
    element_variable: str | None
    cardinality: str | None
    completion_condition: str | None
    completion_language: str
    output_collection: str | None
    output_item: str | None
    line: int | None
    behavior: str = "All"
    thrown: tuple[Behavior, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """The body of a script task."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Passed:
    """One camunda:in or camunda:out: the value of the variable `source` or of `expression` becomes `target`; all three None: all variables.

    `local`: camunda:in looks only at the variables of the call activity itself (its iteration), camunda:out sets them there.
    """

    source: str | None
    expression: str | None
    target: str | None
    local: bool


@dataclass(frozen=True, slots=True)
class Call:
    """What a call activity says: the key of the called process, what goes in and what comes out."""

    key: str
    inputs: tuple[Passed, ...]
    outputs: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `kind` is the BPMN element name; `scope` the id of the sub-process or process around it.

    `attributes` are the camunda: attributes, `properties` the camunda:property entries, `mapping` is the camunda:inputOutput,
    `form` the form-js schema (JSON) of a camunda:formData, under the key in the attribute formRef;
    `default_flow` the id in its default attribute; `attached_to` belongs to boundary events, `interrupting` to them and to the
    start events of event sub-processes (`triggered_by_event`); `events` are all event definitions, of which a `parallel_multiple` event
    needs every one; `handler` is the activity that a compensation boundary event leads to, `for_compensation` marks that activity;
    `start_quantity` and `completion_quantity` are tokens taken and given; `loop` a standard loop; `instantiate` a receive task or
    event-based gateway that starts a process; `activation` and `activation_language` the activationCondition of a complex gateway;
    `ordering`, `completion`, `completion_language` and `cancel_remaining` belong to ad hoc sub-processes; `work` is how a service, send or
    business rule task is done; `direction` (gatewayDirection) belongs to gateways; `clock` is where its limits go on that a step has
    stopped; `listed_incoming`/`listed_outgoing` are the flows the element itself names.
    """

    id: str
    kind: str
    name: str
    scope: str
    line: int | None
    attributes: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    mapping: InputOutput | None = None
    form: str | None = None
    events: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    attached_to: str | None = None
    interrupting: bool = True
    default_flow: str | None = None
    multi_instance: MultiInstance | None = None
    script: Script | None = None
    call: Call | None = None
    work: Work | None = None
    handler: str | None = None
    for_compensation: bool = False
    triggered_by_event: bool = False
    instantiate: bool = False
    start_quantity: int = 1
    completion_quantity: int = 1
    loop: StandardLoop | None = None
    activation: str | None = None
    activation_language: str = ""
    ordering: str = "Parallel"
    completion: str | None = None
    completion_language: str = ""
    cancel_remaining: bool = True
    direction: str = "Unspecified"
    clock: ClockStops | None = None
    listed_incoming: frozenset[str] = frozenset()
    listed_outgoing: frozenset[str] = frozenset()

    @property
    def event(self) -> EventDefinition:
        """The first event definition; the plain one where there is none."""
        return self.events[0] if self.events else NONE_EVENT


@dataclass(frozen=True, slots=True)
class ProcessDiagram:
    """One executable process: nodes and flows of all its levels, in document order."""

    key: str
    name: str
    line: int | None
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    version_tag: str | None = None
