"""Persons and units: replaced whole, listed by kind, unit and text in the order of their ids."""

from dataclasses import replace
from pathlib import Path

import pytest

from service.domain.subject import INDIVIDUAL, UNIT, Authority, Post, Subject, posts_on
from service.store import migrate, open_store
from service.store.conftest import NOW
from service.store.counting import count_statements
from service.store.database import DatabaseStore

FORMER = Post("科长", "正科级", Authority("county", "县委组织部"), "2020-01-01", "2024-02-29")
PRESENT = Post("副局长", None, Authority("city", None), "2024-03-01", None)
ZHANG = Subject("zhang", INDIVIDUAL, "张三", "bureau", (FORMER, PRESENT), NOW)
BUREAU = Subject("bureau", UNIT, "某_局", None, (), NOW)


def test_a_subject_is_replaced_whole(store: DatabaseStore) -> None:
    with store.begin() as transaction:
        assert transaction.subject("zhang") is None
        transaction.put_subject(ZHANG)
        assert transaction.subject("zhang") == ZHANG
        transaction.put_subject(replace(ZHANG, unit_id=None, posts=(PRESENT,)))
        transaction.put_subject(BUREAU)
        transaction.commit()

    with store.read() as questions:
        assert questions.subject("zhang") == replace(ZHANG, unit_id=None, posts=(PRESENT,))
        assert questions.subject("bureau") == BUREAU
        assert questions.subject("nobody") is None


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["bureau", "zhang"]),
        ({"kind": UNIT}, ["bureau"]),
        ({"unitId": "bureau"}, ["zhang"]),
        ({"q": "_"}, ["bureau"]),
        ({"q": "三"}, ["zhang"]),
        ({"q": "zh"}, ["zhang"]),
        ({"q": "ang"}, []),
        ({"q": "/"}, []),
    ],
)
def test_the_list_is_narrowed(store: DatabaseStore, filters: dict[str, object], found: list[str]) -> None:
    with store.begin() as transaction:
        transaction.put_subject(ZHANG)
        transaction.put_subject(BUREAU)
        transaction.commit()

    with store.read() as questions:
        page = questions.page("subjects", filters, (), 10, None, NOW, None)

    assert [one["id"] for one in page.items] == found


def test_posts_are_held_from_the_first_to_the_last_day() -> None:
    side = Post("工会主席", None, None, "2024-02-29", "2024-03-01")

    assert posts_on((FORMER, side, PRESENT), "2024-02-29") == [side, FORMER]
    assert posts_on((FORMER, side, PRESENT), "2024-03-01") == [PRESENT, side]
    assert posts_on((FORMER, side, PRESENT), "2019-12-31") == []


@pytest.mark.parametrize(
    ("filters", "index"),
    [({}, "subject"), ({"unitId": "bureau"}, "ix_subject_unit_id_id"), ({"kind": UNIT}, "ix_subject_kind_id")],
)
def test_a_page_is_read_in_index_order(tmp_path: Path, filters: dict[str, object], index: str) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    store = open_store(url)
    with count_statements(store) as sent, store.read() as questions:
        questions.page("subjects", filters, (), 50, None, NOW, None)
    (statement,) = sent
    with store.reading.connect() as connection:
        plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?"))]
    store.close()
    assert any(index in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
