"""Steps are told in the order in which a case meets them."""

from pathlib import Path

import pytest
from lxml import etree

from service.drawing import tell
from service.drawing.flow_order import flow_order

HEAD = '<process xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="p">'
PLACES = {"low": (10.0, 90.0), "high": (10.0, 10.0)}


def order(body: str) -> list[str]:
    found = flow_order(etree.fromstring(f"{HEAD}{body}</process>"), PLACES)
    return [element_id for element_id in found if not element_id.startswith("f")]


def flows(*pairs: str) -> str:
    ends = [pair.split(">") for pair in pairs]
    return "".join(f'<sequenceFlow id="f{index}" sourceRef="{a}" targetRef="{b}"/>' for index, (a, b) in enumerate(ends))


NODES = "".join(f'<userTask id="{name}"/>' for name in ("end", "low", "high", "split")) + '<startEvent id="start"/>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (NODES + flows("start>split", "split>low", "split>high", "low>end", "high>end"), ["start", "split", "high", "low", "end"]),
        (NODES + flows("start>split", "split>high", "high>low", "low>split", "low>end"), ["start", "split", "high", "low", "end"]),
    ],
    ids=["branches, then where they meet", "a loop back"],
)
def test_what_follows_stands_after(body: str, expected: list[str]) -> None:
    assert order(body) == ["p", *expected] or order(body) == [*expected, "p"]


def test_the_inside_of_a_subprocess_and_what_a_boundary_event_leads_to_follow_it() -> None:
    inside = '<subProcess id="sub"><userTask id="in"/><startEvent id="in_start"/>' + flows("in_start>in")
    body = f'<userTask id="after"/><boundaryEvent id="due" attachedToRef="sub"/>{inside}</subProcess><startEvent id="start"/>'
    found = order(body + flows("start>sub", "sub>after"))
    assert found.index("start") < found.index("sub") < found.index("in") < found.index("after")
    assert found.index("sub") < found.index("due")


def test_links_are_followed_and_what_nothing_leads_to_comes_last() -> None:
    caught = '<intermediateCatchEvent id="caught"><linkEventDefinition name="on"/></intermediateCatchEvent>'
    thrown = '<intermediateThrowEvent id="thrown"><linkEventDefinition name="on"/></intermediateThrowEvent>'
    body = f'<userTask id="alone"/><userTask id="then"/>{caught}{thrown}<startEvent id="start"/>'
    found = order(body + flows("start>thrown", "caught>then"))
    assert [name for name in found if name != "p"] == ["start", "thrown", "caught", "then", "alone"]


def test_a_drawing_in_two_rows_is_read_along_its_flow() -> None:
    path = Path(__file__).parents[2] / "bpmn" / "siyang" / "siyang_tolerance.bpmn"
    [told] = tell(path.read_bytes())
    names = [step.id for step in told.steps]
    met = ["find_filings", "involve_trial_office", "appraise_self", "review_branch", "examine", "decide", "feed_back"]
    assert [name for name in names if name in met] == met
