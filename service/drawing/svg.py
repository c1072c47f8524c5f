"""A BPMN diagram as an SVG picture: drawn where its diagram interchange says, each element in a group with its id."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from service.drawing.diagram import Box, Edge, Point, Shape, read_diagram
from service.drawing.lettering import LEADING, lines_of, written
from service.drawing.symbols import COLLAPSED, EVENTS, GATEWAYS, LOOPS, TASKS

MARGIN = 16
STYLE = (
    "svg{color:#1f2328;background:#fff;font:11px 'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif}"
    "rect,circle,path,polygon{fill:#fff;stroke:currentColor;stroke-width:1.3}"
    "text{fill:currentColor;stroke:none}"
    ".container>rect{fill:none;stroke:#8c959f}.group>rect{fill:none;stroke:#8c959f;stroke-dasharray:9 4 2 4}"
    ".edge>path{fill:none}.message>path,.association>path{stroke-dasharray:5 4}.association>path{stroke:#8c959f}"
    ".waiting circle{stroke-dasharray:4 3}.throws>.mark>*{fill:currentColor}.mark>*{fill:none}.task>rect{rx:8px}"
    ".edge text,.outside{paint-order:stroke;stroke:#fff;stroke-width:3px}"
)
ARROWS = (
    '<defs><marker id="flow" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="9" markerHeight="9" orient="auto-start-reverse">'
    '<path d="M0,0L10,5 0,10Z" style="fill:#1f2328;stroke:none"/></marker>'
    '<marker id="open" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="9" markerHeight="9" orient="auto">'
    '<path d="M1,1L9,5 1,9Z" style="stroke-width:1"/></marker></defs>'
)


def draw(content: bytes) -> str:
    """The SVG (1.1, UTF-8) of the first drawing in a BPMN file. Raises NotDrawn."""
    diagram = read_diagram(content)
    area = _area(diagram.shapes, diagram.edges)
    containers = [shape for shape in diagram.shapes if shape.kind in ("participant", "lane", "group") or shape.expanded]
    others = [shape for shape in diagram.shapes if shape not in containers]
    body = [*map(_drawn, containers), *map(_drawn_edge, diagram.edges), *map(_drawn, others)]
    size = f'width="{area.width:g}" height="{area.height:g}" viewBox="{area.x:g} {area.y:g} {area.width:g} {area.height:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{STYLE}</style>{ARROWS}\n' + "\n".join(body) + "\n</svg>\n"


def _area(shapes: Sequence[Shape], edges: Sequence[Edge]) -> Box:
    labels = [shape.label for shape in shapes] + [edge.label for edge in edges]
    boxes = [shape.box for shape in shapes] + [label for label in labels if label is not None]
    corners = [corner for box in boxes for corner in ((box.x, box.y), (box.right, box.bottom))]
    corners += [point for edge in edges for point in edge.points]
    left, top = min(x for x, _ in corners) - MARGIN, min(y for _, y in corners) - MARGIN
    return Box(left, top, max(x for x, _ in corners) + MARGIN - left, max(y for _, y in corners) + MARGIN - top)


def _drawn(shape: Shape) -> str:
    words, parts = _shape(shape)
    return f'<g class="{words}" id="{escape(shape.element_id)}"><title>{escape(shape.name)}</title>{"".join(parts)}</g>'


def _shape(shape: Shape) -> tuple[str, Iterator[str]]:
    if shape.kind.endswith("Event"):
        throws = shape.kind in ("endEvent", "intermediateThrowEvent")
        return f"event{' throws' if throws else ''}{'' if shape.interrupting else ' waiting'}", _event(shape)
    if shape.kind.endswith("Gateway"):
        return "gateway", _gateway(shape)
    if shape.kind in ("participant", "lane"):
        return "container", _container(shape)
    if shape.kind == "group":
        return "group", _group(shape)
    if shape.kind == "textAnnotation":
        return "annotation", _annotation(shape)
    if shape.kind in ("dataObjectReference", "dataStoreReference"):
        return "data", _data(shape)
    return "task", _activity(shape)


def _event(shape: Shape) -> Iterator[str]:
    x, y = shape.box.centre
    radius = shape.box.width / 2
    heavy = ' style="stroke-width:3"' if shape.kind == "endEvent" else ""
    yield f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}"{heavy}/>'
    if shape.kind in ("boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"):
        yield f'<circle cx="{x:g}" cy="{y:g}" r="{radius - 3:g}"/>'
    if shape.trigger:
        yield _mark(EVENTS.get(shape.trigger, ""), (x, y), radius / 18)
    yield _outside(shape)


def _gateway(shape: Shape) -> Iterator[str]:
    box, (x, y) = shape.box, shape.box.centre
    yield f'<polygon points="{x:g},{box.y:g} {box.right:g},{y:g} {x:g},{box.bottom:g} {box.x:g},{y:g}"/>'
    yield _mark(GATEWAYS.get(shape.kind, ""), (x, y), 1)
    yield _outside(shape)


def _activity(shape: Shape) -> Iterator[str]:
    box = shape.box
    x, y = box.centre
    heavy = ' style="stroke-width:3.2"' if shape.kind == "callActivity" else ""
    yield _rectangle(box, heavy)
    if shape.kind in TASKS:
        yield _mark(TASKS[shape.kind], (box.x + 13, box.y + 13), 0.8)
    marks = [LOOPS[shape.loop]] if shape.loop else []
    if shape.kind in ("subProcess", "transaction", "callActivity") and not shape.expanded:
        marks.append(COLLAPSED)
    for index, mark in enumerate(marks):
        yield _mark(mark, (x + 16 * (index - (len(marks) - 1) / 2), box.bottom - 9), 0.8)
    lines = lines_of(shape.name, box.width - 10)
    if shape.expanded:
        yield written(lines, (x, box.y + 10 + LEADING * (len(lines) - 1) / 2))
    else:
        yield written(lines, (x, y + (4 if shape.kind in TASKS and len(lines) > 2 else 0)))


def _container(shape: Shape) -> Iterator[str]:
    box = shape.box
    yield _rectangle(box)
    if shape.collapsed:
        yield written(lines_of(shape.name, box.width - 8), box.centre)
    elif shape.horizontal:
        x, y = box.x + 15, box.y + box.height / 2
        yield written(lines_of(shape.name, box.height - 8), (x, y), extra=f' transform="rotate(-90 {x:g} {y:g})"')
    else:
        yield written(lines_of(shape.name, box.width - 8), (box.x + box.width / 2, box.y + 15))


def _group(shape: Shape) -> Iterator[str]:
    yield _rectangle(shape.box)
    at = shape.label.centre if shape.label else (shape.box.centre[0], shape.box.y - 8)
    yield written(lines_of(shape.name, shape.box.width), at)


def _annotation(shape: Shape) -> Iterator[str]:
    box = shape.box
    yield f'<path d="M{box.x + 12:g},{box.y:g}H{box.x:g}V{box.bottom:g}H{box.x + 12:g}" style="fill:none"/>'
    lines = lines_of(shape.name, box.width - 10)
    yield written(lines, (box.x + 7, box.y + 11 + LEADING * (len(lines) - 1) / 2), "start")


def _data(shape: Shape) -> Iterator[str]:
    box, fold = shape.box, 10
    corner = f"M{box.x:g},{box.y:g}H{box.right - fold:g}L{box.right:g},{box.y + fold:g}V{box.bottom:g}H{box.x:g}Z"
    yield f'<path d="{corner}M{box.right - fold:g},{box.y:g}V{box.y + fold:g}H{box.right:g}"/>'
    yield _outside(shape)


def _outside(shape: Shape) -> str:
    if not shape.name:
        return ""
    label = shape.label or Box(shape.box.centre[0] - 45, shape.box.bottom + 3, 90, 14)
    lines = lines_of(shape.name, max(label.width, 24))
    return written(lines, (label.centre[0], label.y + LEADING * len(lines) / 2), extra=' class="outside"')


def _drawn_edge(edge: Edge) -> str:
    kind = {"messageFlow": "message", "sequenceFlow": "sequence"}.get(edge.kind, "association")
    arrow = {"message": ' marker-end="url(#open)"', "sequence": ' marker-end="url(#flow)"'}.get(kind, "")
    path = "M" + "L".join(f"{x:g},{y:g}" for x, y in edge.points)
    parts = [f'<path d="{path}"{arrow}/>']
    if edge.default and len(edge.points) > 1:
        parts.append(_slash(edge.points[0], edge.points[1]))
    if edge.name:
        label = edge.label or _middle(edge.points)
        lines = lines_of(edge.name, max(label.width, 40))
        parts.append(written(lines, (label.centre[0], label.y + LEADING * len(lines) / 2)))
    return f'<g class="edge {kind}" id="{escape(edge.element_id)}">{"".join(parts)}</g>'


def _slash(start: Point, towards: Point) -> str:
    length = max(((towards[0] - start[0]) ** 2 + (towards[1] - start[1]) ** 2) ** 0.5, 1)
    along_x, along_y = (towards[0] - start[0]) / length, (towards[1] - start[1]) / length
    x, y = start[0] + along_x * 12, start[1] + along_y * 12
    across_x, across_y = 4 * (along_x + along_y), 4 * (along_y - along_x)
    return f'<path d="M{x - across_x:g},{y - across_y:g}L{x + across_x:g},{y + across_y:g}"/>'


def _middle(points: Sequence[Point]) -> Box:
    (x0, y0), (x1, y1) = max(pairwise(points), key=lambda ends: abs(ends[0][0] - ends[1][0]) + abs(ends[0][1] - ends[1][1]))
    return Box((x0 + x1) / 2 - 40, (y0 + y1) / 2 - 16, 80, 14)


def _rectangle(box: Box, extra: str = "") -> str:
    return f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"{extra}/>'


def _mark(symbol: str, at: Point, scale: float) -> str:
    return f'<g class="mark" transform="translate({at[0]:g} {at[1]:g}) scale({scale:g})">{symbol}</g>'
