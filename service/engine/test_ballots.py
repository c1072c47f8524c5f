"""Secret ballots in the engine: boxes open and end with the multi-instance, and are found from behind it; votes never get here."""

import pytest

from service.domain.errors import OperationRefused, StepFailed
from service.domain.operations import Instruction
from service.engine.conftest import Inspect, Walk, Walker, document, source_of
from service.engine.sketches import END, START, chain, user

BALLOT = (
    '<extensionElements><camunda:properties><camunda:property name="secretBallot" value="true"/></camunda:properties></extensionElements>'
)
EACH = '<multiInstanceLoopCharacteristics camunda:collection="${voters}" camunda:elementVariable="voter"/>'
PEOPLE = 'camunda:assignee="${voter}" camunda:formRef="choose"'
VOTE = f'<userTask id="vote" {PEOPLE}>{BALLOT}{EACH}</userTask>'
COUNT = '<scriptTask id="count" scriptFormat="feel" camunda:resultVariable="result"><script>ballotCount("vote")</script></scriptTask>'
LIMIT = (
    '<boundaryEvent id="limit" attachedToRef="vote"><timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition>'
    "</boundaryEvent>"
)
HELD = START + VOTE + COUNT + user("after") + END + chain("start", "vote", "count", "after", "end")


def box_of(walker: Walker) -> str:
    (box,) = {task.ballot_box for task in walker.tasks.values()}
    assert box is not None
    return box


def counted(walker: Walker) -> object:
    """The box that the diagram counted."""
    result = walker.variables["result"]
    assert isinstance(result, dict)
    return result["box"]


def test_each_voter_has_a_task_of_the_same_box_and_nobody_else_is_a_candidate(walk: Walk) -> None:
    walker = walk(HELD).start(voters=["a", "b"])

    assert [(task.assignee, task.candidate_users, task.candidate_groups) for task in walker.tasks.values()] == [
        ("a", ("a",), ()),
        ("b", ("b",), ()),
    ]
    (box,) = walker.step.opened_ballots
    assert (box.id, box.element_id, box.voters, box.form_key) == (box_of(walker), "vote", 2, "choose")


def test_the_box_ends_with_the_last_vote_and_is_counted_in_the_same_step(walk: Walk) -> None:
    walker = walk(HELD).start(voters=["a", "b"])
    box = box_of(walker)
    assert walker.complete("vote").step.ended_ballots == ()

    walker.complete("vote")

    assert [(ended.box.id, ended.voided) for ended in walker.step.ended_ballots] == [(box, False)]
    assert walker.variables["result"] == {"box": box, "voters": 2, "form": "choose"}


def test_a_boundary_event_closes_the_box_and_the_way_behind_it_counts(walk: Walk) -> None:
    body = START + VOTE + LIMIT + COUNT + user("after") + END + chain("start", "vote", "after", "end") + chain("limit", "count", "after")
    walker = walk(body).start(voters=["a", "b"])
    box = box_of(walker)
    walker.complete("vote").fire("limit")
    assert [(ended.box.id, ended.voided) for ended in walker.step.ended_ballots] == [(box, False)]
    assert walker.variables["result"] == {"box": box, "voters": 2, "form": "choose"}


def test_a_ballot_without_voters_opens_and_ends_at_once(walk: Walk) -> None:
    walker = walk(HELD).start(voters=[])
    assert [box.voters for box in walker.step.opened_ballots] == [0]
    assert [ended.voided for ended in walker.step.ended_ballots] == [False]
    assert walker.open == ["after"]


def test_nothing_is_counted_before_the_ballot_is_closed(walk: Walk) -> None:
    looking = START + '<parallelGateway id="fork"/>' + VOTE + user("look") + COUNT + user("after") + '<endEvent id="end2"/>' + END
    body = looking + chain("start", "fork", "vote", "after", "end") + chain("fork", "look", "count", "end2")
    walker = walk(body).start(voters=["a", "b"])
    with pytest.raises(StepFailed, match="is open"):
        walker.complete("look")


def test_no_ballot_was_held(walk: Walk) -> None:
    with pytest.raises(StepFailed, match="no ballot was held at 'vote'"):
        walk(START + COUNT + user("after") + END + chain("start", "count", "after", "end")).start()


def test_a_voter_who_is_nobody_fails_the_step(walk: Walk) -> None:
    with pytest.raises(StepFailed, match="gives nobody"):
        walk(HELD).start(voters=["a", None])


def test_a_ballot_held_again_takes_the_place_of_the_first(walk: Walk) -> None:
    again = '<exclusiveGateway id="merge"/><exclusiveGateway id="way" default="done"/>'
    flows = (
        chain("start", "merge", "vote", "count", "after", "way")
        + '<sequenceFlow id="done" sourceRef="way" targetRef="end"/>'
        + '<sequenceFlow id="back" sourceRef="way" targetRef="merge"><conditionExpression>${again}</conditionExpression></sequenceFlow>'
    )
    walker = walk(START + again + VOTE + COUNT + user("after") + END + flows).start(voters=["a"])
    first = box_of(walker)
    walker.complete("vote").complete("after", again=True)
    second = box_of(walker)
    assert second != first
    assert counted(walker.complete("vote")) == second


