"""The drawing and the lanes as text, put into a file in place of what was there; all other bytes stay."""

import re

from .lettering import label_width
from .picture import Picture, Rect
from .reading import SUBPROCESSES, Read, Scope


def number(value: float) -> str:
    return f"{round(value):d}"


class Writer:
    def __init__(self, text: str, close: str) -> None:
        self.close, self.lines = close, []

    def add(self, depth: int, line: str) -> None:
        self.lines.append("  " * depth + line.replace("/>", self.close))

    def shape(self, element: str, box: Rect, more: str = "", label: Rect | None = None) -> None:
        self.add(3, f'<bpmndi:BPMNShape id="{element}_di" bpmnElement="{element}"{more}>')
        self.bounds(4, box)
        if label is not None:
            self.add(4, "<bpmndi:BPMNLabel>")
            self.bounds(5, label)
            self.add(4, "</bpmndi:BPMNLabel>")
        self.add(3, "</bpmndi:BPMNShape>")

    def bounds(self, depth: int, box: Rect) -> None:
        x, y = round(box[0]), round(box[1])
        self.add(depth, f'<dc:Bounds x="{x}" y="{y}" width="{round(box[2] - box[0])}" height="{round(box[3] - box[1])}"/>')

    def label(self, box: Rect, name: str) -> Rect:
        """As wide as the lines need to break as reckoned, about the same centre."""
        middle, width = (box[0] + box[2]) / 2, label_width(name)
        return middle - width / 2, box[1], middle + width / 2, box[3]

    def edge(self, element: str, way, label: Rect | None = None) -> None:
        self.add(3, f'<bpmndi:BPMNEdge id="{element}_di" bpmnElement="{element}">')
        for x, y in way:
            self.add(4, f'<di:waypoint x="{number(x)}" y="{number(y)}"/>')
        if label is not None:
            self.add(4, "<bpmndi:BPMNLabel>")
            self.bounds(5, label)
            self.add(4, "</bpmndi:BPMNLabel>")
        self.add(3, "</bpmndi:BPMNEdge>")


def lane_id(key: str) -> str:
    """An id that says the groups: those of an expression are in quotes, one with a choice of the caller's gets `lead`."""
    parts = re.findall(r'"(\w+)"', key) if key.startswith("=") else re.findall(r"[A-Za-z0-9]+", key)
    return "_".join(["Lane", *parts, *(["lead"] if "null" in key else [])])


def written(text: str, read: Read, pool: str | None, picture: Picture, lanes: list[tuple[str, str, list[str]]], groups) -> str:
    """`lanes` are id, name and flow nodes of each lane; none when one group does all."""
    close = " />" if text.count('" />') > text.count('"/>') else "/>"
    old = re.search(r'<bpmndi:BPMNDiagram\b[^>]*?\bid="([^"]+)"', text)
    plane = re.search(r'<bpmndi:BPMNPlane\b[^>]*?\bid="([^"]+)"', text)
    out = Writer(text, close)
    out.add(1, f'<bpmndi:BPMNDiagram id="{old[1] if old else "BPMNDiagram_1"}">')
    out.add(2, f'<bpmndi:BPMNPlane id="{plane[1] if plane else "BPMNPlane_1"}" bpmnElement="{read.collaboration or read.process.id}">')
    if pool:
        out.shape(pool, picture.frame, ' isHorizontal="true"')
    for (identity, _, _), (_, y1, y2) in zip(lanes, picture.lanes, strict=False):
        out.shape(identity, (picture.frame[0] + 30, y1, picture.frame[2], y2), ' isHorizontal="true"')
    _scope(out, read.process, picture, read)
    for each in read.pools:
        if not each.process and each.id in picture.boxes:
            out.shape(each.id, picture.boxes[each.id], ' isHorizontal="true"')
    for message in read.messages:
        if message.id in picture.ways:
            out.edge(message.id, picture.ways[message.id], picture.labels.get(message.id))
    for group, name in groups:
        if group in picture.bands:
            x1, y1, x2, y2 = picture.bands[group]
            out.shape(
                group,
                picture.bands[group],
                "",
                (x1 + (x2 - x1) / 2 - len(name) * 5.5 - 2, y1 + 5, x1 + (x2 - x1) / 2 + len(name) * 5.5 + 2, y1 + 19) if name else None,
            )
    out.add(2, "</bpmndi:BPMNPlane>")
    out.add(1, "</bpmndi:BPMNDiagram>")
    text = re.sub(r"[ \t]*<bpmndi:BPMNDiagram\b.*</bpmndi:BPMNDiagram>", lambda _: "\n".join(out.lines), text, count=1, flags=re.S)
    return _with_lanes(text, read, lanes, close)


def _scope(out: Writer, scope: Scope, picture: Picture, read: Read) -> None:
    for identity, node in scope.nodes.items():
        box = picture.boxes[identity]
        more = ""
        if node.kind == "exclusiveGateway":
            more = ' isMarkerVisible="true"'
        if node.kind in SUBPROCESSES:
            more = ' isExpanded="true"'
        out.shape(identity, box, more, out.label(picture.labels[identity], node.name) if identity in picture.labels else None)
        if node.scope is not None:
            inner = picture.inner[identity]
            moved = inner.moved(lambda x, i=inner, b=box: x - i.frame[0] + b[0] + 20, lambda y, i=inner, b=box: y - i.frame[1] + b[1] + 35)
            _scope(out, node.scope, moved, read)
    for flow in scope.flows:
        way = picture.ways.get(flow.id) or picture.ties.get(flow.id)
        if way:
            out.edge(flow.id, way, out.label(picture.labels[flow.id], flow.name) if flow.id in picture.labels else None)
    for note in scope.notes:
        if note.id in picture.boxes:
            out.shape(note.id, picture.boxes[note.id])
        for association, _, _ in note.ties:
            if association in picture.ties:
                out.edge(association, picture.ties[association])


def _with_lanes(text: str, read: Read, lanes: list[tuple[str, str, list[str]]], close: str) -> str:
    text = re.sub(r"[ \t]*<bpmn:laneSet\b.*?</bpmn:laneSet>\n", "", text, count=1, flags=re.S)
    if not lanes:
        return text
    lines = [f'    <bpmn:laneSet id="LaneSet_{read.process.id}">']
    for identity, name, nodes in lanes:
        lines.append(f'      <bpmn:lane id="{identity}" name="{name}">')
        lines += [f"        <bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes]
        lines.append("      </bpmn:lane>")
    lines.append("    </bpmn:laneSet>")
    first = next(iter(read.process.nodes))
    head = re.search(rf'^[ \t]*<bpmn:\w+ [^>]*?id="{re.escape(first)}"', text, flags=re.M)
    if head is None:
        raise ValueError(f"{first} not found in the text")
    return text[: head.start()] + "\n".join(lines) + "\n" + text[head.start() :]
