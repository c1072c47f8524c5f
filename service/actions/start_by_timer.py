"""Processes that start by the clock: armed when they are deployed, started by a worker, each time once."""

from collections.abc import Sequence

import structlog

from service.actions.case_law import CaseLaw
from service.actions.deployment_files import ReadFile
from service.actions.ports import Engine, ProcessSource, Services, Transaction
from service.actions.process_starts import starts_of
from service.actions.retry_later import moment_after, problem_of
from service.actions.start_instance import start_new
from service.domain.definition import KIND_PROCESS, Definition
from service.domain.errors import Conflict, Finding, NotFound, Refused, StepFailed, Unavailable

log = structlog.get_logger("rongjiu.timers")

ACTOR = "timer"
"""Who started an instance that the clock has started."""


def arm_start_timers(engine: Engine, tx: Transaction, read: Sequence[ReadFile], definitions: Sequence[Definition], now: int) -> None:
    """The timers of the new versions take the place of those of the versions before. Raises Refused for one without a moment."""
    contents = {file.digest: file.content for file in read}
    for definition in definitions:
        if definition.kind != KIND_PROCESS:
            continue
        source = ProcessSource(definition.key, definition.version, definition.digest, contents[definition.digest])
        try:
            tx.arm_starts(definition.key, definition.id, engine.start_timers(source, now))
        except StepFailed as failure:
            raise Refused([Finding(definition.file_name, failure.element_id, None, "invalid-timer", failure.message)]) from failure


def start_due_processes(services: Services, limit: int) -> int:
    """Start up to `limit` instances that are due; returns how many were started."""
    started = 0
    while started < limit and _start_next(services):
        started += 1
    return started


def _start_next(services: Services) -> bool:
    """The instance and the next time are written in one transaction. False when nothing is due."""
    now, due = services.clock(), None
    try:
        with services.store.begin() as tx:
            due = tx.claim_due_start(now)
            if due is None:
                return False
            seq = tx.latest_deployment_seq()
            definition = tx.process_definition(due.definition_id)
            if definition is None:
                raise NotFound("process definition", due.definition_id)
            start = next(start for start in starts_of(definition) if start.element_id == due.timer.element_id)
            law = CaseLaw(services, tx, definition, seq, definition.jurisdiction)
            start_new(services, tx, ACTOR, law, start, None, {}, None)
            tx.move_start(due.id, services.engine.following_start(due.timer, now))
            tx.commit()
    except Unavailable:
        raise
    except Exception as error:
        if due is None:
            raise
        # One process that cannot start must not hold up the others; it is tried again, less and less often, and its row has the cause.
        if not isinstance(error, Conflict):
            log.exception("start_timer.failed", definition=due.definition_id, element=due.timer.element_id)
        with services.store.begin() as tx:
            tx.postpone_start(due.id, moment_after(now, due.attempts), problem_of(error))
            tx.commit()
    return True
