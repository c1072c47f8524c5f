"""A signal or message on its way from who threw it to those it is meant for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from service.domain.json_values import Json

CONTINUE, START, CORRELATE = "continue", "start", "correlate"
"""What a delivery does: go on at a place that waits; start a process; look for the one receiver of a message."""

HANDOVER_MS = 2_000
"""So long the process that wrote an event down has it for itself; what is left then is seen to by any worker."""

MAX_HOPS = 50
"""So many signals and messages may follow from one another; the next one is an incident: such a chain would most likely never end."""


@dataclass(frozen=True, slots=True)
class EventTarget:
    """One to be reached besides the places that wait now. `id` is unique within the event; `kind`: START or CORRELATE.

    `detail` of START: definitionId and startElementId; of CORRELATE: what `MessageRoute.detail` gives.
    """

    id: str
    kind: str
    detail: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ThrownEvent:
    """`kind`: message or signal; `variables` go with it; `actor` is who is named as the doer where it arrives; `thrown_at` epoch ms.

    `process_instance_id`, `element_id` and `business_key` are those of the thrower, None for an event from outside. `hops` counts the
    events it follows from. `targets` are those to be reached besides the places that wait for a signal.
    """

    id: str
    kind: str
    name: str
    variables: Mapping[str, Json]
    actor: str
    thrown_at: int
    process_instance_id: str | None = None
    element_id: str | None = None
    business_key: str | None = None
    hops: int = 0
    targets: tuple[EventTarget, ...] = ()

    def after(self, cause: "ThrownEvent") -> "ThrownEvent":
        """This event as one that follows from `cause`."""
        return replace(self, hops=cause.hops + 1)


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """What is still to be done for one target of an event; see EventTarget. With CONTINUE `target` is the id of the subscription.

    One that fired and waits again (a non-interrupting event) has a new id, and is still found under the one it had first.
    """

    event: ThrownEvent
    target: str
    kind: str
    process_instance_id: str | None
    detail: Mapping[str, Json] = field(default_factory=dict)
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class StartTimer:
    """A start of a process by the clock. `due_at` epoch ms; `left`: how often again after that (-1: without end), each time `months` and
    `microseconds` later.

    `since`: the moment it was counted from, when it was armed or was due the last time; `planned`: what `left` was at first (both None:
    not recorded); `number`: which of the timers of its start event it is.
    """

    element_id: str
    due_at: int
    left: int = 0
    months: int = 0
    microseconds: int = 0
    since: int | None = None
    planned: int | None = None
    number: int = 0
