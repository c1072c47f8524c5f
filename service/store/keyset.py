"""Keyset paging: one description per list, one way of asking for a page.

A cursor holds the sort values of the last row seen and a digest of the question, so rows inserted meanwhile move nothing and a
cursor of another question is refused. Every order ends with the list's identity and is therefore total; nulls come last.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, and_, bindparam, or_, tuple_
from sqlalchemy.sql.elements import ColumnElement

from service.actions.ports import Page
from service.domain.errors import Malformed, RongjiuError
from service.domain.json_values import Json, canonical_json, read_json
from service.store.columns import AnyRow

Condition = ColumnElement[bool]
FORMAT = 1
MAX_CURSOR = 4_096
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What a filter may look at besides its own value: the moment, all filters, and the connection (to look up a path)."""

    connection: Connection
    now: int
    filters: Mapping[str, object]


Filter = Callable[[Any, Asked], Condition]


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column to sort by, never null; `descending` where null needs another stand-in to come last."""

    ascending: ColumnElement[Any]
    descending: ColumnElement[Any] | None = None

    def expression(self, descends: bool) -> ColumnElement[Any]:
        """The expression to order by in that direction."""
        return self.descending if descends and self.descending is not None else self.ascending


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its columns, filters, sort names, identity, and how rows become JSON objects.

    `present` gets all rows of a page at once, so that what belongs to them is read in one statement. `visible` is the condition
    for a caller who sees only some jurisdictions; None = everybody sees all rows. When a filter of `own_order` is given, the list's
    own order is its identity alone instead of `default_sort`.
    """

    what: str
    select: Select[Any]
    filters: Mapping[str, Filter]
    sorts: Mapping[str, SortKey]
    default_sort: tuple[tuple[str, bool], ...]
    identity: tuple[SortKey, ...]
    present: Callable[[Connection, Sequence[AnyRow], int], list[dict[str, Json]]]
    visible: Callable[[Sequence[str]], Condition] | None = None
    own_order: frozenset[str] = frozenset()
    one: ColumnElement[str] | None = None
    one_sort: tuple[ColumnElement[Any], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Order:
    expression: ColumnElement[Any]
    descends: bool
    numeric: bool


def restrictions(
    listing: Listing, connection: Connection, filters: Mapping[str, object], now: int, jurisdictions: Sequence[str] | None
) -> list[Condition]:
    """The conditions of all filters given (None = not given) and of what the caller may see."""
    given = {name: value for name, value in filters.items() if value is not None}
    unknown = sorted(given.keys() - listing.filters.keys())
    if unknown:
        raise Malformed(f"unknown filter {unknown[0]!r} for {listing.what}", "unknown-filter")
    asked = Asked(connection, now, given)
    conditions = [listing.filters[name](value, asked) for name, value in given.items()]
    if jurisdictions is not None and listing.visible is not None:
        conditions.append(listing.visible(jurisdictions))
    return conditions


def _orders(listing: Listing, sort: Sequence[tuple[str, bool]], filters: Mapping[str, object]) -> list[_Order]:
    orders: list[_Order] = []
    descends = False
    narrowed = any(filters.get(name) is not None for name in listing.own_order)
    for name, descends in sort or (() if narrowed else listing.default_sort):
        if name not in listing.sorts:
            raise Malformed(f"{listing.what} cannot be sorted by {name!r}", "unknown-sort")
        expression = listing.sorts[name].expression(descends)
        orders.append(_Order(expression, descends, isinstance(expression.type, BigInteger)))
    # The identity follows the last direction: then one index read forwards or backwards gives the order.
    for key in listing.identity:
        orders.append(_Order(key.expression(descends), descends, isinstance(key.ascending.type, BigInteger)))
    return orders


def _digest(listing: Listing, filters: Mapping[str, object], sort: Sequence[tuple[str, bool]], jurisdictions: Sequence[str] | None) -> str:
    given = {name: _plain(value) for name, value in filters.items() if value is not None}
    question = [listing.what, given, [list(pair) for pair in sort], None if jurisdictions is None else list(jurisdictions)]
    return hashlib.sha256(canonical_json(question).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _plain(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else value


def _encode(digest: str, values: Sequence[object]) -> str:
    text = canonical_json([FORMAT, digest, list(values)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, digest: str, orders: Sequence[_Order]) -> list[str | int]:
    wrong = Malformed("the cursor is not one that this question gave out", "malformed-cursor")
    try:
        if len(cursor) > MAX_CURSOR:
            raise wrong
        content = read_json(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RongjiuError):
        raise wrong from None
    if not isinstance(content, list) or len(content) != 3 or content[0] != FORMAT or content[1] != digest:
        raise wrong
    values = content[2]
    if not isinstance(values, list) or len(values) != len(orders):
        raise wrong
    found: list[str | int] = []
    for value, order in zip(values, orders, strict=True):
        if order.numeric and isinstance(value, Decimal) and value.as_tuple().exponent == 0 and abs(value) <= LARGEST:
            found.append(int(value))
        elif not order.numeric and isinstance(value, str):
            found.append(value)
        else:
            raise wrong
    return found


def _after(orders: Sequence[_Order], values: Sequence[str | int]) -> Condition:
    bound = [bindparam(None, value, order.expression.type, unique=True) for value, order in zip(values, orders, strict=True)]
    if len({order.descends for order in orders}) == 1:
        left, right = tuple_(*(order.expression for order in orders)), tuple_(*bound)
        return left < right if orders[0].descends else left > right
    alternatives = []
    for index, (order, value) in enumerate(zip(orders, bound, strict=True)):
        equal = [earlier.expression == bound[place] for place, earlier in enumerate(orders[:index])]
        alternatives.append(and_(*equal, order.expression < value if order.descends else order.expression > value))
    first = orders[0].expression <= bound[0] if orders[0].descends else orders[0].expression >= bound[0]
    return and_(first, or_(*alternatives))


def find_page(
    listing: Listing,
    connection: Connection,
    filters: Mapping[str, object],
    sort: Sequence[tuple[str, bool]],
    limit: int,
    cursor: str | None,
    now: int,
    jurisdictions: Sequence[str] | None,
) -> Page:
    """One page; `next_cursor` is None when nothing follows. Raises Malformed for an unknown filter or sort and a wrong cursor."""
    if limit < 1:
        raise Malformed("limit must be at least 1", "malformed-limit")
    orders = _orders(listing, sort, filters)
    digest = _digest(listing, filters, sort, jurisdictions)
    statement = listing.select.where(*restrictions(listing, connection, filters, now, jurisdictions))
    if cursor is not None:
        statement = statement.where(_after(orders, _decode(cursor, digest, orders)))
    statement = statement.add_columns(*(order.expression.label(f"sort_{index}") for index, order in enumerate(orders)))
    statement = statement.order_by(*(order.expression.desc() if order.descends else order.expression.asc() for order in orders))
    rows = connection.execute(statement.limit(limit + 1)).all()
    shown = rows[:limit]
    following = _encode(digest, [getattr(shown[-1], f"sort_{index}") for index in range(len(orders))]) if len(rows) > limit else None
    return Page(listing.present(connection, shown, now), following)


def find_one(listing: Listing, connection: Connection, identifier: str, now: int) -> dict[str, Json] | None:
    """The one object with that id (or key, where the list says so)."""
    if listing.one is None:
        raise Malformed(f"{listing.what} has no single objects", "unknown-list")
    statement = listing.select.where(listing.one == identifier).order_by(*listing.one_sort).limit(1)
    rows = connection.execute(statement).all()
    return listing.present(connection, rows, now)[0] if rows else None
