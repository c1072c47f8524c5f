"""What the actions need from the store for tables of working days and the due dates counted with them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from service.domain.law import TimeLimit
from service.domain.working_days import Recount, WorkingYear, WorkingYears


class WorkingDayLookups(Protocol):
    """What due dates are counted by: the tables themselves, and what a limit has used up."""

    def stopped_limit(self, process_instance_id: str, element_id: str, stoppers: Sequence[str]) -> tuple[TimeLimit, int, str] | None:
        """The limit of the last ended task at the element, when (epoch ms) one of the tasks `stoppers` was opened after it, and which.

        None when there is no such task, or it had no limit, or none of `stoppers` came after it.
        """
        ...

    def working_years(self) -> WorkingYears:
        """The tables of working days that were set here."""
        ...


class WorkingDayWriting(Protocol):
    """Part of a write transaction."""

    def lock_working_days(self) -> None:
        """Only one transaction at a time sets tables, so that their versions are in the order in which they became known."""
        ...

    def put_working_year(self, table: WorkingYear, recount_all: bool = False) -> None:
        """Insert or replace the table of its year; the due dates that it touches (or all there are) are to be counted again from now on."""
        ...

    def put_published_digest(self, year: int, digest: str, now: int) -> None:
        """The days of the year, as the published calendar has them, are the ones that count from now on."""
        ...

    def recount_went_on(self, recount: Recount, after: str, at: int | None) -> None:
        """The cases up to `after` are done; the next look is at `at` (None: all are done). Nothing when the table is a newer one."""
        ...


class WorkingDayQuestions(Protocol):
    """Part of a read."""

    def published_digests(self) -> Mapping[int, str]:
        """By year the digest of the published days that were adopted last."""
        ...

    def first_counted_year(self) -> int | None:
        """The earliest of the last years that due dates of open tasks, or timers, count without the published calendar."""
        ...

    def recount_due(self, now: int) -> Recount | None:
        """The counting again that is to go on now, the one of the oldest table first."""
        ...

    def cases_to_recount(self, recount: Recount, limit: int) -> Sequence[str]:
        """Ids of the next cases in which due dates or timers count days of the year (or later ones) and do not know its table."""
        ...
