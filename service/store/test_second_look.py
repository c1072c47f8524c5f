"""What a step asked about other cases, or about recusals, and somebody else changed before it was written."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Barrier

import pytest

from service.actions.do_anew import until_not_overtaken
from service.domain.errors import Overtaken
from service.domain.identifiers import new_id
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.recorded_fact import ACTIVITIES, INSTANCES, RecordedQuestion
from service.domain.recusal import DECLARED, INTEREST, Recusal
from service.domain.step import ActivityChange
from service.store.conftest import NOW, a_change, a_task, an_instance, save, start
from service.store.counting import count_statements
from service.store.database import DatabaseStore
from service.store.recusals import look_again_at_recusals
from service.store.transaction import StoreTransaction

LETTERS = RecordedQuestion(ACTIVITIES, (("subjectId", "K1"),), elements=((None, "inquire"),), state="completed")
UNDER_WAY = replace(LETTERS, state="active")
CASES = RecordedQuestion(INSTANCES, (("subjectId", "K1"),), values={"matter": "matterId"})
ASKING: list[Callable[[StoreTransaction, RecordedQuestion], object]] = [
    StoreTransaction.count_recorded,
    lambda transaction, question: len(transaction.find_recorded(question)),
]


# On SQLite a second transaction begins when the first has ended.
on_postgres = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


def visit(element: str, state: str = "completed", identifier: str | None = None) -> ActivityChange:
    return ActivityChange(identifier or new_id(), element, element, "userTask", state)


def written(transaction: StoreTransaction, instance: ProcessInstance, *visits: ActivityChange, **variables: Json) -> None:
    transaction.insert_instance(a_change(instance, variables={"subjectId": "K1", **variables}, activities=list(visits)))


def a_recusal(**about: str | None) -> Recusal:
    named = {"subject_id": None, "matter_id": None, "process_instance_id": None, **about}
    rest = {"note": None, "of_head": False, "state": DECLARED, "begins_on": "2026-11-20", "ends_on": None}
    return Recusal(id=new_id(), user_id="li", ground=INTEREST, declared_at=NOW, declared_by="li", **named, **rest)  # type: ignore[arg-type]


@on_postgres
@pytest.mark.parametrize("ask", ASKING)
@pytest.mark.parametrize("question", [LETTERS, UNDER_WAY, CASES, replace(CASES, at="decidedOn", since=NOW)])
def test_of_two_that_ask_at_once_the_second_to_write_is_overtaken(
    store: DatabaseStore, question: RecordedQuestion, ask: Callable[[StoreTransaction, RecordedQuestion], object]
) -> None:
    first, second = an_instance(), an_instance()
    both = (visit("inquire"), visit("inquire", "active"))
    with store.begin() as one, store.begin() as other:
        assert (ask(one, question), ask(other, question)) == (0, 0)
        written(one, first, *both)
        one.commit()
        with pytest.raises(Overtaken) as overtaken:
            written(other, second, *both)
    assert overtaken.value.code == "stale"
    with store.begin() as again:
        assert ask(again, question) == 1
        written(again, second, *both)
        again.commit()
    with store.read() as questions:
        assert questions.count_recorded(question) == 2


@on_postgres
def test_two_answers_of_one_step_are_of_one_moment(store: DatabaseStore) -> None:
    """A letter that is sent between the two questions would be counted by neither."""
    letter = new_id()
    case = start(store, an_instance(), variables={"subjectId": "K1"}, activities=[visit("inquire", "active", letter)]).id
    with store.begin() as asking:
        assert asking.count_recorded(LETTERS) == 0
        save(store, case, activities=[visit("inquire", "completed", letter)])
        assert asking.count_recorded(UNDER_WAY) == 0
        with pytest.raises(Overtaken):
            written(asking, an_instance())


@on_postgres
def test_who_does_not_ask_and_what_does_not_touch_the_answer_overtake_nobody(store: DatabaseStore) -> None:
    with store.begin() as one, store.begin() as other:
        assert (one.count_recorded(LETTERS), other.count_recorded(replace(LETTERS, same=(("subjectId", "K2"),)))) == (0, 0)
        written(one, an_instance(), visit("inquire"))
        one.commit()
        written(other, an_instance(), visit("inquire"), subjectId="K2")
        other.commit()


@on_postgres
def test_what_the_step_writes_itself_does_not_overtake_it(store: DatabaseStore) -> None:
    earlier, asking = start(store, an_instance(), variables={"subjectId": "K1"}), an_instance()
    question = replace(CASES, asking=asking.id, superseded_by="supersedes")
    with store.begin() as transaction:
        assert transaction.count_recorded(question) == len(transaction.find_recorded(question)) == 1
        written(transaction, asking, visit("inquire"), supersedes=earlier.id)
        transaction.commit()
    with store.read() as questions:
        assert questions.count_recorded(question) == 0


def test_the_second_look_is_two_statements_whatever_was_asked_and_none_for_who_asks_nothing(store: DatabaseStore) -> None:
    sent: dict[bool, list[str]] = {}
    for asks in (False, True):
        with count_statements(store) as sent[asks], store.begin() as transaction:
            for _ in range(3 if asks else 0):
                transaction.count_recorded(LETTERS)
                transaction.find_recorded(CASES)
            written(transaction, an_instance(), visit("inquire"), subjectId="K3")
            transaction.commit()
    looks = 0 if store.reading is not store.writing and store.writing.dialect.name == "sqlite" else 2
    assert len(sent[True]) - len(sent[False]) == 6 + looks


@pytest.mark.parametrize("ask", ASKING)
def test_many_at_once_do_not_exceed_a_limit(store: DatabaseStore, ask: Callable[[StoreTransaction, RecordedQuestion], int]) -> None:
    most, workers = 2, 6
    for number in range(8):
        subject = f"K{number}"
        question = replace(LETTERS, same=(("subjectId", subject),))
        ready = Barrier(workers)

        def send(subject: str = subject, question: RecordedQuestion = question, ready: Barrier = ready) -> bool:
            ready.wait()

            def attempt() -> bool:
                with store.begin() as transaction:
                    sends = ask(transaction, question) < most
                    written(transaction, an_instance(), *([visit("inquire")] if sends else []), subjectId=subject)
                    transaction.commit()
                return sends

            return until_not_overtaken(attempt)

        with ThreadPoolExecutor(workers) as pool:
            sent = [one.result() for one in [pool.submit(send) for _ in range(workers)]]
        assert sent.count(True) == most
        with store.read() as questions:
            assert questions.count_recorded(question) == most


@on_postgres
def test_who_was_overtaken_is_not_overtaken_again_by_who_asks_too(store: DatabaseStore) -> None:
    """Else one of many who ask at once could be overtaken at each of its attempts."""
    attempts = 0

    def ask_and_write() -> int:
        with store.begin() as transaction:
            seen = transaction.count_recorded(LETTERS)
            written(transaction, an_instance(), visit("inquire"))
            transaction.commit()
        return seen

    with ThreadPoolExecutor(1) as pool:
        others: list[Future[int]] = []

        def attempt() -> int:
            nonlocal attempts
            attempts += 1
            with store.begin() as transaction:
                seen = transaction.count_recorded(LETTERS)
                others.append(pool.submit(until_not_overtaken, ask_and_write))
                wait(others, timeout=0.5)
                written(transaction, an_instance(), visit("inquire"))
                transaction.commit()
            return seen

        assert (until_not_overtaken(attempt), attempts) == (1, 2)
        assert [one.result(timeout=10) for one in others] == [0, 2]


def declaring(transaction: StoreTransaction, recusal: Recusal) -> list[str]:
    transaction.put_recusal(recusal)
    return list(transaction.open_cases_of_recusal(recusal))


@on_postgres
@pytest.mark.parametrize("about", [{"subject_id": "K1"}, {"matter_id": "M1"}, {"subject_id": "K1", "matter_id": "M1"}])
def test_of_a_recusal_and_a_start_the_second_to_be_committed_is_overtaken(store: DatabaseStore, about: dict[str, str]) -> None:
    case, recusal = an_instance(), a_recusal(**about)
    task = a_task(case, assignee="li")
    with store.begin() as starting, store.begin() as declared:
        assert starting.recusals_about(case.id, "K1", "M1") == []
        assert declaring(declared, recusal) == []
        declared.commit()
        starting.insert_instance(a_change(case, variables={"subjectId": "K1", "matterId": "M1"}, opened_tasks=[task]))
        with pytest.raises(Overtaken):
            starting.commit()
    case = replace(case, audit_seq=0, audit_head="")
    with store.begin() as starting, store.begin() as declared:
        assert starting.recusals_about(case.id, "K1", "M1") == [recusal]
        assert declaring(declared, a_recusal(**about)) == []
        starting.insert_instance(a_change(case, variables={"subjectId": "K1", "matterId": "M1"}))
        starting.commit()
        with pytest.raises(Overtaken):
            declared.commit()
    with store.begin() as declared:
        assert declaring(declared, a_recusal(**about)) == [case.id]
        declared.commit()


@on_postgres
def test_of_a_recusal_and_a_step_that_names_another_subject_the_second_is_overtaken(store: DatabaseStore) -> None:
    case = start(store, an_instance(), variables={"subjectId": "K0"})
    with store.begin() as step, store.begin() as declared:
        instance = step.load_instance(case.id)
        assert instance is not None
        assert step.recusals_about(case.id, "K1", None) == []
        assert declaring(declared, a_recusal(subject_id="K1")) == []
        declared.commit()
        change = a_change(instance, "step", variables={"subjectId": "K1"})
        instance.version += 1
        step.save_instance(change)
        with pytest.raises(Overtaken):
            step.commit()


@on_postgres
def test_a_case_that_ends_does_not_overtake_a_recusal(store: DatabaseStore) -> None:
    case = start(store, an_instance(), variables={"subjectId": "K1"})
    with store.begin() as declared:
        assert declaring(declared, a_recusal(subject_id="K1")) == [case.id]
        save(store, case.id, state="completed", ended_at=NOW)
        declared.commit()


def test_a_step_that_leaves_the_subject_as_it_is_asks_nothing_more(store: DatabaseStore) -> None:
    case = an_instance()
    start(store, case, variables={"subjectId": "K1"}, opened_tasks=[a_task(case, id="task")])
    with count_statements(store) as sent, store.begin() as transaction:
        transaction.load_task("task")
        before = len(sent)
        named = transaction.named_in_case(case.id)
        assert named is not None
        assert transaction.recusals_about(case.id, named.subject_id, named.matter_id) == []
        transaction.commit()
        assert len(sent) == before


def test_the_tasks_that_somebody_has(store: DatabaseStore) -> None:
    case = an_instance()
    held, free = a_task(case, assignee="li"), a_task(case)
    start(store, case, variables={"subjectId": "K1", "matterId": 7}, opened_tasks=[held, free])
    with store.read() as questions:
        assert [task.id for task in questions.held_tasks(case.id)] == [held.id]
        named = questions.named_in_case(case.id)
        assert named is not None
        assert (named.subject_id, named.matter_id) == ("K1", None)
        assert questions.named_in_case("none") is None
    save(store, case.id, released_tasks=[held])
    with store.begin() as transaction:
        assert transaction.named_in_case(case.id) is None
        assert [task.assignee for task in transaction.open_tasks(case.id)] == [None, None]
        assert transaction.named_in_case(case.id) == named
        assert transaction.held_tasks(case.id) == []


@on_postgres
@pytest.mark.parametrize("begins", [True, False])
def test_a_case_that_names_somebody_waits_for_who_declares_even_when_it_asks_nothing(store: DatabaseStore, begins: bool) -> None:
    """Else it could be committed, and its task be claimed, between the second look of the recusal and its commit: seen by neither."""
    case = an_instance()
    if not begins:
        start(store, case, variables={"subjectId": "K0"})

    def name_k1() -> None:
        with store.begin() as step:
            if begins:
                step.insert_instance(a_change(case, variables={"subjectId": "K1"}))
            else:
                instance = step.load_instance(case.id)
                assert instance is not None
                change = a_change(instance, "step", variables={"subjectId": "K1"})
                instance.version += 1
                step.save_instance(change)
            step.commit()

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as declared:
            assert declaring(declared, a_recusal(subject_id="K1")) == []
            look_again_at_recusals(declared._writing)
            naming = pool.submit(name_k1)
            with pytest.raises(TimeoutError):
                naming.result(timeout=0.5)
            declared.commit()
        naming.result(timeout=10)
    with store.begin() as claim:
        assert claim.load_instance(case.id) is not None
        assert [one.subject_id for one in claim.recusals_of_case(case.id)] == ["K1"]
