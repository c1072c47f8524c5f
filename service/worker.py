"""The worker: fires timers when their moment has come, starts processes by the clock, brings signals and messages where they belong.

Any number may run on one database.
"""

import random
from pathlib import Path
from threading import Event

import structlog

from service.actions.answer import KEEP_ANSWERS_MS
from service.actions.deadlines.adopt_published_years import adopt_published_years
from service.actions.deadlines.recount_due_dates import recount_due_dates
from service.actions.events.fire_timers import fire_due_timers
from service.actions.events.pending_events import deliver_due_events
from service.actions.events.start_by_timer import start_due_processes
from service.actions.ports import Services
from service.domain.errors import Conflict
from service.heartbeat import BEAT_EVERY_MS, beat

POLL_SECONDS = 0.5
HOUSEKEEPING_EVERY_MS = 3_600_000
BATCH = 50

log = structlog.get_logger("rongjiu.worker")


def run_worker(services: Services, stop: Event, heartbeat: Path | None = None) -> None:
    """Poll until `stop` is set. A database that does not answer is tried again, never given up.

    While polls succeed the file `heartbeat` is touched.
    """
    tidied_at = beaten_at = 0
    while not stop.is_set():
        handled = 0
        try:
            now = services.clock()
            handled = see_to_what_is_due(services, now)
            if heartbeat is not None and now - beaten_at >= BEAT_EVERY_MS:
                beaten_at = now
                beat(heartbeat)
            if now - tidied_at > HOUSEKEEPING_EVERY_MS:
                tidy_up(services)
                tidied_at = now
        except Conflict as conflict:
            log.info("worker.lost_race", code=conflict.code)
        except Exception:  # the loop outlives a database restart; each failure is logged with its cause
            log.exception("worker.failed")
        if handled == 0:
            # Jitter keeps several workers from asking in step.
            stop.wait(POLL_SECONDS * random.uniform(0.8, 1.2))


def see_to_what_is_due(services: Services, now: int) -> int:
    """Count due dates again, fire timers, start processes and bring events where they belong, some of each; returns how many were handled.

    An idle poll is one question: it opens no write transaction.
    """
    with services.store.read(snapshot=False) as questions:
        if not questions.anything_due(now):
            return 0
    # Due dates first: a timer that is due by the weekdays may not be due by the holidays.
    recounted = recount_due_dates(services, BATCH)
    if recounted >= BATCH:
        return recounted
    return recounted + fire_due_timers(services, BATCH) + start_due_processes(services, BATCH) + deliver_due_events(services, BATCH)


def tidy_up(services: Services) -> None:
    """Delete stored answers older than 30 days, and events that have reached all; notice a newer published calendar."""
    with services.store.begin() as tx:
        tx.forget_answers(services.clock() - KEEP_ANSWERS_MS)
        tx.forget_events()
        tx.commit()
    adopt_published_years(services)
