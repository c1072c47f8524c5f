"""Facts across cases, as `facts` of jurisdiction.yaml declares them: from the entry and a key to a question for the store.

No register is kept beside the cases: what is counted are their instances, visits and variables. docs/facts-across-cases.md is the page for
designers.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from service.actions.deadlines.time_limits import BASES, ZONE, months_later
from service.domain.json_values import Json
from service.domain.recorded_fact import (
    ACTIVE,
    ACTIVITIES,
    ANY,
    ANY_BEGINNING,
    COMPLETED,
    ENDED_AT,
    INSTANCES,
    OPEN,
    STARTED_AT,
    RecordedQuestion,
)
from service.domain.variable_paths import DEPTH, MAX_PATH

FACTS = "facts"
"""The section of jurisdiction.yaml."""
UNIT = "unit"
MAX_MONTHS = 1_200
_STATES = {INSTANCES: (ANY, OPEN, COMPLETED), ACTIVITIES: (COMPLETED, ACTIVE)}
_CONDITIONS = {
    "of",
    "same",
    "through",
    "where",
    "processes",
    "elements",
    "state",
    "months",
    "calendarYear",
    "at",
    "values",
    "supersededBy",
    "ownCase",
}
_TOLD = {"name", "basis", "source", "note", "markedDefault"}


def fault_of_fact(entry: Json) -> str | None:
    """What is wrong with the declaration of a fact, None when it can be asked."""
    if not isinstance(entry, dict):
        return "a fact is a mapping with of, same and basis"
    return next(_faults(entry), None)


def _faults(entry: Mapping[str, Json]) -> Iterator[str]:
    unknown = sorted(entry.keys() - _CONDITIONS - _TOLD)
    if unknown:
        yield f"a fact has no {unknown[0]!r}; it has {', '.join(sorted(_CONDITIONS | _TOLD))}"
    of = entry.get("of")
    if not isinstance(of, str) or of not in _STATES:
        yield "of must be instances or activities"
        return
    if entry.get("basis") not in BASES:
        yield f"basis must be one of {', '.join(BASES)}"
    if not (_is_path(entry.get("same")) or _is_list(entry.get("same"), _is_path)):
        yield f"same is the path of a variable, or a list of them: names joined by dots, at most {DEPTH} of them"
    if "through" in entry and entry["through"] != UNIT:
        yield "through must be unit"
    if entry.get("state", _STATES[of][0]) not in _STATES[of]:
        yield f"the state of {of} must be one of {', '.join(_STATES[of])}"
    for name in ("processes", "elements"):
        if name in entry and not _is_list(entry[name], _is_text):
            yield f"{name} is a list of ids"
    if any(ANY_BEGINNING in process.removeprefix(ANY_BEGINNING) for process in _texts(entry.get("processes"))):
        yield f"a process is named in full, or with {ANY_BEGINNING} for whatever it begins with"
    if "supersededBy" in entry and not _is_path(entry["supersededBy"]):
        yield "supersededBy is the path of the variable by which other cases name the case they supersede"
    if entry.get("ownCase") not in (None, True):
        yield "ownCase must be true"
    yield from _activity_faults(of, entry)
    yield from _time_faults(entry)
    where = entry.get("where", {})
    if not isinstance(where, dict) or not all(_is_path(path) and (_is_scalar(v) or _is_list(v, _is_scalar)) for path, v in where.items()):
        yield "where gives for the path of a variable a text, number or boolean, or a list of them"
    values = entry.get("values", {})
    if not isinstance(values, dict) or not all(_is_text(path) for path in values.values()):
        yield "values gives for a name the path of a variable"


def _activity_faults(of: str, entry: Mapping[str, Json]) -> Iterator[str]:
    if of == INSTANCES and "elements" in entry:
        yield "elements belongs to activities"
    if of == ACTIVITIES and "elements" not in entry:
        yield "activities need elements: a list of `process/element`, or of `element` in whatever process"
    if of == INSTANCES and "ownCase" in entry:
        yield "ownCase belongs to activities: what was done in earlier steps of the case that asks"
    if of == ACTIVITIES and ("at" in entry or "processes" in entry):
        yield "at and processes belong to instances: a visit counts from its end (from its begin while it is active)"


def _time_faults(entry: Mapping[str, Json]) -> Iterator[str]:
    months = entry.get("months")
    if months is not None and _months(months) is None:
        yield f"months must be a whole number from 1 to {MAX_MONTHS}"
    if entry.get("calendarYear") not in (None, True):
        yield "calendarYear must be true"
    if months is not None and entry.get("calendarYear") is not None:
        yield "months and calendarYear exclude one another"
    if "at" in entry and entry["at"] not in (STARTED_AT, ENDED_AT) and not _is_path(entry["at"]):
        yield "at must be startedAt, endedAt or the path of a variable"


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_PATH


def _is_path(value: Json) -> bool:
    return isinstance(value, str) and len(value) <= MAX_PATH and 0 < len(value.split(".")) <= DEPTH and all(value.split("."))


def _months(value: Json) -> int | None:
    """The number of months, None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        return None
    return int(value) if 0 < value <= MAX_MONTHS else None


