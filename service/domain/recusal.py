"""Recusal (回避): a person who may not work on a case, why, and who has to decide that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.domain.errors import Conflict, Forbidden
from service.domain.json_values import Json
from service.domain.subject import Named

DECLARED = "DECLARED"
ORDERED = "ORDERED"
REFUSED = "REFUSED"
LIFTED = "LIFTED"
STATES = (DECLARED, ORDERED, REFUSED, LIFTED)
IN_FORCE = (DECLARED, ORDERED)
"""A person steps back himself, before anybody decides (政务处分法 §47); that the demand of others counts at once too is our default [D]."""

FOLLOWS: Mapping[str, str] = {ORDERED: DECLARED, REFUSED: DECLARED, LIFTED: ORDERED}
"""Decision → the state in which it can be taken."""

HEAD = "HEAD"
SUPERIOR = "SUPERIOR"
DECIDING_LAW = "政务处分法 §48"
"""The recusal of an organ's head is decided by the superior organ, that of others by the head."""

_HANDLING_LAW = "政务处分法 §47；监察法 §67"


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of recusal: its name as the law has it, and which law that is. `needs_note`: the name alone does not say what it is."""

    name: str
    law: str
    needs_note: bool = False


CLOSE_RELATIVE = "CLOSE_RELATIVE"
WITNESS = "WITNESS"
INTEREST = "INTEREST"
PETITION_INTEREST = "PETITION_INTEREST"
OTHER = "OTHER"
GROUNDS: Mapping[str, Ground] = {
    CLOSE_RELATIVE: Ground("是被调查人或者检举人的近亲属", _HANDLING_LAW),
    WITNESS: Ground("担任过本案的证人", _HANDLING_LAW),
    INTEREST: Ground("本人或者近亲属与案件有利害关系", _HANDLING_LAW),
    OTHER: Ground("可能影响公正处理的其他情形", _HANDLING_LAW, needs_note=True),
    PETITION_INTEREST: Ground("信访工作人员有直接利害关系", "信访工作条例"),
}
"""All grounds there are."""


@dataclass(frozen=True, slots=True)
class Recusal:
    """One person's recusal from what has this subject and this matter (None: any), or from one process instance.

    `of_head`: the person is the head of the organ. `begins_on` and `ends_on` are the first and the last day (ISO, None: open), times are
    epoch milliseconds. `reason` is that of the decision.
    """

    id: str
    user_id: str
    subject_id: str | None
    matter_id: str | None
    process_instance_id: str | None
    ground: str
    note: str | None
    of_head: bool
    state: str
    begins_on: str
    ends_on: str | None
    declared_at: int
    declared_by: str
    decided_at: int | None = None
    decided_by: str | None = None
    reason: str | None = None

    @property
    def decider(self) -> str:
        """Who has to decide it, HEAD or SUPERIOR (DECIDING_LAW)."""
        return SUPERIOR if self.of_head else HEAD

    def in_force(self, day: str) -> bool:
        """Whether it bars the person on that day."""
        return self.state in IN_FORCE and self.begins_on <= day and (self.ends_on is None or day <= self.ends_on)

    def is_about(self, process_instance_id: str, named: Named) -> bool:
        """Whether it is about the case, which names that subject and matter."""
        if self.process_instance_id is not None:
            return self.process_instance_id == process_instance_id
        return self.subject_id in (None, named.subject_id) and self.matter_id in (None, named.matter_id)

    def why(self) -> dict[str, Json]:
        """The ground with its law, as tasks, problems and audit trails tell it."""
        ground = GROUNDS[self.ground]
        return {"recusalId": self.id, "state": self.state, "ground": self.ground, "groundName": ground.name, "law": ground.law}


class Recused(Forbidden):
    """The person is recused from the case; `recusal` says why."""

    code = "recused"

    def __init__(self, recusal: Recusal) -> None:
        ground = GROUNDS[recusal.ground]
        super().__init__(f"{recusal.user_id!r} is recused from this case: {ground.name}（{ground.law}）; another person must do this task")
        self.recusal = recusal


def recusal_of(person: str, recusals: Iterable[Recusal], day: str) -> Recusal | None:
    """The recusal among those of a case that bars the person on that day; one that is ordered before one that is declared."""
    barring = [one for one in recusals if one.user_id == person and one.in_force(day)]
    return min(barring, key=lambda one: (one.state != ORDERED, one.id), default=None)


def require_can_be_decided(recusal: Recusal, state: str, decider: str) -> None:
    """Raise Conflict `recusal-decided` when this decision cannot follow, Forbidden `own-recusal` when it is about the decider himself."""
    if recusal.state != FOLLOWS[state]:
        raise Conflict(f"the recusal is {recusal.state}; {state} follows on {FOLLOWS[state]} only", "recusal-decided")
    if recusal.user_id == decider:
        who = "the superior organ" if recusal.of_head else "the head"
        raise Forbidden(f"nobody decides on his own recusal; this one is decided by {who}（{DECIDING_LAW}）", "own-recusal")
