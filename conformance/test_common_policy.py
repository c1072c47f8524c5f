"""The decisions all places share (dmn/common), and those of the folders that ask them with a place of their own."""

import random
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from conformance.common_oracle import READINGS, TOLERATED, VALUES, usage_sought
from conformance.hubei_oracle import NEGATIVE
from conformance.place_oracles import AS_HUBEI, AS_THE_NATION, CITIES, OWN_REFUSALS
from conformance.place_oracles import NATIONAL as NATIONAL_REFUSALS
from conformance.place_oracles import VALUES as PLACE_VALUES
from conformance.policy_files import ROOT, WITH_SHARED, about, model_of
from service.actions.yaml_values import read_yaml
from service.dmn import DecisionFailure, analyse, prospects

DMN = {"d": "https://www.omg.org/spec/DMN/20191111/MODEL/"}
PLACES = {place: str(about(place).get("placeCode")) for place in WITH_SHARED}
"""The folders that ask the shared decisions, and the code that each asks them with."""
SUBJECTS = {
    "authority": "common_authority",
    "complexity": "common_hearing_required",
    "risk_filing_test": "common_risk_filing_link",
    "risk_filing_link": "common_risk_filing_link",
    "result_usage": "common_result_usage",
    "rectification": "common_rectification",
    "impact_period": "common_impact_period",
    "clarification": "common_clarification_rules",
    "false_accusation": "common_false_accusation_rules",
    "triage": "common_clue_triage",
    "after_verification": "common_clue_triage",
    "tolerance_hint": "common_clue_triage",
    "hearing_required": "common_hearing_required",
    "inquiry_limit": "common_inquiry_limit",
}
SPOKEN_OF = {
    "GD-SZ": "U09「对于结果认定予以容错的，不影响干部提拔使用和年度考核结果」",
    "GD-FTZ": "U24「符合国家确定的改革方向",
    "SD-QD": "「不作负面评价，免除相关决策责任」",
}
"""Places whose source says something of the use of the result without being a rule for it: a person decides and is told what it says."""
SHARED = {name: ROOT / "common" / f"{name}.dmn" for name in sorted(set(SUBJECTS.values()))}
THIN = {folder: ROOT / folder / f"{folder}_common.dmn" for folder in PLACES}
FILES = [*SHARED.values(), *THIN.values()]
Case = dict[str, Any]


@cache
def cases_of(path: Path) -> list[Case]:
    return cast(list[Case], read_yaml(path.with_suffix(".cases.yaml").read_bytes())["decisions"])  # type: ignore[call-overload,index]


def variables_of(case: Case) -> dict[str, Any]:
    return dict(case.get("variables") or {"facts": case["facts"]})


def result_of(path: Path, key: str, variables: Mapping[str, Any]) -> Any:
    return model_of(path).evaluate(key, dict(variables)).result


def every(paths: list[Path]) -> Iterator[Any]:
    for path in paths:
        for case in cases_of(path):
            yield pytest.param(path, case, id=f"{case['decision']}: {case['name']}")


@pytest.mark.parametrize(("path", "case"), list(every(FILES)))
def test_case(path: Path, case: Case) -> None:
    evaluation = model_of(path).evaluate(case["decision"], variables_of(case))
    result = evaluation.result if isinstance(evaluation.result, dict) else {"result": evaluation.result}
    assert case["expect"]
    assert {name: result[name] for name in case["expect"]} == case["expect"]
    assert evaluation.record()["warnings"] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_file_has_nothing_to_find_fault_with(path: Path) -> None:
    model = model_of(path)
    assert model.findings == ()
    found = [finding for table in analyse(model).tables for finding in table.findings if finding.severity != "info"]
    assert found == []


@pytest.mark.parametrize("path", SHARED.values(), ids=lambda path: path.stem)
def test_every_rule_is_matched_by_a_case_and_names_its_basis(path: Path) -> None:
    seen = {
        rule["ruleId"]
        for case in cases_of(path)
        for rule in model_of(path).evaluate(case["decision"], variables_of(case)).record()["matchedRules"]
    }
    rules = etree.fromstring(path.read_bytes()).xpath("//d:rule", namespaces=DMN)
    assert {rule.get("id") for rule in rules} - seen == set()
    for rule in rules:
        text = rule.findtext("d:description", namespaces=DMN) or ""
        assert re.search(r"\[(?:S[0-4]|U\d\d)(?:「[^」]+」)?\]|\[D\] 缺省|法律规定：.*\[L-ZF", text), rule.get("id")
        outputs = [entry.findtext("d:text", namespaces=DMN) for entry in rule.findall("d:outputEntry", DMN)]
        if '"DEFAULT"' in outputs:
            assert "[D] 缺省" in text, rule.get("id")


