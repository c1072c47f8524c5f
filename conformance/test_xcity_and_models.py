"""The unnamed city, the scholar's model and the essay against a second reading of their sources, written without their files.

Each rule is a plain function of facts that are all known. What is unknown is settled by trying every value it may have: a rule holds if
it holds in every completion, and asks for the facts that can still change its answer.
"""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pytest

from conformance.hubei_oracle import VALUES as HUBEI_VALUES
from conformance.policy_files import about, model_of
from conformance.test_policy_cases import file_of

Facts = dict[str, Any]
Rule = tuple[str, tuple[str, ...], Callable[[Mapping[str, Any]], Any]]
_YES_NO = (True, False)
_PROCEDURE = ("threeMajorsProcedureFollowed", "instructionsRequested", "fullyAssessed")
VALUES: dict[str, tuple[Any, ...]] = HUBEI_VALUES | dict.fromkeys((*_PROCEDURE, "harmsMassesInterest", "achievementBias"), _YES_NO)
_SEVERE = ("MAJOR_LOSS", "MAJOR_SAFETY", "SEVERE_POLLUTION", "SEVERE_MASS_INCIDENT", "SEVERE_SOCIAL")
_BREACHES = ("RULE_BREACH", "EXPLICIT", "PARTY_DISCIPLINE_REDLINE")


def _completions(names: tuple[str, ...], known: Mapping[str, Any]) -> Iterator[Facts]:
    hidden = [name for name in names if known.get(name) is None]
    for values in itertools.product(*(VALUES[name] for name in hidden)):
        yield {name: known.get(name) for name in names} | dict(zip(hidden, values, strict=True))


def _answers(rule: Rule, known: Mapping[str, Any]) -> set[Any]:
    return {rule[2](facts) for facts in _completions(rule[1], known)}


def _asks(rule: Rule, known: Mapping[str, Any]) -> list[str]:
    """The unknown facts that can still change the answer; who persisted is asked only of an express prohibition."""
    _, names, read = rule
    found = [
        name
        for name in names
        if known.get(name) is None
        and any(read(facts) != read(facts | {name: other}) for facts in _completions(names, known) for other in VALUES[name])
    ]
    return [name for name in found if name != "persisted" or known.get("explicitProhibition") == "EXPLICIT"]


NATION: tuple[Rule, ...] = (
    ("N3", ("personalGain", "motive"), lambda f: f["personalGain"] or f["motive"] == "PRIVATE"),
    ("N3b", ("intent",), lambda f: f["intent"] == "KNOWING"),
    ("N3c", ("explicitProhibition", "persisted"), lambda f: f["explicitProhibition"] == "EXPLICIT" and f["persisted"]),
)
MODELS: dict[str, tuple[Rule, ...]] = {
    "model_s2": (
        *NATION,
        (
            "N8",
            ("consequence", "decisionProcess"),
            lambda f: f["consequence"] in ("MAJOR_LOSS", "MAJOR_SAFETY") and f["decisionProcess"] != "NOT_A_DECISION",
        ),
    ),
    "model_essay": (
        *NATION,
        ("N5", ("intent", "explicitProhibition"), lambda f: f["intent"] == "KNOWING" and f["explicitProhibition"] in _BREACHES),
        ("N6", ("intent", "harmsMassesInterest"), lambda f: f["intent"] == "KNOWING" and f["harmsMassesInterest"]),
        (
            "N7",
            ("nature", "personalGain", "motive"),
            lambda f: f["nature"] == "PIONEERING" and (f["personalGain"] or f["motive"] == "PRIVATE"),
        ),
    ),
}


def _expressly_allowed(f: Mapping[str, Any]) -> bool | None:
    return {"NONE": True, "UNCLEAR": True, "EXPLICIT": False, "PARTY_DISCIPLINE_REDLINE": False}.get(f["explicitProhibition"])


def _decided_properly(f: Mapping[str, Any]) -> bool | None:
    if f["decisionProcess"] == "ARBITRARY" or not all(f[name] for name in _PROCEDURE):
        return False
    return True if f["decisionProcess"] == "COLLECTIVE" else None


