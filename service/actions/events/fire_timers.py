"""Fire the timers whose moment has come: each once, whatever number of workers asks.

Several are fired in one transaction, since making it durable is most of the work; a timer whose step fails is taken out of it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import structlog

from service.actions.do_anew import until_not_overtaken
from service.actions.incidents.failed_steps import StepFailedIn, recording_incidents, unexpected
from service.actions.incidents.open_incidents import open_incidents_of
from service.actions.instances.advance import change_of, circumstances, law_of
from service.actions.instances.published import process_source
from service.actions.ports import DueTimer, Services, Transaction
from service.actions.retry_later import moment_after, problem_of
from service.domain.errors import Conflict, StepFailed, StepIncident, Unavailable
from service.domain.json_values import Json

log = structlog.get_logger("rongjiu.timers")

ACTOR = "timer"
"""What the audit trail names as the doer when a timer goes on."""

TOGETHER = 20
"""Timers fired in one transaction: so few that nobody waits long for one of their cases."""

LONGEST_MS = 1_000
"""After so long what is fired is committed, however few they are: steps may be slow, and their cases are locked meanwhile."""


def fire_due_timers(services: Services, limit: int = 50) -> int:
    """Fire up to `limit` due timers; returns how many were handled (fired, or parked with an incident)."""
    handled = 0
    while handled < limit:
        done, more = _fire_some(services, min(TOGETHER, limit - handled))
        handled += done
        if not more:
            break
    return handled


def _fire_some(services: Services, limit: int) -> tuple[int, bool]:
    """How many were handled, and whether more may be due."""
    failures: list[tuple[DueTimer, StepFailedIn]] = []
    handled = 0
    due: Sequence[DueTimer] = ()
    began = services.clock()
    try:
        with services.store.begin() as tx:
            due = tx.claim_due_timers(began, limit)
            for timer in due:
                if services.clock() - began > LONGEST_MS:
                    break
                try:
                    handled += fire_timer(services, tx, timer)
                except StepFailedIn as failed:
                    failures.append((timer, failed))
            tx.commit()
    except Unavailable:
        raise
    except Exception as error:
        if not due:
            raise
        # What one of them meets must not hold up the others.
        log.info("timers.fired_one_by_one", timers=len(due), reason=type(error).__name__)
        return sum(_or_later(services, timer, partial(until_not_overtaken, partial(_fire_alone, services, timer))) for timer in due), False
    handled += sum(_or_later(services, timer, partial(_record, services, failed)) for timer, failed in failures)
    return handled, len(due) == limit and handled > 0


def _fire_alone(services: Services, timer: DueTimer) -> bool:
    try:
        with services.store.begin() as tx:
            fired = fire_timer(services, tx, timer)
            tx.commit()
            return fired
    except StepFailedIn as failed:
        return _record(services, failed)
    except (Conflict, Unavailable):
        raise
    except Exception as error:
        log.exception("timer.failed", timer=timer.id, process_instance=timer.process_instance_id)
        return _park(services, timer, error)


def _or_later(services: Services, timer: DueTimer, attempt: Callable[[], bool]) -> bool:
    """Run `attempt`; a timer that it can neither fire nor park stays due and is tried again, less and less often, while others fire.

    Its row has the cause, for the list of timers.
    """
    try:
        return attempt()
    except Unavailable:
        raise
    except Conflict as conflict:
        # Mostly a person was at the case.
        log.info("timer.lost_race", timer=timer.id, code=conflict.code)
        problem = problem_of(conflict)
    except Exception as error:
        log.exception("timer.not_recorded", timer=timer.id, process_instance=timer.process_instance_id)
        problem = problem_of(error)
    with services.store.begin() as tx:
        tx.postpone_timer(timer.id, moment_after(services.clock(), timer.attempts), problem)
        tx.commit()
    return False


def _park(services: Services, timer: DueTimer, error: Exception) -> bool:
    """What the step made cannot be written: the case gets an incident in its place."""
    with services.store.begin() as tx:
        instance = tx.load_instance(timer.process_instance_id)
    if instance is None or not instance.is_open:
        return False
    return _record(services, StepFailedIn(instance, unexpected(timer.element_id, error), _operation(timer), timer.id))


def _operation(timer: DueTimer) -> dict[str, Json]:
    return {"do": "fire", "actor": ACTOR, "timerId": timer.id, "elementId": timer.element_id}


def _record(services: Services, failed: StepFailedIn) -> bool:
    """True, for the timer is parked with its incident. Raises what kept that from being written."""

    def again() -> None:
        raise failed

    with suppress(StepIncident):
        recording_incidents(services, ACTOR, again)
    return True


def fire_timer(services: Services, tx: Transaction, timer: DueTimer) -> bool:
    """Within a transaction: fire one timer; False when it no longer waits or is due later. Raises StepFailedIn, with nothing written."""
    now = services.clock()
    instance = tx.load_instance(timer.process_instance_id)
    waiting = tx.waiting_timer(timer.id)
    # What was counted again since the timer was claimed is not due any more.
    if instance is None or not instance.is_open or waiting is None or waiting.due_at > now:
        return False
    before = replace(instance)
    law = law_of(services, tx, instance)
    try:
        execution = services.engine.resume(process_source(services, tx, law.definition), instance.state_data or b"", law)
        step = execution.fire_timer(timer.id, circumstances(law, now, ACTOR))
        event = ("timer.fired", {"timerId": timer.id, "elementId": timer.element_id})
        change = change_of(instance, step, law, now, ACTOR, [event], incidents=open_incidents_of(tx, instance))
    except StepFailed as failure:
        raise StepFailedIn(before, failure, _operation(timer), timer.id) from failure
    except (Conflict, Unavailable):
        raise
    except Exception as error:
        # One case that cannot go on must not hold up the timers of all others: it becomes an incident, and the log has the cause.
        log.exception("timer.failed", timer=timer.id, process_instance=instance.id)
        raise StepFailedIn(before, unexpected(timer.element_id, error), _operation(timer), timer.id) from error
    tx.save_instance(change)
    return True
