"""Diagrams become pictures: well-formed, complete, and where the file says."""

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from service.drawing import NotDrawn, draw, tell
from service.drawing.diagram import read_diagram
from service.drawing.lettering import LEADING, lines_of, width_of

DIAGRAMS = sorted((Path(__file__).parents[2] / "bpmn").glob("*/*.bpmn"))
SVG = {"s": "http://www.w3.org/2000/svg"}
ONE_TASK = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
  <process id="one" name="一步"><documentation>说明</documentation>
    <userTask id="work" name="{name}" camunda:candidateGroups="a,b" camunda:dueDate='=deadline("T_WORK", limits.work)'/>
  </process>
  <di:BPMNDiagram><di:BPMNPlane bpmnElement="one"><di:BPMNShape bpmnElement="work"><dc:Bounds x="100" y="80" width="100" height="80"/>
  </di:BPMNShape></di:BPMNPlane></di:BPMNDiagram></definitions>"""


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_every_shape_and_edge_of_the_built_in_diagrams_is_in_the_picture(path: Path) -> None:
    diagram = read_diagram(path.read_bytes())
    picture = etree.fromstring(draw(path.read_bytes()).encode())
    drawn = Counter(picture.xpath("//s:g/@id", namespaces=SVG))
    assert drawn == Counter([shape.element_id for shape in diagram.shapes] + [edge.element_id for edge in diagram.edges])
    box = [float(number) for number in picture.get("viewBox").split()]
    for shape in diagram.shapes:
        assert box[0] < shape.box.x
        assert shape.box.right < box[0] + box[2]
        assert box[1] < shape.box.y
        assert shape.box.bottom < box[1] + box[3]


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_the_name_of_a_collapsed_pool_lies_level_inside_it(path: Path) -> None:
    pools = {shape.element_id: shape for shape in read_diagram(path.read_bytes()).shapes if shape.collapsed}
    picture = etree.fromstring(draw(path.read_bytes()).encode())
    for element_id, shape in pools.items():
        [text] = picture.xpath("//s:g[@id=$id]/s:text", namespaces=SVG, id=element_id)
        lines = [span.text for span in text.iterfind("s:tspan", SVG)]
        assert text.get("transform") is None, "a box as wide as its name is read from left to right"
        assert max(sum(map(width_of, line)) for line in lines) <= shape.box.width
        assert len(lines) * LEADING <= shape.box.height


def test_a_name_is_text_and_never_markup() -> None:
    picture = etree.fromstring(draw(ONE_TASK.format(name="a &lt;b&gt; &amp; c").encode()).encode())
    assert picture.findtext(".//s:tspan", namespaces=SVG) == "a <b> & c"


def test_what_a_diagram_tells_of_its_steps() -> None:
    [told] = tell(ONE_TASK.format(name="办理").encode())
    assert (told.id, told.name, told.documentation) == ("one", "一步", "说明")
    [step] = told.steps
    assert (step.id, step.kind, step.name, step.groups, step.limits) == ("work", "userTask", "办理", "a,b", ("T_WORK",))


def test_lines_are_no_wider_than_their_box_and_lose_nothing() -> None:
    text = "责任追究机关在启动问责程序时 considers tolerance，同步考虑"
    lines = lines_of(text, 100)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(sum(map(width_of, line)) <= 100 for line in lines)


@pytest.mark.parametrize("content", [b"", b"not xml", b"<definitions/>"], ids=["empty", "text", "no drawing"])
def test_what_is_no_drawing_is_refused(content: bytes) -> None:
    with pytest.raises(NotDrawn):
        draw(content)


def test_a_document_type_is_refused() -> None:
    with pytest.raises(NotDrawn):
        draw(b"<!DOCTYPE definitions>" + ONE_TASK.format(name="a").encode())
