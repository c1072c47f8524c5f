"""The outcome decisions of every place: their cases, that these reach every rule, and that every rule says where it comes from."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from conformance.policy_files import PLACES, ROOT, WITH_OUTCOME, WITH_SHARED, about, model_of
from service.actions.yaml_values import read_yaml

OUTPUTS = [
    *("outcome", "modality", "reasons", "reasonRule", "sixAspects", "missing", "precedents", "threeDistinctions", "unknownLists"),
    *("step", "basis", "force"),
]
NOT_OF_THE_OUTCOME = {"statuteExemption", "protectionList", "mechanisms"}
"""Lists that no conclusion rests on: Hubei's statute of 2016 and Shenzhen's list for appraisals are other rules, mechanisms are none."""
DMN = {"d": "https://www.omg.org/spec/DMN/20191111/MODEL/"}
Case = dict[str, Any]


def file_of(place: str) -> Path:
    """The outcome decisions of a place."""
    return ROOT / place / f"{place}_tolerance.dmn"


def cases_of(place: str) -> list[Case]:
    """The cases of its decisions."""
    document = cast(dict[str, Any], read_yaml(file_of(place).with_suffix(".cases.yaml").read_bytes()))
    return cast(list[Case], document["decisions"])


def variables_of(case: Case) -> dict[str, Any]:
    """What the decision is given in the case."""
    return dict(case.get("variables") or {"facts": case["facts"]})


CASES = [pytest.param(place, case, id=f"{case['decision']}: {case['name']}") for place in WITH_OUTCOME for case in cases_of(place)]


def _tables(place: str) -> Any:
    return etree.fromstring(file_of(place).read_bytes()).iterfind(".//d:decisionTable", DMN)


def _records(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield record
    for required in record["requiredDecisions"]:
        yield from _records(required)


@pytest.mark.parametrize("place", PLACES)
def test_a_place_with_decisions_has_them_all_with_cases_and_describes_itself(place: str) -> None:
    """The tests of this folder find their places by these files, and would pass over a place that lacks one."""
    assert (place in WITH_OUTCOME, place in WITH_SHARED) == (True, True)


@pytest.mark.parametrize("place", WITH_OUTCOME)
def test_the_file_has_no_findings(place: str) -> None:
    assert model_of(file_of(place)).findings == ()


@pytest.mark.parametrize(("place", "case"), CASES)
def test_case(place: str, case: Case) -> None:
    evaluation = model_of(file_of(place)).evaluate(case["decision"], variables_of(case))
    expected = dict(case["expect"])
    assert expected
    result = evaluation.result if isinstance(evaluation.result, dict) else {"result": evaluation.result}
    if "reasons" in expected:
        wanted, found = expected.pop("reasons"), [reason["rule"] for reason in result["reasons"]]
        assert [rule for rule in found if rule in wanted] == wanted
    assert {name: result[name] for name in expected} == expected
    assert evaluation.record()["warnings"] == []


@pytest.mark.parametrize("place", WITH_OUTCOME)
def test_every_rule_is_matched_by_a_case(place: str) -> None:
    seen: set[str] = set()
    for case in cases_of(place):
        for record in _records(model_of(file_of(place)).evaluate(case["decision"], variables_of(case)).record()):
            seen.update(rule["ruleId"] for rule in record["matchedRules"])
    assert {rule.get("id") for table in _tables(place) for rule in table.iterfind("d:rule", DMN)} - seen == set()


@pytest.mark.parametrize("place", WITH_OUTCOME)
def test_every_rule_cites_its_basis_or_says_it_is_our_default(place: str) -> None:
    for table in _tables(place):
        force = [output.get("name") for output in table.findall("d:output", DMN)].index("force")
        for rule in table.findall("d:rule", DMN):
            text = rule.findtext("d:description", namespaces=DMN) or ""
            assert re.search(r"\[(?:S[0-4]|U\d\d|L[- 「])(?:「[^」]+」)?[^\]]*\]|\[D\] 缺省", text), rule.get("id")
            if rule.findall("d:outputEntry", DMN)[force].findtext("d:text", namespaces=DMN) == '"DEFAULT"':
                assert "[D]" in text, rule.get("id")


@pytest.mark.parametrize("place", WITH_OUTCOME)
def test_unpublished_lists_are_counted_and_not_filled(place: str) -> None:
    advice = model_of(file_of(place)).evaluate(f"{place}_outcome", {"facts": {}}).result
    assert list(advice) == OUTPUTS
    lists = _lists_of(place)
    registered = [*lists, *inherited_lists(place)]
    for entry in advice["unknownLists"]:
        assert any(entry.items() <= other.items() for other in registered), entry
    shown = {entry["list"] for entry in advice["unknownLists"]}
    unknown = {entry["list"] for entry in lists or inherited_lists(place) if entry["count"] is None or entry["textKnown"] < entry["count"]}
    assert unknown - shown <= NOT_OF_THE_OUTCOME


def _lists_of(place: str) -> list[Any]:
    return list(about(place).get("lists") or [])


def inherited_lists(place: str) -> list[Any]:
    """Those of the places above, the nearest first."""
    above = about(place).get("parent")
    return [*_lists_of(above), *inherited_lists(above)] if above else []
