"""The law of an instance: what was in force when it started, and the time limits that come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A time limit as it holds for one due date: with it the moment can be counted again, and explained.

    `basis`: law, rule, recommendation, default, or diagram for a number that the diagram itself gives. `amount` is a whole number of the
    unit, of the unit `duration` an ISO 8601 text. `begins_at`, `paused` (from, to of each suspension) and `shift` (how much later than the
    end of the limit the due date is; negative: earlier) are epoch milliseconds. `derived`: the due date was worked out from the limit and
    other data, so it is not counted again. `provisional`: working days of a year were counted without its holiday notice. `counted_year`:
    the last year in which days were counted that only a table set here can know, `counted_version` the number of the newest such table
    then (0: none).
    """

    key: str
    name: str | None
    basis: str
    unit: str
    amount: int | str
    begins_at: int
    paused: tuple[tuple[int, int], ...] = ()
    shift: int = 0
    derived: bool = False
    provisional: bool = False
    counted_year: int | None = None
    counted_version: int = 0

    @property
    def stops(self) -> bool:
        """Whether it stands still while its instance is suspended."""
        return not self.derived and self.basis in STOPPING

    def as_json(self) -> dict[str, Json]:
        """The limit as the API shows it, and as it is kept."""
        return {
            "key": self.key,
            "name": self.name,
            "status": self.basis,
            "unit": self.unit,
            "amount": self.amount,
            "beganAt": _text(self.begins_at),
            "paused": [{"from": _text(begin), "to": _text(end)} for begin, end in self.paused],
            "offsetMs": self.shift,
            "derived": self.derived,
            "provisional": self.provisional,
        }


def read_limit(written: Mapping[str, Json], counted_year: int | None, counted_version: int | None) -> TimeLimit:
    """The limit that as_json wrote, with what is kept beside it. Raises KeyError or ValueError for anything else."""
    amount, paused, name = written["amount"], written["paused"], written["name"]
    spans = paused if isinstance(paused, list) else []
    return TimeLimit(
        key=str(written["key"]),
        name=None if name is None else str(name),
        basis=str(written["status"]),
        unit=str(written["unit"]),
        amount=amount if isinstance(amount, str) else int(str(amount)),
        begins_at=_read(written["beganAt"]),
        paused=tuple((_read(span["from"]), _read(span["to"])) for span in spans if isinstance(span, dict)),
        shift=int(str(written["offsetMs"])),
        derived=written["derived"] is True,
        provisional=written["provisional"] is True,
        counted_year=counted_year,
        counted_version=counted_version or 0,
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
