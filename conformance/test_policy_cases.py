"""The outcome decisions of every place: their cases, that these reach every rule, and that every rule says where it comes from."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree

from conformance.policy_files import ROOT, model_of
from service.actions.yaml_values import read_yaml

PLACES = ("china", "hubei", "jingmen", "model_defence", "shiyan", "siyang", "xianning")
OUTPUTS = [
    *("outcome", "modality", "reasons", "reasonRule", "sixAspects", "missing", "precedents", "threeDistinctions", "unknownLists"),
    *("step", "basis", "force"),
]
DMN = {"d": "https://www.omg.org/spec/DMN/20191111/MODEL/"}
Case = dict[str, Any]


def file_of(place: str) -> Path:
    """The outcome decisions of a place."""
    return ROOT / place / f"{place}_tolerance.dmn"


def cases_of(place: str) -> list[Case]:
    """The cases of its decisions."""
    document = cast(dict[str, Any], read_yaml(file_of(place).with_suffix(".cases.yaml").read_bytes()))
    return cast(list[Case], document["decisions"])


CASES = [pytest.param(place, case, id=f"{case['decision']}: {case['name']}") for place in PLACES for case in cases_of(place)]


def _tables(place: str) -> Any:
    return etree.fromstring(file_of(place).read_bytes()).iterfind(".//d:decisionTable", DMN)


def _records(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield record
    for required in record["requiredDecisions"]:
        yield from _records(required)


@pytest.mark.parametrize("place", PLACES)
def test_the_file_has_no_findings(place: str) -> None:
    assert model_of(file_of(place)).findings == ()


@pytest.mark.parametrize(("place", "case"), CASES)
def test_case(place: str, case: Case) -> None:
    evaluation = model_of(file_of(place)).evaluate(case["decision"], {"facts": case["facts"]})
    expected = dict(case["expect"])
    assert expected
    result = evaluation.result if isinstance(evaluation.result, dict) else {"result": evaluation.result}
    if "reasons" in expected:
        wanted, found = expected.pop("reasons"), [reason["rule"] for reason in result["reasons"]]
        assert [rule for rule in found if rule in wanted] == wanted
    assert {name: result[name] for name in expected} == expected
    assert evaluation.record()["warnings"] == []


@pytest.mark.parametrize("place", PLACES)
def test_every_rule_is_matched_by_a_case(place: str) -> None:
    seen: set[str] = set()
    for case in cases_of(place):
        for record in _records(model_of(file_of(place)).evaluate(case["decision"], {"facts": case["facts"]}).record()):
            seen.update(rule["ruleId"] for rule in record["matchedRules"])
    assert {rule.get("id") for table in _tables(place) for rule in table.iterfind("d:rule", DMN)} - seen == set()


@pytest.mark.parametrize("place", PLACES)
def test_every_rule_cites_its_basis_or_says_it_is_our_default(place: str) -> None:
    for table in _tables(place):
        force = [output.get("name") for output in table.findall("d:output", DMN)].index("force")
        for rule in table.findall("d:rule", DMN):
            text = rule.findtext("d:description", namespaces=DMN) or ""
            assert re.search(r"\[(?:S[0-4]|U\d\d)(?:「[^」]+」)?[^\]]*\]|\[D\] 缺省", text), rule.get("id")
            if rule.findall("d:outputEntry", DMN)[force].findtext("d:text", namespaces=DMN) == '"DEFAULT"':
                assert "[D]" in text, rule.get("id")


@pytest.mark.parametrize("place", PLACES)
def test_unpublished_lists_are_counted_and_not_filled(place: str) -> None:
    advice = model_of(file_of(place)).evaluate(f"{place}_outcome", {"facts": {}}).result
    assert list(advice) == OUTPUTS
    home = "hubei" if place in ("jingmen", "shiyan", "xianning") else place
    document = cast(dict[str, Any], read_yaml((ROOT.parent / "bpmn" / home / "jurisdiction.yaml").read_bytes()))
    registered = {entry["list"]: entry for entry in document["lists"]}
    for entry in advice["unknownLists"]:
        assert {key: registered[entry["list"]][key] for key in entry} == entry
    shown = {entry["list"] for entry in advice["unknownLists"]}
    # The exemptions of Hubei's statute of 2016 are not the procedure's.
    assert set(registered) - shown <= {"statuteExemption"}
