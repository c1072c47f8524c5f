"""The variables of an instance: the complete snapshot, and one searchable row per scalar.

A searchable row has a path such as `facts.nature` (at most DEPTH names, MAX_PATH characters; list items are not searched), the type,
and a `search_key` that sorts as the value does: for numbers an exact key (no digit lost, 1 = 1.0), for texts the first
characters, the whole text beside it.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sqlalchemy import Connection, bindparam, delete, insert

from service.domain.json_values import Json
from service.domain.variable_paths import DEPTH, MAX_PATH
from service.store.tables import variable

MAX_ROWS = 2_000
KEY_CHARACTERS = 200

FORGET = delete(variable).where(
    variable.c.process_instance_id == bindparam("instance"), variable.c.path.in_(bindparam("paths", expanding=True))
)
REMEMBER = insert(variable)

_NINES = str.maketrans("0123456789", "9876543210")
_OFFSET = 50_000


def number_key(number: Decimal) -> str:
    """A text that sorts by code point as the numbers do, equal for equal numbers; exact for every finite decimal.

    "1" is zero; "2", exponent, digits is positive; "0", nines' complements of both, "~" is negative.
    """
    sign, digits, exponent = number.as_tuple()
    significant = "".join(map(str, digits)).strip("0")
    if not significant or not isinstance(exponent, int):
        return "1"
    power = f"{number.adjusted() + _OFFSET:05d}"
    if sign:
        return f"0{power.translate(_NINES)}{significant.translate(_NINES)}~"
    return f"2{power}{significant}"


def scalar_columns(value: Json) -> dict[str, str | None] | None:
    """The columns type, search_key and text_value of a scalar; None for a list or an object."""
    if value is None:
        return {"type": "null", "search_key": "", "text_value": None}
    if isinstance(value, bool):
        return {"type": "boolean", "search_key": "true" if value else "false", "text_value": None}
    if isinstance(value, Decimal | int):
        return {"type": "number", "search_key": number_key(Decimal(value)), "text_value": None}
    if isinstance(value, str):
        return {"type": "string", "search_key": value[:KEY_CHARACTERS], "text_value": value}
    return None


def _walk(prefix: str, depth: int, values: Mapping[str, Json]) -> Iterator[tuple[str, dict[str, str | None]]]:
    for name, value in values.items():
        path = f"{prefix}{name}"
        if len(path) > MAX_PATH:
            continue
        if isinstance(value, dict):
            if depth < DEPTH:
                yield from _walk(f"{path}.", depth + 1, value)
            continue
        columns = scalar_columns(value)
        if columns is not None:
            yield path, columns


def searchable(values: Mapping[str, Json]) -> dict[str, dict[str, str | None]]:
    """Path → columns of every scalar that can be searched, at most MAX_ROWS; of two equal paths the first counts."""
    rows: dict[str, dict[str, str | None]] = {}
    for path, columns in _walk("", 1, values):
        if len(rows) >= MAX_ROWS:
            break
        rows.setdefault(path, columns)
    return rows


def project_variables(connection: Connection, process_instance_id: str, old: Mapping[str, Json], new: Mapping[str, Json]) -> None:
    """Bring the searchable rows from `old` to `new`, touching only those that differ."""
    before, after = searchable(old), searchable(new)
    changed = [path for path, columns in after.items() if before.get(path) != columns]
    gone = [path for path in before if path not in after or before[path] != after[path]]
    if gone:
        connection.execute(FORGET, {"instance": process_instance_id, "paths": gone})
    if changed:
        connection.execute(REMEMBER, [{"process_instance_id": process_instance_id, "path": path, **after[path]} for path in changed])
