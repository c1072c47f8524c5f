"""Between a column and a value: name lists, JSON objects and times."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Row

from service.domain.json_values import Json, canonical_json, read_canonical
from service.domain.law import TimeLimit, read_limit

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of any columns."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def names_text(names: Sequence[str]) -> str:
    """The column text of a list of names, order kept."""
    return canonical_json(list(names)) if names else "[]"


def read_names(text: str) -> tuple[str, ...]:
    """The names in a column written by names_text."""
    return () if text == "[]" else tuple(json.loads(text))


def read_object(text: str) -> dict[str, Json]:
    """The JSON object in a column, numbers exact.

    What was once stored is read whatever the HTTP door would say to it. Raises ValueError for a text that object_text never wrote.
    """
    value = read_canonical(text)
    if not isinstance(value, dict):
        raise ValueError("the column holds no JSON object")
    return value


def object_text(value: Mapping[str, Json]) -> str:
    """The column text of a JSON object."""
    return canonical_json(value)


def limit_columns(limit: TimeLimit | None) -> dict[str, object]:
    """The columns of a time limit."""
    if limit is None:
        return {"due_limit": None, "counted_year": None, "counted_version": None}
    return {"due_limit": object_text(limit.as_json()), "counted_year": limit.counted_year, "counted_version": limit.counted_version}


def limit_in(due_limit: str | None, counted_year: int | None, counted_version: int | None) -> TimeLimit | None:
    """The time limit in columns written by limit_columns."""
    return None if due_limit is None else read_limit(read_object(due_limit), counted_year, counted_version)


def rfc3339(milliseconds: int | None) -> str | None:
    """Epoch milliseconds as RFC 3339 in UTC with three decimals: 2026-11-20T05:00:00.000Z."""
    if milliseconds is None:
        return None
    return (EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")[:-6] + "Z"
