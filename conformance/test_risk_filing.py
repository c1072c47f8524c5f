"""Risk filing as it is shared: the two called diagrams, the places that call them, and the comparison of an act with a filing."""

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from conformance.policy_files import ROOT as TABLES
from conformance.policy_files import model_of
from conformance.test_policy_cases import file_of
from service.actions.yaml_values import read_yaml

PROCEDURES = TABLES.parent / "bpmn"
NAMES = {"b": "http://www.omg.org/spec/BPMN/20100524/MODEL", "c": "http://camunda.org/schema/1.0/bpmn"}
CAMUNDA = f"{{{NAMES['c']}}}"
BLOCKS = {name: etree.parse(PROCEDURES / "common" / f"{name}.bpmn") for name in ("common_risk_filing", "common_risk_filing_in_force")}
CALLERS = {path.stem.removesuffix("_risk_filing"): path for path in PROCEDURES.glob("*/*_risk_filing.bpmn") if path.parent.name != "common"}
CALLED = {place: path for place, path in CALLERS.items() if b'calledElement="common_risk_filing"' in path.read_bytes()}


def _found(tree: Any, path: str) -> list[Any]:
    return cast(list[Any], tree.xpath(path, namespaces=NAMES))


def _property(element: Any, name: str) -> str | None:
    found = _found(element, f"b:extensionElements/c:properties/c:property[@name='{name}']/@value")
    return str(found[0]) if found else None


def _settings(place: str) -> dict[str, Any]:
    return cast(dict[str, Any], read_yaml((PROCEDURES / place / "jurisdiction.yaml").read_bytes()))


@pytest.mark.parametrize("block", BLOCKS)
def test_every_task_of_the_blocks_says_who_does_it_until_when_and_on_what_it_rests(block: str) -> None:
    common = _settings("common")
    known = {group["id"] for group in common["groups"]}
    assert {organ["group"] for organ in common["settings"]["filingStudyOrgans"]["value"]} <= known
    assert set(common["settings"]["filingRecordOrgan"]["value"]) <= known

    for task in _found(BLOCKS[block], "//b:userTask"):
        groups = task.get(CAMUNDA + "candidateGroups")
        assert groups in {'=setting("filingStudyOrgans").group', '=setting("filingRecordOrgan")', "unit_party_org"}, task.get("id")
        assert "deadline(" in task.get(CAMUNDA + "dueDate"), task.get("id")
        assert "[D]" in (_property(task, "basis") or ""), task.get("id")
        assert task.get(CAMUNDA + "formRef").startswith("common_"), task.get("id")


@pytest.mark.parametrize("block", BLOCKS)
def test_timers_at_tasks_of_the_blocks_only_remind(block: str) -> None:
    for timer in _found(BLOCKS[block], "//b:boundaryEvent"):
        assert timer.get("cancelActivity") == "false", timer.get("id")
        (way,) = _found(BLOCKS[block], f"//b:sequenceFlow[@sourceRef='{timer.get('id')}']/@targetRef")
        (message,) = _found(BLOCKS[block], f"//b:endEvent[@id='{way}']/b:messageEventDefinition/@messageRef")
        assert message == "Message_task_reminder"


@pytest.mark.parametrize("block", BLOCKS)
def test_what_rests_on_siyangs_practice_says_that_it_is_a_default_elsewhere(block: str) -> None:
    for element in _found(BLOCKS[block], "//b:process//*[@id]"):
        basis = _property(element, "basis") or ""
        if "S1「" in basis:
            assert "泗阳" in basis, element.get("id")
            assert "在其他地方沿用为缺省 [D]" in basis, element.get("id")


@pytest.mark.parametrize("place", CALLED)
def test_a_place_only_starts_calls_and_hands_over(place: str) -> None:
    tree = etree.parse(CALLED[place])
    assert _found(tree, "//b:userTask") == []
    assert set(_found(tree, "//b:callActivity/@calledElement")) == set(BLOCKS)
    assert _found(tree, "//b:businessRuleTask/@c:decisionRef") == [f"{place}_risk_filing_test"]
    starts = _found(tree, "//b:process/b:startEvent")
    messages = {message.get("id"): message.get("name") for message in _found(tree, "//b:message")}
    assert {messages[_found(start, "b:messageEventDefinition/@messageRef")[0]] for start in starts} == {
        f"{place}_risk_filing",
        "common_risk_filing_suggestion",
    }
    assert set(_found(tree, "//c:outputParameter[@name='folder']/text()")) == {place}
    written = {str(name) for name in _found(tree, "//@c:resultVariable | //c:outputParameter/@name | //c:out/@target")} - {"facts"}
    for start in starts:
        assert _property(start, "correlationKeys") == "subjectId,matterId"
        assert written <= set((_property(start, "reservedVariables") or "").split(",")), start.get("id")


