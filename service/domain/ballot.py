"""A secret ballot: that a person voted is recorded with the task, what was voted lies in a box that knows no persons."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.domain.errors import Conflict, Forbidden
from service.domain.json_values import Json, canonical_json
from service.domain.principal import Principal
from service.domain.task import COMPLETED, Task

BALLOT_OPENED, BALLOT_CAST, BALLOT_CLOSED, BALLOT_VOIDED = "ballot.opened", "ballot.cast", "ballot.closed", "ballot.voided"
"""Kinds of audit events. `ballot.cast` stands alone only where the step after it failed: else the completed task tells it."""

MAX_CHOICE = 255
"""Characters of a choice."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one person chose, on its way into the box. Nothing else is known of it, and nothing of it is kept elsewhere."""

    box_id: str
    choice: str


@dataclass(frozen=True, slots=True)
class BallotBox:
    """A ballot as the engine knows it: its box, who holds it, and with which form (key, binding, version) one votes.

    `voters`: how many have a task of it. The form says which choices there are. `called`: the called process (key, version) that holds
    it, None in the process of the instance itself.
    """

    id: str
    element_id: str
    voters: int
    form_key: str | None = None
    form_binding: str | None = None
    form_version: int | None = None
    called: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class EndedBallot:
    """A ballot that is over. `voided`: ended by hand, so that it is not counted."""

    box: BallotBox
    voided: bool


def count_of(box: BallotBox, choices: Sequence[str], cast: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """The count of a closed box: how many could vote, voted and did not, and how many chose what (every choice of the form, from 0).

    `cast`: (id, choice) of each ballot.
    """
    found = Counter(choice for _, choice in cast)
    counted: dict[str, Json] = {choice: found.pop(choice, 0) for choice in choices}
    # The form may have been another one for some of them; a ballot that was cast is counted all the same.
    counted.update(sorted(found.items()))
    returned = sum(int(str(number)) for number in counted.values())
    return {"voters": box.voters, "returned": returned, "absent": max(box.voters - returned, 0), "choices": counted}


def digest_of(cast: Iterable[tuple[str, str]]) -> str:
    """SHA-256 (hex) over the canonical JSON of the ballots (id, choice), sorted: it does not depend on any order."""
    return hashlib.sha256(canonical_json([list(one) for one in sorted(cast)]).encode()).hexdigest()


def require_voter(task: Task, assignee: str) -> None:
    """Raise Forbidden("ballot-not-transferable") when the task is somebody's vote and the person is somebody else."""
    if task.ballot_box is not None and assignee not in task.candidate_users:
        raise Forbidden("this task is the vote of one person and can be given to nobody else", "ballot-not-transferable")


def require_may_vote(principal: Principal) -> None:
    """Raise Forbidden("cannot-vote") when a person's own key votes for another: nobody casts another's vote."""
    if principal.speaks_for_another:
        message = f"a vote is cast in person: the key of {principal.own_person!r} cannot vote in the name of {principal.person!r}"
        raise Forbidden(message, "cannot-vote")


def require_not_voted(task: Task, person: str | None) -> None:
    """Raise Conflict("ballot-cast") when the person has voted by this task."""
    if task.ballot_box is not None and task.state == COMPLETED and task.completed_by == person:
        raise Conflict("the person has voted; a ballot that was cast is neither changed nor cast again", "ballot-cast")


def state_of(box: BallotBox) -> dict[str, Json]:
    """The box as the state of an instance keeps it."""
    called: list[Json] = [] if box.called is None else list(box.called)
    return {"id": box.id, "voters": box.voters, "form": [box.form_key, box.form_binding, box.form_version], "called": called}


def box_in(element_id: str, kept: Mapping[str, Json]) -> BallotBox:
    """The box that `state_of` made."""
    form, called = kept["form"], kept["called"]
    assert isinstance(form, list), "written by state_of"
    assert isinstance(called, list), "written by state_of"
    key, binding, version = form
    return BallotBox(
        str(kept["id"]),
        element_id,
        int(str(kept["voters"])),
        None if key is None else str(key),
        None if binding is None else str(binding),
        None if version is None else int(str(version)),
        (str(called[0]), int(str(called[1]))) if called else None,
    )
