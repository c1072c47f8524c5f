"""Tables of working days, and finding the cases that have not been counted by them."""

from dataclasses import replace
from datetime import date

from service.domain.law import WORKING_DAYS, Pause, TimeLimit
from service.domain.step import ArmedTimer
from service.domain.task import COMPLETED
from service.domain.working_days import Recount, WorkingYear
from service.store.conftest import NOW, a_change, a_task, an_instance, save, start
from service.store.database import DatabaseStore

TABLE = WorkingYear(2027, frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 3)}), "通知", 2, NOW, "admin")
LIMIT = TimeLimit(
    "T", "受理", "default", WORKING_DAYS, 40, NOW, (Pause(NOW, NOW + 5),), shift=-7, provisional=True, counted_year=2027, counted_version=1
)


def put(store: DatabaseStore, table: WorkingYear) -> None:
    with store.begin() as transaction:
        transaction.put_working_year(table)
        transaction.commit()


def test_a_table_is_kept_and_replaced(store: DatabaseStore) -> None:
    put(store, TABLE)
    put(store, replace(TABLE, year=2028, version=3, holidays=frozenset(), workdays=frozenset()))
    changed = replace(TABLE, version=4, workdays=frozenset(), source="更正")
    put(store, changed)

    with store.read() as questions:
        tables = questions.working_years()
        assert tables[2027] == changed
        assert [(year, table.version) for year, table in tables.items()] == [(2027, 4), (2028, 3)]


def test_limits_are_kept_with_tasks_and_timers(store: DatabaseStore) -> None:
    instance = an_instance()
    task = a_task(instance, due_at=NOW + 9, due_limit=LIMIT)
    start(store, instance, opened_tasks=[task], armed_timers=[ArmedTimer("t", "e", NOW + 8, LIMIT), ArmedTimer("free", "e", NOW)])
    moved = replace(LIMIT, paused=(), provisional=False, counted_version=2)

    with store.begin() as transaction:
        assert transaction.load_task(task.id) == task
        [timer] = transaction.limited_timers(instance.id)
        assert (timer.id, timer.element_id, timer.due_at, timer.limit) == ("t", "e", NOW + 8, LIMIT)
        transaction.save_task(replace(task, due_limit=moved, version=2), 1)
        transaction.move_timer("t", NOW + 90, moved)
        found = transaction.load_task(task.id)
        assert found is not None
        assert found.due_limit == moved
        [timer] = transaction.limited_timers(instance.id)
        assert (timer.due_at, timer.limit) == (NOW + 90, moved)
        transaction.commit()


def test_cases_are_found_that_do_not_know_the_table(store: DatabaseStore) -> None:
    by_task, by_timer, by_both = sorted((an_instance() for _ in range(3)), key=lambda one: one.id)
    start(store, by_task, opened_tasks=[a_task(by_task, due_limit=LIMIT)])
    start(store, by_timer, armed_timers=[ArmedTimer("t", "e", NOW, replace(LIMIT, counted_year=2030))])
    start(store, by_both, opened_tasks=[a_task(by_both, due_limit=LIMIT)], armed_timers=[ArmedTimer("u", "e", NOW, LIMIT)])
    for known in (
        replace(LIMIT, counted_version=2),
        replace(LIMIT, counted_year=2026),
        replace(LIMIT, counted_year=None, counted_version=0),
        None,
    ):
        knowing = an_instance()
        start(store, knowing, opened_tasks=[a_task(knowing, due_limit=known)], armed_timers=[ArmedTimer(f"t{known}", "e", NOW, known)])
    done = an_instance()
    start(store, done, opened_tasks=[a_task(done, due_limit=LIMIT, state=COMPLETED)])
    recount = Recount(2027, 2, NOW, "")

    with store.read() as questions:
        assert questions.cases_to_recount(recount, 50) == [by_task.id, by_timer.id, by_both.id]
        assert questions.cases_to_recount(recount, 2) == [by_task.id, by_timer.id]
        assert questions.cases_to_recount(replace(recount, after=by_timer.id), 2) == [by_both.id]