def _is_scalar(value: Json) -> bool:
    return isinstance(value, str | bool | int | Decimal)


def _is_list(value: Json, fits: Callable[[Json], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(fits(item) for item in value)


def paths_of(entry: Mapping[str, Json]) -> tuple[str, ...]:
    """The variables that must be the same, in the order of the parts of a key."""
    return tuple(_texts(entry["same"]))


def targets_of(entry: Mapping[str, Json]) -> list[tuple[str, str | None]]:
    """The processes that the fact names in full, with an element of theirs or None."""
    elements = [_element(text) for text in _texts(entry.get("elements"))]
    named: list[tuple[str, str | None]] = [(process, element) for process, element in elements if process is not None]
    return named + [(process, None) for process in _texts(entry.get("processes")) if not process.startswith(ANY_BEGINNING)]


def is_through_unit(entry: Mapping[str, Json]) -> bool:
    """Whether the first part of the key is a unit, and the persons registered under it count."""
    return entry.get("through") == UNIT


def key_parts(entry: Mapping[str, Json], key: Json) -> tuple[Json, ...] | None:
    """The parts of a key as it is given: the value itself, or a list when several variables must be the same; a part may be unknown (None).

    None when the key cannot be one of this fact.
    """
    parts = tuple(key) if isinstance(key, list) else (key,)
    if key is None:
        parts = (None,) * len(paths_of(entry))
    fits = len(parts) == len(paths_of(entry)) and all(part is None or _is_scalar(part) for part in parts)
    return parts if fits and (not is_through_unit(entry) or parts[0] is None or isinstance(parts[0], str)) else None


def question_of(entry: Mapping[str, Json], key: tuple[Json, ...], now_ms: int, asking: str | None = None) -> RecordedQuestion:
    """The question for the parts `key` of a key, one for each path of paths_of. The entry must be without fault (see fault_of_fact)."""
    of = str(entry["of"])
    since = _since(entry, now_ms)
    where = entry.get("where")
    values = entry.get("values")
    return RecordedQuestion(
        of=of,
        same=tuple(zip(paths_of(entry), key, strict=True)),
        through_unit=is_through_unit(entry),
        where=tuple((path, tuple(v) if isinstance(v, list) else (v,)) for path, v in (where if isinstance(where, dict) else {}).items()),
        processes=tuple(_texts(entry.get("processes"))),
        elements=tuple(_element(text) for text in _texts(entry.get("elements"))),
        state=str(entry.get("state", _STATES[of][0])),
        at=str(entry.get("at", STARTED_AT)),
        since=None if since is None else int(since.timestamp() * 1000),
        values={name: str(path) for name, path in (values if isinstance(values, dict) else {}).items()},
        superseded_by=None if entry.get("supersededBy") is None else str(entry["supersededBy"]),
        asking=None if entry.get("ownCase") is True else asking,
    )


def _since(entry: Mapping[str, Json], now_ms: int) -> datetime | None:
    """The first moment that counts: the day after the same day so many months ago, or the first of January."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZONE).date()
    months = _months(entry.get("months"))
    if months is not None:
        return datetime.combine(months_later(today, -months) + timedelta(days=1), time(), ZONE)
    return datetime(today.year, 1, 1, tzinfo=ZONE) if entry.get("calendarYear") else None


def _element(text: str) -> tuple[str | None, str]:
    process, slash, element = text.partition("/")
    return (process, element) if slash else (None, text)


def _texts(value: Json) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
