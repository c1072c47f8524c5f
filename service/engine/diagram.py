"""A BPMN diagram as the engine reads it: plain frozen values, before anything is compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ACTIVITIES = frozenset(
    {"userTask", "manualTask", "task", "scriptTask", "businessRuleTask", "receiveTask", "subProcess", "callActivity"},
)
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"})
WAITING_ACTIVITIES = frozenset({"userTask", "receiveTask", "subProcess", "callActivity"})
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
class EventDefinition:
    """What an event is about. `kind`: none, message, timer, terminate, link; `timer_kind`: date, duration, cycle.

    A pair of link events is one sequence flow drawn in two parts; the reader puts that flow into the diagram (its id ends in LINK).
    """

    kind: str
    message_name: str | None = None
    timer_kind: str | None = None
    timer_text: str = ""
    link: str | None = None
    line: int | None = None


LINK = ":link"
NONE_EVENT = EventDefinition("none")


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """Multi-instance characteristics. `collection` is an expression or a variable name; exactly one of it and `cardinality` is given."""

    sequential: bool
    collection: str | None
    element_variable: str | None
    cardinality: str | None
    completion_condition: str | None
    completion_language: str
    output_collection: str | None
    output_item: str | None
    line: int | None


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

    `attributes` are the camunda: attributes, `properties` the camunda:property entries, `inputs` the camunda:inputParameter texts
    by name; `default_flow` the id in its default attribute; `attached_to`/`interrupting` belong to boundary events,
    `direction` (gatewayDirection) to gateways; `listed_incoming`/`listed_outgoing` are the flows the element itself names.
    """

    id: str
    kind: str
    name: str
    scope: str
    line: int | None
    attributes: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] | None = None
    event: EventDefinition = NONE_EVENT
    attached_to: str | None = None
    interrupting: bool = True
    default_flow: str | None = None
    multi_instance: MultiInstance | None = None
    script: Script | None = None
    call: Call | None = None
    direction: str = "Unspecified"
    listed_incoming: frozenset[str] = frozenset()
    listed_outgoing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProcessDiagram:
    """One executable process: nodes and flows of all its levels, in document order."""

    key: str
    name: str
    line: int | None
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
