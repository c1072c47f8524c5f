"""The tables of working days that were set here, and which cases are still to be counted by them."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import BindParameter, CompoundSelect, Connection, Table, and_, bindparam, func, insert, select, union, union_all, update
from sqlalchemy.sql.elements import ColumnElement

from service.domain.task import CREATED
from service.domain.working_days import Recount, WorkingYear, WorkingYears
from service.store.audit import lock_service_stream
from service.store.columns import AnyRow, names_text, read_names
from service.store.tables import published_year, task, timer, working_year
from service.store.writing import TransactionPart

COLUMNS = working_year.c
TABLES = select(COLUMNS.year, COLUMNS.holidays, COLUMNS.workdays, COLUMNS.source, COLUMNS.version, COLUMNS.set_at, COLUMNS.set_by).order_by(
    COLUMNS.year
)
IS_DUE = COLUMNS.recount_at <= bindparam("now")
DUE = (
    select(COLUMNS.year, COLUMNS.version, COLUMNS.set_at, COLUMNS.recount_after, COLUMNS.recount_all)
    .where(IS_DUE)
    .order_by(COLUMNS.version)
    .limit(1)
)
GO_ON = update(working_year).where(COLUMNS.year == bindparam("of_year"), COLUMNS.version == bindparam("of_version"))
YEAR: BindParameter[int] = bindparam("of_year")
VERSION: BindParameter[int] = bindparam("of_version")


def _stale(table: Table) -> ColumnElement[bool]:
    # What began after that year is found too: counting it again changes nothing.
    return and_(table.c.counted_year >= YEAR, table.c.counted_version < VERSION, table.c.process_instance_id > bindparam("after_case"))


def _cases(of_task: ColumnElement[bool], of_timer: ColumnElement[bool]) -> CompoundSelect[str]:
    return (
        union(
            select(task.c.process_instance_id).where(task.c.state == CREATED, of_task),
            select(timer.c.process_instance_id).where(of_timer),
        )
        .order_by("process_instance_id")
        .limit(bindparam("most"))
    )


def _counted(table: Table) -> ColumnElement[bool]:
    return and_(table.c.due_limit.is_not(None), table.c.process_instance_id > bindparam("after_case"))


CASES = _cases(_stale(task), _stale(timer))
ALL_CASES = _cases(_counted(task), _counted(timer))
DIGESTS = select(published_year.c.year, published_year.c.digest)


FIRST_YEAR = union_all(
    select(func.min(task.c.counted_year)).where(task.c.state == CREATED, task.c.counted_year.is_not(None)),
    select(func.min(timer.c.counted_year)),
)


def find_first_counted_year(connection: Connection) -> int | None:
    """The earliest of the last years that due dates of open tasks, or timers, count without the published calendar."""
    years = [int(year) for year in connection.execute(FIRST_YEAR).scalars() if year is not None]
    return min(years, default=None)


def find_working_years(connection: Connection) -> WorkingYears:
    """The tables by year."""
    return {row.year: read_working_year(row) for row in connection.execute(TABLES)}


def read_working_year(row: AnyRow) -> WorkingYear:
    """The table of a row."""
    return WorkingYear(row.year, _dates(row.holidays), _dates(row.workdays), row.source, row.version, row.set_at, row.set_by)


def find_recount(connection: Connection, now: int) -> Recount | None:
    """The counting again that is to go on now, the one of the oldest table first."""
    row = connection.execute(DUE, {"now": now}).first()
    return None if row is None else Recount(*row)


def find_cases(connection: Connection, recount: Recount, limit: int) -> Sequence[str]:
    """Ids of the next cases in which something counts days of the year, or of later ones, and does not know its table; or of all."""
    values: dict[str, object] = {"after_case": recount.after, "most": limit}
    if not recount.everything:
        values |= {"of_year": recount.year, "of_version": recount.version}
    return [str(row.process_instance_id) for row in connection.execute(ALL_CASES if recount.everything else CASES, values)]


def find_published_digests(connection: Connection) -> Mapping[int, str]:
    """By year the digest of the published days that were adopted last."""
    return {row.year: row.digest for row in connection.execute(DIGESTS)}


def _dates(text: str) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, read_names(text)))


class WorkingDays(TransactionPart):
    """Setting a year's table, and getting on with what follows from it."""

    def lock_working_days(self) -> None:
        """Only one transaction at a time sets tables, so that their versions are in the order in which they became known."""
        lock_service_stream(self._connection)

    def put_published_digest(self, year: int, digest: str, now: int) -> None:
        """These are the days of the year that count from now on."""
        found = update(published_year).where(published_year.c.year == year)
        values = {"digest": digest, "adopted_at": now}
        if self._connection.execute(found, values).rowcount == 0:
            self._connection.execute(insert(published_year), {"year": year, **values})

    def put_working_year(self, table: WorkingYear, recount_all: bool = False) -> None:
        """Insert or replace the table of its year; the due dates that it touches (or all) are to be counted again from now on."""
        values = {
            "holidays": names_text([day.isoformat() for day in sorted(table.holidays)]),
            "workdays": names_text([day.isoformat() for day in sorted(table.workdays)]),
            "source": table.source,
            "version": table.version,
            "set_at": table.set_at,
            "set_by": table.set_by,
            "recount_at": table.set_at,
            "recount_after": "",
            "recount_all": recount_all,
        }
        if self._connection.execute(update(working_year).where(COLUMNS.year == table.year), values).rowcount == 0:
            self._connection.execute(insert(working_year), {"year": table.year, **values})

    def recount_went_on(self, recount: Recount, after: str, at: int | None) -> None:
        """The cases up to `after` are done; the next look is at `at` (None: all are done). Nothing when the table is a newer one."""
        values = {"of_year": recount.year, "of_version": recount.version, "recount_after": after, "recount_at": at}
        self._connection.execute(GO_ON, values)
