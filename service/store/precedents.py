"""Published cases and how they ended: written, listed, and gathered for a running case."""

from collections.abc import Sequence
from decimal import Decimal
from typing import cast as typed

from sqlalchemy import JSON, TEXT, ColumnElement, Connection, and_, cast, delete, exists, func, insert, or_, select, update

from service.actions.precedents.precedent_views import precedent_json
from service.domain.json_values import Json, read_canonical
from service.domain.precedent import PUBLIC, Precedent, PrecedentOutline, PrecedentSource, shown_beside
from service.store.columns import AnyRow, object_text, read_object
from service.store.filters import equals, in_jurisdiction, is_null, one_of, within_any
from service.store.keyset import Asked, Condition, Listing, SortKey
from service.store.tables import precedent, precedent_rule
from service.store.writing import TransactionPart

COLUMNS = precedent.c
COMPARED = ("published", "rules", "facts", "originInstanceId")
"""Members of the content by which a case is compared."""


def _content(one: Precedent) -> dict[str, Json]:
    return {
        "place": one.place,
        "published": one.published,
        "sources": [source.as_json() for source in one.sources],
        "facts": dict(one.facts),
        "assumedFacts": dict(one.assumed_facts),
        "rules": list(one.rules),
        "outcomeText": one.outcome_text,
        "exemptKind": one.exempt_kind,
        "anonymised": one.anonymised,
        "text": one.text,
        "note": one.note,
        "originInstanceId": one.origin_instance_id,
        "withdrawnAt": one.withdrawn_at,
        "withdrawnBy": one.withdrawn_by,
    }


def put_precedents(connection: Connection, precedents: Sequence[Precedent]) -> None:
    """Insert, or replace those of the same id."""
    for one in precedents:
        values = {
            "version": one.version,
            "title": one.title,
            "jurisdiction": one.jurisdiction,
            "jurisdiction_path": one.jurisdiction_path,
            "situation": one.situation,
            "outcome": one.outcome,
            "scope": one.scope,
            "origin": one.origin,
            "process_instance_id": one.process_instance_id,
            "withdrawn": one.withdrawn,
            "searched_text": one.searched_text(),
            "content": object_text(_content(one)),
            "recorded_at": one.recorded_at,
            "recorded_by": one.recorded_by,
        }
        if connection.execute(update(precedent).where(COLUMNS.id == one.id), values).rowcount == 0:
            connection.execute(insert(precedent), {"id": one.id, **values})
        connection.execute(delete(precedent_rule).where(precedent_rule.c.precedent_id == one.id))
        if one.rules:
            connection.execute(insert(precedent_rule), [{"precedent_id": one.id, "rule": rule} for rule in one.rules])


def read_precedent(row: AnyRow) -> Precedent:
    """The precedent of a row."""
    content = read_object(row.content)
    sources = typed(list[dict[str, str | None]], content["sources"])
    return Precedent(
        id=row.id,
        version=row.version,
        title=row.title,
        place=_text(content["place"]),
        jurisdiction=row.jurisdiction,
        jurisdiction_path=row.jurisdiction_path,
        outcome=row.outcome,
        scope=row.scope,
        anonymised=content["anonymised"] is True,
        origin=row.origin,
        sources=tuple(PrecedentSource(str(one["title"]), one["quote"], one["address"], one["note"]) for one in sources),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        published=_text(content["published"]),
        outcome_text=_text(content["outcomeText"]),
        exempt_kind=_text(content["exemptKind"]),
        situation=row.situation,
        rules=tuple(str(rule) for rule in typed(list[Json], content["rules"])),
        facts=typed(dict[str, Json], content["facts"]),
        assumed_facts=typed(dict[str, Json], content["assumedFacts"]),
        text=_text(content["text"]),
        note=_text(content["note"]),
        withdrawn=row.withdrawn,
        process_instance_id=row.process_instance_id,
        origin_instance_id=_text(content["originInstanceId"]),
        withdrawn_at=_moment(content.get("withdrawnAt")),
        withdrawn_by=_text(content.get("withdrawnBy")),
    )


