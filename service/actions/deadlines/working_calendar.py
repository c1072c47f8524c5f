"""Whether a day is worked: by the holiday notices of the State Council as the package chinesecalendar has them, else by the table that
was set here for the year, else, provisionally, from Monday to Friday.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import chinese_calendar
from chinese_calendar import constants

from service.domain.working_days import WorkingYears

PUBLISHED: frozenset[int] = frozenset(day.year for day in constants.holidays)
"""The years that chinesecalendar knows."""


def published_days(year: int) -> tuple[list[date], list[date]]:
    """Days off, and weekend days that are worked, of a year that chinesecalendar knows."""
    holidays, workdays = sorted(constants.holidays), sorted(constants.workdays)
    return [day for day in holidays if day.year == year], [day for day in workdays if day.year == year]


@dataclass(slots=True)
class WorkingCalendar:
    """One counting of working days.

    `years` gives the tables set here; it is asked only for days of years that are not published. Afterwards `counted_year` is the last
    such year, `version` the number of the newest table there is, and `provisional` whether a year had none.
    """

    years: Callable[[], WorkingYears]
    counted_year: int | None = None
    version: int = 0
    provisional: bool = False
    _tables: WorkingYears | None = field(default=None, init=False)

    def is_working(self, day: date) -> bool:
        """Whether the day is worked."""
        if day.year in PUBLISHED:
            return bool(chinese_calendar.is_workday(day))
        self.counted_year = max(day.year, self.counted_year or day.year)
        if self._tables is None:
            self._tables = self.years()
            self.version = max((table.version for table in self._tables.values()), default=0)
        table = self._tables.get(day.year)
        if table is None:
            self.provisional = True
            return day.weekday() < 5
        return table.is_working(day)
