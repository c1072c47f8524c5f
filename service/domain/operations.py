"""Operations on a running instance that its diagram does not foresee: what is asked for, and what comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.domain.errors import Objection
from service.domain.step import Step

START_BEFORE, START_AFTER, CANCEL = "startBeforeActivity", "startAfterActivity", "cancel"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One part of a modification. `kind`: startBeforeActivity, startAfterActivity or cancel.

    `activity_id` is an element of the diagram; a cancel names either it (every token there) or one `activity_instance_id` (a visit, which
    is also the id of a user task).
    """

    kind: str
    activity_id: str | None
    activity_instance_id: str | None = None


@dataclass(frozen=True, slots=True)
class OpenActivity:
    """A visit that has not ended: its id, and the element (id, name, BPMN kind) it is a visit of."""

    id: str
    element_id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Modified:
    """What a modification does: the step, the visits it cancels, and the visits that are open after it."""

    step: Step
    cancelled: Sequence[OpenActivity]
    open: Sequence[OpenActivity]


@dataclass(frozen=True, slots=True)
class MoveBackTarget:
    """An activity the instance has been through, as seen from an open one. `objection` None: one may go back there.

    `taken` are the open visits that going back would cancel.
    """

    element_id: str
    name: str
    objection: Objection | None
    taken: Sequence[OpenActivity]


@dataclass(frozen=True, slots=True)
class MoveBackPlace:
    """An element at which the instance stands (the visits there), and where one may go back to from it."""

    element_id: str
    name: str
    visits: Sequence[OpenActivity]
    targets: Sequence[MoveBackTarget]


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration does. `renamed`: of every open visit, timer or subscription whose element changes, (element id, name) by its id.

    `notes` are what differs between the versions and does not stop the migration, as (element id, code, text).
    """

    step: Step
    renamed: Mapping[str, tuple[str, str]]
    notes: Sequence[Objection]
    open: Sequence[OpenActivity]
