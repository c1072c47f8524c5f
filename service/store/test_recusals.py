"""Which cases a recusal is about, on both databases."""

from pathlib import Path
from typing import Any

import pytest

from service.domain.identifiers import new_id
from service.domain.recusal import DECLARED, INTEREST, LIFTED, ORDERED, REFUSED, Recusal
from service.store import migrate, open_store
from service.store.conftest import NOW, a_task, an_instance, save, start
from service.store.counting import count_statements
from service.store.database import DatabaseStore


def a_recusal(store: DatabaseStore, **members: Any) -> Recusal:
    about: dict[str, Any] = {"subject_id": None, "matter_id": None, "process_instance_id": None, "state": DECLARED, **members}
    state = about.pop("state")
    one = Recusal(
        id=new_id(),
        user_id="li",
        ground=INTEREST,
        note=None,
        of_head=False,
        state=state,
        begins_on="2026-11-20",
        ends_on=None,
        declared_at=NOW,
        declared_by="li",
        **about,
    )
    with store.begin() as transaction:
        transaction.put_recusal(one)
        transaction.commit()
    return one


@pytest.mark.parametrize(
    ("about", "cases"),
    [
        ({"subject_id": "K-1"}, ["first", "second"]),
        ({"matter_id": "M-1"}, ["first", "third"]),
        ({"subject_id": "K-1", "matter_id": "M-1"}, ["first"]),
        ({"subject_id": "K-1", "matter_id": "M-9"}, []),
        ({"process_instance_id": "third"}, ["third"]),
        ({"subject_id": "7"}, []),
        ({"subject_id": "K" * 300}, ["long"]),
        ({"subject_id": "K" * 299}, []),
    ],
)
def test_a_recusal_is_about_subject_matter_or_instance(store: DatabaseStore, about: dict[str, str], cases: list[str]) -> None:
    variables: dict[str, dict[str, Any]] = {
        "first": {"subjectId": "K-1", "matterId": "M-1"},
        "second": {"subjectId": "K-1"},
        "third": {"matterId": "M-1"},
        "nameless": {},
        "number": {"subjectId": 7},
        "long": {"subjectId": "K" * 300},
    }
    for name, values in variables.items():
        start(store, an_instance(id=name), variables=values, opened_tasks=[a_task(an_instance(id=name), id=f"task of {name}")])
    start(store, an_instance(id="ended"), variables=variables["first"])
    save(store, "ended", state="completed", ended_at=NOW)

    one = a_recusal(store, **about)

    with store.begin() as transaction:
        assert sorted(transaction.open_cases_of_recusal(one)) == sorted(cases)
        for name, values in variables.items():
            expected = [one] if name in cases else []
            assert transaction.recusals_of_case(name) == expected
            assert transaction.load_task(f"task of {name}") is not None
            assert transaction.recusals_of_case(name) == expected
            subject = values.get("subjectId")
            assert transaction.recusals_about(name, subject if isinstance(subject, str) else None, values.get("matterId")) == expected
    with store.read() as questions:
        assert questions.recusals_of_case("first") == ([one] if "first" in cases else [])


def test_what_was_refused_or_lifted_bars_nobody_and_is_still_listed(store: DatabaseStore) -> None:
    start(store, an_instance(id="case"), variables={"subjectId": "K-1"})
    given = [a_recusal(store, subject_id="K-1", state=state) for state in (DECLARED, ORDERED, REFUSED, LIFTED)]
    a_recusal(store, subject_id="K-2")

    with store.begin() as transaction:
        assert transaction.recusals_of_case("case") == given[:2]
        assert transaction.load_recusal(given[3].id) == given[3]
        assert transaction.load_recusal("none") is None
    with store.read() as questions:
        listed = questions.page("recusals", {"ofCase": "case"}, [], 3, None, NOW, None)
        rest = questions.page("recusals", {"ofCase": "case"}, [], 3, listed.next_cursor, NOW, None)
        ordered = questions.page("recusals", {"ofCase": "case", "state": ORDERED}, [], 3, None, NOW, None)
    assert [row["id"] for row in [*listed.items, *rest.items]] == [one.id for one in given]
    assert [row["id"] for row in ordered.items] == [given[1].id]


def test_reading_the_task_tells_whether_there_is_anything_to_ask(store: DatabaseStore) -> None:
    start(store, an_instance(id="case"), variables={"subjectId": "K-1"}, opened_tasks=[a_task(an_instance(id="case"), id="task")])
    with count_statements(store) as sent, store.begin() as transaction:
        transaction.load_task("task")
        before = len(sent)
        assert transaction.recusals_of_case("case") == []
        assert len(sent) == before
    one = a_recusal(store, subject_id="K-1")
    with count_statements(store) as sent, store.begin() as transaction:
        transaction.load_task("task")
        before = len(sent)
        assert transaction.recusals_of_case("case") == [one]
        assert len(sent) == before + 1


def test_a_task_that_a_recused_person_has_all_the_same_is_told(store: DatabaseStore) -> None:
    case, other = an_instance(), an_instance()
    held, exempt = a_task(case, assignee="li"), a_task(case, assignee="li", recusal_exempt=True)
    start(store, case, variables={"subjectId": "K-1"}, opened_tasks=[held, exempt, a_task(case), a_task(case, assignee="wang")])
    start(store, other, variables={"subjectId": "K-2"}, opened_tasks=[a_task(other, assignee="li")])
    a_recusal(store, subject_id="K-1", state=REFUSED)
    with store.read() as questions:
        assert questions.held_by_recused("2026-11-20") == []
    one = a_recusal(store, subject_id="K-1")

    with store.read() as questions:
        assert questions.held_by_recused("2026-11-19") == []
        (told,) = questions.held_by_recused("2026-11-20")
    assert told == f"the task {held.id} of the instance {case.id} is held by 'li', who is recused by {one.id}"


def test_the_recusals_of_a_case_are_found_by_indexes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    store = open_store(url)
    with count_statements(store) as sent, store.begin() as transaction:
        transaction.recusals_of_case("case")
    (statement,) = (one for one in sent if "recusal" in one)
    with store.reading.connect() as connection:
        unbound = (None,) * statement.count("?")
        plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", unbound)]
    store.close()
    for column in ("process_instance_id", "subject_id", "matter_id"):
        assert any(f"ix_recusal_{column}_id" in step for step in plan), plan
