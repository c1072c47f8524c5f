"""The decisions of the nation, Siyang and the defence template against independent readings; what Hubei's cities take over from it."""

import random
from collections.abc import Mapping
from typing import Any, cast

import pytest

from conformance.hubei_oracle import VALUES as HUBEI_VALUES
from conformance.place_oracles import PLACES, VALUES, judge
from conformance.policy_files import model_of
from conformance.test_policy_cases import file_of

Facts = dict[str, Any]
# A case that a situation would tolerate: random facts start from it often enough that every step of the order is reached.
FAVOURABLE: Facts = {
    "explicitProhibition": "UNCLEAR",
    "persisted": False,
    "motive": "PUBLIC",
    "personalGain": False,
    "intent": "INADVERTENT",
    "decisionProcess": "COLLECTIVE",
    "personOpposed": False,
    "consequence": "LOSS_RECOVERED",
    "remedy": "TIMELY",
    "circumstancesMinor": False,
    "duePerformance": True,
    "forceMajeure": False,
    "transparent": True,
    "effectRemoved": True,
    "cooperative": True,
    "fitsExemptionList": True,
}
OUTCOMES = {
    "china": {"NOT_TOLERATED", "MANUAL"},
    "siyang": {"NOT_TOLERATED", "MANUAL", "EXEMPT", "REDUCE"},
    "model_defence": {"NOT_TOLERATED", "MANUAL"},
}


def advise(place: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return cast(dict[str, Any], model_of(file_of(place)).evaluate(f"{place}_outcome", {"facts": dict(facts)}).result)


def _drawn(chance: random.Random, names: list[str], known: float, favourable: float) -> Facts:
    return {
        name: FAVOURABLE[name] if chance.random() < favourable else chance.choice(VALUES[name]) for name in names if chance.random() < known
    }


@pytest.mark.parametrize("place", PLACES)
def test_the_tables_agree_with_the_independent_reading(place: str) -> None:
    chance = random.Random(f"places {place}")
    names = PLACES[place].facts()
    outcomes = set()
    for known, favourable in ((1, 0), (1, 0.6), (1, 0.9), (0.9, 0.85), (0.6, 0.4), (0.95, 0.95)):
        for _ in range(250):
            facts = _drawn(chance, names, known, favourable)
            advice, judged = advise(place, facts), judge(PLACES[place], facts)
            rules = [reason["rule"] for reason in advice["reasons"]]
            assert (advice["outcome"], advice["modality"]) == (judged.outcome, judged.modality), facts
            assert advice["missing"] == list(judged.missing), facts
            assert tuple(rule for rule in rules if not rule.startswith("PREC-")) == judged.rules, facts
            assert rules == sorted(rules, key=lambda rule: rule.startswith("PREC-")), facts
            assert advice["reasonRule"] == next(iter(judged.rules), None), facts
            assert advice["sixAspects"] is None
            outcomes.add(advice["outcome"])
    assert outcomes == OUTCOMES[place]


@pytest.mark.parametrize("place", PLACES)
def test_what_is_unknown_cannot_change_a_decided_outcome(place: str) -> None:
    chance = random.Random(f"hidden {place}")
    names = PLACES[place].facts()
    for _ in range(60):
        complete = _drawn(chance, names, 1, 0.8)
        hidden = chance.sample(names, 2)
        known = {name: value for name, value in complete.items() if name not in hidden}
        advice = advise(place, known)
        assert set(advice["missing"]) <= set(hidden)
        outcomes = {
            advise(place, known | {hidden[0]: one, hidden[1]: other})["outcome"] for one in VALUES[hidden[0]] for other in VALUES[hidden[1]]
        }
        if advice["outcome"] != "MANUAL":
            assert outcomes == {advice["outcome"]}, known
        elif not advice["missing"]:
            assert outcomes == {"MANUAL"}, known


@pytest.mark.parametrize("place", ["shiyan", "xianning", "jingmen"])
def test_what_hubeis_cities_take_over_is_hubeis(place: str) -> None:
    chance = random.Random(f"inherited {place}")
    cities, hubei = model_of(file_of(place)), model_of(file_of("hubei"))
    for _ in range(100):
        facts = {name: chance.choice(values) for name, values in HUBEI_VALUES.items() if chance.random() < 0.9}
        for key in ("outcome", "admissibility", "negative_list"):
            own = cities.evaluate(f"{place}_{key}", {"facts": facts}).result
            assert own == hubei.evaluate(f"hubei_{key}", {"facts": facts}).result
