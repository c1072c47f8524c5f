"""What a BPMN file says, as far as its drawing needs it: flow nodes, flows, artifacts, pools, the groups its user tasks are offered to."""

from dataclasses import dataclass, field

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
GATEWAYS = {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"}
EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
TASKS = {"task", "userTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask", "manualTask", "callActivity"}
SUBPROCESSES = {"subProcess", "transaction", "adHocSubProcess"}
DATA = {"dataObjectReference", "dataStoreReference"}


class NotLaidOut(ValueError):
    """The file cannot be laid out; the text says why."""


@dataclass(slots=True)
class Node:
    """A flow node or data object; `width` and `height` in pixels; `key` the groups a user task is offered to."""

    id: str
    kind: str
    name: str
    width: int
    height: int
    host: str | None = None
    interrupting: bool = True
    key: str | None = None
    events: bool = False
    scope: "Scope | None" = None


@dataclass(slots=True)
class Flow:
    """A sequence flow, or (in a collaboration) a message flow."""

    id: str
    source: str
    target: str
    name: str
    default: bool = False
    data: bool = False


@dataclass(slots=True)
class Note:
    """A text annotation and the elements it is tied to: association ids and elements."""

    id: str
    text: str
    ties: list[tuple[str, str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class Scope:
    """A process or an embedded subprocess."""

    id: str
    name: str
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class Pool:
    id: str
    name: str
    process: str | None


@dataclass(slots=True)
class Read:
    process: Scope
    pools: list[Pool]
    messages: list[Flow]
    groups: list[tuple[str, str]]
    collaboration: str | None


def read(content: bytes) -> Read:
    root = etree.fromstring(content)
    processes = root.findall(f"{BPMN}process")
    if len(processes) != 1:
        raise NotLaidOut(f"one process in a file can be laid out, not {len(processes)}")
    collaboration = root.find(f"{BPMN}collaboration")
    pools: list[Pool] = []
    messages: list[Flow] = []
    groups: list[tuple[str, str]] = []
    values = {value.get("id"): value.get("value", "") for value in root.iter(f"{BPMN}categoryValue")}
    for group in root.iter(f"{BPMN}group"):
        groups.append((group.get("id"), values.get(group.get("categoryValueRef"), "")))
    if collaboration is not None:
        pools = [Pool(each.get("id"), each.get("name", ""), each.get("processRef")) for each in collaboration.findall(f"{BPMN}participant")]
        for each in collaboration.findall(f"{BPMN}messageFlow"):
            messages.append(Flow(each.get("id"), each.get("sourceRef"), each.get("targetRef"), each.get("name", "")))
    scope = _scope(processes[0])
    if collaboration is not None:
        _notes(collaboration, scope)
    return Read(scope, pools, messages, groups, None if collaboration is None else collaboration.get("id"))


def _scope(element) -> Scope:
    scope = Scope(element.get("id"), element.get("name", ""))
    defaults = {each.get("default") for each in element if each.get("default")}
    for each in element:
        if not isinstance(each.tag, str):
            continue
        kind = each.tag.removeprefix(BPMN)
        if kind in GATEWAYS | EVENTS | TASKS | SUBPROCESSES | DATA:
            scope.nodes[each.get("id")] = _node(each, kind)
        elif kind == "sequenceFlow":
            identity = each.get("id")
            scope.flows.append(Flow(identity, each.get("sourceRef"), each.get("targetRef"), each.get("name", ""), identity in defaults))
    for each in element:
        if not isinstance(each.tag, str):
            continue
        for kind, ours in (("dataInputAssociation", "sourceRef"), ("dataOutputAssociation", "targetRef")):
            for tie in each.findall(f"{BPMN}{kind}"):
                other = tie.findtext(f"{BPMN}{ours}")
                if other in scope.nodes:
                    ends = (other, each.get("id")) if kind == "dataInputAssociation" else (each.get("id"), other)
                    scope.flows.append(Flow(tie.get("id"), *ends, "", data=True))
    _notes(element, scope)
    return scope


def _notes(element, scope: Scope) -> None:
    notes = {each.get("id"): Note(each.get("id"), each.findtext(f"{BPMN}text") or "") for each in element.findall(f"{BPMN}textAnnotation")}
    for tie in element.findall(f"{BPMN}association"):
        source, target = tie.get("sourceRef"), tie.get("targetRef")
        if source in notes:
            notes[source].ties.append((tie.get("id"), target, True))
        elif target in notes:
            notes[target].ties.append((tie.get("id"), source, False))
        elif source in scope.nodes and target in scope.nodes:
            scope.flows.append(Flow(tie.get("id"), source, target, "", data=True))
    scope.notes.extend(notes.values())


def _node(element, kind: str) -> Node:
    size = (100, 80)
    if kind in EVENTS:
        size = (36, 36)
    elif kind in GATEWAYS:
        size = (50, 50)
    elif kind in DATA:
        size = (36, 50)
    node = Node(element.get("id"), kind, element.get("name", ""), *size)
    node.host = element.get("attachedToRef")
    node.interrupting = element.get("cancelActivity") != "false"
    node.events = element.get("triggeredByEvent") == "true"
    node.key = element.get(f"{CAMUNDA}candidateGroups") if kind == "userTask" else None
    if kind in SUBPROCESSES:
        node.scope = _scope(element)
    return node
