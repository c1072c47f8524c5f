"""All places that come with the service: compared on one set of facts, and each as it describes itself."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from api_tests.api_client import ApiClient, exact
from api_tests.conftest import ADMIN_KEY, Server, SharedServer
from service.actions.yaml_values import read_yaml

ROOT = Path(__file__).parent.parent
DESCRIBED: dict[str, Any] = {path.parent.name: read_yaml(path.read_bytes()) for path in (ROOT / "bpmn").rglob("jurisdiction.yaml")}
DECIDING = {path.parent.name for path in (ROOT / "dmn").glob("*/*_tolerance.dmn")}
OWN = ("outcome", "admissibility", "negative_list")
SHARED = ("authority", "complexity", "hearing_required", "result_usage", "risk_filing_test", "risk_filing_link", "triage", "clarification")


@pytest.fixture(scope="module")
def hubei(database: str, shared_server: SharedServer) -> Server:
    """The server with the built-in procedures, the same as in test_procedures."""
    return shared_server("procedures", database, builtin=True)


@pytest.fixture
def places(hubei: Server) -> Iterator[ApiClient]:
    with closing(ApiClient(hubei.url, ADMIN_KEY)) as client:
        yield client


@pytest.mark.parametrize("suffix", [*OWN, *SHARED])
def test_one_set_of_facts_is_answered_by_every_place_or_the_place_is_told_to_have_no_such_decision(places: ApiClient, suffix: str) -> None:
    facts = {"stage": "INQUIRY_OPEN", "motive": "PUBLIC", "personalGain": False, "intent": "KNOWING", "toleranceOutcome": "REDUCE"}

    answer = places.call("POST", "/decision-comparison", {"facts": facts, "decisionSuffix": suffix})

    assert answer.status_code == 200, answer.text
    found = exact(answer)
    assert [one for one in found["decisions"] if one["problem"] is not None] == []
    answered = {one["jurisdiction"] for one in found["decisions"]}
    assert answered == DECIDING
    assert answered | set(found["withoutDecision"]) >= DESCRIBED.keys() - {"common"}
    if suffix == "outcome":
        assert {one["outputs"]["outcome"] for one in found["decisions"]} <= {"NOT_TOLERATED", "MANUAL"}, (
            "a knowing breach is tolerated nowhere"
        )
        assert {"china_outcome", "hubei_outcome", "siyang_outcome"} <= {
            one["decisionKey"] for one in found["decisions"] if one["outputs"]["outcome"] == "NOT_TOLERATED"
        }


def every_fact() -> dict[str, Any]:
    """Each fact of the vocabulary with a value that it may have."""
    model = ElementTree.parse(ROOT / "dmn" / "common" / "vocabulary.dmn")
    plain = {"boolean": False, "number": 1, "string": "x"}
    found: dict[str, Any] = {}
    for fact in model.iterfind(".//{*}itemDefinition[@name='tFacts']/{*}itemComponent"):
        texts = re.findall(r'"([^"]+)"', fact.findtext("{*}allowedValues/{*}text", ""))
        found[fact.attrib["name"]] = texts[0] if texts else plain[fact.findtext("{*}typeRef", "")]
    return found


def test_every_place_reads_facts_only_and_none_is_missing_where_all_are_known(places: ApiClient) -> None:
    everything = every_fact()
    inputs_besides = {"shenzhen": {"reformArea"}}

    unknown = exact(places.call("POST", "/decision-comparison", {"facts": {}}))
    known = exact(places.call("POST", "/decision-comparison", {"facts": everything}))

    listed = {one["jurisdiction"]: set(one["missingFacts"]) for one in unknown["decisions"]}
    assert {place: found - everything.keys() for place, found in listed.items() if found - everything.keys()} == inputs_besides
    assert listed["chenzhou"] >= {"motive", "nature", "personalGain"}, "what the shared test reads of the facts it is handed"
    assert {one["jurisdiction"]: set(one["missingFacts"]) for one in known["decisions"] if one["missingFacts"]} == inputs_besides
    for answer in (unknown, known):
        assert {found["fact"] for found in answer["factDifferences"]} - everything.keys() == {"reformArea"}


def test_every_place_is_in_the_registry_as_its_folder_describes_it(places: ApiClient) -> None:
    for place, document in DESCRIBED.items():
        found = places.get(f"/jurisdictions/{place}")
        assert (found["name"], found["parent"]) == (document["name"], document.get("parent"))
        assert found["document"] == document
