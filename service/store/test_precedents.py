"""Precedents: replaced whole, listed by situation, rule, outcome, place and text, gathered for a place."""

from dataclasses import replace
from decimal import Decimal

import pytest

from service.domain.precedent import BUILT_IN, CASE, LIMITED, PUBLIC, UNIT, Precedent, PrecedentOutline, PrecedentSource
from service.store.conftest import NOW
from service.store.counting import count_statements
from service.store.database import DatabaseStore

QUOTED = PrecedentSource("通报", "予以容错_免责", "https://example.org/1")
FIRST = Precedent(
    id="A",
    version=1,
    title="应急抢修",
    place="某市",
    jurisdiction="city",
    jurisdiction_path="province/city",
    outcome="EXEMPT",
    scope=PUBLIC,
    anonymised=True,
    origin=BUILT_IN,
    sources=(QUOTED,),
    recorded_at=NOW,
    recorded_by="loader",
    published="2024-06",
    exempt_kind="EXEMPTED",
    situation="S1",
    rules=("HB-T4", "HB-T1"),
    facts={"motive": "PUBLIC", "personalGain": False},
    assumed_facts={"remedy": "TIMELY"},
)
SECOND = replace(
    FIRST, id="B", title="另一案", outcome="REDUCE", exempt_kind=None, scope=LIMITED, situation=None, rules=("HB-T1",), facts={}
)
THIRD = replace(SECOND, id="C", scope=UNIT, rules=(), origin=CASE, process_instance_id="case-1", origin_instance_id="case-0")
GONE = replace(FIRST, id="D", rules=(), situation=None, withdrawn="撤销", jurisdiction=None, jurisdiction_path=None)


def outline(one: Precedent) -> PrecedentOutline:
    return PrecedentOutline(*(getattr(one, name) for name in PrecedentOutline.__slots__))


@pytest.fixture
def kept(store: DatabaseStore) -> DatabaseStore:
    with store.begin() as transaction:
        transaction.put_precedents([FIRST, SECOND, THIRD, GONE])
        transaction.commit()
    return store


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "ABCD"),
        ({"situation": "S1"}, "A"),
        ({"rule": "HB-T1"}, "AB"),
        ({"rule": "HB-T"}, ""),
        ({"outcome": "REDUCE"}, "BC"),
        ({"jurisdiction": "province/city"}, "ABC"),
        ({"jurisdiction": "province/ci"}, ""),
        ({"scope": "UNIT"}, "C"),
        ({"origin": "built-in"}, "ABD"),
        ({"processInstanceId": "case-1"}, "C"),
        ({"withdrawn": True}, "D"),
        ({"withdrawn": False}, "ABC"),
        ({"text": "抢修"}, "AD"),
        ({"text": "错_免"}, "ABCD"),
        ({"text": "错%免"}, ""),
    ],
)
def test_the_list_is_narrowed(kept: DatabaseStore, filters: dict[str, object], found: str) -> None:
    with kept.read() as questions:
        page = questions.page("precedents", filters, (), 10, None, NOW, None)

    assert "".join(str(one["id"]) for one in page.items) == found


def test_who_sees_some_places_sees_theirs_and_what_is_public(kept: DatabaseStore) -> None:
    with kept.read() as questions:
        elsewhere = questions.page("precedents", {}, (), 10, None, NOW, ["other"])
        above = questions.page("precedents", {}, (), 10, None, NOW, ["province"])

    assert [one["id"] for one in elsewhere.items] == ["A", "D"]
    assert [one["id"] for one in above.items] == ["A", "B", "C", "D"]


def test_a_precedent_comes_back_as_it_went_in_and_is_replaced_whole(kept: DatabaseStore) -> None:
    changed = replace(FIRST, version=2, rules=("N4",), facts={}, title="改")
    with kept.read() as questions:
        assert questions.precedents_beside("province/city") == [outline(one) for one in (FIRST, SECOND, THIRD)]
        assert questions.precedents_beside("province/city/county") == [outline(FIRST), outline(SECOND)]
        assert questions.precedents_beside(None) == questions.precedents_beside("elsewhere") == [outline(FIRST)]
        assert questions.precedents(["C", "A", "none"]) == [FIRST, THIRD]
        assert questions.precedents([]) == []
    with kept.begin() as transaction:
        transaction.put_precedents([changed])
        transaction.commit()

    with kept.read() as questions:
        assert questions.precedents_beside(None) == [outline(changed)]
        assert questions.precedents(["A"]) == [changed]
        assert questions.page("precedents", {"rule": "HB-T4"}, (), 10, None, NOW, None).items == []
        told = questions.one("precedents", "A", NOW)
    assert told is not None
    assert (told["version"], told["title"], told["rules"], told["force"]) == (2, "改", ["N4"], "PRECEDENT")
    assert told["sources"] == [QUOTED.as_json()]


def test_a_comparison_reads_facts_exactly_and_no_texts(store: DatabaseStore) -> None:
    long = replace(
        FIRST, facts={"amount": Decimal("12345678901234567890.10"), "words": '引"\\\n'}, text="字" * 100_000, published=None, rules=()
    )
    with store.begin() as transaction:
        transaction.put_precedents([long])
        transaction.commit()

    with count_statements(store) as sent, store.read() as questions:
        assert questions.precedents_beside(None) == [outline(long)]
    (statement,) = (one for one in sent if "FROM precedent" in one)
    assert "precedent.content," not in statement.replace("json_extract(precedent.content,", "")
    with store.read() as questions:
        assert questions.precedents(["A"]) == [long]
