"""What a diagram tells about its steps, in the order in which a reader meets them: what is done, by whom, until when, on what basis."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from service.drawing.diagram import BPMN, DC, DI, NotDrawn, parsed
from service.drawing.flow_order import flow_order

CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
LIMIT = re.compile(r"deadline\(\s*\"(\w+)\"")
STEPS = ("userTask", "businessRuleTask", "callActivity", "serviceTask", "sendTask", "receiveTask")


@dataclass(frozen=True, slots=True)
class Step:
    """One activity: `kind` is its local name, `refers` the decision or process it names, `limits` the keys of its
    time limit (several where it is chosen at run time)."""

    id: str
    kind: str
    name: str
    groups: str
    refers: str
    limits: tuple[str, ...]
    basis: str
    documentation: str
    document: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of one process: `basis` and `documentation` are its own, `steps` its activities along the flow."""

    id: str
    name: str
    basis: str
    documentation: str
    steps: tuple[Step, ...]


def tell(content: bytes) -> list[Told]:
    """The processes of a BPMN file with what their designers wrote. Raises NotDrawn when it is not XML."""
    root = parsed(content)
    places = {
        shape.get("bpmnElement", ""): (float(bounds.get("x", 0)), float(bounds.get("y", 0)))
        for shape in root.iter(f"{DI}BPMNShape")
        if (bounds := shape.find(f"{DC}Bounds")) is not None
    }
    told = []
    for process in root.iter(f"{BPMN}process"):
        position = {element_id: index for index, element_id in enumerate(flow_order(process, places))}
        steps = sorted(_steps(process), key=lambda step: position[step.id])
        told.append(
            Told(process.get("id", ""), process.get("name", ""), _property(process, "basis"), _documentation(process), tuple(steps))
        )
    return told


def _steps(process: etree._Element) -> Iterator[Step]:
    for element in process.iter(*(f"{BPMN}{kind}" for kind in STEPS)):
        yield Step(
            id=element.get("id", ""),
            kind=etree.QName(element).localname,
            name=element.get("name", ""),
            groups=element.get(f"{CAMUNDA}candidateGroups", "") or element.get(f"{CAMUNDA}assignee", ""),
            refers=element.get("calledElement", "") or element.get(f"{CAMUNDA}decisionRef", "") or element.get(f"{CAMUNDA}topic", ""),
            limits=tuple(dict.fromkeys(LIMIT.findall(element.get(f"{CAMUNDA}dueDate", "")))),
            basis=_property(element, "basis"),
            documentation=_documentation(element),
            document=_property(element, "document"),
        )


def _property(element: etree._Element, name: str) -> str:
    found = element.find(f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property[@name='{name}']")
    return "" if found is None else found.get("value", "")


def _documentation(element: etree._Element) -> str:
    return (element.findtext(f"{BPMN}documentation") or "").strip()


__all__ = ["NotDrawn", "Step", "Told", "tell"]
