"""Counting what was recorded in other cases. The variable that must be the same leads, by its index, to the few instances looked at."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, and_, case, exists, func, literal, not_, null, or_, select
from sqlalchemy.sql.elements import ColumnElement

from service.domain.china_time import moment, written_moment
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
from service.store.second_look import FACTS, Question, Rows, ask, is_needed, look_again, take_turn
from service.store.tables import activity, process_instance, subject, variable
from service.store.variables import KEY_CHARACTERS, scalar_columns
from service.store.writing import TransactionPart, Writing

Condition = ColumnElement[bool]
INSTANCE = process_instance.c
LEADING = variable.alias("leading")
DATED = variable.alias("dated")
NAMING = variable.alias("naming")
LATER = process_instance.alias("later")
DAY = "____-__-__%"
"""The pattern of a text that begins with a date."""
WIDEST_OFFSET = timedelta(days=2)
"""Further than a moment can lie from the day, here, that its text begins with."""
NEVER = datetime.min.replace(tzinfo=UTC)


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
    # Which of those near the first moment are too old is told by what their texts mean, not by their letters.
    undated = or_(DATED.c.text_value.is_(None), not_(DATED.c.text_value.like(DAY)))
    return [or_(undated, DATED.c.text_value >= _day(question.since, -WIDEST_OFFSET))]


def _day(since: int, further: timedelta) -> str:
    return (moment(since) + further).date().isoformat()


def _is_dated_by_variable(question: RecordedQuestion) -> bool:
    return question.of != ACTIVITIES and question.at not in (STARTED_AT, ENDED_AT)


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
    elif _is_dated_by_variable(question):
        dates = and_(DATED.c.process_instance_id == INSTANCE.id, DATED.c.path == question.at)
        source = source.outerjoin(DATED, dates)
    conditions += [_has(path, (value,)) for path, value in question.same[1:]]
    conditions += [_has(path, values) for path, values in question.where]
    if question.processes:
        conditions.append(or_(*(_is_process(process) for process in question.processes)))
    if question.superseded_by is not None:
        conditions.append(not_(_superseded(question.superseded_by)))
    if question.asking is not None:
        conditions.append(INSTANCE.id != question.asking)
    return select(*columns).select_from(source).where(*conditions)


def _superseded(path: str) -> Condition:
    """Another instance, not cancelled, names this one. Ids are shorter than a search key, which therefore holds them whole."""
    named = and_(NAMING.c.path == path, NAMING.c.type == "string", NAMING.c.search_key == INSTANCE.id)
    source = NAMING.join(LATER, LATER.c.id == NAMING.c.process_instance_id)
    return exists(select(NAMING.c.path).select_from(source).where(named, LATER.c.state != CANCELLED))


def _is_process(key: str) -> Condition:
    if not key.startswith(ANY_BEGINNING):
        return INSTANCE.definition_key == key
    return INSTANCE.definition_key.endswith(key.removeprefix(ANY_BEGINNING), autoescape=True, escape="/")


def _value(variables: dict[str, Json], path: str) -> Json:
    found: Json = variables
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _dated(text: str | None) -> datetime | None:
    """The moment that a variable names; that of the date alone where something else follows it."""
    return None if text is None else written_moment(text) or written_moment(text[:10])


def _too_old(question: RecordedQuestion, text: str | None) -> bool:
    at = _dated(text)
    return question.since is not None and at is not None and at < moment(question.since)


def _counting(question: RecordedQuestion) -> Select[Any]:
    if question.since is None or not _is_dated_by_variable(question):
        return _restricted(question, func.count().label("number"), null().label("doubtful"))
    near = and_(DATED.c.text_value.like(DAY), DATED.c.text_value < _day(question.since, WIDEST_OFFSET))
    each = _restricted(question, case((near, DATED.c.text_value)).label("doubtful")).subquery("each_one")
    return select(func.count().label("number"), each.c.doubtful).group_by(each.c.doubtful)


def _finding(question: RecordedQuestion) -> Select[Any]:
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
    order: list[Any] = [at.desc().nulls_last(), INSTANCE.id.desc(), *([activity.c.seq.desc()] if question.of == ACTIVITIES else [])]
    most = MAX_ENTRIES
    if _is_dated_by_variable(question):
        order.insert(0, case((DATED.c.text_value.like(DAY), 0), else_=1))
        # As texts the dates are nearly in the order of their moments, and some are too old.
        most = 2 * MAX_ENTRIES
    return _restricted(question, *columns).order_by(*order).limit(most)


def _read_count(question: RecordedQuestion, rows: Rows) -> int:
    return sum(row["number"] for row in rows if not _too_old(question, row["doubtful"]))


def _read_entries(question: RecordedQuestion, rows: Rows) -> list[RecordedEntry]:
    if _is_dated_by_variable(question):
        rows = [row for row in rows if not _too_old(question, row["at"])]
        # Stable: what has the same moment, or none, stays in its order.
        rows = sorted(rows, key=lambda row: _dated(row["at"]) or NEVER, reverse=True)[:MAX_ENTRIES]
    return [_entry(question, row) for row in rows]


def _entry(question: RecordedQuestion, row: Mapping[str, Any]) -> RecordedEntry:
    variables = read_object(row["variables"]) if question.values else {}
    chosen = {name: _value(variables, path) for name, path in question.values.items()}
    told = (row["id"], row["definition_key"], row["business_key"], row["jurisdiction"], row["state"])
    return RecordedEntry(*told, _told_at(question, row["at"]), row["element_id"], chosen)


def _told_at(question: RecordedQuestion, at: Any) -> str | None:
    if not _is_dated_by_variable(question):
        return rfc3339(at)
    return None if _dated(at) is None else str(at)


class RecordedFacts:
    """What both doors answer about earlier and other cases."""

    _connection: Connection

    def count_recorded(self, question: RecordedQuestion) -> int:
        """How many instances, or visits, fit the question."""
        return int(ask(self._connection, _counting(question), partial(_read_count, question)))

    def find_recorded(self, question: RecordedQuestion) -> Sequence[RecordedEntry]:
        """Those that fit, the newest first, at most MAX_ENTRIES."""
        found: list[RecordedEntry] = ask(self._connection, _finding(question), partial(_read_entries, question))
        return found


class RecordedInStep(TransactionPart):
    """The same for a step: what it rests on is noted, and looked at again before the step is written."""

    def count_recorded(self, question: RecordedQuestion) -> int:
        """How many instances, or visits, fit the question."""
        return int(self._noted(_counting(question), partial(_read_count, question)))

    def find_recorded(self, question: RecordedQuestion) -> Sequence[RecordedEntry]:
        """Those that fit, the newest first, at most MAX_ENTRIES."""
        found: list[RecordedEntry] = self._noted(_finding(question), partial(_read_entries, question))
        return found

    def _noted(self, statement: Select[Any], read: Callable[[Rows], Any]) -> Any:
        if not is_needed(self._connection):
            return ask(self._connection, statement, read)
        if self._writing.overtaken_before and not self._writing.facts:
            take_turn(self._connection, FACTS)
        answer = ask(self._connection, statement, read)
        self._writing.facts.append(Question(statement, read, answer))
        return answer


def look_again_at_facts(writing: Writing) -> None:
    """Before the first write of a step, whose own rows would answer too: see second_look. Raises Overtaken."""
    asked, writing.facts = writing.facts, []
    if asked:
        look_again(writing.connection, FACTS, asked)