# A condition whose value a person has to judge (None) names the fact that is to be judged.
CONDITIONS: tuple[tuple[Rule, str | None], ...] = (
    (("X-C1", ("explicitProhibition",), _expressly_allowed), "explicitProhibition"),
    (("X-C2", ("decisionProcess", *_PROCEDURE), _decided_properly), "decisionProcess"),
    (("X-C3", ("consequence",), lambda f: f["consequence"] not in _SEVERE), None),
    (("X-C4", ("remedy",), lambda f: {"TIMELY": True, "NONE": False, "CONCEALED": False}.get(f["remedy"])), "remedy"),
)


def _finding(unfavourable: bool, favourable: bool) -> str:
    return "UNFAVOURABLE" if unfavourable else "FAVOURABLE" if favourable else "UNCLEAR"


ASPECTS: tuple[Rule, ...] = (
    (
        "nature",
        ("nature", "explicitProhibition"),
        lambda f: _finding(
            f["nature"] == "ORDERS_DEFIED" or f["explicitProhibition"] in ("EXPLICIT", "PARTY_DISCIPLINE_REDLINE"),
            f["explicitProhibition"] in ("NONE", "UNCLEAR"),
        ),
    ),
    (
        "basis",
        ("workBasis",),
        lambda f: _finding(f["workBasis"] == "WILFUL_MISREADING", f["workBasis"] in ("BOUNDARY_UNCLEAR", "CLEAR_BASIS")),
    ),
    (
        "motive",
        ("motive", "personalGain", "intent"),
        lambda f: _finding(
            f["personalGain"] or f["motive"] in ("PRIVATE", "UNIT_IMPROPER") or f["intent"] == "KNOWING",
            f["motive"] == "PUBLIC" and f["intent"] == "INADVERTENT",
        ),
    ),
    (
        "process",
        ("decisionProcess",),
        lambda f: _finding(f["decisionProcess"] == "ARBITRARY", f["decisionProcess"] in ("COLLECTIVE", "EMERGENCY_REPORTED")),
    ),
    ("consequence", ("achievementBias",), lambda f: _finding(f["achievementBias"], True)),
    ("attitude", ("remedy",), lambda f: _finding(f["remedy"] in ("NONE", "CONCEALED"), f["remedy"] == "TIMELY")),
)
NAMES = {
    "xcity": list(dict.fromkeys(n for rule in (*NATION, *(c for c, _ in CONDITIONS), *ASPECTS) for n in rule[1])),
    **{place: list(dict.fromkeys(n for rule in rules for n in rule[1])) for place, rules in MODELS.items()},
}
MET: Facts = dict.fromkeys(_PROCEDURE, True) | {
    "explicitProhibition": "UNCLEAR",
    "persisted": False,
    "decisionProcess": "COLLECTIVE",
    "consequence": "MINOR",
    "remedy": "TIMELY",
    "motive": "PUBLIC",
    "personalGain": False,
    "intent": "INADVERTENT",
    "nature": "PIONEERING",
    "workBasis": "BOUNDARY_UNCLEAR",
    "achievementBias": False,
    "harmsMassesInterest": False,
}


def _drawn(chance: random.Random, place: str, known: float, met: float) -> Facts:
    return {name: MET[name] if chance.random() < met else chance.choice(VALUES[name]) for name in NAMES[place] if chance.random() < known}


