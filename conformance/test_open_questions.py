"""What the shared decisions answer while facts are missing, against every completion of the facts."""

import itertools
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from conformance.policy_files import ROOT, WITH_SHARED, about, model_of
from service.dmn import Model
from service.dmn.prospects import ANYTHING, Given, Outcome, Prospects, prospects
from service.feel import compile_unary_tests

Path = tuple[str, ...]
Completion = Mapping[Path, Any]

PLACES = ("china", "hubei", "jingmen", "siyang", "model_defence", *[place for place in ("shenzhen",) if place in WITH_SHARED])
"""A place for each set of mechanisms that are on by default; every other place asks the same with its code (see the last test)."""
ON_ELSEWHERE = {"HB-JM": "jingmen", "JS-SQ-SY": "siyang", "MODEL-DEFENCE": "model_defence", "GD-SZ": "shenzhen"}
TRUTH = (None, True, False)
OUTCOMES = (None, "EXEMPT", "REDUCE", "REDUCE_LENIENT", "REDUCE_MITIGATED", "TOLERATE", "SHOULD_TOLERATE", "NOT_TOLERATED", "MANUAL")
KINDS = (None, "NONE", "WARNING", "DEMERIT", "MAJOR_DEMERIT", "DEMOTION", "DISMISSAL", "PARTY_DISCIPLINE", "OTHER")
COUNTS = tuple(None if text is None else Decimal(text) for text in (None, "0", "1", "2", "3"))
MONTHS = (None, Decimal("0.5"), Decimal(12), Decimal(18))
FILINGS = (None, "NONE", "VALID_BEFORE_ACT", "AFTER_ACT", "OUT_OF_SCOPE", "REFUSED")
SWITCHES = (
    "publicHearing",
    "thirdParty",
    "expertCommittee",
    "jointDeliberation",
    "assessmentCommittee",
    "assessmentCommitteeForAllMatters",
    "trialOffice",
    "serviceRecipients",
)
FACTORS: list[dict[Path, Sequence[Any]]] = [
    {("switches", "publicHearing"): TRUTH, ("facts", "majorPublicInterest"): TRUTH},
    {("switches", "thirdParty"): TRUTH, ("facts", "majorFault"): TRUTH},
    {("switches", "expertCommittee"): TRUTH, ("facts", "majorMatter"): TRUTH, ("facts", "expertNeeded"): TRUTH},
    {
        ("switches", "jointDeliberation"): TRUTH,
        ("facts", "complexCase"): TRUTH,
        ("facts", "organsInvolved"): COUNTS[:4],
        ("facts", "personsInvolved"): (None, Decimal(2), Decimal(3)),
        ("facts", "riskFiling"): FILINGS,
    },
    {
        ("switches", "assessmentCommittee"): TRUTH,
        ("switches", "assessmentCommitteeForAllMatters"): TRUTH,
        ("facts", "toleranceOutcome"): OUTCOMES,
    },
    {("switches", "trialOffice"): TRUTH, ("facts", "doubtOnTolerance"): TRUTH, ("facts", "organInvites"): TRUTH},
    {("switches", "serviceRecipients"): TRUTH, ("facts", "serviceRecipientsNeeded"): TRUTH},
]
"""Inputs of `<folder>_hearing_required` that have nothing to do with one another, in the order of the rules."""
SAMPLES: dict[str, dict[Path, Sequence[Any]]] = {
    "hearing_required": {path: samples for factor in FACTORS for path, samples in factor.items()},
    "impact_period": {
        ("facts", "toleranceOutcome"): OUTCOMES,
        ("sanction", "kind"): KINDS,
        ("sanction", "months"): MONTHS,
        ("sanction", "effectiveOn"): (None, "2026-03-31"),
    },
    "inquiry_limit": {
        ("switches", "inquiryLimit"): TRUTH,
        ("facts", "lettersInWindow"): COUNTS,
        ("inquiryWindow", "months"): MONTHS,
        ("inquiryWindow", "kind"): (None, "ROLLING", "CALENDAR_YEAR"),
    },
}


def _model(place: str) -> Model:
    return model_of(ROOT / place / f"{place}_common.dmn")


def _nested(flat: Completion) -> dict[str, Any]:
    found: dict[str, Any] = {"facts": {}}
    for (outer, name), value in flat.items():
        found.setdefault(outer, {})[name] = value
    return found


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(sorted((name, _frozen(inner)) for name, inner in value.items()))
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    return (type(value).__name__, value)


