"""Hubei's decisions against an independent reading, and what must hold when facts are unknown; the cases are in test_policy_cases.py."""

import itertools
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.hubei_oracle import VALUES, judge
from conformance.policy_files import model_of
from service.dmn import DecisionFailure

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "dmn" / "hubei" / "hubei_tolerance.dmn"
MODEL = model_of(FILE)
Facts = dict[str, Any]
# What a favourable case has: random facts start from it often enough that every step of the order is reached.
FAVOURABLE: Facts = {
    "nature": "PIONEERING",
    "explicitProhibition": "RULE_BREACH",
    "workBasis": "BOUNDARY_UNCLEAR",
    "achievementBias": False,
    "motive": "PUBLIC",
    "personalGain": False,
    "intent": "INADVERTENT",
    "decisionProcess": "COLLECTIVE",
    "personOpposed": False,
    "consequence": "NONE",
    "overallBenefit": False,
    "urgentPublicDanger": True,
    "procedureCompletedAfterwards": True,
    "remedy": "TIMELY",
    "persisted": False,
}


def advise(facts: Mapping[str, Any]) -> dict[str, Any]:
    return cast(dict[str, Any], MODEL.evaluate("hubei_outcome", {"facts": dict(facts)}).result)


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"nature": "SOMETHING"}, ("facts", "nature")),
        ({"jurisdiction": "HB"}, ("facts", "jurisdiction")),
        ({"personalGain": "false"}, ("facts", "personalGain")),
        ({"organsInvolved": -1}, ("facts", "organsInvolved")),
    ],
)
def test_unknown_names_and_values_are_refused(facts: Facts, path: tuple[str, ...]) -> None:
    with pytest.raises(DecisionFailure) as failure:
        advise(facts)
    assert [problem.path for problem in failure.value.problems] == [path]


def _agrees(facts: Facts) -> None:
    result, judged = advise(facts), judge(facts)
    assert (result["outcome"], result["modality"]) == (judged.outcome, judged.modality), facts
    assert result["missing"] == list(judged.missing), facts
    assert result["sixAspects"] == judged.six_aspects, facts
    rules = [reason["rule"] for reason in result["reasons"]]
    assert [rule for rule in rules if rule.startswith(("N", "HB-"))] == list(judged.rules), facts
    first = next(iter(judged.rules), None)
    favourable = next((aspect for aspect, found in enumerate(judged.six_aspects.values(), 1) if found == "FAVOURABLE"), 0)
    if judged.by_aspects:
        assert re.fullmatch(rf"LK{favourable}-F\d", result["reasonRule"]), facts
        assert result["reasonRule"] in rules
    else:
        assert result["reasonRule"] == first, facts
    kinds = [("N", "HB-", "LK", "PREC-").index(re.match(r"N|HB-|LK|PREC-", rule).group()) for rule in rules]  # type: ignore[union-attr]
    assert kinds == sorted(kinds)


def _random_facts(chance: random.Random, known: float, favourable: float) -> Facts:
    return {
        name: FAVOURABLE[name] if chance.random() < favourable else chance.choice(values)
        for name, values in VALUES.items()
        if chance.random() < known
    }


@pytest.mark.parametrize(("known", "favourable"), [(1, 0), (1, 0.6), (1, 0.85), (0.85, 0.85), (0.5, 0.3), (0.95, 0.9)])
def test_the_tables_agree_with_the_independent_reading_on_random_facts(known: float, favourable: float) -> None:
    chance = random.Random(f"hubei {known} {favourable}")
    outcomes = set()
    for _ in range(700):
        facts = _random_facts(chance, known, favourable)
        _agrees(facts)
        outcomes.add(judge(facts).outcome)
    assert {"NOT_TOLERATED", "MANUAL"} <= outcomes
    assert "TOLERATE" in outcomes or favourable < 0.6


_facts = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) | st.none() for name, values in VALUES.items()})


@settings(max_examples=400, derandomize=True, deadline=None)
@given(_facts)
def test_the_tables_agree_with_the_independent_reading(facts: Facts) -> None:
    _agrees(facts)


def _completions(facts: Facts, hidden: list[str]) -> Iterator[Facts]:
    for values in itertools.product(*(VALUES[name] for name in hidden)):
        yield {**facts, **dict(zip(hidden, values, strict=True))}


@st.composite
def _knocked_out(draw: st.DrawFn) -> tuple[Facts, list[str]]:
    complete = {
        name: draw(st.just(FAVOURABLE[name]) | st.just(FAVOURABLE[name]) | st.sampled_from(values)) for name, values in VALUES.items()
    }
    hidden = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4, unique=True))
    while len(list(itertools.islice(_completions({}, hidden), 121))) > 120:
        hidden.pop()
    return {name: value for name, value in complete.items() if name not in hidden}, hidden


@settings(max_examples=120, derandomize=True, deadline=None)
@given(_knocked_out())
def test_what_is_unknown_cannot_change_a_decided_outcome(drawn: tuple[Facts, list[str]]) -> None:
    facts, hidden = drawn
    advice = advise(facts)
    assert set(advice["missing"]) <= set(hidden)
    if advice["outcome"] != "NOT_TOLERATED" and advice["missing"]:
        assert advice["outcome"] == "MANUAL"
    outcomes = {advise(complete)["outcome"] for complete in _completions(facts, hidden)}
    if advice["outcome"] != "MANUAL":
        assert outcomes == {advice["outcome"]}
    elif not advice["missing"]:
        assert outcomes == {"MANUAL"}


@pytest.mark.parametrize("name", [name for name in VALUES if name != "persisted"])
def test_each_fact_withheld_from_an_undecided_case_is_named(name: str) -> None:
    """From facts on which the fact decides something, so that a rule needs it."""
    deciding = {**FAVOURABLE, "nature": "PROCEDURAL_FLAW"}
    assert advise(deciding)["outcome"] == "TOLERATE"
    advice = advise({key: value for key, value in deciding.items() if key != name})
    assert (advice["outcome"], advice["missing"]) == ("MANUAL", [name])


def test_persisting_is_needed_only_under_an_express_prohibition() -> None:
    facts = {key: value for key, value in FAVOURABLE.items() if key != "persisted"}
    assert advise(facts)["missing"] == []
    assert advise({**facts, "explicitProhibition": "EXPLICIT"})["missing"] == ["persisted"]
    assert advise({key: value for key, value in facts.items() if key != "explicitProhibition"})["missing"] == ["explicitProhibition"]


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.data())
def test_a_precedent_never_decides(data: st.DataObject) -> None:
    """Facts that only precedents read change neither the outcome nor the deciding reasons."""
    facts = data.draw(_facts)
    other = {
        "riskFiling": data.draw(st.sampled_from(["NONE", "VALID_BEFORE_ACT", "REFUSED"])),
        "duePerformance": data.draw(st.booleans()),
        "forceMajeure": data.draw(st.booleans()),
    }
    plain, told = advise(facts), advise({**facts, **other})
    for key in ("outcome", "modality", "missing", "sixAspects"):
        assert plain[key] == told[key]
    for reason in told["reasons"]:
        assert (reason["force"] == "PRECEDENT") == reason["rule"].startswith("PREC-")