def _moment(value: Json) -> int | None:
    return int(value) if isinstance(value, int | Decimal) else None


def _text(value: Json) -> str | None:
    return None if value is None else str(value)


def _compared(connection: Connection) -> ColumnElement[str]:
    """COMPARED as a JSON array; the database takes them out, so that the texts are not read for a comparison."""
    if connection.dialect.name == "postgresql":
        members = cast(COLUMNS.content, JSON)
        return cast(func.json_build_array(*(members[name] for name in COMPARED)), TEXT)
    return func.json_extract(COLUMNS.content, *(f"$.{name}" for name in COMPARED))


def _outline(row: AnyRow) -> PrecedentOutline:
    published, rules, facts, origin = typed(list[Json], read_canonical(row.compared))
    return PrecedentOutline(
        row.id,
        row.jurisdiction_path,
        row.scope,
        _text(published),
        tuple(str(rule) for rule in typed(list[Json], rules)),
        typed(dict[str, Json], facts),
        row.withdrawn,
        row.process_instance_id,
        _text(origin),
    )


def precedents_beside(connection: Connection, case_path: str | None) -> list[PrecedentOutline]:
    """Those that are shown beside cases of the place with that path, by id."""
    above = [] if case_path is None else ["/".join(case_path.split("/")[: depth + 1]) for depth in range(case_path.count("/") + 1)]
    near = or_(COLUMNS.scope == PUBLIC, COLUMNS.jurisdiction_path.in_(above)) if above else COLUMNS.scope == PUBLIC
    own = (COLUMNS.id, COLUMNS.jurisdiction_path, COLUMNS.scope, COLUMNS.withdrawn, COLUMNS.process_instance_id)
    outlines = select(*own, _compared(connection).label("compared"))
    found = connection.execute(outlines.where(COLUMNS.withdrawn.is_(None), near).order_by(COLUMNS.id))
    return [one for one in map(_outline, found) if shown_beside(one, case_path)]


def find_precedents(connection: Connection, ids: Sequence[str]) -> list[Precedent]:
    """Those of the ids, whole, by id."""
    return [read_precedent(row) for row in connection.execute(select(precedent).where(COLUMNS.id.in_(ids)).order_by(COLUMNS.id))]


class Precedents(TransactionPart):
    """Published cases."""

    def load_precedent(self, precedent_id: str) -> Precedent | None:
        """The precedent, locked until the end."""
        row = self._connection.execute(select(precedent).where(COLUMNS.id == precedent_id).with_for_update()).first()
        return None if row is None else read_precedent(row)

    def put_precedents(self, precedents: Sequence[Precedent]) -> None:
        """Insert, or replace those of the same id."""
        put_precedents(self._connection, precedents)


def _shown(_connection: Connection, rows: Sequence[AnyRow], _now: int) -> list[dict[str, Json]]:
    return [precedent_json(read_precedent(row)) for row in rows]


def _by_rule(value: str, _asked: Asked) -> Condition:
    return exists().where(and_(precedent_rule.c.precedent_id == COLUMNS.id, precedent_rule.c.rule == value))


def _mentions(value: str, _asked: Asked) -> Condition:
    return COLUMNS.searched_text.contains(value, autoescape=True, escape="/")


PRECEDENTS = Listing(
    what="precedents",
    select=select(precedent),
    filters={
        "situation": equals(COLUMNS.situation),
        "rule": _by_rule,
        "outcome": one_of(COLUMNS.outcome),
        "jurisdiction": in_jurisdiction(COLUMNS.jurisdiction_path),
        "scope": equals(COLUMNS.scope),
        "origin": equals(COLUMNS.origin),
        "processInstanceId": equals(COLUMNS.process_instance_id),
        "withdrawn": lambda value, asked: is_null(COLUMNS.withdrawn)(not value, asked),
        "text": _mentions,
    },
    sorts={},
    default_sort=(),
    identity=(SortKey(COLUMNS.id),),
    present=_shown,
    visible=lambda paths: or_(COLUMNS.scope == PUBLIC, within_any(COLUMNS.jurisdiction_path, paths)),
    one=COLUMNS.id,
)