def _result(model: Model, decision: str, facts: Completion) -> Any:
    evaluation = model.evaluate(decision, _nested(facts))
    assert evaluation.record()["warnings"] == []
    return evaluation.result


def _stands_for(outcome: Outcome, decision: str, result: Any, facts: Completion) -> bool:
    """Whether a listed outcome is this result of these facts."""
    (row,) = outcome.rows
    happened = result if isinstance(result, dict) else {decision: result}
    if row.keys() != happened.keys():
        return False
    for name, value in row.items():
        assert value is not ANYTHING
        shown = facts[value.path] if isinstance(value, Given) else value
        if _frozen(shown) != _frozen(happened[name]):
            return False
        if isinstance(value, Given) and compile_unary_tests(value.test).evaluate(shown).value is not True:
            return False
    return True


def _agrees(answer: Prospects, model: Model, decision: str, known: Completion, unknown: Mapping[Path, Sequence[Any]]) -> None:
    completions = [{**known, **dict(zip(unknown, values, strict=True))} for values in itertools.product(*unknown.values())]
    results = [_result(model, decision, facts) for facts in completions]
    standing = [
        {number for number, outcome in enumerate(answer.outcomes) if _stands_for(outcome, decision, result, facts)}
        for facts, result in zip(completions, results, strict=True)
    ]
    assert all(standing), "an outcome that happens is not listed"
    assert set().union(*standing) == set(range(len(answer.outcomes))), "an outcome is listed that never happens"
    opened = {found.path: found for found in answer.open_inputs}
    mattering = {path for path in unknown if _matters(path, completions, results)}
    assert opened.keys() == mattering
    assert not mattering & set(answer.irrelevant)
    assert answer.settled == (len({_frozen(result) for result in results}) == 1)
    for path, found in opened.items():
        for value in unknown[path]:
            fitting = [part for part in found.distinctions if compile_unary_tests(part.test).evaluate(value).value is True]
            assert len(fitting) == 1, (path, value, found.distinctions)
            met = [places for facts, places in zip(completions, standing, strict=True) if facts[path] == value]
            assert all(places & set(fitting[0].outcomes) for places in met)
            assert set(fitting[0].outcomes) <= set().union(*met)


def _matters(path: Path, completions: Sequence[Completion], results: Sequence[Any]) -> bool:
    seen: dict[Any, Any] = {}
    for facts, result in zip(completions, results, strict=True):
        others = tuple((name, _frozen(value)) for name, value in facts.items() if name != path)
        if seen.setdefault(others, _frozen(result)) != _frozen(result):
            return True
    return False


def _questions(place: str, subject: str, count: int) -> Iterator[tuple[Completion, dict[Path, Sequence[Any]]]]:
    """Facts known but for up to three inputs, those that rules ask for together rather than any."""
    chance = random.Random(f"{place} {subject}")
    samples = SAMPLES[subject]
    groups = [list(factor) for factor in FACTORS] if subject == "hearing_required" else [list(samples)]
    for _ in range(count):
        near = chance.choice(groups)
        pool = near if chance.random() < 0.7 else list(samples)
        unknown = chance.sample(pool, min(len(pool), chance.randint(1, 3)))
        known = {path: chance.choice(values) for path, values in samples.items() if path not in unknown}
        yield known, {path: samples[path] for path in unknown}


@pytest.mark.parametrize("subject", SAMPLES)
@pytest.mark.parametrize("place", PLACES)
def test_the_answer_is_exact_for_every_completion(place: str, subject: str) -> None:
    model, decision = _model(place), f"{place}_{subject}"
    for known, unknown in _questions(place, subject, 12):
        answer = prospects(model, decision, _nested(known))
        assert (answer.complete, answer.reasons) == (True, ()), (known, unknown)
        _agrees(answer, model, decision, known, unknown)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("subject", ["impact_period", "inquiry_limit"])
def test_with_nothing_known_the_answer_is_exact(place: str, subject: str) -> None:
    model, decision = _model(place), f"{place}_{subject}"
    answer = prospects(model, decision, {})
    assert (answer.complete, answer.reasons) == (True, ())
    _agrees(answer, model, decision, {}, SAMPLES[subject])


