"""Hubei's other cities: the two refusals of 襄阳, 宜昌, 黄石 and 孝感 against a reading in prose, and what all of them inherit.

The reading is written from the list of refusals and the rule of order, never from a DMN file: N1 is an express prohibition gone against
(and persisted in), N2 one of five grave consequences; own refusals come before inherited ones, and a refusal that unknown facts leave open
lets nobody tolerate.
"""

import random
from collections.abc import Mapping
from typing import Any, cast

import pytest

from conformance.hubei_oracle import SEVERE, VALUES, judge
from conformance.policy_files import ROOT, model_of

Facts = dict[str, Any]
REFUSING = ("xiangyang", "yichang", "huangshi", "xiaogan")
OTHERS = ("wuhan", "hubei_zone")
SEVERE_WORDS = ("重大经济损失", "重特大安全责任事故", "严重环境污染事故", "严重群体性事件", "严重社会不良影响")
QUOTES = {
    "N1": "S3「“法律法规明令禁止却依然我行我素的”」",
    "N2": "S3「造成重大经济损失、重特大安全责任事故、严重环境污染事故、严重群体性事件、严重社会不良影响等后果的」",
    "N3c": "S4「同上级明令禁止后依然我行我素的违纪违法行为区分开来」",
}
OWN_LISTS: dict[str, list[tuple[str, int | None, int]]] = {
    "wuhan": [("cityExempt", 9, 0), ("cityExempt2018", 10, 0)],
    "hubei_zone": [],
    **{city: [("cityNotTolerated", None, 2)] for city in REFUSING},
}
MILD: Facts = {
    "nature": "PIONEERING",
    "explicitProhibition": "RULE_BREACH",
    "workBasis": "BOUNDARY_UNCLEAR",
    "achievementBias": False,
    "motive": "PUBLIC",
    "personalGain": False,
    "intent": "INADVERTENT",
    "decisionProcess": "COLLECTIVE",
    "personOpposed": False,
    "consequence": "MINOR",
    "overallBenefit": True,
    "urgentPublicDanger": False,
    "procedureCompletedAfterwards": False,
    "remedy": "TIMELY",
    "persisted": False,
}


def advise(place: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    model = model_of(ROOT / place / f"{place}_tolerance.dmn")
    return cast(dict[str, Any], model.evaluate(f"{place}_outcome", {"facts": dict(facts)}).result)


def own_refusals(facts: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The two rules of the cities that hit, and the facts that leave one of them open."""
    forbidden, persisted, consequence = (facts.get(name) for name in ("explicitProhibition", "persisted", "consequence"))
    hit = (["N1"] if forbidden == "EXPLICIT" and persisted is True else []) + (["N2"] if consequence in SEVERE else [])
    open_facts = []
    if forbidden is None and persisted is not False:
        open_facts.append("explicitProhibition")
    if forbidden == "EXPLICIT" and persisted is None:
        open_facts.append("persisted")
    if consequence is None:
        open_facts.append("consequence")
    return hit, open_facts


def drawn(chance: random.Random, known: float, mild: float) -> Facts:
    return {
        name: MILD[name] if chance.random() < mild else chance.choice(values) for name, values in VALUES.items() if chance.random() < known
    }


@pytest.mark.parametrize("city", REFUSING)
def test_the_four_cities_agree_with_the_reading(city: str) -> None:
    chance = random.Random(f"city {city}")
    reached = set()
    for known, mild in ((1, 0.3), (1, 0.85), (0.95, 0.9), (0.9, 0.7), (0.5, 0.5), (1, 0.95)):
        for _ in range(70):
            facts = drawn(chance, known, mild)
            (hit, open_facts), province = own_refusals(facts), judge(facts)
            advice = advise(city, facts)
            refused = bool(hit) or province.outcome == "NOT_TOLERATED"
            outcome = "NOT_TOLERATED" if refused else "MANUAL" if open_facts else province.outcome
            rules = [reason["rule"] for reason in advice["reasons"]]
            assert advice["outcome"] == outcome, facts
            assert advice["modality"] == ("SHOULD" if refused else "MAY"), facts
            assert [rule for rule in rules if rule.startswith(("N", "HB-"))] == [*hit, *province.rules], facts
            assert advice["missing"] == list(dict.fromkeys([*open_facts, *province.missing])), facts
            assert advice["sixAspects"] == province.six_aspects, facts
            assert (advice["step"] == "S1") is refused, facts
            if not province.by_aspects or refused:
                assert advice["reasonRule"] == next(iter([*hit, *province.rules]), None), facts
            reached.add((outcome, bool(hit)))
    assert reached == {("NOT_TOLERATED", True), ("NOT_TOLERATED", False), ("MANUAL", False), ("TOLERATE", False)}


@pytest.mark.parametrize("city", REFUSING)
def test_a_refusal_carries_the_source_it_has(city: str) -> None:
    for number, consequence in enumerate(SEVERE):
        facts = MILD | {"explicitProhibition": "EXPLICIT", "persisted": True, "consequence": consequence}
        reasons = {reason["rule"]: reason for reason in advise(city, facts)["reasons"]}
        assert list(reasons)[:3] == ["N1", "N2", "N3c"]
        for rule, quote in QUOTES.items():
            assert quote in reasons[rule]["basis"]
            assert reasons[rule]["force"] == "RULE"
        assert SEVERE_WORDS[number] in reasons["N2"]["basis"]
    listed = model_of(ROOT / city / f"{city}_tolerance.dmn").evaluate(f"{city}_negative_list", {"facts": facts}).result
    assert [row["rule"] for row in listed] == ["N1", "N2", "N3c"]


@pytest.mark.parametrize("place", [*OTHERS, "shiyan", "xianning", "jingmen", "hubei"])
def test_nobody_else_in_hubei_refuses_by_the_four_cities_rules(place: str) -> None:
    advice = advise(place, MILD | {"consequence": "MAJOR_SAFETY"})
    assert advice["outcome"] == "MANUAL"
    assert not {"N1", "N2"} & {reason["rule"] for reason in advice["reasons"]}
    refused = advise(place, MILD | {"explicitProhibition": "EXPLICIT", "persisted": True})
    assert (refused["outcome"], refused["reasonRule"]) == ("NOT_TOLERATED", "N3c")


@pytest.mark.parametrize("place", OTHERS)
def test_what_the_others_take_over_is_hubeis(place: str) -> None:
    chance = random.Random(f"inherited {place}")
    own, hubei = model_of(ROOT / place / f"{place}_tolerance.dmn"), model_of(ROOT / "hubei" / "hubei_tolerance.dmn")
    for _ in range(50):
        facts = {"facts": drawn(chance, 0.9, 0.5)}
        advice, theirs = (dict(model.evaluate(f"{name}_outcome", facts).result) for model, name in ((own, place), (hubei, "hubei")))
        lists = advice.pop("unknownLists")
        assert lists[len(OWN_LISTS[place]) :] == theirs.pop("unknownLists")
        assert advice == theirs
        for key in ("admissibility", "negative_list"):
            assert own.evaluate(f"{place}_{key}", facts).result == hubei.evaluate(f"hubei_{key}", facts).result


@pytest.mark.parametrize("place", [*REFUSING, *OTHERS])
def test_the_lists_of_the_place_are_counted_before_hubeis(place: str) -> None:
    lists = [(entry["list"], entry["count"], entry["textKnown"]) for entry in advise(place, {})["unknownLists"]]
    assert lists == [*OWN_LISTS[place], ("tolerable", 8, 0), ("exempt", 4, 0), ("reduce", 3, 0), ("notTolerated", 4, 0)]
