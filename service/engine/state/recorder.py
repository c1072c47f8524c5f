"""What happened in one step, noted as it happens and then frozen into a Step."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from service.domain.ballot import BallotBox, EndedBallot
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.step import (
    ActivityChange,
    ArmedTimer,
    DecisionTaken,
    ExternalTaskOpened,
    MessageSent,
    OpenedTask,
    SignalSent,
    Step,
    Subscription,
    UncaughtError,
)
from service.engine.state.storable import MAX_RECORD_DEPTH, MAX_SIZE, require_storable

ACTIVE, COMPLETED, CANCELLED = "active", "completed", "cancelled"


@dataclass(slots=True)
class Recorder:
    """Notes of one step. What was opened and closed within the same step leaves no trace, except as an activity."""

    opened_tasks: dict[str, OpenedTask] = field(default_factory=dict)
    closed_tasks: list[str] = field(default_factory=list)
    armed_timers: dict[str, ArmedTimer] = field(default_factory=dict)
    cancelled_timers: list[str] = field(default_factory=list)
    subscribed: dict[str, Subscription] = field(default_factory=dict)
    unsubscribed: list[str] = field(default_factory=list)
    activities: dict[str, ActivityChange] = field(default_factory=dict)
    decisions: list[DecisionTaken] = field(default_factory=list)
    messages: list[MessageSent] = field(default_factory=list)
    signals: list[SignalSent] = field(default_factory=list)
    opened_external: dict[str, ExternalTaskOpened] = field(default_factory=dict)
    closed_external: list[str] = field(default_factory=list)
    uncaught: dict[str, UncaughtError] = field(default_factory=dict)
    settled_errors: list[str] = field(default_factory=list)
    opened_ballots: dict[str, BallotBox] = field(default_factory=dict)
    ended_ballots: list[EndedBallot] = field(default_factory=list)
    told: int = 0
    """Characters in decisions, messages and signals."""
    inputs: int = 0
    """Characters in what the decisions were taken with."""

    def entered(self, visit: str, element_id: str, name: str, kind: str) -> None:
        """An element was entered."""
        self.activities[visit] = ActivityChange(visit, element_id, name, kind, ACTIVE)

    def ended(self, visit: str, element_id: str, name: str, kind: str, state: str, actor: str | None) -> None:
        """An element entered now or earlier ended as `state`."""
        known = self.activities.get(visit)
        if known is not None:
            self.activities[visit] = replace(known, state=state, actor=actor)
        else:
            self.activities[visit] = ActivityChange(visit, element_id, name, kind, state, actor)

    def closed_task(self, task_id: str) -> None:
        """A user task was completed or cancelled."""
        if self.opened_tasks.pop(task_id, None) is None:
            self.closed_tasks.append(task_id)

    def closed_external_task(self, task_id: str) -> None:
        """The work of an external worker is done or no longer needed."""
        if self.opened_external.pop(task_id, None) is None:
            self.closed_external.append(task_id)

    def settled_error(self, event_id: str) -> None:
        """An error that nothing caught is caught at last, or taken back."""
        if self.uncaught.pop(event_id, None) is None:
            self.settled_errors.append(event_id)

    def disarmed(self, timer_id: str) -> None:
        """A timer fired or is no longer needed."""
        if self.armed_timers.pop(timer_id, None) is None:
            self.cancelled_timers.append(timer_id)

    def unsubscribe(self, subscription_id: str) -> None:
        """A message was received or is no longer awaited."""
        if self.subscribed.pop(subscription_id, None) is None:
            self.unsubscribed.append(subscription_id)

    def decided(self, taken: DecisionTaken) -> None:
        """A decision was taken. Raises StepFailed(kind="data") when its record cannot be kept."""
        self._tell(taken.element_id, "the record of the decision", taken.record)
        self.inputs += require_storable(taken.element_id, "the input of the decision", dict(taken.variables or {}), MAX_RECORD_DEPTH)
        # A loop over a large variable would keep it once per round: what is over the limit can then not be replayed, and says so.
        self.decisions.append(taken if self.inputs <= MAX_SIZE else replace(taken, variables=None))

    def sent(self, message: MessageSent) -> None:
        """A message was thrown. Raises StepFailed(kind="data") when its payload cannot be kept."""
        self._tell(message.element_id, "the payload of the message", message.payload)
        self.messages.append(message)

    def signalled(self, signal: SignalSent) -> None:
        """A signal was thrown. Raises StepFailed(kind="data") when its payload cannot be kept."""
        self._tell(signal.element_id, "the payload of the signal", signal.payload)
        self.signals.append(signal)

    def _tell(self, element_id: str, what: str, content: Mapping[str, Json]) -> None:
        self.told += require_storable(element_id, what, dict(content), MAX_RECORD_DEPTH)
        if self.told > MAX_SIZE:
            raise StepFailed(element_id, "data", f"decisions, messages and signals of one step are larger than {MAX_SIZE} characters")

    def step(self, state_data: bytes, finished: str | None, variables: Mapping[str, Json]) -> Step:
        """The frozen result."""
        return Step(
            state_data=state_data,
            finished=finished,
            variables=dict(variables),
            opened_tasks=tuple(self.opened_tasks.values()),
            closed_tasks=tuple(self.closed_tasks),
            armed_timers=tuple(self.armed_timers.values()),
            cancelled_timers=tuple(self.cancelled_timers),
            subscribed=tuple(self.subscribed.values()),
            unsubscribed=tuple(self.unsubscribed),
            activities=tuple(self.activities.values()),
            decisions=tuple(self.decisions),
            messages=tuple(self.messages),
            signals=tuple(self.signals),
            opened_external=tuple(self.opened_external.values()),
            closed_external=tuple(self.closed_external),
            uncaught=tuple(self.uncaught.values()),
            settled_errors=tuple(self.settled_errors),
            opened_ballots=tuple(self.opened_ballots.values()),
            ended_ballots=tuple(self.ended_ballots),
        )
