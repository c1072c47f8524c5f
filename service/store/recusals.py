"""Recusals of persons: written, listed, and found for a case."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Text, and_, bindparam, insert, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from service.actions.presentation import recusal_json
from service.domain.instance import OPEN_STATES
from service.domain.json_values import Json
from service.domain.recusal import IN_FORCE, Recusal
from service.domain.subject import MATTER_ID, SUBJECT_ID, Named, named_in
from service.store.columns import AnyRow
from service.store.filters import equals, one_of
from service.store.keyset import Asked, Condition, Listing, SortKey
from service.store.second_look import RECUSALS as RECUSAL_LOCK
from service.store.second_look import Question, Rows, ask, is_needed, look_again
from service.store.tables import process_instance, recusal, variable
from service.store.variables import KEY_CHARACTERS
from service.store.writing import TransactionPart, Writing

COLUMNS = recusal.c
WRITTEN = tuple(column.name for column in COLUMNS)


def _named(name: str, instance: ColumnElement[str]) -> ColumnElement[str]:
    """The text that the variable has in the instance; null when it has none."""
    return (
        select(variable.c.text_value)
        .where(variable.c.process_instance_id == instance, variable.c.path == name, variable.c.type == "string")
        .scalar_subquery()
    )


def concerns(instance: ColumnElement[str], subject: ColumnElement[Any], matter: ColumnElement[Any]) -> Condition:
    """The recusal is about the instance, which has that subject and matter. Three alternatives, each with an index of its own."""
    return or_(
        COLUMNS.process_instance_id == instance,
        and_(COLUMNS.subject_id == subject, or_(COLUMNS.matter_id.is_(None), COLUMNS.matter_id == matter)),
        and_(COLUMNS.subject_id.is_(None), COLUMNS.matter_id == matter),
    )


def concerns_instance(instance: ColumnElement[str]) -> Condition:
    """The same, with the subject and matter that the instance names in its variables."""
    return concerns(instance, _named(SUBJECT_ID, instance), _named(MATTER_ID, instance))


IS_IN_FORCE = COLUMNS.state.in_(IN_FORCE)
NAMED = select(_named(SUBJECT_ID, process_instance.c.id).label("subject"), _named(MATTER_ID, process_instance.c.id).label("matter")).where(
    process_instance.c.id == bindparam("instance")
)
OF_CASE = select(recusal).where(IS_IN_FORCE, concerns_instance(bindparam("instance"))).order_by(COLUMNS.id)


def _of_row(row: AnyRow) -> Recusal:
    return Recusal(**{name: row._mapping[name] for name in WRITTEN})


def find_recusals_of_case(connection: Connection, process_instance_id: str) -> list[Recusal]:
    """Those declared or ordered that are about the instance or about the subject and matter it names, whatever their days."""
    return [_of_row(row) for row in connection.execute(OF_CASE, {"instance": process_instance_id})]


def _about_case(process_instance_id: str, subject_id: str | None, matter_id: str | None) -> Select[Any]:
    given = (literal(process_instance_id), literal(subject_id, Text()), literal(matter_id, Text()))
    return select(recusal).where(IS_IN_FORCE, concerns(*given)).order_by(COLUMNS.id)


def _read_recusals(rows: Rows) -> list[Recusal]:
    return [Recusal(**row) for row in rows]


def find_recusals_about(connection: Connection, process_instance_id: str, subject_id: str | None, matter_id: str | None) -> list[Recusal]:
    """The same for a case with that subject and matter."""
    found: list[Recusal] = ask(connection, _about_case(process_instance_id, subject_id, matter_id), _read_recusals)
    return found


def find_named(connection: Connection, process_instance_id: str) -> Named | None:
    """The subject and the matter that the instance names; None when there is none."""
    row = connection.execute(NAMED, {"instance": process_instance_id}).first()
    return None if row is None else Named(row.subject, row.matter)


def _having(name: str, text: str) -> Condition:
    # The search key begins the text: the index finds the rows by it, the whole text decides.
    begins = and_(variable.c.path == name, variable.c.type == "string", variable.c.search_key == text[:KEY_CHARACTERS])
    return process_instance.c.id.in_(select(variable.c.process_instance_id).where(begins, variable.c.text_value == text))


def _open_cases(one: Recusal) -> Select[Any]:
    conditions: list[Condition] = [process_instance.c.state.in_(OPEN_STATES)]
    if one.process_instance_id is not None:
        conditions.append(process_instance.c.id == one.process_instance_id)
    if one.subject_id is not None:
        conditions.append(_having(SUBJECT_ID, one.subject_id))
    if one.matter_id is not None:
        conditions.append(_having(MATTER_ID, one.matter_id))
    return select(process_instance.c.id).where(*conditions).order_by(process_instance.c.id)


def _ids(rows: Rows) -> list[str]:
    return [row["id"] for row in rows]


class Recusals(TransactionPart):
    """Recusals of persons."""

    def named_in_case(self, process_instance_id: str) -> Named | None:
        """The subject and the matter that the case names. No statement: who writes an instance has locked it, or makes it."""
        loaded = self._writing.loaded.get(process_instance_id)
        return None if loaded is None else named_in(loaded.read_variables())

    def recusals_of_case(self, process_instance_id: str) -> Sequence[Recusal]:
        """Those declared or ordered that are about the case; no statement when reading its tasks has told that there are none."""
        known = self._writing.tasks.get(process_instance_id)
        if known is not None and known.recusals == 0:
            return []
        return find_recusals_of_case(self._connection, process_instance_id)

    def recusals_about(self, process_instance_id: str, subject_id: str | None, matter_id: str | None) -> Sequence[Recusal]:
        """The same for a case as it will be after the step.

        Who declares a recusal waits for the lock of a case that names its subject and matter already, and sees what the step does; a case
        that begins to name them is not found. So the question is asked again before the commit, where it cannot be.
        """
        known = process_instance_id in self._writing.loaded and process_instance_id not in self._writing.about_others
        if known and self.named_in_case(process_instance_id) == Named(subject_id, matter_id):
            return self.recusals_of_case(process_instance_id)
        statement = _about_case(process_instance_id, subject_id, matter_id)
        found: list[Recusal] = ask(self._connection, statement, _read_recusals)
        if is_needed(self._connection):
            self._writing.recusals.append(Question(statement, _read_recusals, found))
        return found

    def open_cases_of_recusal(self, one: Recusal) -> Sequence[str]:
        """Ids of the open instances that the recusal is about, in their order. A further one before the commit makes this Overtaken."""
        statement = _open_cases(one)
        found: list[str] = ask(self._connection, statement, _ids)
        if is_needed(self._connection):
            seen = frozenset(found)
            # A case that ended meanwhile is no harm.
            self._writing.cases_of_recusals.append(Question(statement, lambda rows: seen.issuperset(_ids(rows)), True))
        return found

    def load_recusal(self, recusal_id: str) -> Recusal | None:
        """The recusal, locked until the end."""
        row = self._connection.execute(select(recusal).where(COLUMNS.id == recusal_id).with_for_update()).first()
        return None if row is None else _of_row(row)

    def put_recusal(self, one: Recusal) -> None:
        """Insert or replace."""
        values = {name: getattr(one, name) for name in WRITTEN if name != "id"}
        if self._connection.execute(update(recusal).where(COLUMNS.id == one.id), values).rowcount == 0:
            self._connection.execute(insert(recusal), {"id": one.id, **values})


def look_again_at_recusals(writing: Writing) -> None:
    """At the very end, when the transaction waits for nothing else any more: see second_look. Raises Overtaken."""
    asked, writing.recusals = writing.recusals, []
    cases, writing.cases_of_recusals = writing.cases_of_recusals, []
    # A case that names somebody new waits for who declares even when it asks nothing: either he sees it, or whoever claims its tasks
    # sees the recusal.
    if asked or cases or (writing.newly_about and is_needed(writing.connection)):
        look_again(writing.connection, RECUSAL_LOCK, [*asked, *cases], shared=not cases)
    writing.newly_about = False


def _shown(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [recusal_json(_of_row(row)) for row in rows]


def _about(value: str, _asked: Asked) -> Condition:
    return concerns_instance(bindparam(None, value, COLUMNS.process_instance_id.type, unique=True))


RECUSALS = Listing(
    what="recusals",
    select=select(recusal),
    filters={
        "userId": equals(COLUMNS.user_id),
        "subjectId": equals(COLUMNS.subject_id),
        "matterId": equals(COLUMNS.matter_id),
        "processInstanceId": equals(COLUMNS.process_instance_id),
        "state": one_of(COLUMNS.state),
        "ofCase": _about,
    },
    sorts={},
    default_sort=(),
    identity=(SortKey(COLUMNS.id),),
    present=_shown,
    one=COLUMNS.id,
)
