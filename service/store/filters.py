"""The filters that lists share: equality, times, states, places, and values of variables."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, exists, false, not_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from service.domain.errors import Malformed
from service.domain.variable_paths import MAX_PATH
from service.store.keyset import Asked, Condition, Filter
from service.store.tables import jurisdiction, process_instance, variable
from service.store.variables import KEY_CHARACTERS, scalar_columns

ESCAPE = "\\"


def equals(column: ColumnElement[Any]) -> Filter:
    """column = value."""
    return lambda value, _asked: column == value


def one_of(column: ColumnElement[str]) -> Filter:
    """A value, or a list of which one must match."""

    def condition(value: str | Sequence[str], _asked: Asked) -> Condition:
        if isinstance(value, str):
            return column == value
        values = list(value)
        return column == values[0] if len(values) == 1 else column.in_(values)

    return condition


def before(column: ColumnElement[Any]) -> Filter:
    """Earlier than the moment given (epoch milliseconds); rows without one do not match."""
    return lambda value, _asked: column < value


def after(column: ColumnElement[Any]) -> Filter:
    """Later than the moment given (epoch milliseconds); rows without one do not match."""
    return lambda value, _asked: column > value


def is_null(column: ColumnElement[Any]) -> Filter:
    """True: the column is null; False: it is not."""
    return lambda value, _asked: column.is_(None) if value else column.is_not(None)


def path_within(column: ColumnElement[Any], path: str) -> Condition:
    """The path itself or one below it. "0" is the character after "/", so this is a range an index can read."""
    return or_(column == path, and_(column >= f"{path}/", column < f"{path}0"))


def within_any(column: ColumnElement[Any], paths: Sequence[str]) -> Condition:
    """Below at least one of the paths; nothing when there is none."""
    return or_(false(), *(path_within(column, path) for path in paths))


def path_of(asked: Asked, value: str) -> str:
    """The path of a jurisdiction given by id (its latest) or as a path already."""
    if "/" in value:
        return value
    found: str | None = asked.connection.execute(
        select(jurisdiction.c.path).where(jurisdiction.c.id == value).order_by(jurisdiction.c.deployment_seq.desc()).limit(1)
    ).scalar()
    return value if found is None else found


def in_jurisdiction(column: ColumnElement[Any]) -> Filter:
    """The place given by id or path, its children included; `column` holds paths."""
    return lambda value, asked: path_within(column, path_of(asked, value))


def visible_instances(column: ColumnElement[Any], paths: Sequence[str]) -> Condition:
    """Rows of instances below the paths; `column` holds process instance ids."""
    return column.in_(select(process_instance.c.id).where(within_any(process_instance.c.jurisdiction_path, paths)))


def _same(columns: dict[str, str | None]) -> Condition:
    return and_(*(variable.c[name] == wanted for name, wanted in columns.items() if wanted is not None))


def _like(value: object) -> Condition:
    if not isinstance(value, str):
        raise Malformed("the operator like needs a text", "variable-filter")
    trailing = len(value) - len(value.rstrip(ESCAPE))
    if trailing % 2:
        raise Malformed("a like pattern must not end with its escape character", "variable-filter")
    return and_(variable.c.type == "string", variable.c.text_value.like(value, escape=ESCAPE))


def _ordered(operator: str, value: object, columns: dict[str, str | None]) -> Condition:
    if isinstance(value, bool) or not isinstance(value, str | Decimal | int):
        raise Malformed(f"the operator {operator} needs a number or a text", "variable-filter")
    column: ColumnElement[Any] = variable.c.search_key
    wanted: str | None = columns["search_key"]
    near: list[Condition] = []
    if isinstance(value, str):
        # The key holds the first characters only: it narrows the search, the whole text decides.
        near = [column >= value[:KEY_CHARACTERS] if operator in ("gt", "gteq") else column <= value[:KEY_CHARACTERS]]
        column, wanted = variable.c.text_value, value
    comparison = {"gt": column > wanted, "gteq": column >= wanted, "lt": column < wanted, "lteq": column <= wanted}[operator]
    return and_(variable.c.type == columns["type"], *near, comparison)


def _matches(operator: str, value: Any) -> Condition:
    if operator == "like":
        return _like(value)
    columns = scalar_columns(value)
    if columns is None:
        raise Malformed("a variable is compared with a text, number, boolean or null", "variable-filter")
    if operator == "eq":
        return _same(columns)
    if operator == "neq":
        return not_(_same(columns))
    if operator in ("gt", "gteq", "lt", "lteq"):
        return _ordered(operator, value, columns)
    raise Malformed(f"unknown operator {operator!r} (eq, neq, gt, gteq, lt, lteq, like)", "variable-filter")


def by_variables(column: ColumnElement[Any]) -> Filter:
    """A list of (path, operator, value), all of which must hold in the instance whose id is in `column`.

    A path is names joined by dots (`facts.nature`). Types must be equal: the text "1" is not the number 1, and 1 = 1.0.
    `neq` holds when the variable exists and differs.
    Numbers are compared exactly; texts by code point; `like` with % and _ (escape character: backslash).
    """

    def condition(value: Sequence[tuple[str, str, Any]], _asked: Asked) -> Condition:
        conditions: list[Condition] = []
        for path, operator, wanted in value:
            if len(path) > MAX_PATH:
                raise Malformed(f"variables are searched by paths of at most {MAX_PATH} characters", "variable-filter")
            match = _matches(operator, wanted)
            if operator == "eq":
                # Equality finds few rows: let the database start from them.
                conditions.append(column.in_(select(variable.c.process_instance_id).where(variable.c.path == path, match)))
            else:
                conditions.append(exists().where(variable.c.process_instance_id == column, variable.c.path == path, match))
        return and_(*conditions)

    return condition
