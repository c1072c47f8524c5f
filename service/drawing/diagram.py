"""Reading what a BPMN file draws: shapes and edges of BPMN's diagram interchange (BPMN 2.0 §12), each with the element it stands for."""

from dataclasses import dataclass

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"

Point = tuple[float, float]


class NotDrawn(ValueError):
    """The file is not XML, or has no drawing in it."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the units of the drawing (pixels at a scale of one)."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape: `kind` is the element's local name, `trigger` the local name of its event definition without `EventDefinition`;
    `collapsed` marks a pool of which nothing but its name is shown.
    """

    element_id: str
    kind: str
    name: str
    box: Box
    label: Box | None
    horizontal: bool = True
    expanded: bool = False
    collapsed: bool = False
    interrupting: bool = True
    trigger: str = ""
    loop: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge: `kind` is the element's local name; `default` marks the flow that is taken when no condition holds."""

    element_id: str
    kind: str
    name: str
    points: tuple[Point, ...]
    label: Box | None
    default: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """One plane with all that is drawn on it, in the order in which it is painted."""

    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]


def parsed(content: bytes) -> etree._Element:
    """The tree of a file: no document type, no entities, no network. Raises NotDrawn."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        raise NotDrawn(f"not XML: line {fault.lineno}") from None
    if root.getroottree().docinfo.doctype:
        raise NotDrawn("a document type is not accepted")
    return root


def read_diagram(content: bytes) -> Diagram:
    """The first drawing of a BPMN file. Raises NotDrawn."""
    root = parsed(content)
    plane = root.find(f"{DI}BPMNDiagram/{DI}BPMNPlane")
    if plane is None:
        raise NotDrawn("the file has no BPMNDiagram")
    elements = {element.get("id"): element for element in root.iter(etree.Element) if element.get("id") is not None}
    defaults = {element.get("default") for element in elements.values()}
    texts = {element.get("id"): element.get("value", "") for element in root.iter(f"{BPMN}categoryValue")}
    shapes, edges = [], []
    for drawn in plane:
        element = elements.get(drawn.get("bpmnElement"))
        if element is None:
            continue
        if drawn.tag == f"{DI}BPMNShape":
            shapes.append(_shape(drawn, element, texts))
        elif drawn.tag == f"{DI}BPMNEdge":
            edges.append(_edge(drawn, element, defaults))
    return Diagram(tuple(sorted(shapes, key=_depth)), tuple(edges))


CONTAINERS = {"participant": 0, "lane": 1, "group": 2}


def _depth(shape: Shape) -> tuple[int, float]:
    if shape.kind in CONTAINERS:
        return CONTAINERS[shape.kind], 0
    if shape.expanded:
        return 3, -shape.box.width * shape.box.height
    return (5, 0) if shape.kind == "boundaryEvent" else (4, 0)


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _shape(drawn: etree._Element, element: etree._Element, texts: dict[str | None, str]) -> Shape:
    kind = _local(element)
    definitions = [_local(child) for child in element if _local(child).endswith("EventDefinition")]
    loop = next((_local(child) for child in element if _local(child).endswith("LoopCharacteristics")), "")
    if loop == "multiInstanceLoopCharacteristics" and element.find(f"{BPMN}{loop}").get("isSequential") == "true":
        loop = "sequential"
    written = element.findtext(f"{BPMN}text") if kind == "textAnnotation" else texts.get(element.get("categoryValueRef"))
    return Shape(
        element_id=element.get("id", ""),
        kind=kind,
        name=element.get("name") or written or "",
        box=_box(drawn.find(f"{DC}Bounds")),
        label=_label(drawn),
        horizontal=drawn.get("isHorizontal") != "false",
        expanded=drawn.get("isExpanded") == "true",
        collapsed=kind == "participant" and element.get("processRef") is None,
        interrupting=element.get("cancelActivity", "true") == "true" and element.get("isInterrupting", "true") == "true",
        trigger=definitions[0].removesuffix("EventDefinition") if len(definitions) == 1 else "multiple" if definitions else "",
        loop=loop,
    )


def _edge(drawn: etree._Element, element: etree._Element, defaults: set[str | None]) -> Edge:
    points = tuple((float(point.get("x", 0)), float(point.get("y", 0))) for point in drawn.iter(f"{DD}waypoint"))
    return Edge(element.get("id", ""), _local(element), element.get("name") or "", points, _label(drawn), element.get("id") in defaults)


def _label(drawn: etree._Element) -> Box | None:
    bounds = drawn.find(f"{DI}BPMNLabel/{DC}Bounds")
    return None if bounds is None else _box(bounds)


def _box(bounds: etree._Element | None) -> Box:
    if bounds is None:
        raise NotDrawn("a shape has no bounds")
    return Box(*(float(bounds.get(side, 0)) for side in ("x", "y", "width", "height")))
