"""The places whose sources have no procedure (铜仁, 三水, 陇西, 重庆, 吉林): their tables against readings of the sources of their own."""

import itertools
import random
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import pytest

from conformance.hubei_oracle import VALUES as HUBEI_VALUES
from conformance.place_oracles import NATIONAL, VALUES
from conformance.policy_files import ROOT, about, model_of

Facts = Mapping[str, Any]
SHELLS = ("longxi", "chongqing", "jilin")
PLACES = ("tongren", "sanshui", *SHELLS)
UNSEEN = {
    "sanshui": "三水区的容错条件、容错内容两章只见章名，条文未见",
    "longxi": "陇西县在来源中只有原则",
    "chongqing": "重庆市有关免责程序的文件，来源只说与别处差异较大，内容未见",
    "jilin": "吉林省有关免责程序的文件，来源只说与别处差异较大，内容未见",
}
OUTSIDE_THE_LAW = ("EXPLICIT", "PARTY_DISCIPLINE_REDLINE")
FOR_A_GAIN = ("PRIVATE", "UNIT_IMPROPER")


class Condition(NamedTuple):
    """One of Tongren's four: the facts it reads, and whether they meet it; None is for a person to say."""

    name: str
    facts: tuple[str, ...]
    reading: dict[tuple[Any, ...], bool | None]


def _condition(name: str, facts: tuple[str, ...], yes: Any, no: Any) -> Condition:
    combinations = itertools.product(*(VALUES[fact] for fact in facts))
    return Condition(name, facts, {values: True if yes(*values) else False if no(*values) else None for values in combinations})


# 「对在党纪国法范畴内，出于公心，没有为个人、他人或单位谋取私利且未造成重大损失的行为可以申请容错免于问责」
CONDITIONS = (
    _condition("GZ-C1", ("explicitProhibition",), lambda it: it in ("NONE", "UNCLEAR"), lambda it: it in OUTSIDE_THE_LAW),
    _condition("GZ-C2", ("motive",), lambda it: it == "PUBLIC", lambda it: it in FOR_A_GAIN),
    _condition("GZ-C3", ("personalGain", "motive"), lambda gain, it: not gain and it not in FOR_A_GAIN, lambda gain, it: True),
    _condition(
        "GZ-C4",
        ("consequence",),
        lambda it: it in ("NONE", "MINOR") or it.startswith("LOSS_"),
        lambda it: it in ("MAJOR_LOSS", "MAJOR_SAFETY"),
    ),
)
TONGREN_FACTS = ("personalGain", "motive", "intent", "explicitProhibition", "persisted", "consequence")


def _answers(condition: Condition, known: Facts) -> set[bool | None]:
    """What the condition may come to, whatever the unknown facts are."""
    given = [known.get(fact) for fact in condition.facts]
    return {
        answer
        for values, answer in condition.reading.items()
        if all(have is None or have == value for have, value in zip(given, values, strict=True))
    }


def _needs(condition: Condition, known: Facts) -> list[str]:
    """The facts to be found out: unknown ones that can still change the answer, and those whose value a person has to judge."""
    if _answers(condition, known) == {None}:
        return list(condition.facts)
    found = []
    for fact in condition.facts:
        if known.get(fact) is None:
            others = [name for name in condition.facts if name != fact and known.get(name) is None]
            for completion in itertools.product(*(VALUES[name] for name in others)):
                base = {name: known.get(name) for name in condition.facts} | dict(zip(others, completion, strict=True))
                if len({condition.reading[tuple((base | {fact: value}).values())] for value in VALUES[fact]}) > 1:
                    found.append(fact)
                    break
    return found


def _tongren(known: Facts) -> tuple[str, str, str | None, list[str], list[str], str]:
    """Outcome, modality, first rule, rules, missing facts and step, as the sources and the order of §1.1 have them."""
    hits = [rule.name for rule in NATIONAL if rule.certain(known)]
    failed = [each.name for each in CONDITIONS if _answers(each, known) == {False}]
    met = [each.name for each in CONDITIONS if _answers(each, known) == {True}]
    asked = [rule.needs(known) for rule in NATIONAL] + [_needs(each, known) for each in CONDITIONS]
    # Whether somebody persisted is asked only once the prohibition is known to be express.
    express = known.get("explicitProhibition") == "EXPLICIT"
    missing = [fact for fact in dict.fromkeys(itertools.chain(*asked)) if fact != "persisted" or express]
    rules = [*hits, *failed, *met]
    if hits:
        return "NOT_TOLERATED", "SHOULD", hits[0], rules, missing, "S1"
    if failed:
        return "NOT_TOLERATED", "SHOULD", failed[0], rules, missing, "S3"
    return "MANUAL", "MAY", None, rules, missing, "S2" if missing else "S6"


def _evaluate(place: str, decision: str, variables: Mapping[str, Any]) -> Any:
    return model_of(ROOT / place / f"{place}_tolerance.dmn").evaluate(f"{place}_{decision}", dict(variables)).result


def _advice(place: str, facts: Facts) -> dict[str, Any]:
    return cast(dict[str, Any], _evaluate(place, "outcome", {"facts": dict(facts)}))


