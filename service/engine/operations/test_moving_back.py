"""Moving back to an earlier activity: what runs anew, what is taken with it, and where it is refused."""

import pytest

from service.domain.errors import OperationRefused
from service.domain.operations import Modified, MoveBackTarget
from service.engine.conftest import Walk, Walker
from service.engine.operations.test_modification import ALL, FORK, LINE, PART, agrees, each, gateway, part, reminder
from service.engine.sketches import END, START, chain, flow, user


def been_through(walker: Walker) -> list[str]:
    return [visit.element_id for visit in reversed(walker.visits.values()) if visit.state == "completed"]


def go_back(walker: Walker, origin: str, target: str) -> Modified:
    """From an open task of the element `origin`."""
    execution = walker.execution()
    done = execution.move_back(walker.task(origin).id, None, target, been_through(walker), walker.circumstances)
    walker.take(done.step)
    agrees(walker)
    return done


def refusal(walker: Walker, origin: str, target: str, by_activity: bool = False) -> tuple[str, str | None, str]:
    task_id = None if by_activity else walker.task(origin).id
    with pytest.raises(OperationRefused) as refused:
        walker.execution().move_back(task_id, origin if by_activity else None, target, been_through(walker), walker.circumstances)
    (one,) = refused.value.objections
    return one.code, one.element_id, one.pointer


def targets(walker: Walker, place: str) -> dict[str, MoveBackTarget]:
    places = {found.element_id: found for found in walker.execution().move_back_places(been_through(walker))}
    return {target.element_id: target for target in places[place].targets}


def allowed(walker: Walker, place: str) -> dict[str, bool]:
    return {name: target.objection is None for name, target in targets(walker, place).items()}


def test_back_to_an_earlier_task(walk: Walk) -> None:
    walker = walk(LINE).start().complete("a").complete("b")
    old = walker.task("c").id

    done = go_back(walker, "c", "a")

    assert walker.open == ["a"]
    assert [(one.id, one.element_id) for one in done.cancelled] == [(old, "c")]
    assert walker.complete("a").complete("b").complete("c").finished


def test_only_to_what_was_completed(walk: Walk) -> None:
    body = START + gateway("exclusive", "g") + user("left", "right", "last") + END + flow("g", "left", "${way == 'left'}")
    body += flow("g", "right", "${way == 'right'}") + chain("start", "g") + chain("left", "last", "end") + chain("right", "last")
    walker = walk(body).start(way="left").complete("left")

    assert refusal(walker, "last", "right") == ("never-completed", "right", "/toActivityId")
    assert refusal(walker, "last", "nothing") == ("unknown-activity", "nothing", "/toActivityId")
    assert refusal(walker, "last", "g") == ("no-activity", "g", "/toActivityId")
    assert refusal(walker, "last", "last") == ("no-earlier-activity", "last", "/toActivityId")
    assert allowed(walker, "last") == {"left": True}
    go_back(walker, "last", "left")
    assert walker.open == ["left"]


def test_what_is_behind_is_not_earlier(walk: Walk) -> None:
    walker = walk(LINE).start().complete("a").complete("b")
    go_back(walker, "c", "a")

    assert refusal(walker, "a", "b") == ("no-earlier-activity", "b", "/toActivityId")


def test_within_one_branch_the_other_branch_stays(walk: Walk) -> None:
    fork = START + gateway("parallel", "split", "join") + user("a1", "a2", "b1", "b2", "last") + END
    fork += chain("start", "split", "a1", "a2", "join", "last", "end") + chain("split", "b1", "b2", "join")
    walker = walk(fork).start().complete("a1").complete("b1")

    done = go_back(walker, "a2", "a1")

    assert walker.open == ["a1", "b2"]
    assert [one.element_id for one in done.cancelled] == ["a2"]
    assert walker.complete("a1").complete("b2").complete("a2").open == ["last"]


def test_back_before_the_split_takes_all_branches(walk: Walk) -> None:
    walker = walk(FORK).start().complete("first")
    assert {name: len(target.taken) for name, target in targets(walker, "a").items()} == {"first": 2}

    done = go_back(walker, "a", "first")

    assert walker.open == ["first"]
    assert sorted(one.element_id for one in done.cancelled) == ["a", "b"]
    assert walker.complete("first").complete("a").complete("b").complete("last").finished


def test_what_waits_in_the_join_behind_is_taken_too(walk: Walk) -> None:
    walker = walk(FORK).start().complete("first").complete("a")

    done = go_back(walker, "b", "first")

    assert sorted(one.element_id for one in done.cancelled) == ["b", "join"]
    assert walker.complete("first").complete("a").complete("b").open == ["last"]


def test_only_the_flows_behind_the_target_leave_a_join(walk: Walk) -> None:
    fork = START + gateway("parallel", "split", "inner", "join") + user("t", "a", "b", "other", "last") + END
    fork += (
        chain("start", "split", "t", "inner", "a", "join", "last", "end") + chain("inner", "b", "join") + chain("split", "other", "join")
    )
    walker = walk(fork).start().complete("other").complete("t").complete("b")

    go_back(walker, "a", "t")
    assert walker.open == ["t"]

    assert walker.complete("t").complete("b").complete("a").open == ["last"]


def test_from_behind_a_branch_into_it_is_refused(walk: Walk) -> None:
    walker = walk(FORK).start().complete("first").complete("a").complete("b")

    assert refusal(walker, "last", "a") == ("waits-forever", "p", "/toActivityId")
    assert allowed(walker, "last") == {"a": False, "b": False, "first": True}
    go_back(walker, "last", "first")
    assert walker.open == ["first"]


