"""Processes that start by the clock: armed when they are deployed, started by a worker, each time once.

A period that is a setting of the place is read when the timer is armed and at each start; new settings arm it again with their deployment.
"""

from collections.abc import Sequence

import structlog

from service.actions.deadlines.place_settings import PlaceSettings
from service.actions.deployments.deployment_files import ReadFile
from service.actions.do_anew import until_not_overtaken
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.process_starts import starts_of
from service.actions.instances.published import process_source
from service.actions.instances.start_instance import start_new
from service.actions.ports import DueStart, ProcessSource, Services, Transaction
from service.actions.retry_later import moment_after, problem_of
from service.domain.definition import KIND_PROCESS, Definition, Jurisdiction
from service.domain.errors import Conflict, Finding, NotFound, Refused, StepFailed, Unavailable
from service.domain.event import StartTimer

log = structlog.get_logger("rongjiu.timers")

ACTOR = "timer"
"""Who started an instance that the clock has started."""


def start_timers_of(
    services: Services,
    tx: Transaction,
    read: Sequence[ReadFile],
    definitions: Sequence[Definition],
    places: Sequence[Jurisdiction],
    now: int,
) -> dict[str, Sequence[StartTimer]]:
    """The timers of the new process definitions, by definition id, with the settings of their place; `places` are deployed with them.

    Raises Refused for one without a moment.
    """
    contents = {file.digest: file.content for file in read}
    found: dict[str, Sequence[StartTimer]] = {}
    for definition in definitions:
        if definition.kind != KIND_PROCESS:
            continue
        source = ProcessSource(definition.key, definition.version, definition.digest, contents[definition.digest])
        try:
            found[definition.id] = services.engine.start_timers(source, now, PlaceSettings(tx, definition.jurisdiction, places))
        except StepFailed as failure:
            raise Refused([Finding(definition.file_name, failure.element_id, None, "invalid-timer", failure.message)]) from failure
    return found


def rearmed_starts(
    services: Services, tx: Transaction, definitions: Sequence[Definition], places: Sequence[Jurisdiction]
) -> dict[str, StartTimer]:
    """By id the starts to come that the settings of the new `places` change, without those of processes that are deployed with them.

    Raises Refused when a setting makes no timer of one.
    """
    changed: dict[str, StartTimer] = {}
    if not places:
        return changed
    new = {definition.key for definition in definitions if definition.kind == KIND_PROCESS}
    for start in tx.armed_starts():
        definition = tx.process_definition(start.definition_id)
        if definition is None or definition.key in new:
            continue
        settings = PlaceSettings(tx, definition.jurisdiction, places)
        try:
            timer = services.engine.rearmed_start(process_source(services, tx, definition), start.timer, settings)
        except StepFailed as failure:
            words = f"the timer {failure.element_id!r} of {definition.key!r} cannot go on: {failure.message}"
            raise Refused([Finding("jurisdiction.yaml", "settings", None, "invalid-timer", words)]) from failure
        if (timer.due_at, timer.left, timer.months, timer.microseconds) != (
            start.timer.due_at,
            start.timer.left,
            start.timer.months,
            start.timer.microseconds,
        ):
            changed[start.id] = timer
    return changed


def start_due_processes(services: Services, limit: int) -> int:
    """Start up to `limit` instances that are due; returns how many were started."""
    started = 0
    while started < limit and _start_next(services):
        started += 1
    return started


def _start_next(services: Services) -> bool:
    """The instance and the next time are written in one transaction. False when nothing is due."""
    now, claimed = services.clock(), list[DueStart]()
    try:
        return until_not_overtaken(lambda: _start(services, now, claimed))
    except Unavailable:
        raise
    except Exception as error:
        if not claimed:
            raise
        # An attempt that was overtaken has given back what it had claimed.
        due = claimed[-1]
        # One process that cannot start must not hold up the others; it is tried again, less and less often, and its row has the cause.
        if not isinstance(error, Conflict):
            log.exception("start_timer.failed", definition=due.definition_id, element=due.timer.element_id)
        with services.store.begin() as tx:
            tx.postpone_start(due.id, now, moment_after(now, due.attempts), problem_of(error))
            tx.commit()
    return True


def _start(services: Services, now: int, claimed: list[DueStart]) -> bool:
    with services.store.begin() as tx:
        due = tx.claim_due_start(now)
        if due is None:
            return False
        claimed.append(due)
        seq = tx.latest_deployment_seq()
        definition = tx.process_definition(due.definition_id)
        if definition is None:
            raise NotFound("process definition", due.definition_id)
        start = next(start for start in starts_of(definition) if start.element_id == due.timer.element_id)
        law = CaseLaw(services, tx, definition, seq, definition.jurisdiction)
        start_new(services, tx, ACTOR, law, start, None, {}, None)
        source, settings = process_source(services, tx, definition), PlaceSettings(tx, definition.jurisdiction)
        tx.move_start(due.id, services.engine.following_start(source, due.timer, now, settings))
        tx.commit()
    return True