def test_tongrens_conditions_agree_with_a_reading_of_their_own() -> None:
    chance = random.Random("tongren")
    steps: dict[str, int] = {}
    for known in (1, 0.95, 0.8, 0.5):
        for _ in range(400):
            facts = {name: chance.choice(VALUES[name]) for name in TONGREN_FACTS if chance.random() < known}
            if chance.random() < 0.7:
                facts = {"intent": "INADVERTENT", "personalGain": False, "motive": "PUBLIC", "persisted": False, "consequence": "MINOR"} | {
                    name: value for name, value in facts.items() if name in chance.sample(TONGREN_FACTS, 2)
                }
            advice = _advice("tongren", facts)
            rules = [reason["rule"] for reason in advice["reasons"] if not reason["rule"].startswith("PREC-")]
            found = (advice["outcome"], advice["modality"], advice["reasonRule"], rules, advice["missing"], advice["step"])
            assert found == _tongren(facts), facts
            assert ("可以申请容错免于问责" in advice["basis"]) is (advice["step"] == "S6"), facts
            steps[advice["step"]] = steps.get(advice["step"], 0) + 1
    assert set(steps) == {"S1", "S2", "S3", "S6"}
    assert min(steps.values()) > 20


def test_tongren_never_tolerates_by_itself_and_counts_its_nine_situations() -> None:
    best = {"intent": "INADVERTENT", "personalGain": False, "motive": "PUBLIC", "explicitProhibition": "NONE", "consequence": "NONE"}
    advice = _advice("tongren", best)

    assert (advice["outcome"], advice["modality"], advice["missing"], advice["step"]) == ("MANUAL", "MAY", [], "S6")
    assert "可以申请" in advice["basis"]
    assert [(each["list"], each["count"], each["textKnown"]) for each in advice["unknownLists"]] == [("situations", 9, 0)]


def test_a_refusal_for_an_unmet_condition_says_that_it_is_a_reading() -> None:
    advice = _advice("tongren", {"consequence": "MAJOR_LOSS"})

    assert (advice["outcome"], advice["force"]) == ("NOT_TOLERATED", "DEFAULT")
    assert "[D]" in advice["basis"]
    assert [reason["force"] for reason in advice["reasons"]] == ["DEFAULT"]


@pytest.mark.parametrize("place", ["sanshui", *SHELLS])
def test_a_place_without_rules_takes_over_the_nations(place: str) -> None:
    chance = random.Random(place)
    nation = model_of(ROOT / "china" / "china_tolerance.dmn")
    for _ in range(150):
        facts = {name: chance.choice(values) for name, values in HUBEI_VALUES.items() if chance.random() < 0.8}
        own, china = _advice(place, facts), nation.evaluate("china_outcome", {"facts": facts}).result
        lists = [{key: entry[key] for key in ("list", "name", "count", "textKnown", "note")} for entry in about(place)["lists"]]
        assert own == china | {"unknownLists": lists, "basis": own["basis"]}, facts
        if china["step"] == "S6":
            assert UNSEEN[place] in own["basis"], "the place is named, and what of its texts is unseen"
            assert "[S" in own["basis"]
        else:
            assert own["basis"] == china["basis"], facts
        assert _evaluate(place, "negative_list", {"facts": facts}) == nation.evaluate("china_negative_list", {"facts": facts}).result


def _admitted(place: str, facts: Facts, open_ex_officio: bool | None) -> tuple[str, str]:
    """Result and rule of §2, row by row; the switch is the shells' only."""
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
        if place in SHELLS:
            return ("NOT_AVAILABLE", "A13-closed") if open_ex_officio is False else ("ACCEPT", "A13")
        return "NOT_AVAILABLE", {"sanshui": "A4", "tongren": "A5"}[place]
    if facts.get("hasFacts") is True:
        return "ACCEPT", "A12" if place in SHELLS else "A11"
    if facts.get("hasFacts") is False and facts.get("supplementUsed") is not None:
        return ("REJECT", "A7") if facts["supplementUsed"] else ("SUPPLEMENT", "A6")
    return "MANUAL", "A14"


@pytest.mark.parametrize("place", PLACES)
def test_what_is_admitted(place: str) -> None:
    roles = ("SELF", "PARTY_ORG", "ORGAN_EX_OFFICIO", "OTHER", None)
    stages = ("CLUE", "INQUIRY_OPEN", "BEFORE_DECISION", "DECIDED", None)
    answers = (True, False, None)
    for stage, role, has, used, switch in itertools.product(stages, roles, answers, answers, answers):
        given = {"stage": stage, "applicantRole": role, "hasFacts": has, "supplementUsed": used}
        facts = {name: value for name, value in given.items() if value is not None}
        result = _evaluate(place, "admissibility", {"facts": facts} | ({} if switch is None else {"exOfficioStart": switch}))
        assert (result["result"], result["rule"]) == _admitted(place, facts, switch), (facts, switch)


@pytest.mark.parametrize(("place", "force"), [("sanshui", "RULE"), ("tongren", "DEFAULT")])
def test_application_only_is_sanshuis_rule_and_our_reading_of_tongren(place: str, force: str) -> None:
    facts = {"stage": "INQUIRY_OPEN", "applicantRole": "ORGAN_EX_OFFICIO"}

    assert _evaluate(place, "admissibility", {"facts": facts})["force"] == force
    assert about(place)["settings"]["exOfficioStart"] == about(place)["settings"]["exOfficioStart"] | {
        "value": False,
        "basis": "rule" if force == "RULE" else "default",
    }