def advise(place: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return cast(dict[str, Any], model_of(file_of(place)).evaluate(f"{place}_outcome", {"facts": dict(facts)}).result)


def _judged(place: str, facts: Facts) -> tuple[str, str, list[str], list[str]]:
    """Outcome, modality, the rules that refuse, missing facts."""
    refusals = NATION if place == "xcity" else MODELS[place]
    refused = [rule[0] for rule in refusals if _answers(rule, facts) == {True}]
    missing = [name for rule in refusals for name in _asks(rule, facts)]
    if place == "xcity":
        for rule, judged in CONDITIONS:
            answers = _answers(rule, facts)
            if answers == {False}:
                refused.append(rule[0])
                continue
            asked = _asks(rule, facts)
            missing += [name for name in rule[1] if name in asked or (name == judged and None in answers)]
        missing += [name for rule in ASPECTS for name in _asks(rule, facts)]
    missing = list(dict.fromkeys(missing))
    if refused:
        return "NOT_TOLERATED", "SHOULD", refused, missing
    return "MANUAL", "SHOULD" if place == "xcity" and not missing else "MAY", [], missing


@pytest.mark.parametrize("place", NAMES)
def test_the_tables_agree_with_the_second_reading(place: str) -> None:
    chance = random.Random(f"second reading {place}")
    steps = set()
    for known, met in ((1, 0), (1, 0.7), (1, 0.95), (0.9, 0.9), (0.6, 0.5), (0.2, 0.9)):
        for _ in range(200):
            facts = _drawn(chance, place, known, met)
            advice = advise(place, facts)
            outcome, modality, refused, missing = _judged(place, facts)
            assert (advice["outcome"], advice["modality"]) == (outcome, modality), facts
            assert advice["missing"] == missing, facts
            assert advice["reasonRule"] == next(iter(refused), None), facts
            rules = [reason["rule"] for reason in advice["reasons"]]
            held = [rule[0] for rule, _ in CONDITIONS if _answers(rule, facts) == {True}] if place == "xcity" else []
            assert [rule for rule in rules if not rule.startswith(("LK", "PREC-"))] == [*refused, *held], facts
            steps.add(advice["step"])
    assert steps == ({"S1", "S2", "S3", "S6"} if place == "xcity" else {"S1", "S2", "S6"})


@pytest.mark.parametrize("place", NAMES)
def test_what_is_unknown_cannot_change_a_refusal(place: str) -> None:
    chance = random.Random(f"hidden {place}")
    for _ in range(40):
        complete = _drawn(chance, place, 1, 0.8)
        hidden = chance.sample(NAMES[place], 2)
        known = {name: value for name, value in complete.items() if name not in hidden}
        advice = advise(place, known)
        if advice["outcome"] != "MANUAL":
            others = itertools.product(*(VALUES[name] for name in hidden))
            assert {advise(place, known | dict(zip(hidden, values, strict=True)))["outcome"] for values in others} == {"NOT_TOLERATED"}


def test_the_six_aspects_of_the_city_are_found_as_read_and_told_in_its_own_words() -> None:
    chance = random.Random("aspects")
    for known, met in ((1, 0.3), (0.7, 0.5)):
        for _ in range(200):
            facts = _drawn(chance, "xcity", known, met)
            aspects = advise("xcity", facts)["sixAspects"]
            read = {rule[0]: next(iter(_answers(rule, facts))) if len(_answers(rule, facts)) == 1 else "UNCLEAR" for rule in ASPECTS}
            assert aspects["findings"] == read, facts
            assert aspects["favourable"] == sum(finding == "FAVOURABLE" for finding in read.values())
            for row in aspects["rules"]:
                assert row["force"] == "DEFAULT" or (row["force"] == "RULE" and "[S4「" in row["basis"]), row
                assert "S3" not in row["basis"]
    assert advise("xcity", MET)["sixAspects"]["labels"]["consequence"] == "履职取向"


def test_the_six_aspects_of_the_city_only_inform() -> None:
    """No finding by itself turns a case whose conditions hold: people judge it either way."""
    for name, value in (("achievementBias", True), ("workBasis", "WILFUL_MISREADING"), ("nature", "ORDERS_DEFIED")):
        advice = advise("xcity", MET | {name: value})
        assert (advice["outcome"], advice["modality"], advice["step"]) == ("MANUAL", "SHOULD", "S6")
        assert advice["sixAspects"]["unfavourable"] == 1


def test_the_city_tells_how_many_situations_are_known() -> None:
    assert [(row["textKnown"], row["count"]) for row in advise("xcity", MET)["unknownLists"]] == [(0, 10)]


@pytest.mark.parametrize("place", MODELS)
def test_a_model_is_nobodys_law(place: str) -> None:
    described = about(place)
    assert (described["force"], described["level"], described["parent"]) == ("RECOMMENDATION", "template", None)
    assert "不是地方" in described["name"]
    chance = random.Random(f"force {place}")
    nation = {rule[0] for rule in NATION}
    for _ in range(150):
        for reason in advise(place, _drawn(chance, place, 1, 0.5))["reasons"]:
            assert reason["rule"] in nation or reason["force"] in ("RECOMMENDATION", "PRECEDENT"), reason