def test_what_is_still_needed_can_be_asked() -> None:
    authority = model_of(SHARED["common_authority"])
    answer = prospects(authority, "common_authority", {"facts": {"organIsAccountabilityOrgan": True}, "place": "HB"})
    assert answer.complete
    assert {found.path for found in answer.open_inputs} == {("facts", "subjectIsOrganHead"), ("facts", "organHasCadreAuthority")}
    assert prospects(authority, "common_authority", {"facts": {"subjectIsOrganHead": True}, "place": "HB"}).settled


@pytest.mark.parametrize("folder", PLACES)
def test_a_folder_has_every_shared_decision_and_a_case_of_each(folder: str) -> None:
    inherited = set() if folder == "china" else {f"{folder}_yardsticks"}
    assert {case["decision"] for case in cases_of(THIN[folder])} == {f"{folder}_{subject}" for subject in SUBJECTS} | inherited


def test_every_folder_names_its_code_in_the_registry() -> None:
    codes = sorted(PLACES.values())
    assert codes == sorted(set(codes))
    known = re.findall(r'"([A-Z0-9-]+)"', (ROOT / "common" / "places.dmn").read_text("utf-8").split("</itemDefinition>")[0])
    assert set(codes) <= set(known)


def negative_list_hit(folder: str, facts: Mapping[str, Any]) -> bool | None:
    """Whether a row of the negative list of `folder` hits, by the independent readings; None while nobody can say."""
    hubei = folder in AS_HUBEI
    refusals = (*OWN_REFUSALS.get(folder, ()), *(CITIES.get(folder, ()) if hubei else NATIONAL_REFUSALS))
    truths = [True if rule.certain(facts) else None if rule.needs(facts) else False for rule in refusals]
    truths += [row.truth(facts) for row in NEGATIVE] if hubei else []
    return True if True in truths else None if None in truths else False


@pytest.mark.parametrize("folder", [folder for folder in PLACES if folder in (*AS_HUBEI, *AS_THE_NATION)])
def test_a_filing_weighs_only_where_the_negative_list_is_known_not_to_hit(folder: str) -> None:
    chance = random.Random(f"filing {folder}")
    names = sorted(PLACE_VALUES)
    results = {True: "NO_PROTECTION", False: "WEIGHT", None: "MANUAL"}
    seen = set()
    for known in (1, 0.9, 0.7):
        for _ in range(150):
            facts = {name: chance.choice(PLACE_VALUES[name]) for name in names if chance.random() < known}
            hit = negative_list_hit(folder, facts)
            told = {**facts, "riskFiling": "VALID_BEFORE_ACT", "deviationObjective": True}
            assert result_of(THIN[folder], f"{folder}_risk_filing_link", {"facts": told})["result"] == results[hit], facts
            seen.add(hit)
    assert seen == {True, False, None}


@pytest.mark.parametrize("folder", PLACES)
def test_a_folder_asks_the_shared_decisions_with_its_own_place(folder: str) -> None:
    """Every case of the shared tables, whatever its place, comes out in the folder as it does in the table for the folder's place."""
    for subject, stem in SUBJECTS.items():
        for case in cases_of(SHARED[stem]):
            if case["decision"] != f"common_{subject}":
                continue
            variables = {**variables_of(case), "place": PLACES[folder]}
            if subject == "risk_filing_link":
                if folder not in (*AS_HUBEI, *AS_THE_NATION):
                    continue
                variables["negativeListHit"] = negative_list_hit(folder, variables["facts"])
            shared = result_of(SHARED[stem], f"common_{subject}", variables)
            del variables["place"]
            evaluation = model_of(THIN[folder]).evaluate(f"{folder}_{subject}", variables)
            assert evaluation.result == shared, (subject, case["name"])
            told = {required["decisionKey"]: required for required in evaluation.record()["requiredDecisions"]}[f"common_{subject}"]
            assert len(told["matchedRules"]) == (len(shared) if isinstance(shared, list) else 1), (subject, case["name"])


