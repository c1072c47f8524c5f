"""Secret ballots in the engine: the body of the multi-instance is the box, its iterations are the voters. What is voted never gets here.

The scope around the body remembers the box, so that an expression after it finds the count: the nearest iteration of a multi-instance,
else the process, as for variables. A ballot held again takes the place of the earlier one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from SpiffWorkflow.task import Task

from service.domain.ballot import BallotBox, EndedBallot, box_in, state_of
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.step import OpenedTask
from service.engine.language.assignment import SECRET_BALLOT
from service.engine.nodes.call_activity import called_process
from service.engine.reading.diagram import Node
from service.engine.scopes import LOCAL, around, identity, outwards, process_scope

if TYPE_CHECKING:
    from service.engine.instance import Instance

BOXES = "ballots"
"""Key in the internal data of a scope: the last box of each ballot held in it, by the id of the user task."""

_OPEN = "open"


def is_ballot(node: Node) -> bool:
    """Whether the votes at this user task are secret."""
    return node.properties.get(SECRET_BALLOT, "").strip() == "true"


def as_vote(opened: OpenedTask, body: Task) -> OpenedTask:
    """The task as the vote of its assignee, whom nobody replaces. Raises StepFailed(kind="data") when it names nobody."""
    if opened.assignee is None:
        raise StepFailed(opened.element_id, "data", "a secret ballot has a voter for each task: camunda:assignee gives nobody")
    return replace(opened, candidate_users=(opened.assignee,), candidate_groups=(), ballot_box=identity(body))


def open_box(instance: "Instance", body: Task, node: Node, voters: int) -> None:
    """The ballot begins."""
    attributes = node.attributes
    version = attributes.get("formRefVersion")
    number = None if version is None else int(version)
    called = called_process(body)
    held_in = None if called is None else (called.key, called.version)
    box = BallotBox(identity(body), node.id, voters, attributes.get("formRef"), attributes.get("formRefBinding"), number, held_in)
    _boxes(body)[node.id] = {**state_of(box), _OPEN: True}
    instance.recorder.opened_ballots[box.id] = box


def end_box(instance: "Instance", body: Task, element_id: str) -> None:
    """The ballot is over: closed, or void when it was ended by hand (then it is as if none had been held)."""
    boxes = _boxes(body)
    kept = boxes.get(element_id)
    if kept is None or kept["id"] != identity(body):
        return
    box = box_in(element_id, kept)
    if instance.by_hand:
        del boxes[element_id]
    else:
        boxes[element_id] = state_of(box)
    instance.recorder.ended_ballots.append(EndedBallot(box, instance.by_hand))


def closed_box(task: Task, activity: str, element_id: str) -> BallotBox:
    """The box of the last ballot at `activity`, as seen from `task`. Raises StepFailed when there is none, or it is open."""
    for scope in outwards(task):
        kept = scope.internal_data.get(BOXES, {}).get(activity)
        if kept is not None:
            if kept.get(_OPEN):
                raise StepFailed(element_id, "expression", f"the ballot at {activity!r} is open: nothing is counted before it is closed")
            return box_in(activity, kept)
    raise StepFailed(element_id, "expression", f"no ballot was held at {activity!r}")


def rename_boxes(task: Task, new_name: Callable[[str], str]) -> None:
    """The elements have other ids from now on."""
    if BOXES in task.internal_data:
        task.internal_data[BOXES] = {new_name(name): kept for name, kept in task.internal_data[BOXES].items()}


def _boxes(body: Task) -> dict[str, dict[str, Json]]:
    scope = next((one for one in outwards(around(body)) if LOCAL in one.internal_data), process_scope(body))
    return cast(dict[str, dict[str, Json]], scope.internal_data.setdefault(BOXES, {}))
