"""Which precedents a decision is measured by, and which decisions depart from them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import cast

import pytest

from service.actions.ports import Lookups
from service.actions.precedents.precedent_content import Recorded, precedent_of
from service.actions.precedents.precedent_departure import ALIKE, NAMED, NEAREST, Comparison, comparison_of, departure, fault_of_comparison
from service.domain.json_values import Json
from service.domain.precedent import BUILT_IN, DECIDED, PUBLIC, Precedent, PrecedentOutline, departs

SOURCE: dict[str, Json] = {"title": "通报", "quote": None, "address": "https://example.org/1", "note": None}
ENTRY: dict[str, Json] = {"title": "某案", "sources": [SOURCE], "outcome": "EXEMPT", "scope": PUBLIC, "anonymised": True}
FACTS: Json = {"motive": "PUBLIC", "loss": Decimal(3), "remedy": None}


def a_precedent(identifier: str, outcome: str, rules: Sequence[str] = (), **members: Json) -> Precedent:
    return precedent_of(
        ENTRY | {"outcome": outcome, "rules": [*rules]} | members, Recorded(identifier, 1, BUILT_IN, None, None, 0, "loader")
    )


class Kept:
    """The precedents that are kept; nothing else is asked of the store."""

    def __init__(self, *precedents: Precedent) -> None:
        self.kept = precedents

    def precedents_beside(self, case_path: str | None) -> list[PrecedentOutline]:
        shown = [one for one in self.kept if one.withdrawn is None]
        return [PrecedentOutline(*(getattr(one, name) for name in PrecedentOutline.__slots__)) for one in shown]

    def precedents(self, ids: Sequence[str]) -> list[Precedent]:
        return [one for one in self.kept if one.id in ids]


def asked(kept: Kept, measure: str, rules: Sequence[str], named: Sequence[tuple[str, str | None]] = (), shown: int = 2) -> dict[str, Json]:
    rows: list[Json] = [{"rule": rule, "publishedOutcome": outcome} for rule, outcome in named]
    advice: Json = {"reasons": [{"rule": rule} for rule in rules], "precedents": rows}
    return departure(cast(Lookups, kept), None, "case", Comparison(shown, 1, measure), FACTS, advice)


def measured(answer: dict[str, Json]) -> list[str]:
    return [str(one["id"]) for one in cast(list[dict[str, Json]], answer["items"]) if one["measured"]]


@pytest.mark.parametrize(
    ("ended", "departing"),
    [
        ("EXEMPT", ["REDUCE_LENIENT", "REDUCE_MITIGATED", "REDUCE", "NOT_TOLERATED"]),
        ("REDUCE_LENIENT", ["EXEMPT", "NOT_TOLERATED"]),
        ("REDUCE", ["EXEMPT", "NOT_TOLERATED"]),
        ("TOLERATE", ["NOT_TOLERATED"]),
        ("OTHER", ["NOT_TOLERATED"]),
        ("第一种形态", ["NOT_TOLERATED"]),
        ("NOT_TOLERATED", ["EXEMPT", "REDUCE_LENIENT", "REDUCE_MITIGATED", "REDUCE"]),
    ],
)
def test_which_decisions_depart_from_how_a_case_ended(ended: str, departing: list[str]) -> None:
    assert [decided for decided in DECIDED if departs(decided, ended)] == departing


def test_measured_by_the_nearest_of_those_alike_whatever_else_is_shown() -> None:
    kept = Kept(
        a_precedent("A", "EXEMPT", ["R1"], facts={"motive": "PUBLIC", "loss": Decimal(3)}),
        a_precedent("B", "NOT_TOLERATED", ["R1"]),
        a_precedent("C", "REDUCE", ["R1"], facts={"motive": "PRIVATE"}),
        a_precedent("D", "REDUCE", ["R2"]),
        a_precedent("E", "NOT_TOLERATED", facts={"motive": "PUBLIC"}),
    )

    nearest = asked(kept, NEAREST, ["R1"], shown=4)
    assert measured(nearest) == ["A", "B"]
    assert nearest["departing"] == [*DECIDED]
    assert [one["id"] for one in cast(list[dict[str, Json]], nearest["items"])] == ["A", "B", "C", "E"]
    assert nearest["compared"] == 5

    assert measured(asked(kept, ALIKE, ["R1"], shown=4)) == ["A", "B", "C"]
    assert measured(asked(kept, ALIKE, ["R1"], shown=1)) == ["A"]
    assert measured(asked(kept, NAMED, ["R1"])) == []
    assert asked(kept, NAMED, ["R1"])["departing"] == []
    assert measured(asked(kept, NEAREST, ["R9"])) == []


def test_what_the_table_names_counts_and_is_shown_however_far_it_lies() -> None:
    kept = Kept(a_precedent("A", "EXEMPT", ["R1", "R2"]), a_precedent("P", "REDUCE"), a_precedent("W", "NOT_TOLERATED", withdrawn="有误"))

    answer = asked(kept, NEAREST, ["R1", "R2"], named=[("P", "REDUCE"), ("W", "NOT_TOLERATED"), ("TABLE-ONLY", "EXEMPT")], shown=1)

    assert measured(answer) == ["A", "P"]
    assert answer["withdrawn"] == [{"id": "W", "reason": "有误"}]
    assert answer["departing"] == [*DECIDED]
    alone = asked(Kept(), NEAREST, ["R1"], named=[("TABLE-ONLY", "EXEMPT"), ("UNTOLD", None)])
    assert (alone["items"], alone["departing"]) == ([], ["REDUCE_LENIENT", "REDUCE_MITIGATED", "REDUCE", "NOT_TOLERATED"])
    gone = asked(kept, NAMED, [], named=[("W", "NOT_TOLERATED")])
    assert gone["departing"] == []


def test_the_case_itself_and_what_came_of_it_are_not_shown() -> None:
    kept = Kept(a_precedent("A", "EXEMPT", ["R1"]))
    object.__setattr__(kept.kept[0], "origin_instance_id", "case")

    assert asked(kept, NEAREST, ["R1"])["items"] == []


def test_an_item_tells_what_is_shared_and_where_they_differ() -> None:
    kept = Kept(a_precedent("A", "REDUCE", ["R1"], facts={"motive": "PRIVATE", "loss": Decimal(3), "intent": "KNOWING"}, place="某县"))

    (item,) = cast(list[dict[str, Json]], asked(kept, NEAREST, ["R2", "R1"])["items"])

    assert (item["sharedRules"], item["agreeingFacts"], item["unknownHere"]) == (["R1"], ["loss"], ["intent"])
    assert item["differingFacts"] == [{"name": "motive", "here": "PUBLIC", "there": "PRIVATE"}]
    assert (item["outcome"], item["place"], item["sources"]) == ("REDUCE", "某县", [SOURCE])
    assert item["departing"] == ["EXEMPT", "NOT_TOLERATED"]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"shown": Decimal(5), "sharedRules": Decimal(1), "departFrom": NEAREST}, None),
        ({"shown": Decimal(51), "sharedRules": Decimal(1), "departFrom": NEAREST}, "shown"),
        ({"shown": Decimal(5), "sharedRules": Decimal("1.5"), "departFrom": NEAREST}, "sharedRules"),
        ({"shown": True, "sharedRules": Decimal(1), "departFrom": NEAREST}, "shown"),
        ({"shown": "5", "sharedRules": Decimal(1), "departFrom": NEAREST}, "shown"),
        ({"shown": Decimal(5), "sharedRules": Decimal(1), "departFrom": "ANY"}, "departFrom"),
        ({"shown": Decimal(5), "sharedRules": Decimal(1)}, "the value has"),
        (None, "the value has"),
    ],
)
def test_a_setting_is_judged(value: Json, fault: str | None) -> None:
    found = fault_of_comparison(value)

    assert (found is None) is (fault is None)
    assert fault is None or fault in str(found)
    if fault is None:
        assert comparison_of(value) == Comparison(5, 1, NEAREST)
    else:
        with pytest.raises(ValueError, match=fault):
            comparison_of(value)
