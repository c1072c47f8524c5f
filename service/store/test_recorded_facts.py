"""What counts as recorded in other cases, and that indexes lead to it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.domain.identifiers import new_id
from service.domain.instance import CANCELLED, COMPLETED, SUSPENDED
from service.domain.json_values import Json
from service.domain.recorded_fact import ACTIVITIES, ENDED_AT, INSTANCES, OPEN, RecordedQuestion
from service.domain.step import ActivityChange
from service.domain.subject import INDIVIDUAL, Subject
from service.store import migrate, open_store
from service.store.conftest import NOW, an_instance, save, start
from service.store.counting import count_statements
from service.store.database import DatabaseStore

DAY = 86_400_000
FIRST = 1_700_496_000_000
"""The first moment of 2023-11-21 in China."""
TOLERATED = (("decision.outcome", ("EXEMPT", "REDUCE")),)
PERSON = RecordedQuestion(INSTANCES, (("subjectId", "K1"),))


def a_person(identifier: str, unit_id: str | None) -> Subject:
    return Subject(identifier, INDIVIDUAL, identifier, unit_id, (), NOW)


def case(store: DatabaseStore, started_at: int = NOW, state: str = "active", ended_at: int | None = None, **variables: Json) -> str:
    instance = an_instance(started_at=started_at, state=state, ended_at=ended_at)
    return start(store, instance, variables={"subjectId": "K1", **variables}).id


def visited(store: DatabaseStore, instance_id: str, element: str, now: int, state: str = "completed") -> None:
    save(store, instance_id, now, activities=[ActivityChange(new_id(), element, element, "userTask", state)])


def found(store: DatabaseStore, question: RecordedQuestion) -> list[str]:
    """The instances that count; the count and the list say the same at both doors."""
    with store.read() as questions:
        listed = [entry.process_instance_id for entry in questions.find_recorded(question)]
        counted = questions.count_recorded(question)
    with store.begin() as transaction:
        assert transaction.count_recorded(question) == counted == len(listed)
    return listed


def test_instances_of_the_same_person_count_except_the_cancelled_and_who_asks(store: DatabaseStore) -> None:
    first, second, ended = case(store), case(store, NOW + 1, SUSPENDED), case(store, NOW + 2, COMPLETED)
    case(store, NOW + 3, CANCELLED)
    case(store, subjectId="K2")

    assert found(store, PERSON) == [ended, second, first]
    assert found(store, replace(PERSON, state=OPEN)) == [second, first]
    assert found(store, replace(PERSON, state="completed")) == [ended]
    assert found(store, replace(PERSON, asking=second)) == [ended, first]


def test_types_and_long_texts_are_compared_exactly(store: DatabaseStore) -> None:
    text = case(store, subjectId="1")
    number = case(store, subjectId=1)
    long = case(store, subjectId="x" * 300)
    case(store, subjectId="x" * 299 + "y")

    assert found(store, RecordedQuestion(INSTANCES, (("subjectId", "1"),))) == [text]
    assert found(store, RecordedQuestion(INSTANCES, (("subjectId", 1),))) == [number]
    assert found(store, RecordedQuestion(INSTANCES, (("subjectId", "x" * 300),))) == [long]


def test_all_conditions_must_hold(store: DatabaseStore) -> None:
    fits = case(store, decision={"outcome": "EXEMPT"}, advice={"reasonRule": "E3"})
    other = case(store, NOW + 1, decision={"outcome": "REDUCE"}, advice={"reasonRule": "E4"})
    case(store, decision={"outcome": "NOT_TOLERATED"}, advice={"reasonRule": "E3"})
    case(store)

    assert found(store, replace(PERSON, where=TOLERATED)) == [other, fits]
    assert found(store, replace(PERSON, where=TOLERATED, same=(*PERSON.same, ("advice.reasonRule", "E3")))) == [fits]
    assert found(store, replace(PERSON, processes=("hubei_tolerance",), where=TOLERATED)) == [other, fits]
    assert found(store, replace(PERSON, processes=("siyang_tolerance", "_ubei*", "*xtolerance"))) == []
    assert found(store, replace(PERSON, processes=("siyang_tolerance", "*_tolerance"), where=TOLERATED)) == [other, fits]


def test_what_is_too_old_does_not_count(store: DatabaseStore) -> None:
    case(store, NOW - DAY)
    recent = case(store, NOW)

    assert found(store, replace(PERSON, since=NOW)) == [recent]


def test_a_case_that_has_not_ended_is_not_too_old(store: DatabaseStore) -> None:
    case(store, NOW - 9 * DAY, COMPLETED, NOW - 8 * DAY)
    late = case(store, NOW - 9 * DAY, COMPLETED, NOW)
    running = case(store, NOW - 9 * DAY)

    assert found(store, replace(PERSON, at=ENDED_AT, since=NOW)) == [late, running]


def test_the_date_of_a_variable_counts_and_what_has_none_is_not_too_old(store: DatabaseStore) -> None:
    case(store, decision={"decidedOn": "2023-11-20"})
    just = case(store, decision={"decidedOn": "2023-11-21"})
    moment = case(store, decision={"decidedOn": "2026-02-01T10:00:00+08:00"})
    unreadable = case(store, decision={"decidedOn": "1 June"})
    undated = case(store)
    question = replace(PERSON, at="decision.decidedOn", since=FIRST)

    listed = found(store, question)
    assert (listed[:2], sorted(listed[2:])) == ([moment, just], sorted([unreadable, undated]))
    with store.read() as questions:
        told = {entry.process_instance_id: entry.at for entry in questions.find_recorded(question)}
    assert told == {moment: "2026-02-01T10:00:00+08:00", just: "2023-11-21", unreadable: None, undated: None}


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("2023-11-20", False),
        ("2023-11-21", True),
        ("2023-11-20T15:59:59Z", False),
        ("2023-11-20T16:00:00Z", True),
        ("2023-11-20T16:00Z", True),
        ("2023-11-21T00:00:00+09:00", False),
        ("2023-11-21T00:00:00.000+08:00", True),
        ("2023-11-20T23:59:59", False),
        ("2023-11-21T00:00:00", True),
        ("2023-11-20T06:00:00-11:00", True),
        ("2023-11-21T05:59:59+14:00", False),
        ("2023-11-21T06:00:00+14:00", True),
        ("2023-11-20T17:00:00@Europe/Paris", True),
        ("2023-11-20T16:59:59@Europe/Paris", False),
        ("2023-11-20 上午", False),
        ("2023-11-21 上午", True),
        ("2023-11-31", True),
        ("soon", True),
    ],
)
def test_moments_are_compared_as_moments_and_dates_as_days_here(store: DatabaseStore, text: str, counts: bool) -> None:
    one = case(store, decision={"decidedOn": text})

    assert found(store, replace(PERSON, at="decision.decidedOn", since=FIRST)) == ([one] if counts else [])


def test_what_is_dated_by_moments_is_listed_in_their_order(store: DatabaseStore) -> None:
    written = ["2026-03-02", "2026-03-01T20:00:00Z", "2026-03-02T06:00:00", "2026-03-01T23:00:00-05:00", "2026-03-01T17:00:00Z"]
    ids = dict(zip(written, [case(store, decision={"decidedOn": text}) for text in written], strict=True))

    newest_first = [written[3], written[2], written[1], written[4], written[0]]
    assert found(store, replace(PERSON, at="decision.decidedOn")) == [ids[text] for text in newest_first]


def test_a_unit_is_its_own_cases_and_those_of_the_persons_registered_under_it(store: DatabaseStore) -> None:
    with store.begin() as transaction:
        transaction.put_subject(a_person("K1", "unit-1"))
        transaction.put_subject(a_person("K2", "unit-2"))
        transaction.commit()
    member, itself = case(store), case(store, NOW + 1, subjectId="unit-1")
    case(store, subjectId="K2")
    case(store, subjectId="unregistered")

    assert found(store, RecordedQuestion(INSTANCES, (("subjectId", "unit-1"),), through_unit=True)) == [itself, member]


def test_visits_count_each_one_in_cancelled_cases_too(store: DatabaseStore) -> None:
    first, second, third = case(store), case(store), case(store)
    visited(store, first, "inquire", NOW)
    visited(store, first, "inquire", NOW + 1)
    visited(store, first, "talk", NOW + 2)
    visited(store, second, "inquire", NOW + 3)
    save(store, second, NOW + 4, state=CANCELLED, ended_at=NOW + 4)
    visited(store, third, "inquire", NOW + 5, "active")
    letters = RecordedQuestion(ACTIVITIES, PERSON.same, elements=(("hubei_tolerance", "inquire"),), state="completed")

    assert found(store, letters) == [second, first, first]
    assert found(store, replace(letters, since=NOW + 1)) == [second, first]
    assert found(store, replace(letters, elements=(("siyang_clue_triage", "inquire"),))) == []
    assert found(store, replace(letters, elements=((None, "inquire"), (None, "talk")))) == [second, first, first, first]
    assert found(store, replace(letters, state="active")) == [third]


def test_an_entry_tells_where_it_comes_from(store: DatabaseStore) -> None:
    identifier = case(store, filing={"number": "2026-1", "scope": ["a"]})
    visited(store, identifier, "wait", NOW + 1, "active")
    values = {"number": "filing.number", "scope": "filing.scope", "missing": "filing.number.of"}

    with store.read() as questions:
        (entry,) = questions.find_recorded(
            RecordedQuestion(ACTIVITIES, PERSON.same, elements=((None, "wait"),), state="active", values=values)
        )

    assert entry.as_json() == {
        "processInstanceId": identifier,
        "definitionKey": "hubei_tolerance",
        "businessKey": "鄂容2026-1",
        "jurisdiction": "xianning",
        "state": "active",
        "at": datetime.fromtimestamp((NOW + 1) / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "elementId": "wait",
        "values": {"number": "2026-1", "scope": ["a"], "missing": None},
    }


@pytest.mark.parametrize(
    "question",
    [
        replace(PERSON, where=TOLERATED, at="decision.decidedOn", since=FIRST),
        replace(PERSON, through_unit=True, state=OPEN),
        RecordedQuestion(ACTIVITIES, PERSON.same, elements=((None, "inquire"),), state="completed", since=NOW),
    ],
)
def test_indexes_lead_from_the_variable_to_the_cases(tmp_path: Path, question: RecordedQuestion) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    store = open_store(url)
    with count_statements(store) as sent, store.read() as questions:
        questions.count_recorded(question)
        questions.find_recorded(question)
    with store.reading.connect() as connection:
        plans = [
            [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?"))]
            for statement in sent
        ]
    store.close()
    for plan in plans:
        assert any("ix_variable_path_type_search_key_process_instance_id" in step for step in plan), plan
        assert [step for step in plan if step.startswith("SCAN") and "CONSTANT ROW" not in step and "SUBQUERY" not in step] == [], plan


def test_a_case_that_another_one_supersedes_does_not_count_while_that_one_stands(store: DatabaseStore) -> None:
    plain, first = case(store), case(store, NOW + 1)
    second = case(store, NOW + 2, decision={"supersedes": first})
    third = case(store, NOW + 3, decision={"supersedes": second})
    revived = case(store, NOW + 4)
    case(store, NOW + 5, CANCELLED, decision={"supersedes": revived})
    question = replace(PERSON, superseded_by="decision.supersedes")

    assert found(store, question) == [revived, third, plain]
    assert found(store, replace(question, asking=third)) == [revived, plain]


def test_visits_in_a_case_that_another_one_supersedes_do_not_count(store: DatabaseStore) -> None:
    first, second = case(store), case(store)
    visited(store, first, "wait", NOW)
    visited(store, second, "wait", NOW)
    case(store, supersedes=first)
    question = RecordedQuestion(
        ACTIVITIES, (("subjectId", "K1"),), elements=((None, "wait"),), state="completed", superseded_by="supersedes"
    )

    assert found(store, question) == [second]
