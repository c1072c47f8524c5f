"""Counting what was recorded in other cases. The variable that must be the same leads, by its index, to the few instances looked at."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, literal, not_, null, or_, select
from sqlalchemy.sql.elements import ColumnElement

from service.domain.instance import CANCELLED, OPEN_STATES
from service.domain.instance import COMPLETED as ENDED
from service.domain.json_values import Json
from service.domain.recorded_fact import (
    ACTIVE,
    ACTIVITIES,
    ANY_BEGINNING,
    ENDED_AT,
    MAX_ENTRIES,
    OPEN,
    STARTED_AT,
    RecordedEntry,
    RecordedQuestion,
)
from service.domain.recorded_fact import COMPLETED as COMPLETED_STATE
from service.store.columns import read_object, rfc3339
from service.store.tables import activity, process_instance, subject, variable
from service.store.variables import KEY_CHARACTERS, scalar_columns

Condition = ColumnElement[bool]
INSTANCE = process_instance.c
LEADING = variable.alias("leading")
DATED = variable.alias("dated")
DAY = "____-__-__%"
"""The pattern of a text that begins with a date."""


def _is(columns: Any, value: Json) -> Condition:
    stored = scalar_columns(value)
    if stored is None:
        raise TypeError(f"a list or an object is no value to compare with: {value!r}")
    return and_(*(columns[name] == wanted for name, wanted in stored.items() if wanted is not None))


def _has(path: str, values: Sequence[Json]) -> Condition:
    return exists().where(
        variable.c.process_instance_id == INSTANCE.id, variable.c.path == path, or_(*(_is(variable.c, value) for value in values))
    )


def _leads(question: RecordedQuestion) -> Condition:
    path, value = question.same[0]
    if not question.through_unit:
        return and_(LEADING.c.path == path, _is(LEADING.c, value))
    unit = str(value)
    members = select(subject.c.id).where(subject.c.unit_id == unit).union_all(select(literal(unit)))
    beginnings = select(func.substr(subject.c.id, 1, KEY_CHARACTERS)).where(subject.c.unit_id == unit)
    keys = beginnings.union_all(select(literal(unit[:KEY_CHARACTERS])))
    return and_(LEADING.c.path == path, LEADING.c.type == "string", LEADING.c.search_key.in_(keys), LEADING.c.text_value.in_(members))


def _in_time(question: RecordedQuestion) -> list[Condition]:
    if question.since is None:
        return []
    if question.of == ACTIVITIES:
        return [(activity.c.started_at if question.state == ACTIVE else activity.c.ended_at) >= question.since]
    if question.at == STARTED_AT:
        return [INSTANCE.started_at >= question.since]
    if question.at == ENDED_AT:
        return [or_(INSTANCE.ended_at.is_(None), INSTANCE.ended_at >= question.since)]
    undated = or_(DATED.c.text_value.is_(None), not_(DATED.c.text_value.like(DAY)))
    return [or_(undated, DATED.c.text_value >= question.since_day)]


def _in_state(question: RecordedQuestion) -> list[Condition]:
    if question.of == ACTIVITIES:
        return [activity.c.state == question.state]
    if question.state == OPEN:
        return [INSTANCE.state.in_(OPEN_STATES)]
    return [INSTANCE.state == ENDED] if question.state == COMPLETED_STATE else [INSTANCE.state != CANCELLED]


def _at(question: RecordedQuestion) -> ColumnElement[Any]:
    """What the entries are told with and ordered by."""
    if question.of == ACTIVITIES:
        return activity.c.started_at if question.state == ACTIVE else activity.c.ended_at
    if question.at in (STARTED_AT, ENDED_AT):
        return INSTANCE.started_at if question.at == STARTED_AT else INSTANCE.ended_at
    return DATED.c.text_value


def _restricted(question: RecordedQuestion, *columns: ColumnElement[Any]) -> Select[Any]:
    source = LEADING.join(process_instance, INSTANCE.id == LEADING.c.process_instance_id)
    conditions = [_leads(question), *_in_state(question), *_in_time(question)]
    if question.of == ACTIVITIES:
        source = source.join(activity, activity.c.process_instance_id == INSTANCE.id)
        conditions.append(
            or_(
                *(
                    activity.c.element_id == element
                    if process is None
                    else and_(activity.c.element_id == element, INSTANCE.definition_key == process)
                    for process, element in question.elements
                )
            )
        )
    elif question.at not in (STARTED_AT, ENDED_AT):
        dates = and_(DATED.c.process_instance_id == INSTANCE.id, DATED.c.path == question.at)
        source = source.outerjoin(DATED, dates)
    conditions += [_has(path, (value,)) for path, value in question.same[1:]]
    conditions += [_has(path, values) for path, values in question.where]
    if question.processes:
        conditions.append(or_(*(_is_process(process) for process in question.processes)))
    if question.asking is not None:
        conditions.append(INSTANCE.id != question.asking)
    return select(*columns).select_from(source).where(*conditions)


def _is_process(key: str) -> Condition:
    if not key.startswith(ANY_BEGINNING):
        return INSTANCE.definition_key == key
    return INSTANCE.definition_key.endswith(key.removeprefix(ANY_BEGINNING), autoescape=True, escape="/")


def _moment(value: Any) -> str | None:
    return rfc3339(value) if isinstance(value, int) else value


def _value(variables: dict[str, Json], path: str) -> Json:
    found: Json = variables
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


class RecordedFacts:
    """What both doors answer about earlier and other cases."""

    _connection: Connection

    def count_recorded(self, question: RecordedQuestion) -> int:
        """How many instances, or visits, fit the question."""
        return int(self._connection.execute(_restricted(question, func.count())).scalar_one())

    def find_recorded(self, question: RecordedQuestion) -> Sequence[RecordedEntry]:
        """Those that fit, the newest first, at most MAX_ENTRIES."""
        at = _at(question)
        columns = [
            INSTANCE.id,
            INSTANCE.definition_key,
            INSTANCE.business_key,
            INSTANCE.jurisdiction,
            INSTANCE.state,
            at.label("at"),
            (activity.c.element_id if question.of == ACTIVITIES else null()).label("element_id"),
            (INSTANCE.variables if question.values else null()).label("variables"),
        ]
        order = [at.desc().nulls_last(), INSTANCE.id.desc(), *([activity.c.seq.desc()] if question.of == ACTIVITIES else [])]
        found = []
        for row in self._connection.execute(_restricted(question, *columns).order_by(*order).limit(MAX_ENTRIES)):
            variables = read_object(row.variables) if question.values else {}
            chosen = {name: _value(variables, path) for name, path in question.values.items()}
            told = (row.id, row.definition_key, row.business_key, row.jurisdiction, row.state, _moment(row.at), row.element_id)
            found.append(RecordedEntry(*told, chosen))
        return found
