"""Places known by one clause or one sentence (Guangdong's zone, Qingdao, Hangzhou, Shaoxing, Chenzhou) and Shenzhen's two versions.

The readings stand here, written from the legal material and not from the tables: plain tests of facts that are all known, completed
by trying every value of what is unknown (`conformance.place_oracles`).
"""

import random
from dataclasses import replace
from typing import Any, cast

import pytest

from conformance.place_oracles import NATIONAL, VALUES, Judgement, Place, Rule, judge
from conformance.policy_files import ROOT, model_of

Facts = dict[str, Any]
STATUTORY = ("reformDirection", "procedureLegal", "maliciousCollusion", "diligent")
KNOWN: dict[str, tuple[Any, ...]] = VALUES | dict.fromkeys(STATUTORY, (True, False))

# 主观上并非为自己、他人或单位谋取私利，可以免责; read of pioneering work.
SUBJECTIVE = Rule(
    "S2-T",
    ("nature", "personalGain", "motive"),
    lambda f: f["nature"] == "PIONEERING" and not f["personalGain"] and f["motive"] not in ("PRIVATE", "UNIT_IMPROPER"),
    "EXEMPT",
)
# 未牟取私利或者未恶意串通损害公共利益: the statute's own "or".
ZONE = Rule(
    "FTZ-4",
    ("reformDirection", "procedureLegal", "personalGain", "maliciousCollusion"),
    lambda f: f["reformDirection"] and f["procedureLegal"] and (not f["personalGain"] or not f["maliciousCollusion"]),
    "EXEMPT",
)
WEST_COAST = Rule(
    "XHA-53",
    ("reformDirection", "procedureLegal", "diligent", "personalGain", "maliciousCollusion"),
    lambda f: all((f["reformDirection"], f["procedureLegal"], f["diligent"], not f["personalGain"], not f["maliciousCollusion"])),
    "EXEMPT",
)
CLAUSES = {
    "hangzhou_outcome": ("hangzhou", SUBJECTIVE, "MAY"),
    "shaoxing_outcome": ("shaoxing", SUBJECTIVE, "MAY"),
    "chenzhou_outcome": ("chenzhou", SUBJECTIVE, "MAY"),
    "qingdao_outcome": ("qingdao", SUBJECTIVE, "MAY"),
    "qingdao_s2_test": ("qingdao", SUBJECTIVE, "MAY"),
    "qingdao_xha53": ("qingdao", WEST_COAST, "SHOULD"),
    "guangdong_ftz_outcome": ("guangdong_ftz", ZONE, "SHOULD"),
}
# A case every clause would apply to: random facts start from it, so that each step of the order is reached.
FAVOURABLE: Facts = {
    "explicitProhibition": "UNCLEAR",
    "persisted": False,
    "motive": "PUBLIC",
    "personalGain": False,
    "intent": "INADVERTENT",
    "nature": "PIONEERING",
    "reformDirection": True,
    "procedureLegal": True,
    "maliciousCollusion": False,
    "diligent": True,
}
FACTS = list(FAVOURABLE)
NAMED_AREAS = (
    *("INSTITUTIONAL_INNOVATION", "GOVERNMENT_EFFICIENCY", "RESOURCE_ALLOCATION", "INNOVATION_DRIVE", "MAJOR_LIVELIHOOD_PROJECT"),
    *("LEGACY_ISSUE", "NEW_METHOD_MODEL_TECHNOLOGY", "GRASSROOTS_GOVERNANCE"),
)
BESIDE = ("YSHJ-6", "XHA-53")


