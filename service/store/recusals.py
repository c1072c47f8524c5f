"""Recusals of persons: written, listed, and found for a case."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from service.actions.presentation import recusal_json
from service.domain.instance import OPEN_STATES
from service.domain.json_values import Json
from service.domain.recusal import IN_FORCE, Recusal
from service.domain.subject import MATTER_ID, SUBJECT_ID
from service.store.columns import AnyRow
from service.store.filters import equals, one_of
from service.store.keyset import Asked, Condition, Listing, SortKey
from service.store.tables import process_instance, recusal, variable
from service.store.variables import KEY_CHARACTERS
from service.store.writing import TransactionPart

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
OF_CASE = select(recusal).where(IS_IN_FORCE, concerns_instance(bindparam("instance"))).order_by(COLUMNS.id)
OF_NEW_CASE = (
    select(recusal).where(IS_IN_FORCE, concerns(bindparam("instance"), bindparam("subject"), bindparam("matter"))).order_by(COLUMNS.id)
)


def _of_row(row: AnyRow) -> Recusal:
    return Recusal(**{name: row._mapping[name] for name in WRITTEN})


def find_recusals_of_case(connection: Connection, process_instance_id: str) -> list[Recusal]:
    """Those declared or ordered that are about the instance or about the subject and matter it names, whatever their days."""
    return [_of_row(row) for row in connection.execute(OF_CASE, {"instance": process_instance_id})]


def find_recusals_about(connection: Connection, process_instance_id: str, subject_id: str | None, matter_id: str | None) -> list[Recusal]:
    """The same for a case with that subject and matter."""
    values = {"instance": process_instance_id, "subject": subject_id, "matter": matter_id}
    return [_of_row(row) for row in connection.execute(OF_NEW_CASE, values)]


def _having(name: str, text: str) -> Condition:
    # The search key begins the text: the index finds the rows by it, the whole text decides.
    begins = and_(variable.c.path == name, variable.c.type == "string", variable.c.search_key == text[:KEY_CHARACTERS])
    return process_instance.c.id.in_(select(variable.c.process_instance_id).where(begins, variable.c.text_value == text))


class Recusals(TransactionPart):
    """Recusals of persons."""

    def recusals_of_case(self, process_instance_id: str) -> Sequence[Recusal]:
        """Those declared or ordered that are about the case; no statement when reading its tasks has told that there are none."""
        known = self._writing.tasks.get(process_instance_id)
        if known is not None and known.recusals == 0:
            return []
        return find_recusals_of_case(self._connection, process_instance_id)

    def open_cases_of_recusal(self, one: Recusal) -> Sequence[str]:
        """Ids of the open instances that the recusal is about, in their order."""
        conditions: list[Condition] = [process_instance.c.state.in_(OPEN_STATES)]
        if one.process_instance_id is not None:
            conditions.append(process_instance.c.id == one.process_instance_id)
        if one.subject_id is not None:
            conditions.append(_having(SUBJECT_ID, one.subject_id))
        if one.matter_id is not None:
            conditions.append(_having(MATTER_ID, one.matter_id))
        return self._connection.execute(select(process_instance.c.id).where(*conditions).order_by(process_instance.c.id)).scalars().all()

    def load_recusal(self, recusal_id: str) -> Recusal | None:
        """The recusal, locked until the end."""
        row = self._connection.execute(select(recusal).where(COLUMNS.id == recusal_id).with_for_update()).first()
        return None if row is None else _of_row(row)

    def put_recusal(self, one: Recusal) -> None:
        """Insert or replace."""
        values = {name: getattr(one, name) for name in WRITTEN if name != "id"}
        if self._connection.execute(update(recusal).where(COLUMNS.id == one.id), values).rowcount == 0:
            self._connection.execute(insert(recusal), {"id": one.id, **values})


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
