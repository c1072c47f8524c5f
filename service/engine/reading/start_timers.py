"""Timers that start processes: when they are due, what is due after that, and what a new setting makes of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from service.actions.deadlines.time_limits import counted
from service.actions.ports import Circumstances, Law, PlaceLaw
from service.domain.ballot import BallotBox
from service.domain.china_time import moment
from service.domain.errors import StepFailed
from service.domain.event import StartTimer
from service.domain.json_values import Json
from service.domain.law import ClockStops, DueDate, TimeLimit
from service.domain.step import CalledProcess
from service.engine.language import timers
from service.engine.language.expressions import compile_text
from service.engine.language.inquiry import Inquiry
from service.engine.reading.diagram import EventDefinition, Node

SHORTEST = 1_000_000
"""Microseconds: no process starts more often than each second."""


class NoPlace(StepFailed):
    """A timer asks for a setting where it is not known yet for which place it is."""


def start_timers(nodes: Iterable[Node], now: int, place: PlaceLaw) -> list[StartTimer]:
    """When the timers among the start events are due, deployed at `now`. Raises StepFailed when one cannot be computed."""
    return [
        replace(start_timer(node, event, now, place), number=number) for node in nodes for number, event in enumerate(_timer_events(node))
    ]


def start_timer(node: Node, event: EventDefinition, now: int, place: PlaceLaw | None) -> StartTimer:
    """When a timer of a start event is due. No case is there yet: its expression sees no variables, of the law only settings.

    Raises StepFailed; NoPlace for one that asks for a setting when there is no `place`.
    """
    plan = _plan(node, event, now, place)
    due, interval = timers.milliseconds(plan.due), plan.interval
    if interval is None:
        return StartTimer(node.id, due, since=now)
    return StartTimer(node.id, due, plan.repetitions, interval.months, interval.microseconds, since=now, planned=plan.repetitions)


def following_start(timer: StartTimer, now: int) -> StartTimer | None:
    """The next time after `timer` has started the process; None when that was the last.

    A cycle without end leaves out what was missed (while no worker ran): what is due next lies after `now`. One with a number of
    repetitions makes them all, the late ones at once.
    """
    if timer.left == 0:
        return None
    interval = timers.Duration(timer.months, timer.microseconds)
    try:
        due = interval.after(moment(timer.due_at))
        if timer.left != timers.EVER:
            return replace(timer, due_at=timers.milliseconds(due), left=timer.left - 1, since=timer.due_at)
        due = _beyond(due, interval, now)
        since = timers.Duration(-interval.months, -interval.microseconds).after(due)
    except timers.TimerFault:
        return None
    return replace(timer, due_at=timers.milliseconds(due), since=max(timers.milliseconds(since), timer.due_at))


def rearmed_start(nodes: Iterable[Node], timer: StartTimer, place: PlaceLaw) -> StartTimer:
    """The timer as its expression gives it by now, counted from the moment from which it was counted: armed, or due the last time.

    What a shorter period would have made due already is due at once. One of which nobody knows any more from when it was counted stays as
    it is. Raises StepFailed when the expression gives no timer any more.
    """
    since = _since(timer)
    if since is None:
        return timer
    node = next(node for node in nodes if node.id == timer.element_id)
    event = _timer_events(node)[timer.number]
    plan = _plan(node, event, since, place)
    interval, due = plan.interval, plan.due
    if interval is None:
        return replace(timer, due_at=timers.milliseconds(due), left=0, months=0, microseconds=0, planned=0)
    if timer.due_at > since:
        due = _beyond(due, interval, since)
    left = plan.repetitions
    if left != timers.EVER and timer.left != timers.EVER:
        left = timer.left if timer.planned is None else max(left - (timer.planned - timer.left), 0)
    return replace(
        timer,
        due_at=timers.milliseconds(due),
        left=left,
        months=interval.months,
        microseconds=interval.microseconds,
        since=since,
        planned=plan.repetitions,
    )


def _timer_events(node: Node) -> list[EventDefinition]:
    return [event for event in node.events if event.kind == "timer"]


def _plan(node: Node, event: EventDefinition, now: int, place: PlaceLaw | None) -> timers.Schedule:
    formula = compile_text(event.timer_text)
    value = formula.evaluate(Inquiry(node.id, {}, Circumstances(now, _StartLaw(place), "timer")))
    try:
        plan = timers.schedule(event.timer_kind or "duration", value, moment(now))
        interval = plan.interval
        if interval is not None and not interval.months and interval.microseconds < SHORTEST:
            raise timers.TimerFault(f"{value!r} starts the process more often than each second")
    except timers.TimerFault as fault:
        raise StepFailed(node.id, "expression", f"{formula.text}: {fault}") from None
    return plan


def _since(timer: StartTimer) -> int | None:
    """From when the timer was counted; in a row of an earlier version it follows from the distance, None where there is none."""
    if timer.since is not None:
        return timer.since
    if not timer.months and not timer.microseconds:
        return None
    return timers.milliseconds(timers.Duration(-timer.months, -timer.microseconds).after(moment(timer.due_at)))


def _beyond(due: datetime, interval: timers.Duration, now: int) -> datetime:
    """The first of the moments at that distance, `due` being one, that lies after `now`. Raises TimerFault beyond year 9999."""
    if not interval.months and timers.milliseconds(due) <= now:
        behind = now - timers.milliseconds(due)
        each = interval.microseconds // 1_000
        due = timers.Duration(0, (behind // each + 1) * each * 1_000).after(due)
    while timers.milliseconds(due) <= now:
        due = interval.after(due)
    return due


class _StartLaw:
    """Satisfies the port Law where there is no case yet: of the law only the settings of the place can be asked."""

    def __init__(self, place: PlaceLaw | None) -> None:
        self._place = place

    def decision(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def deadline(self, element_id: str, key: str, now_ms: int, clock: ClockStops | None = None) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def counted(self, element_id: str, limit: TimeLimit) -> DueDate:
        """By the published calendar. Days of other years would never be counted again, so they are refused."""
        due = counted(limit, dict)
        if due.limit.provisional:
            raise StepFailed(element_id, "expression", f"the working days of {due.limit.counted_year} are not published yet")
        return due

    def setting(self, element_id: str, key: str) -> Json:
        """That of the place."""
        if self._place is None:
            raise NoPlace(element_id, "expression", "the settings are those of the place it is deployed for")
        return self._place.setting(element_id, key)

    def recorded(self, element_id: str, name: str, key: Json, now_ms: int) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def records(self, element_id: str, name: str, key: Json, now_ms: int) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def precedents(self, element_id: str, facts: Json, advice: Json) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def subject(self, element_id: str, subject_id: Json, day: Json, now_ms: int) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def ballots(self, element_id: str, box: BallotBox) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def signatures(self, element_id: str, task_definition_key: str) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def process(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> NoReturn:
        """There is none."""
        raise _refusal(element_id)

    def within(self, called: CalledProcess | None) -> Law:
        """Still none."""
        return self


def _refusal(element_id: str) -> StepFailed:
    return StepFailed(
        element_id,
        "expression",
        "a timer that starts a process is computed when it is deployed; it cannot ask the law of a case, only setting() of its place",
    )
