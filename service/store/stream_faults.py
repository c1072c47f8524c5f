"""Whether the rows of a register say what the last event about each says in the audit trail."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Select, case, select, tuple_

from service.domain.audit import SERVICE_STREAM
from service.domain.json_values import Json
from service.store.columns import AnyRow
from service.store.tables import audit_event

EVENT = audit_event.c
BATCH = 200
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
"""What a damaged column makes of reading it."""
Members = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Register:
    """What is kept beside the cases, one row for each `noun`.

    `said` gives the members that an event (of `kinds`) tells, by the id of the row it is about; `told` the same members by the row, which
    may have more. `also` names what else is wrong with some of the rows.
    """

    noun: str
    rows: Select[Any]
    identity: Column[Any]
    kinds: Sequence[str]
    said: Callable[[AnyRow], Mapping[str, Members]]
    told: Callable[[AnyRow], Members]
    also: Callable[[Connection, Sequence[AnyRow]], Sequence[str]] = lambda _connection, _rows: ()


def payload_of(event: AnyRow) -> dict[str, Json]:
    """The payload; {} when it is no JSON object any more, which the verification of the trail itself tells."""
    try:
        payload = json.loads(event.payload)
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def find_unlike(connection: Connection, register: Register) -> tuple[int, list[str]]:
    """(rows read, what differs in words). Of the events only their places are kept, events and rows are read in batches."""
    last = _last_events(connection, register)
    seen, faults = 0, list[str]()
    wanted = register.rows.order_by(register.identity).limit(BATCH)
    rows = connection.execute(wanted).all()
    while rows:
        ids = [str(row[0]) for row in rows]
        events = _events(connection, register, {last[one] for one in ids if one in last})
        for one, row in zip(ids, rows, strict=True):
            place = last.pop(one, None)
            if place is None:
                faults.append(f"the {register.noun} {one} is there, and the audit trail tells nothing of it")
            else:
                faults += _differing(register, one, row, events[place].get(one, {}), place)
        faults += register.also(connection, rows)
        seen += len(rows)
        rows = connection.execute(wanted.where(register.identity > rows[-1][0])).all()
    missing = [f"the {register.noun} {one} of which the audit event {_words(place)} tells is missing" for one, place in last.items()]
    return seen, faults + missing


Place = tuple[str, int]
"""Stream and number of an event."""


def _words(place: Place) -> str:
    stream, number = place
    return str(number) if stream == SERVICE_STREAM else f"{number} of {stream}"


def _last_events(connection: Connection, register: Register) -> dict[str, Place]:
    """Id → where the last event about it stands; what a case says of it comes before what is said of it outside of cases."""
    service_last = case((EVENT.stream == SERVICE_STREAM, 1), else_=0)
    events = select(audit_event).where(EVENT.kind.in_(register.kinds)).order_by(service_last, EVENT.stream, EVENT.seq)
    last: dict[str, Place] = {}
    for event in connection.execute(events.execution_options(yield_per=BATCH)):
        for one in register.said(event):
            last[one] = (event.stream, event.seq)
    return last


def _events(connection: Connection, register: Register, places: set[Place]) -> dict[Place, Mapping[str, Members]]:
    if not places:
        return {}
    events = select(audit_event).where(tuple_(EVENT.stream, EVENT.seq).in_(sorted(places)))
    return {(event.stream, event.seq): register.said(event) for event in connection.execute(events)}


def _differing(register: Register, one: str, row: AnyRow, said: Members, place: Place) -> list[str]:
    try:
        told = register.told(row)
    except UNREADABLE as error:
        return [f"the {register.noun} {one} cannot be read any more: {error}"]
    members = ", ".join(member for member, value in said.items() if told.get(member) != value)
    return [f"the {register.noun} {one} is not what its last audit event ({_words(place)}) says: {members}"] if members else []
