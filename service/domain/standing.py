"""What stands open in an instance. Its state says so and its rows say so, and both must say the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.domain.json_values import Json, canonical_json


@dataclass(frozen=True, slots=True)
class Standing:
    """What waits in an instance, each by its id. The values are the ids of elements; of a subscription (element id, kind, name), of an
    external task (element id, topic, priority).

    `due_at` has the moments (epoch milliseconds) of the timers of which they are known; `activities` are the elements entered and not
    left; `variables` are those of the outermost scope; `stalled_at` is the element a token is stuck at when nothing
    can move the instance on any more.
    """

    tasks: Mapping[str, str] = field(default_factory=dict)
    timers: Mapping[str, str] = field(default_factory=dict)
    subscriptions: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    external_tasks: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    activities: Mapping[str, str] = field(default_factory=dict)
    due_at: Mapping[str, int] = field(default_factory=dict)
    variables: Mapping[str, Json] = field(default_factory=dict)
    stalled_at: str | None = None


def differences(state: Standing, rows: Standing) -> list[str]:
    """Everything in which the rows of an instance are not what its state says, one sentence each; empty when they agree."""
    found: list[str] = []
    for what, ours, theirs in (
        ("user task", state.tasks, rows.tasks),
        ("timer", state.timers, rows.timers),
        ("subscription", state.subscriptions, rows.subscriptions),
        ("external task", state.external_tasks, rows.external_tasks),
        ("activity", state.activities, rows.activities),
    ):
        found.extend(_unlike(what, ours, theirs))
    for timer_id, due_at in state.due_at.items():
        told = rows.due_at.get(timer_id, due_at)
        if told != due_at:
            found.append(f"the timer {timer_id} at {state.timers.get(timer_id)!r} is due at {due_at} by the state, at {told} by its row")
    if state.stalled_at != rows.stalled_at:
        found.append(f"the instance is {_stalled(state.stalled_at)} by its state, {_stalled(rows.stalled_at)} by its incidents")
    found.extend(_unlike_variables(state.variables, rows.variables))
    return found


def _stalled(element_id: str | None) -> str:
    return "not stalled" if element_id is None else f"stalled at {element_id!r}"


def _unlike(what: str, state: Mapping[str, object], rows: Mapping[str, object]) -> Iterator[str]:
    for identifier, told in state.items():
        if identifier not in rows:
            yield f"the {what} {identifier} at {_words(told)} is in the state but has no open row"
        elif rows[identifier] != told:
            yield f"the {what} {identifier} is {_words(told)} in the state, {_words(rows[identifier])} in its row"
    for identifier, told in rows.items():
        if identifier not in state:
            yield f"the {what} {identifier} at {_words(told)} has an open row but is not in the state"


def _words(told: object) -> str:
    return " ".join(repr(part) for part in told) if isinstance(told, tuple) else repr(told)


def _unlike_variables(state: Mapping[str, Json], rows: Mapping[str, Json]) -> Iterator[str]:
    for name in sorted(state.keys() | rows.keys()):
        if name not in rows:
            yield f"the variable {name!r} is in the state but not in the row of the instance"
        elif name not in state:
            yield f"the variable {name!r} is in the row of the instance but not in the state"
        elif canonical_json(state[name]) != canonical_json(rows[name]):
            yield f"the variable {name!r} has another value in the state than in the row of the instance"
