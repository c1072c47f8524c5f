"""What was recorded of a process when it was deployed: the events that start it, and where the messages it throws go."""

from typing import cast

from service.actions.ports import Lookups, MessageRoute, StartEvent, Transaction
from service.domain.definition import COMMON, Definition
from service.domain.errors import FieldError, Invalid
from service.domain.event import START, EventTarget
from service.domain.json_values import Json
from service.domain.step import MESSAGE, SIGNAL

PLAIN = "none"


def start_json(start: StartEvent) -> dict[str, Json]:
    """A start event as it is kept with the definition."""
    return {
        "elementId": start.element_id,
        "name": start.name,
        "eventKind": start.event_kind,
        "eventName": start.event_name,
        "messageName": start.message_name,
        "correlationKeys": list(start.correlation_keys),
        "reservedVariables": list(start.reserved_variables),
        "formKey": start.form_key,
        "formBinding": start.form_binding,
        "formVersion": start.form_version,
        "forCalls": start.for_calls,
    }


def starts_of(definition: Definition) -> tuple[StartEvent, ...]:
    """The start events recorded when the definition was deployed; earlier program versions wrote only `messageName`, and no form."""
    return tuple(_start(start) for start in cast(list[dict[str, Json]], definition.detail.get("starts", [])))


def _start(start: dict[str, Json]) -> StartEvent:
    message = start.get("messageName")
    name = start.get("eventName", message)
    return StartEvent(
        str(start["elementId"]),
        str(start["name"]),
        str(start.get("eventKind") or (PLAIN if message is None else MESSAGE)),
        None if name is None else str(name),
        tuple(cast(list[str], start["correlationKeys"])),
        tuple(cast(list[str], start["reservedVariables"])),
        cast(str | None, start.get("formKey")),
        cast(str | None, start.get("formBinding")),
        None if start.get("formVersion") is None else int(str(start["formVersion"])),
        start.get("forCalls") is True,
    )


def choose_start(definition: Definition, element_id: str | None) -> StartEvent:
    """The start that is meant: the one named, else the only plain one, else the only one. Raises Invalid when that is none or several.

    A plain start for calls is meant only when it is named.
    """
    starts = starts_of(definition)
    if element_id is not None:
        for start in starts:
            if start.element_id == element_id:
                return start
        problem = f"{element_id!r} is no start event of {definition.id}"
    else:
        plain = [start for start in starts if start.event_kind == PLAIN and not start.for_calls]
        if len(plain) == 1:
            return plain[0]
        if not plain and len(starts) == 1 and not starts[0].for_calls:
            return starts[0]
        problem = f"{definition.id} has several starts; name one"
    names = ", ".join(f"{start.element_id} ({_what_starts(start)})" for start in starts)
    raise Invalid(
        f"{problem}. Start events: {names}", [FieldError("/startElementId", "start-element", f"one of: {names}")], "start-element"
    )


def _what_starts(start: StartEvent) -> str:
    return start.event_name or ("plain" if start.event_kind == PLAIN else start.event_kind)


def signal_starts(lookups: Lookups, name: str) -> tuple[EventTarget, ...]:
    """The starts by that signal of all processes, each in its latest version."""
    return tuple(
        EventTarget(f"{definition.id} {start.element_id}", START, {"definitionId": definition.id, "startElementId": start.element_id})
        for definition in lookups.start_definitions(SIGNAL, name)
        for start in starts_of(definition)
        if (start.event_kind, start.event_name) == (SIGNAL, name)
    )


def route_json(route: MessageRoute) -> dict[str, Json]:
    """A message route as it is kept with the definition, and with a message on its way."""
    return {
        "elementId": route.element_id,
        "messageName": route.message_name,
        "definitionKey": route.definition_key,
        "receivers": list(route.receivers),
        "correlationKeys": list(route.correlation_keys),
    }


def read_route(route: dict[str, Json]) -> MessageRoute:
    """The inverse of route_json."""
    return MessageRoute(
        str(route["elementId"]),
        str(route["messageName"]),
        str(route["definitionKey"]),
        tuple(cast(list[str], route["receivers"])),
        tuple(cast(list[str], route["correlationKeys"])),
    )


def routes_of(definition: Definition, element_id: str, message_name: str) -> tuple[MessageRoute, ...]:
    """Where a message thrown at that element goes inside the service; empty: only out of it."""
    routes = [read_route(route) for route in cast(list[dict[str, Json]], definition.detail.get("routes", []))]
    return tuple(route for route in routes if (route.element_id, route.message_name) == (element_id, message_name))


def place_of_case(tx: Transaction, definition: Definition, asked: str | None) -> str | None:
    """The jurisdiction of a new case: that of its definition; for a procedure that places share, the one asked for, if any.

    Raises Invalid when another is asked for than the definition's, or one that is not deployed.
    """
    if asked is None or asked == definition.jurisdiction:
        return definition.jurisdiction
    if definition.jurisdiction != COMMON:
        message = f"{definition.key!r} belongs to {definition.jurisdiction!r}"
        raise Invalid("the procedure is another jurisdiction's", [FieldError("/jurisdiction", "other-jurisdiction", message)])
    if tx.jurisdiction(asked) is None:
        raise Invalid("the jurisdiction is not known", [FieldError("/jurisdiction", "unknown", f"no jurisdiction {asked!r} is deployed")])
    return asked