@pytest.mark.parametrize("place", PLACES)
def test_with_nothing_known_every_combination_of_hearings_is_listed(place: str) -> None:
    model, decision = _model(place), f"{place}_hearing_required"
    started = time.process_time()
    answer = prospects(model, decision, {})
    assert time.process_time() - started < 3
    assert (answer.complete, answer.reasons) == (True, ())
    assert {found.path for found in answer.open_inputs} == {path for factor in FACTORS for path in factor}
    assert all(found.certain for found in answer.open_inputs)
    off: Completion = {("switches", name): False for name in SWITCHES}
    rows = []
    for factor in FACTORS:
        facts = ({**off, **dict(zip(factor, values, strict=True))} for values in itertools.product(*factor.values()))
        rows.append({_frozen(_result(model, decision, found)) for found in facts})
    expected = {tuple(itertools.chain.from_iterable(parts)) for parts in itertools.product(*rows)}
    assert {_frozen(outcome.rows[0][decision]) for outcome in answer.outcomes} == expected
    assert len(answer.outcomes) == len(expected)


@pytest.mark.parametrize("place", PLACES)
def test_switches_that_are_null_are_switches_not_given(place: str) -> None:
    model, decision = _model(place), f"{place}_hearing_required"
    chance = random.Random(place)
    facts = {path: chance.choice(values) for path, values in SAMPLES["hearing_required"].items() if path[0] == "facts"}
    listed = [_frozen(outcome.rows[0][decision]) for outcome in prospects(model, decision, _nested(facts)).outcomes]
    known = {**_nested(facts), "switches": None}
    settled = prospects(model, decision, known)
    assert settled.settled
    assert settled.outcomes[0].rows[0][decision] == model.evaluate(decision, known).result
    assert _frozen(settled.outcomes[0].rows[0][decision]) in listed


def test_an_output_that_is_an_input_says_which() -> None:
    answer = prospects(
        _model("hubei"), "hubei_impact_period", {"sanction": {"kind": "PARTY_DISCIPLINE"}, "facts": {"toleranceOutcome": None}}
    )

    told = {outcome["outputs"]["rule"]: outcome for outcome in answer.record()["outcomes"]}
    assert told["IP-party-configured"]["open"] == ["months"]
    assert told["IP-party-configured"]["origins"] == [
        {"row": 0, "output": "months", "paths": [["sanction", "months"]], "test": "not(null)"}
    ]
    assert told["IP-party"]["open"] == []
    assert ("sanction", "effectiveOn") in answer.irrelevant


@pytest.mark.parametrize("place", WITH_SHARED)
def test_every_place_asks_what_the_place_with_its_defaults_asks(place: str) -> None:
    """The same question to the same shared table, but for the place's code: what holds of the one holds of the other."""
    code = str(about(place).get("placeCode"))
    like = ON_ELSEWHERE.get(code, "hubei" if code.startswith("HB") else "china")
    assert like in PLACES
    for subject in SAMPLES:
        mine, others = (_asked(one, subject).replace(f'"{about(one).get("placeCode")}"', "HERE") for one in (place, like))
        assert mine == others
        assert mine.count("HERE") == (0 if subject == "impact_period" else 1)


def _asked(place: str, subject: str) -> str:
    root = etree.parse(ROOT / place / f"{place}_common.dmn")
    return str(root.findtext(f".//{{*}}decision[@id='{place}_{subject}']/{{*}}literalExpression/{{*}}text"))


@pytest.mark.parametrize("place", WITH_SHARED)
def test_the_defaults_of_a_place_are_those_of_the_place_it_is_like(place: str) -> None:
    """What is on by default in the shared table for the place's code is what is on for the code of the place it is compared with."""
    code = str(about(place).get("placeCode"))
    like = str(about(ON_ELSEWHERE.get(code, "hubei" if code.startswith("HB") else "china"))["placeCode"])
    facts = dict.fromkeys(("majorPublicInterest", "majorFault", "majorMatter", "expertNeeded", "complexCase", "doubtOnTolerance"), True)
    given = {**facts, "organInvites": True, "serviceRecipientsNeeded": True, "toleranceOutcome": "REDUCE", "lettersInWindow": 2}
    for subject, shared in (("hearing_required", "common_hearing_required"), ("inquiry_limit", "common_inquiry_limit")):
        model = model_of(ROOT / "common" / f"{shared}.dmn")
        mine, others = (model.evaluate(f"common_{subject}", {"facts": given, "place": one}).result for one in (code, like))
        assert mine == others