@pytest.mark.parametrize("subject", READINGS)
@pytest.mark.parametrize("known", [1, 0.8, 0.4])
def test_the_tables_agree_with_the_independent_reading(subject: str, known: float) -> None:
    chance = random.Random(f"{subject} {known}")
    places = [None, *PLACES.values(), "HB-YC", "JS", "JS-WX", "X-CITY", "GD-SZ", "GZ-TR", "CMP-HB-ZG"]
    rules = set()
    for _ in range(400):
        facts = {name: chance.choice(values) for name, values in VALUES.items() if chance.random() < known}
        place = chance.choice(places)
        hit = chance.choice([True, False, None])
        variables = {"facts": facts, "place": place} | ({"negativeListHit": hit} if subject == "risk_filing_link" else {})
        result = result_of(SHARED[SUBJECTS[subject]], f"common_{subject}", variables)
        assert result["rule"] == READINGS[subject]({**facts, "negativeListHit": hit}, place), (variables, place)
        rules.add(result["rule"])
    assert len(rules) >= 4


@pytest.mark.parametrize("place", [*PLACES.values(), "HB-YC", "JS", "X-CITY", "GD-SZ"])
def test_the_use_of_the_result_names_the_facts_that_are_sought(place: str) -> None:
    """Where no rule decides, the alert names the unknown facts that may still make one decide, and only those."""
    chance = random.Random(f"usage {place}")
    names = ("dispositionKind", "impactPeriodOver", "reflection", "performance", "specialProvision", "underlyingForm")
    silent = 0
    for _ in range(200):
        facts = {name: chance.choice(VALUES[name]) for name in names if chance.random() < 0.5} | {
            "toleranceOutcome": chance.choice(TOLERATED)
        }
        result = result_of(SHARED["common_result_usage"], "common_result_usage", {"facts": facts, "place": place})
        if result["rule"] == "R14":
            sought = usage_sought(facts, place)
            assert set(re.findall("[A-Za-z]+", result["alert"] or "")) == sought, facts
            assert (result["basis"] == "来源未涉及") is not (bool(sought) or place in SPOKEN_OF)
            assert SPOKEN_OF.get(place, "") in result["basis"]
            silent += 1
    assert silent > 0 or place == "MODEL-DEFENCE"


@pytest.mark.parametrize("place", [None, *PLACES.values(), "X-CITY", "GD-SZ"])
def test_what_is_unknown_establishes_nothing(place: str | None) -> None:
    for subject, stem in SUBJECTS.items():
        result = result_of(SHARED[stem], f"common_{subject}", {"facts": {}, "place": place})
        if isinstance(result, list):
            assert {row["force"] for row in result} <= {"DEFAULT"}
            assert {row.get("action", row.get("requirement")) for row in result} <= {"MANUAL", "NOT_APPLICABLE", "ASSESSMENT_COMMITTEE"}
        elif subject == "tolerance_hint":
            assert result["toleranceHint"] is False
        elif subject == "complexity":
            assert (result["complex"], result["effect"]) == (None, "MANUAL")
        else:
            assert (result["result"], result["force"]) in (("MANUAL", "DEFAULT"), ("NOT_APPLICABLE", "DEFAULT"))


def test_the_model_of_an_author_is_nowhere_on_unless_switched_on() -> None:
    facts = {"majorPublicInterest": True, "majorFault": True}
    for place in [*PLACES.values(), "HB-YC", "JS", "GD-SZ", "X-CITY"]:
        rows = result_of(SHARED["common_hearing_required"], "common_hearing_required", {"facts": facts, "place": place})
        assert {row["rule"] for row in rows} & {"H1", "H2"} == ({"H1", "H2"} if place == "MODEL-DEFENCE" else set())


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({"facts": {"jurisdiction": "HB"}, "place": "HB"}, ("facts", "jurisdiction")),
        ({"facts": {}, "place": "Hubei"}, ("place",)),
    ],
)
def test_unknown_names_and_places_are_refused(variables: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(DecisionFailure) as failure:
        result_of(SHARED["common_authority"], "common_authority", variables)
    assert [problem.path for problem in failure.value.problems] == [path]


def test_a_window_of_no_length_is_refused() -> None:
    with pytest.raises(DecisionFailure) as failure:
        result_of(SHARED["common_inquiry_limit"], "common_inquiry_limit", {"facts": {}, "inquiryWindow": {"months": 0}})
    assert [problem.path for problem in failure.value.problems] == [("inquiryWindow", "months")]