def test_counting_again_goes_on_where_it_stopped_until_it_is_over(store: DatabaseStore) -> None:
    put(store, TABLE)
    with store.read() as questions:
        assert questions.recount_due(NOW - 1) is None
        assert not questions.anything_due(NOW - 1)
        assert questions.anything_due(NOW)
        begun = questions.recount_due(NOW)
        assert begun == Recount(2027, 2, NOW, "")

    with store.begin() as transaction:
        transaction.recount_went_on(begun, "case-7", NOW + 5)
        transaction.commit()
    with store.read() as questions:
        assert questions.recount_due(NOW) is None
        assert questions.recount_due(NOW + 5) == Recount(2027, 2, NOW, "case-7")

    put(store, replace(TABLE, version=3, set_at=NOW + 6))
    with store.begin() as transaction:
        transaction.recount_went_on(begun, "", None)
        transaction.commit()
    with store.read() as questions:
        anew = questions.recount_due(NOW + 6)
        assert anew == Recount(2027, 3, NOW + 6, ""), "what was over was the older table"

    with store.begin() as transaction:
        transaction.recount_went_on(anew, "", None)
        transaction.commit()
    with store.read() as questions:
        assert questions.recount_due(NOW + 1_000_000) is None


def test_the_trail_says_since_when_an_instance_is_suspended(store: DatabaseStore) -> None:
    instance = start(store, an_instance())
    with store.begin() as transaction:
        assert transaction.suspended_since(instance.id) is None
        for at in (NOW + 1, NOW + 2):
            held = transaction.load_instance(instance.id)
            assert held is not None
            change = a_change(held, "instance.suspended", at)
            held.version += 1
            transaction.save_instance(change)
        assert transaction.suspended_since(instance.id) == NOW + 2


def test_published_digests_are_kept_by_year(store: DatabaseStore) -> None:
    with store.begin() as transaction:
        transaction.put_published_digest(2025, "a", NOW)
        transaction.put_published_digest(2026, "b", NOW)
        transaction.put_published_digest(2026, "c", NOW + 1)
        transaction.commit()
    with store.read() as questions:
        assert questions.published_digests() == {2025: "a", 2026: "c"}


def test_a_corrected_year_is_for_all_open_cases(store: DatabaseStore) -> None:
    counted, timed, plain = (an_instance() for _ in range(3))
    published = replace(LIMIT, counted_year=None, counted_version=0)
    start(store, counted, opened_tasks=[replace(a_task(counted), due_at=NOW, due_limit=published)])
    start(store, timed, armed_timers=[ArmedTimer("t", "x", NOW, published)])
    start(store, plain, opened_tasks=[a_task(plain)])
    with store.begin() as transaction:
        transaction.put_working_year(TABLE, recount_all=True)
        transaction.commit()

    with store.read() as questions:
        recount = questions.recount_due(NOW)
        assert recount is not None
        assert recount.everything
        assert list(questions.cases_to_recount(recount, 10)) == sorted([counted.id, timed.id])


def test_the_limit_of_the_last_visit_is_found_when_a_stopper_came_after_it(store: DatabaseStore) -> None:
    instance = an_instance()
    accept = replace(a_task(instance), due_at=NOW, due_limit=LIMIT)
    start(store, instance, opened_tasks=[accept])

    def found() -> object:
        with store.begin() as transaction:
            return transaction.stopped_limit(instance.id, "accept", ("supplement", "other"))

    assert found() is None
    save(store, instance.id, now=NOW + 100, closed_tasks={accept.id: (COMPLETED, NOW + 100, "li")})
    assert found() is None, "the case went another way"
    save(
        store, instance.id, now=NOW + 200, opened_tasks=[replace(a_task(instance, task_definition_key="supplement"), created_at=NOW + 200)]
    )
    assert found() == (LIMIT, NOW + 200, "supplement")
    later = replace(a_task(instance), created_at=NOW + 300, due_at=NOW)
    save(store, instance.id, now=NOW + 300, opened_tasks=[later])
    save(store, instance.id, now=NOW + 400, closed_tasks={later.id: (COMPLETED, NOW + 400, "li")})
    assert found() is None, "the last visit had no limit"
