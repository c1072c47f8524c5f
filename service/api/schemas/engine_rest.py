"""Shapes of /engine-rest, with Camunda's typed variables."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, cast

from pydantic import Field

from service.api.schemas.model import Name, RequestModel
from service.domain.errors import FieldError, Invalid, Malformed
from service.domain.json_values import Json, read_json

Type = Literal["String", "Boolean", "Short", "Integer", "Long", "Double", "Number", "Date", "Json", "Null"]


class TypedValue(RequestModel):
    """A variable as Camunda writes it; without a type the value is what JSON has."""

    value: Any = None
    type: Type | None = None
    value_info: dict[str, Any] | None = Field(None, max_length=0, description="Serialised Java objects are not read: it must be empty.")


class StartBody(RequestModel):
    """What the start button sends."""

    business_key: Name | None = None
    variables: dict[Name, TypedValue] | None = Field(None, max_length=1_000)

    def json_variables(self) -> dict[str, Json]:
        """The variables as a process has them. Raises Invalid where one is not of its type."""
        return {name: _json_value(name, typed) for name, typed in (self.variables or {}).items()}


def _json_value(name: str, typed: TypedValue) -> Json:
    value = typed.value
    if value is None:
        return None
    match typed.type:
        case None:
            return cast(Json, value)
        case "String" if isinstance(value, str):
            return value
        case "Boolean" if isinstance(value, bool):
            return value
        case "Short" | "Integer" | "Long" if _is_number(value) and value == int(value):
            return int(value)
        case "Double" | "Number" if _is_number(value):
            return cast(Json, value)
        case "Date" if isinstance(value, str):
            # Camunda writes +0000, which is no time zone in FEEL.
            return _read(name, typed, lambda: datetime.fromisoformat(value).isoformat())
        case "Json" if isinstance(value, str):
            return _read(name, typed, lambda: read_json(value.encode()))
    raise _of_another_type(name, typed)


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _read(name: str, typed: TypedValue, read: Callable[[], Json]) -> Json:
    try:
        return read()
    except (ValueError, Malformed):
        raise _of_another_type(name, typed) from None


def _of_another_type(name: str, typed: TypedValue) -> Invalid:
    message = f"the value is not a {typed.type}"
    return Invalid(f"the variable {name!r} cannot be set", [FieldError(f"/variables/{name}/value", "type", message)])
