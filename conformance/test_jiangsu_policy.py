"""Jiangsu, Suqian and Zhangjiagang against a reading in prose.

The reading is written from what the sources say, never from a DMN file. The five conditions and eight situations of the province are not
public, so nothing is ever tolerated by a table: the three refusals that hold everywhere, then people. The four pairs are an official's
contrasts; what stands on neither side of a contrast is unclear.
"""

import random
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, cast

import pytest

from conformance.hubei_oracle import VALUES
from conformance.policy_files import ROOT, model_of
from service.dmn import read_header

Facts = Mapping[str, Any]
PLACES = ("jiangsu", "suqian", "zhangjiagang")
LISTS = [("conditions", 5, 0), ("situations", 8, 0)]
STAGES = (None, "CLUE", "INQUIRY_OPEN", "BEFORE_DECISION", "DECIDED")
ROLES = (None, "SELF", "PARTY_ORG", "ORGAN_EX_OFFICIO", "OTHER")
TRUTHS = (None, True, False)
CONTRASTS: dict[str, tuple[str, set[str], set[str]]] = {
    "prohibition": ("explicitProhibition", {"NONE"}, {"EXPLICIT", "PARTY_DISCIPLINE_REDLINE"}),
    "intent": ("intent", {"INADVERTENT"}, {"KNOWING"}),
    "process": ("decisionProcess", {"COLLECTIVE"}, {"ARBITRARY"}),
}


def ask(place: str, decision: str, facts: Facts) -> dict[str, Any]:
    model = model_of(ROOT / place / f"{place}_tolerance.dmn")
    return cast(dict[str, Any], model.evaluate(f"{place}_{decision}", {"facts": dict(facts)}).result)


def refusals(facts: Facts) -> tuple[list[str], set[str]]:
    """The refusals that hold everywhere and hit, and the facts by which one of them is still open."""
    hit, needed = [], set()
    if facts.get("personalGain") is True or facts.get("motive") == "PRIVATE":
        hit.append("N3")
    else:
        needed |= {name for name in ("personalGain", "motive") if facts.get(name) is None}
    if facts.get("intent") == "KNOWING":
        hit.append("N3b")
    elif facts.get("intent") is None:
        needed.add("intent")
    prohibition, persisted = facts.get("explicitProhibition"), facts.get("persisted")
    if prohibition == "EXPLICIT" and persisted is True:
        hit.append("N3c")
    elif prohibition == "EXPLICIT" and persisted is None:
        needed.add("persisted")
    elif prohibition is None and persisted is not False:
        needed.add("explicitProhibition")
    return hit, needed


def pairs(facts: Facts) -> dict[str, str]:
    """What each of the four contrasts says."""
    findings = {}
    for name, (fact, good, bad) in CONTRASTS.items():
        value = facts.get(fact)
        findings[name] = "FAVOURABLE" if value in good else "UNFAVOURABLE" if value in bad else "UNCLEAR"
    gain, motive = facts.get("personalGain"), facts.get("motive")
    if gain is True or motive == "PRIVATE":
        findings["motive"] = "UNFAVOURABLE"
    else:
        findings["motive"] = "FAVOURABLE" if motive == "PUBLIC" and gain is False else "UNCLEAR"
    return findings


def admitted(facts: Facts) -> tuple[str, str]:
    """Result and rule of the admission."""
    stage, role = facts.get("stage"), facts.get("applicantRole")
    if stage == "DECIDED":
        return "REJECT", "A1"
    if stage == "CLUE":
        return "HOLD", "A2"
    if role == "OTHER":
        return "REJECT", "A3"
    if stage is None or role is None:
        return "MANUAL", "A14"
    if role == "ORGAN_EX_OFFICIO":
        return "ACCEPT", "A9"
    if facts.get("hasFacts") is True:
        return "ACCEPT", "A12"
    if facts.get("hasFacts") is False and facts.get("supplementUsed") is not None:
        return ("REJECT", "A7") if facts["supplementUsed"] else ("SUPPLEMENT", "A6")
    return "MANUAL", "A14"


