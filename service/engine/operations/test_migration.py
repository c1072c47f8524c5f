"""Going over to a newer diagram: what stays, what is renamed, and everything that is refused, all of it told at once."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from service.domain.errors import OperationRefused
from service.domain.operations import Migrated
from service.engine.conftest import FixedLaw, Walk, Walker, document, source_of
from service.engine.operations.test_modification import ALL, FORK, LINE, agrees, each, gateway, part, reminder
from service.engine.sketches import END, START, boundary, chain, flow, script, sub, timer, undone_by, user


def migrate(walker: Walker, body: str, mapping: Mapping[str, str] | None = None, same_ids: bool = True) -> Migrated:
    """To version 2 of the process; the walker goes on with it."""
    walker.engine.inspect("new.bpmn", document(body))
    target = source_of(document(body), "p", 2)
    done = walker.execution().migrate(target, mapping or {}, same_ids, walker.circumstances)
    walker.source = target
    walker.take(done.step)
    for identifier, (element_id, _) in done.renamed.items():
        for rows in (walker.tasks, walker.timers, walker.subscriptions, walker.visits):
            if identifier in rows:
                rows[identifier] = replace(rows[identifier], element_id=element_id)  # type: ignore[assignment]
    agrees(walker)
    return done


def objections(walker: Walker, body: str, mapping: Mapping[str, str] | None = None, same_ids: bool = True) -> list[tuple[str, str | None]]:
    with pytest.raises(OperationRefused) as refused:
        walker.execution().migrate(source_of(document(body), "p", 2), mapping or {}, same_ids, walker.circumstances)
    return sorted((one.code, one.element_id) for one in refused.value.objections)


BOXED = START + part("box", user("a") + '<endEvent id="e"/>' + chain("box_s", "a", "e")) + END + chain("start", "box", "end")
LONGER = START + user("a", attributes='name="A"') + user("a2", "b", "c") + END + chain("start", "a", "a2", "b", "c", "end")


def test_an_open_task_stays_and_the_new_way_follows(walk: Walk) -> None:
    walker = walk(LINE).start()
    old = walker.task("a").id

    done = migrate(walker, LONGER)

    assert [task.id for task in walker.tasks.values()] == [old]
    assert (done.renamed, done.notes, [one.element_id for one in done.open]) == ({}, (), ["a"])
    assert walker.complete("a").complete("a2").complete("b").complete("c").finished


def test_an_open_task_may_get_another_id(walk: Walk) -> None:
    walker = walk(LINE).start()
    old = walker.task("a").id
    renamed = START + '<userTask id="receive" name="Receive"/>' + user("b", "c") + END + chain("start", "receive", "b", "c", "end")

    assert objections(walker, renamed) == [("not-mapped", "a")]
    done = migrate(walker, renamed, {"a": "receive"}, same_ids=False)

    assert done.renamed == {old: ("receive", "Receive")}
    assert walker.open == ["receive"]
    assert walker.complete("receive").complete("b").complete("c").finished


def test_equal_ids_are_mapped_only_when_asked(walk: Walk) -> None:
    assert objections(walk(LINE).start(), LONGER, same_ids=False) == [("not-mapped", "a")]


def test_timers_keep_their_date_and_subscriptions_their_id(walk: Walk) -> None:
    body = LINE + reminder("late", "a") + user("hurry") + '<endEvent id="e2"/>' + chain("late", "hurry", "e2")
    walker = walk(body).start()
    before = dict(walker.timers)

    done = migrate(walker, body.replace("PT1H", "PT9H"))

    assert walker.timers == before
    assert [(note.code, note.element_id) for note in done.notes] == [("timer-kept", "late")]
    assert walker.fire("late").open == ["a", "hurry"]


def test_a_cycle_goes_on_counting(walk: Walk) -> None:
    later = user("hurry") + '<endEvent id="e2"/>' + chain("late", "hurry", "e2")
    body = LINE + boundary("late", "a", timer("R3/PT1H"), interrupting=False) + later
    walker = walk(body).start().fire("late")

    migrate(walker, LONGER + boundary("late", "a", timer("R3/PT1H"), interrupting=False) + later)

    assert walker.fire("late").fire("late").open == ["a", "hurry", "hurry", "hurry"]
    assert not walker.timers


def test_boundary_events_are_neither_added_nor_removed(walk: Walk) -> None:
    later = user("hurry") + '<endEvent id="e2"/>' + chain("late", "hurry", "e2")
    with_timer = LINE + reminder("late", "a") + later

    assert objections(walk(LINE).start(), with_timer) == [("boundary-added", "a")]
    assert objections(walk(with_timer).start(), LINE) == [("boundary-removed", "late")]
    assert objections(walk(with_timer).start(), LINE + boundary("late", "a", timer("PT1H")) + later) == [("event-changed", "late")]
    walker = walk(with_timer).start()
    other = with_timer.replace('"late"', '"slow"').replace("late_hurry", "slow_hurry")
    migrate(walker, other, {"late": "slow"})
    assert walker.fire("slow").open == ["a", "hurry"]


def test_where_nothing_is_open_anything_may_change(walk: Walk) -> None:
    walker = walk(LINE + reminder("late", "b") + '<endEvent id="e2"/>' + chain("late", "e2")).start()

    migrate(walker, START + user("a") + END + chain("start", "a", "end"))

    assert walker.complete("a").finished


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (LINE.replace('<userTask id="a" name="A"></userTask>', '<manualTask id="a"/>'), [("other-kind", "a")]),
        (BOXED, [("other-scope", "a")]),
        (START + user("a", marks=each("people")) + END + chain("start", "a", "end"), [("iterations-changed", "a")]),
        (START + user("z") + END + chain("start", "z", "end"), [("not-mapped", "a")]),
    ],
)  # fmt: skip
def test_another_kind_scope_or_manner_is_refused(walk: Walk, changed: str, told: list[tuple[str, str]]) -> None:
    assert objections(walk(LINE).start(), changed) == told


def test_a_plan_that_names_what_is_not_there_is_refused(walk: Walk) -> None:
    walker = walk(LINE).start()

    assert objections(walker, LONGER, {"nothing": "b", "a": "nowhere"}) == [
        ("unknown-activity", "a"),
        ("unknown-activity", "nothing"),
        ("unknown-activity", "nowhere"),
    ]
    assert objections(walker, LONGER, {"a": "b", "c": "b"}) == [("mapped-twice", "b")]


def test_iterations_go_on_when_they_are_the_same(walk: Walk) -> None:
    walker = walk(ALL).start(people=["li", "wang"]).complete("opinion")

    assert objections(walker, ALL.replace('camunda:elementVariable="one"', 'camunda:elementVariable="who"')) == [
        ("iterations-changed", "opinion")
    ]
    migrate(walker, ALL.replace(chain("close", "end"), chain("close", "file", "end")) + user("file"))

    assert walker.complete("opinion").complete("close").complete("file").finished


def test_tokens_in_a_join_keep_their_flows(walk: Walk) -> None:
    walker = walk(FORK).start().complete("first").complete("a")
    three = FORK.replace(chain("split", "b", "join"), chain("split", "b", "join") + chain("split", "d", "join")) + user("d")

    assert objections(walker, three) == [("join-changed", "join")]
    migrate(walker, FORK.replace(chain("last", "end"), chain("last", "more", "end")) + user("more"))

    assert walker.complete("b").complete("last").open == ["more"]


def test_a_join_that_would_never_open_is_refused(walk: Walk) -> None:
    walker = walk(FORK).start().complete("first")
    three = FORK.replace(chain("split", "b", "join"), chain("split", "b", "join") + chain("split", "d", "join")) + user("d")

    assert objections(walker, three) == [("waits-forever", "p")]


def test_an_inclusive_join_that_nothing_can_reach_any_more_opens(walk: Walk) -> None:
    body = START + gateway("inclusive", "split", "join") + user("a", "b", "c", "last") + END + chain("start", "split")
    body += flow("split", "a", "${true}") + flow("split", "c", "${true}") + flow("split", "b", "${false}")
    body += chain("a", "join", "last", "end") + chain("b", "join")
    walker = walk(body + chain("c", "b")).start().complete("a")
    assert walker.open == ["c"]

    migrate(walker, body + chain("c", "end"))

    assert walker.open == ["c", "last"]


def test_an_event_sub_process_stays_the_same(walk: Walk) -> None:
    message = '<messageEventDefinition messageRef="ask"/>'
    event = f'<startEvent id="asked" isInterrupting="false">{message}</startEvent>{user("look")}<endEvent id="looked"/>'
    event = sub("more", event + chain("asked", "look", "looked"), attributes='triggeredByEvent="true"')
    walker = walk(event + LINE).start().deliver("asked")

    assert objections(walker, LINE) == [
        ("event-sub-process-changed", "p"),
        ("not-mapped", "asked"),
        ("not-mapped", "look"),
        ("not-mapped", "more"),
    ]
    assert objections(walk(LINE).start(), event + LINE) == [("event-sub-process-changed", "p")]
    assert ("event-changed", "asked") in objections(walker, event.replace('"ask"', '"tell"') + LINE)
    migrate(walker, event + LONGER)

    assert walker.deliver("asked").open == ["a", "look", "look"]


def test_the_events_behind_a_gateway_stay_the_same(walk: Walk) -> None:
    told = '<intermediateCatchEvent id="told"><messageEventDefinition messageRef="tell"/></intermediateCatchEvent>'
    asked = told.replace('"told"', '"asked"').replace('"tell"', '"ask"')
    body = START + '<eventBasedGateway id="wait"/>' + told + asked + user("a") + END + chain("start", "wait", "told", "a", "end")
    walker = walk(body + chain("wait", "asked", "end")).start()
    fewer = (
        body.replace(asked, "")
        + f'<intermediateCatchEvent id="late">{timer("PT1H")}</intermediateCatchEvent>'
        + chain("wait", "late", "end")
    )

    assert objections(walker, fewer) == [("events-changed", "wait"), ("not-mapped", "asked")]
    migrate(walker, (body + chain("wait", "asked", "end")).replace(chain("a", "end"), chain("a", "b", "end")) + user("b"))

    assert walker.deliver("told").complete("a").open == ["b"]
    assert not walker.subscriptions


def test_a_call_in_progress_stays_with_its_process(walk: Walk) -> None:
    called = document(START + user("inside") + END + chain("start", "inside", "end"), "q")
    law = FixedLaw(processes={"q": [called]})
    body = START + '<callActivity id="call" calledElement="q"/>' + user("a") + END + chain("start", "call", "a", "end")
    walker = walk(body, law=law).start()

    assert objections(walker, body.replace('calledElement="q"', 'calledElement="r"')) == [("called-process-changed", "call")]
    migrate(walker, body.replace(chain("a", "end"), chain("a", "b", "end")) + user("b"))

    assert walker.complete("inside").complete("a").open == ["b"]


def test_what_can_be_undone_still_can(walk: Walk) -> None:
    body = START + script("book", "1", "booked") + '<scriptTask id="unbook" isForCompensation="true" scriptFormat="feel"'
    body += ' camunda:resultVariable="booked"><script>0</script></scriptTask>' + undone_by("book", "unbook") + user("a")
    body += '<endEvent id="end"><compensateEventDefinition/></endEvent>' + chain("start", "book", "a", "end")
    walker = walk(body).start()
    without = START + script("book", "1", "booked") + user("a") + END + chain("start", "book", "a", "end")

    assert objections(walker, without) == [("compensation", "book")]
    other = body.replace('"book"', '"reserve"').replace("book_undo", "reserve_undo").replace("book_by", "reserve_by")
    migrate(walker, other.replace("start_book", "start_reserve").replace("book_a", "reserve_a"), {"book": "reserve"})

    assert walker.complete("a").variables["booked"] == 0
