"""Every built-in diagram is laid out for reading: roles as lanes, no kink, no stacked arrowhead, no label struck through."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from conformance.diagram_geometry import BPMN, DC, DD, DI, drawn, faults
from tools.layout import NotLaidOut, laid_out

ROOT = Path(__file__).resolve().parent.parent
DIAGRAMS = sorted((ROOT / "bpmn").rglob("*.bpmn"))
DRAWN = (
    r"\w*[tT]ask|\w*Gateway|startEvent|endEvent|boundaryEvent|intermediate\w+Event|subProcess|callActivity"
    r"|sequenceFlow|messageFlow|participant|lane|textAnnotation|association|group"
)


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda path: path.stem)
def test_a_built_in_diagram_reads_well(diagram: Path) -> None:
    assert faults(diagram) == []


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda path: path.stem)
def test_all_that_is_modelled_is_drawn(diagram: Path) -> None:
    picture = drawn(diagram)
    modelled = re.findall(rf'<bpmn:(?:{DRAWN}) [^>]*?\bid="([^"]+)"', diagram.read_text(encoding="utf-8"))
    assert modelled
    assert [each for each in modelled if each not in picture.shapes and each not in picture.edges] == []


def _part(root: etree._Element, element: str) -> etree._Element:
    return next(each for each in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge") if each.get("bpmnElement") == element)


def _put(root: etree._Element, element: str, x: int, y: int, label: bool = False) -> None:
    bounds = _part(root, element).find(f"{DI}BPMNLabel/{DC}Bounds" if label else f"{DC}Bounds")
    bounds.set("x", str(x))
    bounds.set("y", str(y))


def _lead(root: etree._Element, flow: str, *points: tuple[float, float]) -> None:
    edge = _part(root, flow)
    for old in edge.findall(f"{DD}waypoint"):
        edge.remove(old)
    for index, (x, y) in enumerate(points):
        edge.insert(index, etree.Element(f"{DD}waypoint", x=str(x), y=str(y)))


def _without_lanes(root: etree._Element) -> None:
    for lane_set in root.findall(f".//{BPMN}laneSet"):
        for lane in lane_set:
            shape = _part(root, lane.get("id"))
            shape.getparent().remove(shape)
        lane_set.getparent().remove(lane_set)


Spoil = Callable[[etree._Element, dict[str, tuple[float, float, float, float]]], None]
SPOILT: dict[str, Spoil] = {
    "without lanes": lambda root, _: _without_lanes(root),
    "top left at": lambda root, _: _put(root, "Participant_hubei_governance_experience", 100, 30),
    "is drawn outside of its": lambda root, at: _put(root, "End_done", int(at["End_done"][0]), int(at["turn_into_rule"][1])),
    "overlaps End_done": lambda root, at: _put(root, "End_done", int(at["collect_experience"][0]), int(at["collect_experience"][1])),
    "goes through End_done": lambda root, at: _put(root, "End_done", int(at["Gateway_mature"][2]) + 90, int(at["Gateway_mature"][1]) + 7),
    "has a kink": lambda root, _: _lead(root, "Flow_collect_experience__Gateway_mature", (0, 0), (5, 0), (5, 10), (20, 10)),
    "is drawn aslant": lambda root, _: _lead(root, "Flow_collect_experience__Gateway_mature", (0, 0), (5, 10)),
    "leave as one trunk": lambda root, at: [_lead(root, f, (0, 0), (0, 50)) for f in _leaving(root, "Gateway_mature")] and None,
    "are stacked": lambda root, at: [_lead(root, f, (9 * i, 0), (0, 50)) for i, f in enumerate(_entering(root))] and None,
    "overlap": lambda root, at: [_put(root, f, 300, 20, label=True) for f in _leaving(root, "Gateway_mature")] and None,
    "is struck through by": lambda root, at: _put(
        root, "Gateway_mature", int(at["Gateway_mature"][0]) - 40, int(at["Gateway_mature"][1]) + 18, label=True
    ),
    "lies on collect_experience": lambda root, at: _put(
        root, "Gateway_mature", *(int(v) + 9 for v in at["collect_experience"][:2]), label=True
    ),
}


def _leaving(root: etree._Element, node: str) -> list[str]:
    return [flow.get("id") for flow in root.iter(f"{BPMN}sequenceFlow") if flow.get("sourceRef") == node]


def _entering(root: etree._Element) -> list[str]:
    targets = [flow.get("targetRef") for flow in root.iter(f"{BPMN}sequenceFlow")]
    merge = next(target for target in targets if targets.count(target) > 1)
    return [flow.get("id") for flow in root.iter(f"{BPMN}sequenceFlow") if flow.get("targetRef") == merge]


@pytest.mark.parametrize("fault", SPOILT)
def test_each_check_finds_its_fault(fault: str, tmp_path: Path) -> None:
    good = ROOT / "bpmn/hubei/hubei_governance_experience.bpmn"
    root = etree.parse(good).getroot()
    SPOILT[fault](root, drawn(good).shapes)
    spoilt = tmp_path / "spoilt.bpmn"
    spoilt.write_bytes(etree.tostring(root))
    assert any(fault in each for each in faults(spoilt)), faults(spoilt)


def test_a_diagram_that_was_never_drawn_well_is_laid_out(tmp_path: Path) -> None:
    """All shapes on one heap, no lanes: the program draws it anew and touches nothing else."""
    good = (ROOT / "bpmn/hubei/hubei_governance_evaluation.bpmn").read_text(encoding="utf-8")
    heap = re.sub(r"[ \t]*<bpmn:laneSet.*?</bpmn:laneSet>\n", "", good, flags=re.S)
    heap = re.sub(r'<bpmndi:BPMNShape id="Lane_.*?</bpmndi:BPMNShape>\n', "", heap, flags=re.S)
    heap = re.sub(r'(<dc:Bounds|<di:waypoint) x="\d+" y="\d+"', r'\1 x="1" y="1"', heap)
    diagram = tmp_path / "hubei_governance_evaluation.bpmn"
    diagram.write_text(laid_out(heap, "hubei_governance_evaluation", {}), encoding="utf-8")
    assert faults(diagram) == []
    assert _meaning(diagram.read_text(encoding="utf-8")) == _meaning(heap)


def test_a_file_of_two_processes_is_refused() -> None:
    namespace = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    two = f'<bpmn:definitions xmlns:bpmn="{namespace}"><bpmn:process id="a"/><bpmn:process id="b"/></bpmn:definitions>'
    with pytest.raises(NotLaidOut, match="one process"):
        laid_out(two, "two", {})


def _meaning(text: str) -> str:
    return re.sub(r"[ \t]*<(bpmn:laneSet|bpmndi:BPMNDiagram)\b.*?</\1>\n?", "", text, flags=re.S)