def drawn(seed: str) -> Iterator[dict[str, Any]]:
    chance = random.Random(seed)
    for known in (1, 0.97, 0.9, 0.6, 0.2):
        for _ in range(80):
            yield {name: chance.choice(values) for name, values in VALUES.items() if chance.random() < known}


@pytest.mark.parametrize("place", PLACES)
def test_the_outcome_agrees_with_the_reading(place: str) -> None:
    reached = set()
    for facts in drawn(f"outcome {place}"):
        hit, needed = refusals(facts)
        advice = ask(place, "outcome", facts)
        assert advice["outcome"] == ("NOT_TOLERATED" if hit else "MANUAL"), facts
        assert advice["modality"] == ("SHOULD" if hit else "MAY"), facts
        assert advice["step"] == ("S1" if hit else "S2" if needed else "S6"), facts
        assert advice["reasonRule"] == (hit[0] if hit else None), facts
        assert [reason["rule"] for reason in advice["reasons"] if not reason["rule"].startswith("PREC-")] == hit, facts
        assert set(advice["missing"]) == needed, facts
        assert len(advice["missing"]) == len(needed), facts
        assert advice["sixAspects"] is None
        assert advice["force"] == ("RULE" if hit else "DEFAULT"), facts
        assert [(entry["list"], entry["count"], entry["textKnown"]) for entry in advice["unknownLists"]] == LISTS
        assert [row["rule"] for row in cast(list[dict[str, Any]], ask(place, "negative_list", facts))] == hit, facts
        reached.add(advice["step"])
    assert reached == {"S1", "S2", "S6"}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_unknown_never_tolerates(place: str) -> None:
    assert ask(place, "outcome", {})["outcome"] == "MANUAL"
    for facts in drawn(f"unknown {place}"):
        assert ask(place, "outcome", facts)["outcome"] in {"NOT_TOLERATED", "MANUAL"}


@pytest.mark.parametrize("place", PLACES)
def test_the_admission_agrees_with_the_reading(place: str) -> None:
    for stage, role, has_facts, used in product(STAGES, ROLES, TRUTHS, TRUTHS):
        values = {"stage": stage, "applicantRole": role, "hasFacts": has_facts, "supplementUsed": used}
        facts = {name: value for name, value in values.items() if value is not None}
        result = ask(place, "admissibility", facts)
        assert (result["result"], result["rule"]) == admitted(facts), facts
        assert result["force"] == ("PRACTICE" if result["rule"] == "A9" else "DEFAULT"), facts
        assert result["route"] == ("REMEDY" if result["rule"] == "A1" else None), facts


@pytest.mark.parametrize("place", PLACES)
def test_the_four_pairs_agree_with_the_reading(place: str) -> None:
    for facts in drawn(f"pairs {place}"):
        answer = ask(place, "four_pairs", facts)
        assert answer["findings"] == pairs(facts), facts
        assert {rule["force"] for rule in answer["rules"] if rule["rule"] != "FP1-R"} <= {"PRACTICE"}
        assert all(rule["force"] == "DEFAULT" for rule in answer["rules"] if rule["rule"] == "FP1-R")


@pytest.mark.parametrize("place", PLACES[1:])
def test_what_the_cities_take_over_is_the_provinces(place: str) -> None:
    for facts in drawn(f"inherited {place}"):
        for decision in ("outcome", "admissibility", "negative_list", "four_pairs"):
            assert ask(place, decision, facts) == ask("jiangsu", decision, facts)


def test_siyang_takes_nothing_from_the_province_or_its_city() -> None:
    headers = [header for path in ROOT.rglob("*.dmn") if (header := read_header(path.read_bytes())) is not None]
    imports = {header.namespace: set(header.imports) for header in headers}
    taken = {"https://rongjiu/dmn/siyang", "https://rongjiu/dmn/siyang/common"}
    for _ in imports:
        taken |= {each for namespace in taken for each in imports[namespace]}
    assert "https://rongjiu/dmn/china" in taken
    assert not {each for each in taken if "jiangsu" in each or "suqian" in each}
