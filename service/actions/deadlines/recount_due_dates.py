"""Count due dates again when the working days of a year have become known: case by case, by the worker, so that no step waits for it."""

from dataclasses import replace

import structlog

from service.actions.deadlines.moved_due_dates import count_again, move_state, moves_state, write_recounted
from service.actions.instances.advance import put_events
from service.actions.ports import InstanceChange, Services
from service.domain.errors import Conflict
from service.domain.working_days import Recount

log = structlog.get_logger("rongjiu.working_days")

ACTOR = "working-days"
"""What the audit trail names as the doer."""

LATER_MS = 120_000
"""After so long it is looked once more: a step that had read the old table has long been committed or given up by then."""


def recount_due_dates(services: Services, limit: int) -> int:
    """See to up to `limit` cases; returns how many there were. A case that somebody is at, or that fails, is seen to later."""
    now = services.clock()
    with services.store.read() as questions:
        recount = questions.recount_due(now)
        cases = [] if recount is None else questions.cases_to_recount(recount, limit)
    if recount is None:
        return 0
    for process_instance_id in cases:
        try:
            recount_case(services, process_instance_id, recount)
        except Conflict as conflict:
            log.info("case.recounted_later", process_instance=process_instance_id, code=conflict.code)
        except Exception:  # one case must not hold up all others; it is found again by the next look
            log.exception("case.not_recounted", process_instance=process_instance_id)
    _go_on(services, recount, cases[-1] if len(cases) == limit else "", now)
    return len(cases)


def recount_case(services: Services, process_instance_id: str, recount: Recount) -> None:
    """Count the due dates of one case again, in one transaction, and say so in its trail."""
    with services.store.begin() as tx:
        instance = tx.load_instance(process_instance_id)
        if instance is None or not instance.is_open:
            return
        recounted = count_again(services, tx, instance, lambda limit: limit)
        news = [one for one in recounted if one.is_news]
        if news or moves_state(recounted):
            change = InstanceChange(instance, instance.version, services.clock())
            instance.version += 1
            put_events(change, ACTOR, [(f"{one.kind}.due-date-recomputed", {**one.as_json(), "year": recount.year}) for one in news])
            move_state(services, tx, instance, recounted)
            tx.save_instance(change)
        write_recounted(tx, recounted)
        tx.commit()


def _go_on(services: Services, recount: Recount, after: str, now: int) -> None:
    """Where to go on. At the end of a round, it is over when nothing is left and nothing can come of a step that began before."""
    at: int | None = now
    if not after:
        with services.store.read() as questions:
            # All cases are looked at once more, then it is over; what counts by a table tells itself when nothing is left.
            left = [] if recount.everything else questions.cases_to_recount(replace(recount, after=""), 1)
        at = None if not left and now >= recount.set_at + LATER_MS else now + LATER_MS
    with services.store.begin() as tx:
        tx.recount_went_on(recount, after, at)
        tx.commit()
