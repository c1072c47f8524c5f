"""What the rows of subjects, precedents and tables of working days and the events about them tell, for laying them beside one another."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from service.actions.precedents.precedent_views import DIGESTED, FIRST, precedent_digest
from service.actions.subjects.subject_views import subject_json
from service.domain.json_values import Json
from service.domain.precedent import RECORDED, WITHDRAWN
from service.domain.subject import Subject
from service.store.columns import AnyRow
from service.store.precedents import read_precedent
from service.store.stream_faults import UNREADABLE, Members, Register, find_unlike, payload_of
from service.store.subjects import read_posts
from service.store.tables import jurisdiction, precedent, precedent_rule, subject, working_year
from service.store.working_days import read_working_year

DEPLOYED = "deployment.created"
SUBJECT_MEMBERS = ("id", "kind", "name", "unitId", "posts", "createdAt")
OUTLINE = ("title", "outcome", "scope")
DAYS = ("holidays", "workdays", "source")


def _subject_said(event: AnyRow) -> Mapping[str, Members]:
    payload = payload_of(event)
    return {str(payload.get("id")): {member: payload.get(member) for member in SUBJECT_MEMBERS}}


def _subject_told(row: AnyRow) -> Members:
    return subject_json(Subject(row.id, row.kind, row.name, row.unit_id, read_posts(row.posts), row.created_at))


def _precedents_said(event: AnyRow) -> Mapping[str, Members]:
    """Events from before digests were kept (and of deployments, what they deployed) say less: only that is compared.

    A digest is compared with one of the same members, so its member is named `digest` with their number.
    """
    payload = payload_of(event)
    if event.kind != DEPLOYED:
        identifier = payload.get("precedentId") or payload.get("id")
        return {str(identifier): {member: payload[member] for member in OUTLINE if member in payload} | _digest_said(payload)}
    names = payload.get("definitions")
    listed = [name.split(":") for name in names if isinstance(name, str)] if isinstance(names, list) else []
    said: dict[str, Members] = {":".join(parts[1:-1]): {} for parts in listed if parts[0] == "precedent"}
    digests = payload.get("precedents")
    return said | ({one: _digest_said(told) for one, told in digests.items()} if isinstance(digests, dict) else {})


def _digest_said(told: Json) -> dict[str, Json]:
    """Events from before the members were numbered have the digest of the first, those of deployments as a text."""
    digest, number = (told.get("digest"), told.get("of", FIRST)) if isinstance(told, dict) else (told, FIRST)
    return {} if digest is None else {_digest_of(number): digest}


def _digest_of(number: Json) -> str:
    return "digest" if number == FIRST else f"digest of {number}"


def _precedent_told(row: AnyRow) -> Members:
    read = read_precedent(row)
    digests = {_digest_of(number): precedent_digest(read, number) for number in DIGESTED}
    return {"title": row.title, "outcome": row.outcome, "scope": row.scope, **digests}


def _precedent_faults(connection: Connection, rows: Sequence[AnyRow]) -> list[str]:
    """What is kept of a precedent a second time, to be found by it."""
    rules: dict[str, set[str]] = {row.id: set() for row in rows}
    named = select(precedent_rule.c.precedent_id, precedent_rule.c.rule).where(precedent_rule.c.precedent_id.in_(rules))
    for one in connection.execute(named):
        rules[one.precedent_id].add(one.rule)
    paths = _paths(connection, {row.jurisdiction for row in rows if row.jurisdiction is not None})
    faults = []
    for row in rows:
        try:
            read = read_precedent(row)
        except UNREADABLE:
            continue  # That is told already.
        if rules[row.id] != set(read.rules):
            unlike = ", ".join(sorted(rules[row.id] ^ set(read.rules)))
            faults.append(f"the rows of rules of the precedent {row.id} are not its rules: {unlike}")
        if row.searched_text != read.searched_text():
            faults.append(f"the text in which the precedent {row.id} is searched is not its text")
        if row.jurisdiction_path != (None if row.jurisdiction is None else paths.get(row.jurisdiction)):
            faults.append(f"the precedent {row.id} has the path {row.jurisdiction_path!r}, which is not that of its place")
    return faults


def _paths(connection: Connection, places: set[str]) -> dict[str, str]:
    latest = select(jurisdiction.c.id, func.max(jurisdiction.c.deployment_seq).label("seq")).group_by(jurisdiction.c.id).subquery()
    found = select(jurisdiction.c.id, jurisdiction.c.path).join(
        latest, (latest.c.id == jurisdiction.c.id) & (latest.c.seq == jurisdiction.c.deployment_seq)
    )
    return {row.id: row.path for row in connection.execute(found.where(jurisdiction.c.id.in_(places)))}


def _days_said(event: AnyRow) -> Mapping[str, Members]:
    payload = payload_of(event)
    told = {member: payload[member] for member in DAYS if member in payload}
    return {str(payload.get("year")): {**told, "setAt": event.occurred_at, "setBy": event.actor}}


def _days_told(row: AnyRow) -> Members:
    table = read_working_year(row)
    return {**table.as_json(), "setAt": table.set_at, "setBy": table.set_by}


SUBJECTS = Register("subject", select(subject), subject.c.id, ("subject.created", "subject.changed"), _subject_said, _subject_told)
PRECEDENTS = Register(
    "precedent", select(precedent), precedent.c.id, (RECORDED, WITHDRAWN, DEPLOYED), _precedents_said, _precedent_told, _precedent_faults
)
WORKING_YEARS = Register(
    "table of working days of",
    select(working_year),
    working_year.c.year,
    ("working-days.set", "working-days.published"),
    _days_said,
    _days_told,
)


def find_unlike_registers(connection: Connection) -> list[tuple[str, int, list[str]]]:
    """Of each register its name, how many rows were read, and what differs in words."""
    registers = {"subjects": SUBJECTS, "precedents": PRECEDENTS, "tables of working days": WORKING_YEARS}
    return [(name, *find_unlike(connection, register)) for name, register in registers.items()]
