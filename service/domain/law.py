"""The law of an instance: what was in force when it started, and the time limits that come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from service.domain.china_time import moment
from service.domain.json_values import Json

BASIS_LAW = "law"
BASIS_RULE = "rule"
BASIS_DEFAULT = "default"
BASIS_RECOMMENDATION = "recommendation"
BASIS_DIAGRAM = "diagram"

STOPPING = frozenset({BASIS_DEFAULT, BASIS_RULE, BASIS_RECOMMENDATION})
"""Limits that are ours or the place's: they stop while the instance is suspended. What the law says, or a diagram, does not."""

WORKING_DAYS, DAYS, MONTHS, DURATION = "workingDays", "days", "months", "duration"
UNITS = (WORKING_DAYS, DAYS, MONTHS, DURATION)


SUSPENSION = "suspension"
"""What stops a limit, besides the elements of a diagram that do."""


class Pause(NamedTuple):
    """A span in which a limit stood still, epoch milliseconds; `by`: SUSPENSION, or the id of the element that stopped it."""

    begin: int
    end: int
    by: str = SUSPENSION


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a moment was worked out from several limits, or from a limit and other data, so that it can be done again.

    `expression` as the diagram has it, `kind` what its value is (`due` for a due date, else date, duration or cycle for a timer), `now`
    the moment at which it was evaluated (epoch milliseconds), `values` what it saw of the variables, `limits` those it asked for.
    """

    expression: str
    kind: str
    now: int
    values: Mapping[str, Json]
    limits: tuple["TimeLimit", ...]


@dataclass(frozen=True, slots=True)
class ClockStops:
    """Where a limit goes on that began at an earlier visit: at the task `element_id`, when one of `stoppers` was visited in between."""

    element_id: str
    stoppers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A time limit as it holds for one due date: with it the moment can be counted again, and explained.

    `basis`: law, rule, recommendation, default, or diagram for a number that the diagram itself gives. `amount` is a whole number of the
    unit, of the unit `duration` an ISO 8601 text. `begins_at` and `shift` (how much later than the end of the limit the due date is;
    negative: earlier) are milliseconds. `derived`: the due date was worked out from the limit and other data, by `derivation`; None where
    that cannot be done again. `repeating`: of a timer that repeats; `shift` is that of the repetition that is waited for.
    `provisional`: working days of a year were counted without its holiday notice. `counted_year`: the last year in which days were counted
    that only a table set here can know, `counted_version` the number of the newest such table then (0: none).
    """

    key: str
    name: str | None
    basis: str
    unit: str
    amount: int | str
    begins_at: int
    paused: tuple[Pause, ...] = ()
    shift: int = 0
    derived: bool = False
    derivation: Derivation | None = None
    repeating: bool = False
    provisional: bool = False
    counted_year: int | None = None
    counted_version: int = 0

    @property
    def stops(self) -> bool:
        """Whether it stands still while its instance is suspended, or while a step of the diagram stops it."""
        return self.basis in STOPPING

    @property
    def stopped_ms(self) -> int:
        """How long it stood still altogether, milliseconds."""
        return sum(pause.end - pause.begin for pause in self.paused)

    def as_json(self) -> dict[str, Json]:
        """The limit as the API shows it, and as it is kept."""
        return {
            "key": self.key,
            "name": self.name,
            "status": self.basis,
            "unit": self.unit,
            "amount": self.amount,
            "beganAt": _text(self.begins_at),
            "paused": [{"from": _text(pause.begin), "to": _text(pause.end), "by": pause.by} for pause in self.paused],
            "stoppedMs": self.stopped_ms,
            "offsetMs": self.shift,
            "derived": self.derived,
            "derivation": None if self.derivation is None else _derivation_json(self.derivation),
            "repeating": self.repeating,
            "provisional": self.provisional,
        }

    def as_kept_json(self) -> dict[str, Json]:
        """The limit with all that read_kept_limit needs, for where nothing can be kept beside it."""
        return {**self.as_json(), "countedYear": self.counted_year, "countedVersion": self.counted_version}


def _derivation_json(derivation: Derivation) -> dict[str, Json]:
    return {
        "expression": derivation.expression,
        "kind": derivation.kind,
        "evaluatedAt": _text(derivation.now),
        "values": dict(derivation.values),
        "limits": [limit.as_kept_json() for limit in derivation.limits],
    }


def read_limit(written: Mapping[str, Json], counted_year: int | None, counted_version: int | None) -> TimeLimit:
    """The limit that as_json wrote, with what is kept beside it. Raises KeyError or ValueError for anything else."""
    amount, paused, name = written["amount"], written["paused"], written["name"]
    spans = paused if isinstance(paused, list) else []
    derivation = written.get("derivation")
    return TimeLimit(
        key=str(written["key"]),
        name=None if name is None else str(name),
        basis=str(written["status"]),
        unit=str(written["unit"]),
        amount=amount if isinstance(amount, str) else int(str(amount)),
        begins_at=_read(written["beganAt"]),
        paused=tuple(
            Pause(_read(span["from"]), _read(span["to"]), str(span.get("by", SUSPENSION))) for span in spans if isinstance(span, dict)
        ),
        shift=int(str(written["offsetMs"])),
        derived=written["derived"] is True,
        derivation=_read_derivation(derivation) if isinstance(derivation, dict) else None,
        repeating=written.get("repeating") is True,
        provisional=written["provisional"] is True,
        counted_year=counted_year,
        counted_version=counted_version or 0,
    )


def read_kept_limit(written: Mapping[str, Json]) -> TimeLimit:
    """The limit that as_kept_json wrote. Raises KeyError or ValueError for anything else."""
    year, version = written["countedYear"], written["countedVersion"]
    return read_limit(written, None if year is None else int(str(year)), int(str(version)))


def _read_derivation(written: Mapping[str, Json]) -> Derivation:
    values, limits = written["values"], written["limits"]
    return Derivation(
        str(written["expression"]),
        str(written["kind"]),
        _read(written["evaluatedAt"]),
        values if isinstance(values, dict) else {},
        tuple(read_kept_limit(one) for one in (limits if isinstance(limits, list) else []) if isinstance(one, dict)),
    )


@dataclass(frozen=True, slots=True)
class DueDate:
    """The moment at which a time limit ends."""

    at: datetime
    limit: TimeLimit

    @property
    def milliseconds(self) -> int:
        """The due date that comes of it, epoch milliseconds."""
        return (self.at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) + self.limit.shift


def _text(at: int) -> str:
    return moment(at).astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _read(text: Json) -> int:
    return (datetime.fromisoformat(str(text)) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
