"""What a step does to secret ballots: boxes that open, boxes that are counted, boxes that are void."""

from collections.abc import Mapping, Sequence

from service.actions.instances.case_law import CaseLaw
from service.actions.instances.published import form_of, published_version
from service.actions.ports import Lookups
from service.domain.ballot import BALLOT_CLOSED, BALLOT_OPENED, BALLOT_VOIDED, BallotBox, digest_of
from service.domain.definition import KIND_FORM
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.step import Step
from service.domain.task import Task

Told = tuple[str, Mapping[str, Json]]
"""Kind and payload of an audit event."""


def require_votes(law: CaseLaw, opened: Sequence[Task]) -> None:
    """Judge the votes that a step opens. Raises StepFailed when one could not be cast, or somebody would have two."""
    votes = [task for task in opened if task.ballot_box is not None]
    if not votes:
        return
    unknown = law.lookups.unknown_users([task.assignee or "" for task in votes])
    seen: set[tuple[str | None, str | None]] = set()
    for task in votes:
        element_id = task.task_definition_key
        if task.assignee in unknown:
            raise StepFailed(element_id, "data", f"a voter of the secret ballot is not known: no user {task.assignee!r}")
        if (task.ballot_box, task.assignee) in seen:
            raise StepFailed(element_id, "data", f"the secret ballot names the voter {task.assignee!r} twice")
        seen.add((task.ballot_box, task.assignee))
        if not _choices(law, task.form_key, task.form_version):
            message = f"the form {task.form_key!r} cannot be that of a secret ballot: it must ask for one thing and list the answers"
            raise StepFailed(element_id, "definition", message)


def _choices(law: CaseLaw, form_key: str | None, form_version: int | None) -> tuple[str, ...]:
    if form_key is None or form_version is None:
        return ()
    definition = published_version(law.services, law.lookups, KIND_FORM, form_key, form_version)
    return () if definition is None else form_of(law.services, law.lookups, definition).choices


def ballot_events(law: CaseLaw, step: Step) -> tuple[list[Told], list[str]]:
    """What the trail is told of the ballots that the step opened and ended, and the ids of the boxes whose ballots are destroyed."""
    told: list[Told] = [(BALLOT_OPENED, _named(box) | {"voters": box.voters}) for box in step.opened_ballots]
    voided: list[str] = []
    for ended in step.ended_ballots:
        if ended.voided:
            voided.append(ended.box.id)
            told.append(voided_box(law.lookups, ended.box))
        else:
            digest: dict[str, Json] = {"digest": digest_of(law.lookups.ballots(ended.box.id))}
            told.append((BALLOT_CLOSED, _named(ended.box) | law.ballots(ended.box.element_id, ended.box) | digest))
    return told, voided


def voided_box(lookups: Lookups, box: BallotBox) -> Told:
    """The audit event of a ballot that is not counted: what was chosen is told to nobody."""
    return BALLOT_VOIDED, _named(box) | {"returned": len(lookups.ballots(box.id))}


def voided_with(lookups: Lookups, open_tasks: Sequence[Task]) -> tuple[list[Told], list[str]]:
    """The same for the open ballots of an instance that ends by hand, found by the votes that are still out."""
    boxes = {task.ballot_box: task.task_definition_key for task in open_tasks if task.ballot_box is not None}
    return [voided_box(lookups, BallotBox(box_id, element_id, 0)) for box_id, element_id in boxes.items()], list(boxes)


def _named(box: BallotBox) -> dict[str, Json]:
    return {"boxId": box.id, "taskDefinitionKey": box.element_id}
