"""Siyang's procedures as drawn: what nobody may bring from outside, who does what, and what rests on which source."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from service.actions.yaml_values import read_yaml
from service.feel import compile_expression
from service.forms import Form, read_form

FOLDER = Path(__file__).resolve().parent.parent / "bpmn" / "siyang"
NAMES = {"b": "http://www.omg.org/spec/BPMN/20100524/MODEL", "c": "http://camunda.org/schema/1.0/bpmn"}
DIAGRAMS = {path.stem: etree.fromstring(path.read_bytes()) for path in sorted(FOLDER.glob("*.bpmn"))}
SETTINGS = cast(dict[str, Any], read_yaml((FOLDER / "jurisdiction.yaml").read_bytes()))["settings"]
CAMUNDA = f"{{{NAMES['c']}}}"
MEANT = {"userTask", "scriptTask", "businessRuleTask", "callActivity", "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent"}
"""What people read in the picture; merging gateways have no name."""
GIVEN = {"facts", "clue", "meeting"}
"""What a start may bring and a form may add to."""


def _found(diagram: str, path: str) -> list[Any]:
    return cast(list[Any], DIAGRAMS[diagram].xpath(path, namespaces=NAMES))


def _property(element: Any, name: str) -> str | None:
    found = element.xpath(f"b:extensionElements/c:properties/c:property[@name='{name}']/@value", namespaces=NAMES)
    return str(found[0]) if found else None


def _form(name: str) -> Form:
    return read_form((FOLDER / f"{name}.form").read_bytes(), f"{name}.form")


def _keys(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        if "key" in component:
            yield component["key"]
        if component["type"] == "dynamiclist":
            yield component["path"]
        else:
            yield from _keys(component.get("components", []))


def _written(diagram: str) -> set[str]:
    """The variables that steps, called blocks and people set."""
    written = {str(name) for name in _found(diagram, "//@c:resultVariable | //c:outputParameter/@name | //c:out/@target")}
    for task in _found(diagram, "//b:userTask"):
        form = json.loads((FOLDER / f"{task.get(CAMUNDA + 'formRef')}.form").read_text("utf-8"))
        written |= {key.partition(".")[0] for key in _keys(form["components"])}
    return written


@pytest.mark.parametrize("diagram", [name for name in DIAGRAMS if name != "siyang_progress_meeting"])
def test_no_start_may_preset_what_the_steps_write(diagram: str) -> None:
    starts = _found(diagram, "/b:definitions/b:process/b:startEvent")

    assert starts
    for start in starts:
        assert _property(start, "correlationKeys") == "subjectId,matterId", start.get("id")
        left = _written(diagram) - set(cast(str, _property(start, "reservedVariables")).split(",")) - GIVEN
        assert left == set(), start.get("id")


@pytest.mark.parametrize("diagram", DIAGRAMS)
def test_every_task_says_who_does_it_until_when_and_on_what_it_rests(diagram: str) -> None:
    places = [cast(dict[str, Any], read_yaml((FOLDER.parent / place / "jurisdiction.yaml").read_bytes())) for place in ("siyang", "common")]
    known = {group["id"] for place in places for group in place["groups"]}

    for task in _found(diagram, "//b:userTask"):
        assert set(task.get(CAMUNDA + "candidateGroups").split(",")) <= known, task.get("id")
        assert task.get(CAMUNDA + "dueDate"), task.get("id")
        assert "「" in (basis := _property(task, "basis") or "") or "[D]" in basis or "[U" in basis, task.get("id")
    unnamed = [one.get("id") for one in _found(diagram, "//b:process//*[@id and not(@name)]") if etree.QName(one).localname in MEANT]
    assert unnamed == []


@pytest.mark.parametrize("diagram", DIAGRAMS)
def test_timers_at_tasks_only_remind(diagram: str) -> None:
    for timer in _found(diagram, "//b:boundaryEvent"):
        assert timer.get("cancelActivity") == "false", timer.get("id")
        (way,) = _found(diagram, f"//b:sequenceFlow[@sourceRef='{timer.get('id')}']/@targetRef")
        (message,) = _found(diagram, f"//b:endEvent[@id='{way}']/b:messageEventDefinition/@messageRef")
        assert message == "Message_task_reminder"


def _ballot(entitled: int, present: int, in_favour: int, against: int, abstained: int, result: str) -> dict[str, Any]:
    counts = {"entitled": entitled, "present": present, "inFavour": in_favour, "against": against, "abstained": abstained}
    voters = [{"name": f"第{number}人"} for number in range(in_favour + against + abstained)]
    return {"branchReview": {**counts, "voters": voters, "result": result, "opinion": "见纪要"}}


@pytest.mark.parametrize("entitled", range(1, 10))
def test_a_meeting_counts_only_with_its_quorum_and_passes_only_with_more_than_half_of_all(entitled: int) -> None:
    form, functions = _form("siyang_review_branch"), {"setting": lambda name: SETTINGS[name]["value"]}

    for present in range(entitled + 1):
        for in_favour in range(present + 1):
            given = {
                result: form.accept(_ballot(entitled, present, in_favour, present - in_favour, 0, result), {}, functions).problems
                for result in ("PASSED", "NOT_PASSED")
            }
            held, passes = 2 * present > entitled, 2 * in_favour > entitled
            assert (given["PASSED"] == (), given["NOT_PASSED"] == ()) == (held and passes, held and not passes), (present, in_favour)
            assert ("/branchReview/present" in {one.pointer for one in given["PASSED"]}) == (not held)


@pytest.mark.parametrize(("entitled", "least"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (9, 6), (11, 8)])
def test_the_party_committee_needs_two_thirds_present(entitled: int, least: int) -> None:
    form, functions = _form("siyang_review_party_committee"), {"setting": lambda name: SETTINGS[name]["value"]}

    for present in (least - 1, least):
        ballot = _ballot(entitled, present, present, 0, 0, "PASSED")["branchReview"]
        given = form.accept({"committeeReview": ballot, "preliminary": {"outcome": "EXEMPT"}}, {}, functions)
        assert ("/committeeReview/present" in {one.pointer for one in given.problems}) == (present < least)


@pytest.mark.parametrize(
    ("voters", "fits"),
    [("甲乙丙丁戊", True), ("甲乙丙丁", False), ("甲乙丙丁戊己", False), ("甲乙丙丁丁", False), ("", False)],
)
def test_as_many_ballots_are_counted_as_people_returned_one(voters: str, fits: bool) -> None:
    functions = {"setting": lambda name: SETTINGS[name]["value"]}
    ballot = _ballot(6, 6, 4, 1, 0, "PASSED")
    ballot["branchReview"]["voters"] = [{"name": name} for name in voters]

    given = _form("siyang_review_branch").accept(ballot, {}, functions)

    assert (given.problems == ()) == fits


@pytest.mark.parametrize(("settings", "fits"), [([1, 2], True), ([2, 3], False)])
def test_what_makes_a_majority_is_a_setting(settings: list[int], fits: bool) -> None:
    share = [Decimal(number) for number in settings]
    functions = {"setting": lambda name: share if name == "passingShare" else SETTINGS[name]["value"]}

    given = _form("siyang_review_branch").accept(_ballot(9, 9, 6, 3, 0, "PASSED"), {}, functions)

    assert (given.problems == ()) == fits


@pytest.mark.parametrize(
    ("advised", "preliminary", "examined", "decided", "needed"),
    [
        ("EXEMPT", "EXEMPT", "PASSED", "EXEMPT", False),
        ("EXEMPT", "EXEMPT", "NOT_PASSED", "EXEMPT", True),
        ("EXEMPT", "REDUCE", "PASSED", "EXEMPT", True),
        ("REDUCE", "REDUCE", "PASSED", "REDUCE_LENIENT", False),
        ("REDUCE", "REDUCE", "PASSED", "EXEMPT", True),
        ("TOLERATE", "EXEMPT", "PASSED", "EXEMPT", False),
        ("MANUAL", "EXEMPT", "PASSED", "EXEMPT", True),
        ("NOT_TOLERATED", "NOT_TOLERATED", "NOT_PASSED", "NOT_TOLERATED", False),
        ("EXEMPT", "NOT_TOLERATED", "NOT_PASSED", "NOT_TOLERATED", True),
        (None, "EXEMPT", "PASSED", "EXEMPT", True),
    ],
)
def test_who_departs_from_advice_preliminary_conclusion_or_examination_gives_a_reason(
    advised: str | None, preliminary: str, examined: str, decided: str, needed: bool
) -> None:
    functions = {"setting": lambda name: SETTINGS[name]["value"]}
    standing: dict[str, Any] = {
        "advice": {"outcome": advised},
        "preliminary": {"outcome": preliminary},
        "examination": {"result": examined},
        "precedents": {"departing": []},
    }
    voters = [{"name": name} for name in "甲乙丙丁戊"]
    counts = {"entitled": 5, "present": 5, "inFavour": 3, "against": 2, "abstained": 0, "voters": voters}
    decision: dict[str, Any] = {"outcome": decided, "participants": "吴某", "recusal": "NONE", "votes": counts}
    demand: dict[str, Any] = {} if decided == "NOT_TOLERATED" else {"rectification": {"demand": "完善程序"}}

    submitted: dict[str, Any] = {"decision": decision, **demand}
    given = _form("siyang_decide").accept(submitted, standing, functions)

    assert [(one.pointer, one.code) for one in given.problems] == ([("/decision/reason", "required")] if needed else [])


@pytest.mark.parametrize("form", ["common_handle_accuser", "common_record_credit"])
@pytest.mark.parametrize(("place", "own"), [("JS-SQ-SY", False), ("HB", True), (None, True)])
def test_handling_a_false_accuser_outside_siyang_is_marked_as_a_default_of_ours(form: str, place: str | None, own: bool) -> None:
    document = json.loads((FOLDER.parent / "common" / f"{form}.form").read_text("utf-8"))
    (shown,) = re.findall(r"\{\{(if place .*?)\}\}", document["components"][0]["text"])

    assert ("缺省 [D]" in compile_expression(shown).evaluate({"place": place}).value) == own