def test_siyang_wuxi_and_yichang_file_risks() -> None:
    assert {"siyang", "wuxi", "yichang"} <= set(CALLED)


@pytest.mark.parametrize("place", CALLED)
def test_the_organs_of_a_place_are_among_its_groups(place: str) -> None:
    about, common = _settings(place), _settings("common")["settings"]
    own = about.get("settings") or {}
    study, record = ((own.get(name) or common[name])["value"] for name in ("filingStudyOrgans", "filingRecordOrgan"))
    groups = {group["id"] for group in about["groups"]}
    assert {organ["group"] for organ in study} | set(record) | {"unit_party_org"} <= groups


def _read_by_hand(place: str, filing: dict[str, Any], deviation: dict[str, Any]) -> tuple[str | None, str]:
    """Before the act and within the scope; what is not stated, or of the same day, nobody presumes. With the force of what decides."""
    practice = "PRACTICE" if place == "siyang" else "DEFAULT"
    act, filed, until = deviation.get("actOn"), filing.get("filedOn"), filing.get("validUntil")
    if deviation.get("withinScope") is False:
        return "OUT_OF_SCOPE", "DEFAULT"
    if act is None or filed is None or act == filed:
        return None, "DEFAULT"
    if act < filed:
        return "AFTER_ACT", practice
    if until is not None and act > until:
        return None, "DEFAULT"
    return ("VALID_BEFORE_ACT", practice) if deviation.get("withinScope") is True else (None, "DEFAULT")


def test_an_act_is_compared_with_a_filing_as_read_by_hand() -> None:
    model, chance = model_of(Path(TABLES / "common" / "common_risk_filing_rules.dmn")), random.Random("filing")
    days = [None, *((date(2026, 3, 1) + timedelta(days=number)).isoformat() for number in range(4))]
    seen = set()
    for _ in range(600):
        place = chance.choice(["siyang", "wuxi", "yichang"])
        filing = {name: day for name in ("filedOn", "validUntil") if (day := chance.choice(days)) is not None}
        deviation: dict[str, Any] = {"actOn": day} if (day := chance.choice(days)) is not None else {}
        if (within := chance.choice([True, True, False, None])) is not None:
            deviation["withinScope"] = within
        asked = {"folder": place, "filing": filing, "deviation": deviation}
        result = cast(dict[str, Any], model.evaluate("common_filing_deviation", asked).result)
        wanted = _read_by_hand(place, filing, deviation)
        assert (result["riskFiling"], result["force"]) == wanted, asked
        seen.add(wanted)
    assert len(seen) == 6


def test_what_wuxi_takes_over_is_jiangsus() -> None:
    chance = random.Random("wuxi")
    values: dict[str, list[Any]] = {
        "stage": ["INQUIRY_OPEN", "DECIDED", "CLUE"],
        "applicantRole": ["SELF", "ORGAN_EX_OFFICIO", "OTHER"],
        "hasFacts": [True, False],
        "personalGain": [True, False],
        "motive": ["PUBLIC", "PRIVATE", "MIXED"],
        "intent": ["INADVERTENT", "KNOWING"],
        "explicitProhibition": ["NONE", "EXPLICIT"],
        "persisted": [True, False],
    }
    wuxi, jiangsu = model_of(file_of("wuxi")), model_of(file_of("jiangsu"))
    for _ in range(200):
        facts = {name: chance.choice(of) for name, of in values.items() if chance.random() < 0.8}
        for key in ("outcome", "admissibility", "negative_list"):
            own = wuxi.evaluate(f"wuxi_{key}", {"facts": facts}).result
            assert own == jiangsu.evaluate(f"jiangsu_{key}", {"facts": facts}).result, facts