def test_ballots_in_parallel_iterations_are_kept_apart(walk: Walk) -> None:
    inner = '<startEvent id="s"/>' + VOTE + COUNT + user("after") + '<endEvent id="e"/>' + chain("s", "vote", "count", "after", "e")
    each = '<multiInstanceLoopCharacteristics camunda:collection="${rooms}" camunda:elementVariable="voters"/>'
    walker = walk(START + f'<subProcess id="room">{inner}{each}</subProcess>' + END + chain("start", "room", "end"))
    walker.start(rooms=[["a"], ["b", "c"]])
    boxes = {task.assignee: task.ballot_box for task in walker.tasks.values()}
    assert boxes["b"] == boxes["c"] != boxes["a"]

    walker.complete("vote", 1).complete("vote", 1)

    after = walker.task("after")
    seen = walker.execution().task_variables(after.id)["result"]
    assert seen == {"box": boxes["b"], "voters": 2, "form": "choose"}


def modified(walker: Walker, *instructions: Instruction) -> Walker:
    return walker.take(walker.execution().modify(instructions, {}, walker.circumstances).step)


def test_a_ballot_ended_by_hand_is_void_and_forgotten(walk: Walk) -> None:
    walker = walk(HELD).start(voters=["a", "b"])
    box = box_of(walker)

    modified(walker, Instruction("cancel", "vote"), Instruction("startBeforeActivity", "after"))

    assert [(ended.box.id, ended.voided) for ended in walker.step.ended_ballots] == [(box, True)]
    with pytest.raises(StepFailed, match="no ballot was held"):
        modified(walker, Instruction("cancel", "after"), Instruction("startBeforeActivity", "count"))


def test_an_open_ballot_goes_over_to_a_newer_diagram_under_another_id(walk: Walk) -> None:
    walker = walk(HELD).start(voters=["a", "b"])
    box = box_of(walker)
    newer = HELD.replace('"vote"', '"ballot"').replace('ballotCount("vote")', 'ballotCount("ballot")')
    newer = newer.replace('sourceRef="vote"', 'sourceRef="ballot"').replace('targetRef="vote"', 'targetRef="ballot"')
    target = source_of(document(newer), "p", 2)
    done = walker.execution().migrate(target, {"vote": "ballot"}, True, walker.circumstances)
    walker.source = target
    walker.take(done.step)

    for task in list(walker.tasks.values()):
        walker.take(walker.execution().complete_task(task.id, [], walker.circumstances))

    assert counted(walker) == box


def test_a_ballot_does_not_go_over_to_a_diagram_in_which_it_is_not_secret(walk: Walk) -> None:
    walker = walk(HELD).start(voters=["a", "b"])
    target = source_of(document(HELD.replace('value="true"', 'value="false"')), "p", 2)
    with pytest.raises(OperationRefused) as refused:
        walker.execution().migrate(target, {}, True, walker.circumstances)
    assert {one.code for one in refused.value.objections} == {"ballot-changed"}


SIGNED = '<extensionElements><camunda:properties><camunda:property name="signature" value="true"/></camunda:properties></extensionElements>'


@pytest.mark.parametrize(
    ("element", "code"),
    [
        (f'<userTask id="vote" {PEOPLE}>{BALLOT}</userTask>', "secret-ballot"),
        (VOTE.replace("Characteristics camunda", 'Characteristics isSequential="true" camunda'), "secret-ballot"),
        (VOTE.replace(' camunda:assignee="${voter}"', ""), "secret-ballot"),
        (VOTE.replace('camunda:assignee="${voter}"', 'camunda:assignee="${voter}" camunda:candidateGroups="clerks"'), "secret-ballot"),
        (VOTE.replace(' camunda:formRef="choose"', ""), "secret-ballot"),
        (VOTE.replace("</camunda:properties>", '<camunda:property name="signature" value="true"/></camunda:properties>'), "secret-ballot"),
        (VOTE.replace('value="true"', 'value="yes"'), "invalid-value"),
        (f'<manualTask id="vote">{SIGNED}</manualTask>', "misplaced-vote"),
        (f'<manualTask id="vote">{BALLOT}</manualTask>', "misplaced-vote"),
    ],
)
def test_a_wrong_use_of_the_properties_is_refused(inspect: Inspect, element: str, code: str) -> None:
    found = inspect(START + element + END + chain("start", "vote", "end"))
    assert found.get(code) == ["vote"]


def test_a_signed_task_says_so(walk: Walk) -> None:
    walker = walk(START + f'<userTask id="give">{SIGNED}</userTask>' + user("other") + END + chain("start", "give", "other", "end")).start()
    assert walker.task("give").signature
    assert not walker.complete("give").task("other").signature
