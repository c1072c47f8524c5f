"""What the actions need from the store for timers, messages and signals, and starts by the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.domain.event import EventDelivery, StartTimer, ThrownEvent
from service.domain.json_values import Json
from service.domain.law import TimeLimit


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer whose moment has come."""

    id: str
    process_instance_id: str
    element_id: str
    due_at: int
    attempts: int


@dataclass(frozen=True, slots=True)
class PostponedTimer:
    """A timer that could neither fire nor be parked, so often, the last time for that reason."""

    id: str
    process_instance_id: str
    element_id: str
    attempts: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class LimitedTimer:
    """A timer that comes from a time limit."""

    id: str
    element_id: str
    due_at: int
    limit: TimeLimit


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """A subscription with the instance it belongs to. `kind`: message or signal."""

    id: str
    process_instance_id: str
    element_id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class DueStart:
    """A process that is to be started by the clock. `attempts`: how often that went wrong in a way that no incident could keep."""

    id: str
    definition_id: str
    attempts: int
    timer: StartTimer


class TimerWriting(Protocol):
    """Part of a write transaction: timers of instances."""

    def waiting_timer(self, timer_id: str) -> DueTimer | None:
        """The timer, if it still waits and is not parked."""
        ...

    def claim_due_timers(self, now: int, limit: int) -> Sequence[DueTimer]:
        """Timers due, oldest first, without parked ones and those of suspended instances; their instances are locked until the end.

        Instances that another transaction has locked are passed over where the database can do that.
        """
        ...

    def park_timer(self, timer_id: str) -> None:
        """Take a timer out of the queue because firing it is an incident; a retry arms it again."""
        ...

    def limited_timers(self, process_instance_id: str) -> Sequence[LimitedTimer]:
        """The timers of the instance that come from a time limit, parked or not."""
        ...

    def move_timer(self, timer_id: str, due_at: int, limit: TimeLimit) -> None:
        """Make a timer due at another moment."""
        ...

    def postpone_timer(self, timer_id: str, try_at: int, problem: str) -> None:
        """Try a timer again at that time which can neither fire nor be parked, for the reason given; when it was due stays as it is."""
        ...

    def try_timer_again(self, timer_id: str) -> PostponedTimer | None:
        """Try a postponed timer again at once, as if it had never failed; None when none of that id is postponed."""
        ...


class EventWriting(Protocol):
    """Part of a write transaction: who waits for a message or signal, and events on their way inside the service."""

    def waiting_messages(
        self,
        name: str,
        process_instance_id: str | None,
        business_key: str | None,
        correlation_keys: Mapping[str, Json],
    ) -> Sequence[WaitingEvent]: ...

    def waiting_receivers(
        self, name: str, definition_key: str, element_ids: Sequence[str], business_key: str | None, correlation_keys: Mapping[str, Json]
    ) -> Sequence[WaitingEvent]:
        """Places at these elements of the process that wait for the message: with these correlation keys, else that very business key."""
        ...

    def waiting_event(self, subscription_id: str) -> WaitingEvent | None:
        """The place that waits under this subscription, if it still does."""
        ...

    def waiting_signal(self, process_instance_id: str, subscription_id: str) -> WaitingEvent | None:
        """The place of the instance that waits under this subscription to a signal, or under the one that took its place."""
        ...

    def throw_event(self, event: ThrownEvent, due_at: int, only: str | None = None) -> int:
        """Write down whom the event is meant for (`only`: no other instance); returns how many deliveries that makes."""
        ...

    def reached_instances(self, event_id: str, limit: int) -> Sequence[str]:
        """Ids of instances that wait for the event and are still to be told."""
        ...

    def claim_delivery(self, now: int, event_id: str | None = None) -> EventDelivery | None:
        """The oldest delivery that is due, or one of the event that nobody has tried yet; locked until the end."""
        ...

    def settle_delivery(self, event_id: str, target: str) -> bool:
        """Cross out a delivery, as part of what it causes; False when it was crossed out before."""
        ...

    def postpone_delivery(self, event_id: str, target: str, due_at: int, problem: str) -> None:
        """Try again at that time; `problem` is why it went wrong, in words for people."""
        ...

    def try_deliveries_again(self, event_id: str, target: str | None, due_at: int) -> int:
        """Deliver what is left of an event (or to one target) as if it was just thrown; returns how many deliveries that is."""
        ...

    def load_delivery(self, event_id: str, target: str) -> EventDelivery | None:
        """A delivery that is still to be made, due or not, locked until the end."""
        ...

    def forget_events(self) -> int:
        """Delete the events that have reached all; returns how many."""
        ...


class StartWriting(Protocol):
    """Part of a write transaction: starts by the clock."""

    def arm_starts(self, definition_key: str, definition_id: str, timers: Sequence[StartTimer]) -> None:
        """From now on these timers start the process, and none of its earlier versions."""
        ...

    def armed_starts(self) -> Sequence[DueStart]:
        """All starts that are to come, locked until the end."""
        ...

    def rearm_start(self, start_id: str, timer: StartTimer) -> None:
        """A start that is to come is due by this timer instead."""
        ...

    def claim_due_start(self, now: int) -> DueStart | None:
        """The start that is due longest, locked until the end."""
        ...

    def move_start(self, start_id: str, following: StartTimer | None) -> None:
        """A start was made: wait for the following one, if there is any."""
        ...

    def postpone_start(self, start_id: str, now: int, due_at: int, problem: str) -> None:
        """Try again at that time, if it is still due at `now`; `problem` is why it went wrong, in words for people."""
        ...

    def try_start_again(self, start_id: str, due_at: int) -> DueStart | None:
        """Try a start that went wrong again at that time, as if it never had; None when there is none of that id that went wrong."""
        ...
