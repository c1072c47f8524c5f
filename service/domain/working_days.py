"""Which days of a year are worked, where no published calendar says so yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.domain.json_values import Json


@dataclass(frozen=True, slots=True)
class WorkingYear:
    """The table of one year as an administrator set it: days off, and the weekend days that are worked instead.

    Every other day is worked from Monday to Friday. `version` numbers the tables in the order in which they were set; `set_at` is epoch
    milliseconds.
    """

    year: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    source: str
    version: int
    set_at: int
    set_by: str

    def is_working(self, day: date) -> bool:
        """Whether the day, which must be of this year, is worked."""
        return day in self.workdays or (day not in self.holidays and day.weekday() < 5)

    def as_json(self) -> dict[str, Json]:
        """What the table says, dates in their order."""
        return {
            "year": self.year,
            "holidays": [day.isoformat() for day in sorted(self.holidays)],
            "workdays": [day.isoformat() for day in sorted(self.workdays)],
            "source": self.source,
        }


WorkingYears = Mapping[int, WorkingYear]
"""The tables by year."""


@dataclass(frozen=True, slots=True)
class Recount:
    """Counting due dates again because the table `version` of `year` was set at `set_at`; `after`: the last case that was seen to.

    `everything`: in all cases, since what was counted by the published calendar does not say which years it counted.
    """

    year: int
    version: int
    set_at: int
    after: str
    everything: bool = False
