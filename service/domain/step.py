"""What one step of the engine did: a frozen value, from which the store writes one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.domain.ballot import BallotBox, EndedBallot
from service.domain.json_values import Json
from service.domain.law import TimeLimit


@dataclass(frozen=True, slots=True)
class CalledProcess:
    """Which version of a process a call activity runs; it stays that one until the call ends."""

    key: str
    version: int


EXTERNAL_FORM = "external"
"""Form binding of a key that belongs to another system (camunda:formKey): it is handed on as it is."""


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A user task that now waits for a person. `id` is unique over all instances; due/follow-up in epoch milliseconds.

    `due_basis`: basis of the time limit used (law, rule, default …), "diagram" for a fixed text, "variable" for a value of the case.
    `due_limit`: the time limit that the due date comes from, None for any other.
    `form_binding`: None (= latest when the instance started), "latest", "deployment", "version" (with `form_version`) or EXTERNAL_FORM.
    `called`: the called process in which the task stands, None in the process of the instance itself.
    `ballot_box`: the box of the secret ballot in which it is one person's vote; `signature`: who completes it signs.
    """

    id: str
    element_id: str
    name: str
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    due_at: int | None = None
    due_basis: str | None = None
    due_limit: TimeLimit | None = None
    follow_up_at: int | None = None
    priority: int = 50
    form_key: str | None = None
    form_binding: str | None = None
    form_version: int | None = None
    not_completed_by: tuple[str, ...] = ()
    recusal_exempt: bool = False
    called: CalledProcess | None = None
    ballot_box: str | None = None
    signature: bool = False


@dataclass(frozen=True, slots=True)
class ArmedTimer:
    """A timer that now waits. `id` is unique over all instances; `due_at` epoch milliseconds; `limit`: the time limit it comes from."""

    id: str
    element_id: str
    due_at: int
    limit: TimeLimit | None = None


@dataclass(frozen=True, slots=True)
class ExternalTaskOpened:
    """Work that now waits for an external worker. `id` is unique over all instances; `retries` None: the service's default."""

    id: str
    element_id: str
    topic: str
    priority: int = 0
    retries: int | None = None


MESSAGE, SIGNAL = "message", "signal"
"""Kinds of subscription: a message goes to one place, a signal to all that wait for it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A place that now waits for the message or signal `name`. `id` is unique over all instances."""

    id: str
    element_id: str
    name: str
    kind: str = MESSAGE


@dataclass(frozen=True, slots=True)
class ActivityChange:
    """An element entered, or one entered before that ended. `id` identifies the visit; `state`: active, completed, cancelled.

    The list of a step is in the order in which things happened; a visit may appear once per step (entered and ended at once = completed).
    """

    id: str
    element_id: str
    name: str
    type: str
    state: str
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    """A decision evaluated in the step; `record` is the evaluation as the API shows it (decisionKey, result, matchedRules …).

    `variables` are those that the decision takes as inputs, as they were: with them and the moment it can be evaluated again. None: they
    were too much to be kept.
    """

    element_id: str
    decision_key: str
    version: int
    record: Mapping[str, Json]
    variables: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message thrown by the diagram; it leaves through the outbox.

    `named`: the diagram names what goes with it, else `payload` is all that is in sight; `called`: the called process that throws it.
    """

    element_id: str
    name: str
    payload: Mapping[str, Json]
    named: bool = False
    called: CalledProcess | None = None


@dataclass(frozen=True, slots=True)
class SignalSent:
    """A signal thrown by the diagram. The instance itself has reacted within the step; all others and start events are still to be told."""

    element_id: str
    name: str
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class UncaughtError:
    """An error end event threw an error that nothing catches: its token stays there. `id` is that of the visit to the event."""

    id: str
    element_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Step:
    """Everything that changed. `state_data` is the engine's new state; `finished` is None while the instance goes on, else how it ended.

    `variables` are the variables of the instance's outermost scope after the step, JSON-able with exact numbers.
    """

    state_data: bytes
    finished: str | None
    variables: Mapping[str, Json]
    opened_tasks: tuple[OpenedTask, ...] = ()
    closed_tasks: tuple[str, ...] = ()
    armed_timers: tuple[ArmedTimer, ...] = ()
    cancelled_timers: tuple[str, ...] = ()
    subscribed: tuple[Subscription, ...] = ()
    unsubscribed: tuple[str, ...] = ()
    activities: tuple[ActivityChange, ...] = ()
    decisions: tuple[DecisionTaken, ...] = ()
    messages: tuple[MessageSent, ...] = ()
    signals: tuple[SignalSent, ...] = ()
    opened_external: tuple[ExternalTaskOpened, ...] = ()
    closed_external: tuple[str, ...] = ()
    uncaught: tuple[UncaughtError, ...] = ()
    settled_errors: tuple[str, ...] = ()
    opened_ballots: tuple[BallotBox, ...] = ()
    ended_ballots: tuple[EndedBallot, ...] = ()
    stalled_at: str | None = None
    """The element at which a token waits for others that can no longer come, when nothing else can move the instance on."""
    inner_variables: Mapping[str, Json] | None = None
    """What the user task that a person completed saw at the end beside the variables of the instance: those of the called process and the
    iterations it stood in, and inputs of its own. They go with their scope. None: nothing, or no person completed one."""
