"""What a precedent must tell, and which are nearest to a case."""

from dataclasses import replace
from decimal import Decimal
from typing import cast

import pytest

from service.actions.deployments.decision_files import nothing_deployed
from service.actions.precedents.nearness import in_order, matched_rules, nearness
from service.actions.precedents.precedent_content import Recorded, content_faults, precedent_of
from service.actions.precedents.precedent_files import place_findings, read_precedents
from service.actions.precedents.precedent_views import DIGESTED, told_digest
from service.dmn import read_model
from service.domain.json_values import Json
from service.domain.precedent import BUILT_IN, LIMITED, PUBLIC, UNIT, Precedent, shown_beside

SOURCE: dict[str, Json] = {"title": "一市发布典型案例", "quote": "予以容错免责", "address": "https://example.org/1", "note": None}
ENTRY: dict[str, Json] = {"title": "某案", "sources": [SOURCE], "outcome": "EXEMPT", "scope": PUBLIC, "anonymised": True}
VOCABULARY = read_model(
    b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="v" name="v" namespace="https://rongjiu/dmn/common/vocabulary">
    <itemDefinition name="tFacts"><itemComponent name="motive"><typeRef>string</typeRef>
    <allowedValues><text>"PUBLIC","PRIVATE"</text></allowedValues></itemComponent></itemDefinition></definitions>""",
    "vocabulary.dmn",
)


def a_precedent(identifier: str = "P", **members: Json) -> Precedent:
    return precedent_of(ENTRY | members, Recorded(identifier, 1, BUILT_IN, "county", "province/county", 0, "loader"))


@pytest.mark.parametrize(
    ("members", "faults"),
    [
        ({}, []),
        ({"published": "2024-02-29", "exemptKind": "EXEMPTED"}, []),
        ({"published": "2024-02-30"}, ["published"]),
        ({"published": Decimal(2024)}, ["published"]),
        ({"title": " "}, ["title"]),
        ({"outcome": "MANUAL"}, ["outcome"]),
        ({"outcome": "OTHER"}, ["outcomeText"]),
        ({"outcome": "REDUCE", "exemptKind": "EXEMPTED"}, ["exemptKind"]),
        ({"scope": "NONE"}, ["scope"]),
        ({"anonymised": None}, ["anonymised"]),
        ({"sources": []}, ["sources"]),
        ({"sources": [{"title": "没有网址"}]}, ["sources.0.address"]),
        ({"sources": [{"title": "没有网址", "note": "镜像"}]}, []),
        ({"rules": ["N4", "N4"]}, ["rules"]),
        ({"rules": [Decimal(4)]}, ["rules"]),
        ({"facts": {"motive": "GOOD"}}, ["facts.motive"]),
        ({"assumedFacts": {"mood": "PUBLIC"}}, ["assumedFacts.mood"]),
        ({"facts": {"motive": "PUBLIC"}, "assumedFacts": {"motive": "PRIVATE"}}, ["assumedFacts.motive"]),
        ({"facts": {"motive": ["PUBLIC"]}}, ["facts"]),
        ({"force": "LAW"}, ["force"]),
    ],
)
def test_every_fault_is_named_by_its_place(members: dict[str, Json], faults: list[str]) -> None:
    found = content_faults(ENTRY | members, VOCABULARY)

    assert [".".join(map(str, fault.path)) for fault in found] == faults


def test_a_file_gives_all_its_precedents_or_all_its_findings() -> None:
    good = "precedents:\n  - {id: A, title: 某案, sources: [{title: 通报, note: 无网址}], outcome: REDUCE, scope: UNIT, anonymised: true}\n"
    bad = good + "  - {title: 没有编号}\n  - {id: B, outcome: EXEMPT}\n"

    entries, findings = read_precedents("precedents.yaml", good.encode(), nothing_deployed, {})
    assert [(key, title) for key, title, _ in entries] == [("A", "某案")]
    assert findings == []
    assert [one.code for one in place_findings("precedents.yaml", [entries[0][2]], None)] == ["precedents"]
    assert place_findings("precedents.yaml", [entries[0][2]], "county") == []

    twice = good + good.splitlines()[1]
    assert [(one.element_id, one.code) for one in read_precedents("precedents.yaml", twice.encode(), nothing_deployed, {})[1]] == [
        ("A", "duplicate")
    ]

    entries, findings = read_precedents("precedents.yaml", bad.encode(), nothing_deployed, {})
    assert entries == []
    assert {one.element_id for one in findings} == {"precedents[1]", "B"}


@pytest.mark.parametrize("text", ["precedents: {}", "cases: []", "- 1", "precedents: [\n", "precedents: []\nmore: 1"])
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    assert read_precedents("precedents.yaml", text.encode(), nothing_deployed, {})[1] != []


@pytest.mark.parametrize(
    ("scope", "path", "shown"),
    [
        (PUBLIC, None, True),
        (PUBLIC, "elsewhere", True),
        (LIMITED, "province/county", True),
        (LIMITED, "province/county/town", True),
        (LIMITED, "province/county2", False),
        (LIMITED, "province", False),
        (LIMITED, None, False),
        (UNIT, "province/county", True),
        (UNIT, "province/county/town", False),
    ],
)
def test_the_scope_says_beside_which_cases_it_is_shown(scope: str, path: str | None, shown: bool) -> None:
    one = replace(a_precedent(), scope=scope)

    assert shown_beside(one, path) is shown
    assert not shown_beside(replace(one, withdrawn="撤销"), path)


def test_shared_rules_go_before_like_facts_and_assumed_facts_count_for_nothing() -> None:
    facts: dict[str, Json] = {"motive": "PUBLIC", "count": Decimal("1.0"), "remedy": "LATE"}
    same_rule = a_precedent("A", rules=["R2"], facts={"motive": "PRIVATE", "count": Decimal(1)})
    own_id = a_precedent("R9", facts={"motive": "PUBLIC"})
    alike = a_precedent("C", facts={"motive": "PUBLIC", "count": Decimal(1)})
    later = a_precedent("D", facts={"motive": "PUBLIC"}, published="2025")
    earlier = a_precedent("B", facts={"motive": "PUBLIC"}, published="2024-12-31", assumedFacts={"remedy": "TIMELY"})
    differing = a_precedent("E", facts={"remedy": "TIMELY", "motive": "PUBLIC", "count": Decimal(1)})
    nothing = a_precedent("F")

    found = in_order([nearness(one, facts, ["R1", "R2", "R9"]) for one in (nothing, differing, earlier, later, alike, own_id, same_rule)])

    assert [one.precedent.id for one in found] == ["R9", "A", "C", "D", "B", "F", "E"]
    near = {one.precedent.id: one for one in found}
    assert (near["A"].shared_rules, near["A"].differing, near["A"].agreeing) == (("R2",), ("motive",), ("count",))
    assert (near["A"].unknown_here, near["A"].unknown_there) == ((), ("remedy",))
    assert near["B"].differing == ()


def test_the_rules_of_an_advice_are_those_of_its_reasons() -> None:
    advice = cast(Json, {"reasons": [{"rule": "HB-T2"}, {"rule": None}, "x", {"rule": "PREC-U01"}, {"rule": "HB-T2"}]})

    assert matched_rules(advice) == ["HB-T2", "PREC-U01"]
    assert matched_rules(None) == matched_rules({"reasons": None}) == matched_rules("x") == []


def test_digests_that_events_hold_stay_what_they_are() -> None:
    """A digest made of another list, or of the same members told otherwise, would make every recorded precedent look tampered with."""
    facts: dict[str, Json] = {"loss": Decimal("12.30")}
    one = replace(a_precedent(facts=facts, rules=["N1"], published="2020-01"), withdrawn="撤回", withdrawn_at=1, withdrawn_by="user:li")

    assert told_digest(one) == {"digest": "780fbd2867ca7cefa133129b46ea9566a1bd751d76b806fd1ca2b181f9b18df7", "of": 1}
    assert list(DIGESTED) == [1]