def test_a_loop_around_a_branch_does_not_hide_it(walk: Walk) -> None:
    fork = START + gateway("parallel", "split", "join") + gateway("exclusive", "again", "merge") + user("a1", "a2", "b") + END
    fork += chain("start", "merge", "split", "a1", "a2", "join", "again") + chain("split", "b", "join")
    fork += flow("again", "merge", "${once_more}") + flow("again", "end", "${not once_more}")
    walker = walk(fork).start(once_more=False).complete("a1")

    done = go_back(walker, "a2", "a1")

    assert [one.element_id for one in done.cancelled] == ["a2"]
    assert walker.complete("a1").complete("a2").complete("b").finished


def test_a_target_one_could_have_come_past_takes_all_branches_it_leads_to(walk: Walk) -> None:
    fork = (
        START + gateway("exclusive", "which", "merge") + gateway("parallel", "split", "join") + user("one", "two", "a", "b", "last") + END
    )
    fork += (
        chain("start", "which")
        + flow("which", "one", "${way == 'left'}")
        + flow("which", "two", "${way == 'right'}")
        + chain("one", "merge")
    )
    fork += chain("two", "merge", "split", "a", "join", "last", "end") + chain("split", "b", "join")
    walker = walk(fork).start(way="left").complete("one")

    done = go_back(walker, "a", "one")

    assert sorted(one.element_id for one in done.cancelled) == ["a", "b"]
    assert walker.open == ["one"]


def test_what_came_of_the_target_is_taken_and_other_work_stays(walk: Walk) -> None:
    body = LINE + reminder("late", "b") + user("hurry") + '<endEvent id="e2"/>' + chain("late", "hurry", "e2")
    body += reminder("early", "a") + user("ask_again") + '<endEvent id="e3"/>' + chain("early", "ask_again", "e3")
    walker = walk(body).start().fire("early").complete("a").fire("late").complete("b")
    assert walker.open == ["ask_again", "c", "hurry"]

    done = go_back(walker, "c", "b")

    assert sorted(one.element_id for one in done.cancelled) == ["c", "hurry"]
    assert walker.open == ["ask_again", "b"]
    assert [timer.element_id for timer in walker.timers.values()] == ["late"]


def test_a_multi_instance_is_left_and_entered_as_a_whole(walk: Walk) -> None:
    walker = walk(ALL.replace(START, START + user("prepare")).replace(chain("start", "opinion"), chain("start", "prepare", "opinion")))
    walker.start(people=["li", "wang", "zhao"]).complete("prepare").complete("opinion")

    done = go_back(walker, "opinion", "prepare")
    assert [one.element_id for one in done.cancelled] == ["opinion", "opinion"]
    assert walker.open == ["prepare"]

    walker.complete("prepare").complete("opinion").complete("opinion").complete("opinion")
    go_back(walker, "close", "opinion")
    assert walker.open == ["opinion"] * 3


def test_only_within_one_scope(walk: Walk) -> None:
    walker = (
        walk(PART.replace(chain("start", "part"), chain("start", "zero", "part")) + user("zero")).start().complete("zero").complete("x")
    )

    assert refusal(walker, "y", "zero") == ("other-scope", "zero", "/toActivityId")
    assert allowed(walker, "y") == {"x": True, "zero": False}
    assert allowed(walker, "part") == {"zero": True, "x": False}
    done = walker.execution().move_back(None, "part", "zero", been_through(walker), walker.circumstances)
    assert sorted(one.element_id for one in done.cancelled) == ["part", "y"]
    walker.take(done.step)
    assert walker.open == ["zero"]


def test_not_within_an_iteration(walk: Walk) -> None:
    inside = user("x", "y") + '<endEvent id="part_e"/>' + chain("part_s", "x", "y", "part_e")
    walker = walk(START + part("part", inside, each("people")) + END + chain("start", "part", "end")).start(people=[1, 2]).complete("x")

    assert refusal(walker, "y", "x") == ("multi-instance-part", "part", "/fromTaskId")


def test_an_activity_with_several_tokens_is_named_by_task(walk: Walk) -> None:
    body = START + gateway("parallel", "split") + user("one", "two", "same") + END
    body += chain("start", "split", "one", "same", "end") + chain("split", "two", "same")
    walker = walk(body).start().complete("one").complete("two")

    assert refusal(walker, "same", "one", by_activity=True) == ("ambiguous", "same", "/fromActivityId")
    go_back(walker, "same", "one")
    assert walker.open == ["one", "same"]


def test_among_many_branches_one_goes_back_alone(walk: Walk) -> None:
    names = [f"t{number}" for number in range(20)]
    body = (
        START + gateway("parallel", "split", "join") + user("first", *names) + END + chain("start", "first", "split") + chain("join", "end")
    )
    walker = walk(body + "".join(chain("split", name, f"{name}_b", "join") + user(f"{name}_b") for name in names)).start()
    walker.complete("first").complete("t3")

    done = go_back(walker, "t3_b", "t3")

    assert [one.element_id for one in done.cancelled] == ["t3_b"]
    assert sorted(walker.open) == sorted(names)


def test_inclusive_branches_are_told_apart_too(walk: Walk) -> None:
    body = START + gateway("inclusive", "split", "join") + user("first", "a1", "a2", "b", "last") + END + chain("start", "first", "split")
    body += flow("split", "a1", "${true}") + flow("split", "b", "${true}") + chain("a1", "a2", "join", "last", "end") + chain("b", "join")
    walker = walk(body).start().complete("first").complete("a1")

    assert [one.element_id for one in go_back(walker, "a2", "a1").cancelled] == ["a2"]
    assert sorted(one.element_id for one in go_back(walker, "a1", "first").cancelled) == ["a1", "b"]
    walker.complete("first").complete("a1").complete("a2").complete("b")
    assert go_back(walker, "last", "b").cancelled
    assert walker.complete("b").complete("last").finished