@pytest.fixture(autouse=True)
def _values_of_the_clauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The readings complete unknown facts of the statutes too."""
    for name, values in {**KNOWN, "reformArea": (*NAMED_AREAS, "OTHER", "NONE")}.items():
        monkeypatch.setitem(VALUES, name, values)


def decide(place: str, decision: str, facts: Facts, **more: Any) -> dict[str, Any]:
    evaluation = model_of(ROOT / place / f"{place}_tolerance.dmn").evaluate(decision, {"facts": facts, **more})
    return cast(dict[str, Any], evaluation.result)


def drawn(chance: random.Random, known: float, favourable: float) -> Facts:
    return {n: FAVOURABLE[n] if chance.random() < favourable else chance.choice(KNOWN[n]) for n in FACTS if chance.random() < known}


def samples(seed: str, rounds: int = 60) -> list[Facts]:
    chance = random.Random(seed)
    shares = ((1, 0), (1, 0.7), (1, 0.92), (0.9, 0.9), (0.6, 0.5), (0.95, 0.95))
    return [drawn(chance, known, favourable) for known, favourable in shares for _ in range(rounds)]


def fails(rule: Rule, facts: Facts) -> bool:
    """Known not to be met, whatever the unknown facts are."""
    return Rule(rule.name, rule.facts, lambda f: not rule.met(f)).certain(facts)


def check(advice: dict[str, Any], judged: Judgement, facts: Facts, deciding: list[str]) -> None:
    kinds = [
        "PREC" if row["force"] == "PRECEDENT" else "BESIDE" if row["basis"].startswith("不决定") else "RULE" for row in advice["reasons"]
    ]
    assert (advice["outcome"], advice["missing"]) == (judged.outcome, list(judged.missing)), facts
    assert [row["rule"] for row, kind in zip(advice["reasons"], kinds, strict=True) if kind == "RULE"] == deciding, facts
    assert kinds == sorted(kinds, key=("RULE", "BESIDE", "PREC").index), facts
    assert advice["sixAspects"] is None


@pytest.mark.parametrize("decision", CLAUSES)
def test_a_clause_is_decided_as_read(decision: str) -> None:
    place, clause, modality = CLAUSES[decision]
    seen = set()
    for facts in samples(decision):
        advice, judged = decide(place, decision, facts), judge(Place(NATIONAL, (clause,)), facts)
        check(advice, judged, facts, [*judged.rules, *([clause.name] if fails(clause, facts) else [])])
        expected = {"NOT_TOLERATED": "SHOULD", "EXEMPT": modality, "MANUAL": "MAY"}[judged.outcome]
        assert advice["modality"] == expected, facts
        if advice["step"] != "S2":
            assert advice["reasonRule"] == next(iter(judged.rules), clause.name), facts
        seen.add((advice["outcome"], advice["step"]))
    assert seen == {("NOT_TOLERATED", "S1"), ("EXEMPT", "S3"), ("MANUAL", "S2"), ("MANUAL", "S3")}


@pytest.mark.parametrize("decision", CLAUSES)
def test_what_is_unknown_cannot_change_a_decided_outcome(decision: str) -> None:
    place = CLAUSES[decision][0]
    chance = random.Random(f"hidden {decision}")
    for _ in range(25):
        complete = drawn(chance, 1, 0.85)
        one, other = chance.sample(FACTS, 2)
        known = {name: value for name, value in complete.items() if name not in (one, other)}
        advice = decide(place, decision, known)
        outcomes = {decide(place, decision, known | {one: a, other: b})["outcome"] for a in KNOWN[one] for b in KNOWN[other]}
        if advice["outcome"] != "MANUAL" or not advice["missing"]:
            assert outcomes == {advice["outcome"]}, known


def test_private_gain_is_never_excused_by_the_statutes_or() -> None:
    for facts in samples("or", 20):
        advice = decide("guangdong_ftz", "guangdong_ftz_outcome", facts | {"personalGain": True})
        assert (advice["outcome"], advice["reasonRule"]) == ("NOT_TOLERATED", "N3")


def test_the_effects_of_the_zones_clause_come_with_the_exemption_alone() -> None:
    for facts in samples("effects"):
        clause = decide("guangdong_ftz", "guangdong_ftz_clause", facts)
        exempt = decide("guangdong_ftz", "guangdong_ftz_outcome", facts)["outcome"] == "EXEMPT"
        assert clause["effects"] == (["noNegativeEvaluation", "EXEMPT"] if exempt else [])
        assert clause["legalReview"] is True
        assert [row["about"] for row in clause["contradictions"]] == ["草案与公布的条文", "第三项的“或者”"]


def test_nothing_of_the_west_coast_decides_for_the_city() -> None:
    chance = random.Random("west coast")
    for facts in samples("city", 15):
        city = decide("qingdao", "qingdao_outcome", facts)
        others = facts | {name: chance.choice((True, False)) for name in STATUTORY}
        changed = decide("qingdao", "qingdao_outcome", others)
        assert {k: v for k, v in city.items() if k != "reasons"} == {k: v for k, v in changed.items() if k != "reasons"}
        alone = decide("qingdao", "qingdao_s2_test", facts)
        assert {k: v for k, v in city.items() if k != "reasons"} == {k: v for k, v in alone.items() if k != "reasons"}
        assert [row["rule"] for row in city["reasons"] if row not in alone["reasons"]] == list(BESIDE)
        assert all("不决定本结论" in row["basis"] for row in city["reasons"] if row["rule"] in BESIDE)
        refused = [row["rule"] for row in city["reasons"] if row["rule"].startswith("N")]
        zone = next(row["basis"] for row in changed["reasons"] if row["rule"] == "XHA-53")
        assert (f"命中 {'、'.join(refused)}，不适用" in zone) if refused else ("命中" not in zone)
        assert not (refused and "各项符合" in zone)


def test_the_delegating_clause_never_advises_tolerance() -> None:
    for facts in samples("delegating", 20):
        advice, judged = decide("qingdao", "qingdao_yshj6", facts), judge(Place(NATIONAL), facts)
        assert (advice["outcome"], advice["missing"]) == (judged.outcome, list(judged.missing))
        assert advice["outcome"] in ("NOT_TOLERATED", "MANUAL")


# 在推进制度创新……等方面开展探索性试验或为推动发展造成无意过失的: the scope, in a field that a person has to name.
SCOPE = (
    Rule("SZ-1", ("reformArea", "nature"), lambda f: f["reformArea"] != "NONE" and f["nature"] == "PIONEERING"),
    Rule(
        "SZ-2",
        ("reformArea", "motive", "intent"),
        lambda f: f["reformArea"] != "NONE" and f["motive"] == "PUBLIC" and f["intent"] == "INADVERTENT",
    ),
)


@pytest.mark.parametrize("area", [None, "OTHER", "NONE", *NAMED_AREAS])
def test_shenzhens_rule_of_2016_shows_its_scope_and_leaves_the_six_situations_to_people(area: str | None) -> None:
    named = {} if area is None else {"reformArea": area}
    for facts in samples(f"shenzhen {area}", 20):
        told = facts | named
        advice, judged = decide("shenzhen", "shenzhen_outcome", facts, **named), judge(Place(NATIONAL), facts)
        missing = list(dict.fromkeys([*judged.missing, *(name for rule in SCOPE for name in rule.needs(told))]))
        within = [rule.name for rule in SCOPE if rule.certain(told)]
        shown = within if area in NAMED_AREAS else []
        check(advice, replace(judged, missing=tuple(missing)), facts, [*judged.rules, *shown])
        refused = judged.outcome == "NOT_TOLERATED"
        step = "S1" if refused else "S2" if missing else "S3" if within and not shown else "S6"
        assert (advice["outcome"], advice["modality"], advice["step"]) == (judged.outcome, "SHOULD" if refused else "MAY", step), told
        assert advice["reasonRule"] == next(iter(judged.rules), None)
        assert "命中容错情形" not in advice["basis"]
        assert ("属于容错的范围" in advice["basis"]) is bool(step == "S6" and shown)
        assert ("由人判断" in advice["basis"]) is (step == "S3")
        known = [(entry["list"], int(entry["textKnown"]), int(entry["count"])) for entry in advice["unknownLists"]]
        assert known == [("rule2016", 0, 6)]


def test_what_shenzhen_lacks_is_named_the_area_included() -> None:
    facts = {name: FAVOURABLE[name] for name in ("personalGain", "motive", "intent", "explicitProhibition", "nature")}
    assert decide("shenzhen", "shenzhen_outcome", facts)["missing"] == ["reformArea"]
    settled = facts | {"nature": "DUTY_ERROR", "intent": "RECKLESS"}
    assert decide("shenzhen", "shenzhen_outcome", settled)["missing"] == []


def test_shenzhens_protection_list_marks_the_one_known_item_and_decides_nothing() -> None:
    seen = set()
    for facts in samples("list", 20):
        for arduous in (True, False, None):
            given = facts if arduous is None else facts | {"arduousTask": arduous}
            advice = decide("shenzhen", "shenzhen_protection_list", given)
            judged = judge(Place(NATIONAL), given)
            refused = judged.outcome == "NOT_TOLERATED"
            marked = arduous is True and not refused and not judged.missing
            assert advice["outcome"] == "MANUAL"
            assert (advice["effect"], advice["promotionUnaffected"]) == (("noNegativeEvaluation", True) if marked else (None, None))
            assert (advice["textKnown"], advice["count"]) == (1, 10)
            asked = [] if refused or arduous is False else [*(["arduousTask"] if arduous is None else []), *judged.missing]
            assert advice["missing"] == asked, given
            seen.add((arduous, refused, marked))
    assert seen == {(True, True, False), (True, False, True), (True, False, False)} | {
        (a, r, False) for a in (False, None) for r in (True, False)
    }
