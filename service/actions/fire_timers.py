"""Fire the timers whose moment has come: each once, in a transaction of its own, whatever number of workers asks."""

import structlog

from service.actions.advance import change_of, circumstances, law_of
from service.actions.case_law import process_source
from service.actions.incidents import StepFailedIn, recording_incidents
from service.actions.open_incidents import open_incidents_of
from service.actions.ports import DueTimer, Services
from service.domain.errors import Conflict, StepFailed, StepIncident, Unavailable
from service.domain.json_values import Json

log = structlog.get_logger("rongjiu.timers")

ACTOR = "timer"
"""What the audit trail names as the doer when a timer goes on."""


def fire_due_timers(services: Services, limit: int = 50) -> int:
    """Fire up to `limit` due timers; returns how many were handled (fired, or parked with an incident)."""
    with services.store.begin() as tx:
        due = tx.due_timers(services.clock(), limit)
    return sum(_fire_or_record(services, timer) for timer in due)


def _fire_or_record(services: Services, timer: DueTimer) -> bool:
    try:
        return recording_incidents(services, ACTOR, lambda: fire_timer(services, timer))
    except StepIncident:
        return True
    except Conflict as conflict:
        # Another worker or a person was first; what is still due comes again with the next poll.
        log.info("timer.lost_race", timer=timer.id, code=conflict.code)
        return False


def fire_timer(services: Services, timer: DueTimer) -> bool:
    """Fire one timer; False when it no longer waits. The instance's lock decides between workers. Raises StepFailedIn."""
    now = services.clock()
    with services.store.begin() as tx:
        instance = tx.load_instance(timer.process_instance_id)
        if instance is None or not instance.is_open or tx.waiting_timer(timer.id) is None:
            return False
        law = law_of(services, tx, instance)
        operation: dict[str, Json] = {"do": "fire", "actor": ACTOR, "timerId": timer.id, "elementId": timer.element_id}
        try:
            execution = services.engine.resume(process_source(services, tx, law.definition), instance.state_data or b"", law)
            step = execution.fire_timer(timer.id, circumstances(law, now, ACTOR))
            event = ("timer.fired", {"timerId": timer.id, "elementId": timer.element_id})
            change = change_of(instance, step, law, now, ACTOR, [event], incidents=open_incidents_of(tx, instance))
        except StepFailed as failure:
            raise StepFailedIn(instance, failure, operation, timer.id) from failure
        except (Conflict, Unavailable):
            raise
        except Exception as error:
            # One case that cannot go on must not hold up the timers of all others: it becomes an incident, and the log has the cause.
            log.exception("timer.failed", timer=timer.id, process_instance=instance.id)
            unexpected = StepFailed(timer.element_id, "internal", "an unexpected error, written to the log of the worker")
            raise StepFailedIn(instance, unexpected, operation, timer.id) from error
        tx.save_instance(change)
        tx.commit()
    return True
