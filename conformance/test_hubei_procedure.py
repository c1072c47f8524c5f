"""Hubei's procedure as drawn: what nobody may bring from outside, and what the forms hold people to."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from service.actions.yaml_values import read_yaml
from service.forms import Form, read_form

FOLDER = Path(__file__).resolve().parent.parent / "bpmn" / "hubei"
TREE = etree.fromstring((FOLDER / "hubei_tolerance.bpmn").read_bytes())
NAMES = {"b": "http://www.omg.org/spec/BPMN/20100524/MODEL", "c": "http://camunda.org/schema/1.0/bpmn"}
STARTS = cast(list[str], TREE.xpath("/b:definitions/b:process/b:startEvent/@id", namespaces=NAMES))
CASES = cast(dict[str, Any], read_yaml((FOLDER / "tolerance.cases.yaml").read_bytes()))["cases"]


def _form(name: str) -> Form:
    folder = FOLDER.parent / name.partition("_")[0]
    return read_form((folder / f"{name}.form").read_bytes(), f"{name}.form")


def _reserved(start: str) -> set[str]:
    found = TREE.xpath(f"//b:startEvent[@id='{start}']//c:property[@name='reservedVariables']/@value", namespaces=NAMES)
    return set(cast(list[str], found)[0].split(","))


@pytest.mark.parametrize("start", STARTS)
def test_no_start_may_preset_what_the_steps_write(start: str) -> None:
    written = {str(name) for name in TREE.xpath("//@c:resultVariable", namespaces=NAMES)}
    gathered = {str(name) for name in TREE.xpath("//b:loopDataOutputRef/text()", namespaces=NAMES)}

    assert len(STARTS) == 3
    # Facts may be brought along: the steps only add to them.
    assert written | gathered | {"decision", "inspection", "consideration"} <= _reserved(start) | {"facts"}
    assert {"organsAsked", "opinions", "advice"} <= _reserved(start)


def test_the_cases_start_with_nothing_reserved() -> None:
    reserved = set().union(*(_reserved(start) for start in STARTS))

    assert [case["name"] for case in CASES if reserved & set(case["start"]["variables"])] == []


@pytest.mark.parametrize(("due", "codes"), [("2026-03-01", []), ("2026-02-28", ["past-date"])])
def test_a_correction_cannot_be_due_before_today(due: str, codes: list[str]) -> None:
    submitted: dict[str, Any] = {"rectification": {"demand": "整改", "dueDate": due}}

    # Half past midnight in China.
    found = _form("hubei_set_rectification").accept(
        submitted, {}, {"setting": lambda _name: True}, now=lambda: datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    )

    assert [(problem.pointer, problem.code) for problem in found.problems] == [("/rectification/dueDate", code) for code in codes]


@pytest.mark.parametrize(
    ("name", "case"),
    [("common_hear_person", {}), ("hubei_feed_back", {}), ("common_register_use", {"usageAdvice": {"result": "UNAFFECTED"}})],
)
def test_forms_whose_content_no_source_prescribes_may_be_empty_and_the_notes_say_so(name: str, case: dict[str, Any]) -> None:
    notes = (FOLDER / "hubei_tolerance.md").read_text(encoding="utf-8")

    assert _form(name).accept({}, case).problems == ()
    paragraph = notes.partition("**哪些填写内容是必填的** [D]")[2].partition("\n")[0]
    assert f"`{name.partition('_')[2]}`" in paragraph


@pytest.mark.parametrize("case", [{}, {"usageAdvice": {"result": "MANUAL"}}])
def test_how_the_result_is_used_is_written_where_no_table_says_it(case: dict[str, Any]) -> None:
    assert [problem.pointer for problem in _form("common_register_use").accept({}, case).problems] == ["/usage/effect"]
