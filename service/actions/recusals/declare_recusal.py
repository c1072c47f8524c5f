"""Declare that a person is recused: by himself, or by somebody who demands it. It counts at once, before it is decided."""

from dataclasses import dataclass

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.do_anew import until_not_overtaken
from service.actions.ports import Services, Transaction
from service.actions.presentation import recusal_json
from service.actions.recusals.recusal_checks import day_of
from service.actions.recusals.recusal_effects import record_recusal
from service.domain.access import require_may
from service.domain.errors import FieldError, Invalid
from service.domain.identifiers import new_id
from service.domain.principal import Principal
from service.domain.recusal import DECLARED, GROUNDS, Recusal


@dataclass(frozen=True, slots=True)
class DeclareRecusal:
    """Who, from what, and why. `begins_on` and `ends_on`: ISO dates, None = today and open."""

    user_id: str
    subject_id: str | None
    matter_id: str | None
    process_instance_id: str | None
    ground: str
    note: str | None
    of_head: bool
    begins_on: str | None
    ends_on: str | None
    repeat: Repeat = NO_REPEAT


def declare_recusal(services: Services, principal: Principal, command: DeclareRecusal) -> Answer:
    """201 with the recusal; tasks that the person holds in the cases concerned are released. Raises Invalid with every fault."""
    require_may(principal, "work")
    return answered_once(services, principal, command.repeat, lambda: until_not_overtaken(lambda: _declare(services, principal, command)))


def _declare(services: Services, principal: Principal, command: DeclareRecusal) -> Answer:
    now = services.clock()
    begins_on = command.begins_on or day_of(now)
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        # The service's trail before any case, as a deployment that moves a place has them: else each could hold what the other waits for.
        tx.hold_service_stream()
        faults = [*_faults(command, begins_on, day_of(now)), *_unknown(tx, command)]
        if faults:
            raise Invalid("the recusal is not described correctly", faults)
        recusal = Recusal(
            id=new_id(),
            user_id=command.user_id,
            subject_id=command.subject_id,
            matter_id=command.matter_id,
            process_instance_id=command.process_instance_id,
            ground=command.ground,
            note=command.note,
            of_head=command.of_head,
            state=DECLARED,
            begins_on=begins_on,
            ends_on=command.ends_on,
            declared_at=now,
            declared_by=principal.actor,
        )
        record_recusal(tx, recusal, "recusal.declared", principal.actor, now)
        given = answer(201, recusal_json(recusal))
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given


def _faults(command: DeclareRecusal, begins_on: str, today: str) -> list[FieldError]:
    faults = []
    by_case = command.subject_id is not None or command.matter_id is not None
    if not by_case and command.process_instance_id is None:
        faults.append(FieldError("/subjectId", "required", "a recusal is about a subject, a matter, both, or one process instance"))
    if by_case and command.process_instance_id is not None:
        faults.append(FieldError("/processInstanceId", "not-both", "a process instance is not named beside a subject or matter"))
    if GROUNDS[command.ground].needs_note and command.note is None:
        faults.append(FieldError("/note", "required", f"the ground {command.ground} needs a note that says what it is"))
    if begins_on > today:
        faults.append(FieldError("/from", "in-the-future", "a recusal begins today or earlier: held tasks are released at once"))
    if command.ends_on is not None and command.ends_on < begins_on:
        faults.append(FieldError("/to", "ends-before-it-begins", "the last day lies before the first"))
    return faults


def _unknown(tx: Transaction, command: DeclareRecusal) -> list[FieldError]:
    faults = []
    if tx.user(command.user_id) is None:
        faults.append(FieldError("/userId", "unknown-person", f"no user {command.user_id!r}"))
    if command.process_instance_id is not None and tx.load_instance(command.process_instance_id) is None:
        faults.append(FieldError("/processInstanceId", "unknown", f"there is no process instance {command.process_instance_id!r}"))
    return faults
