"""Lists: `limit` and `cursor` in, {items, nextCursor} out; and what the list filters share."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from service.actions.ports import Page
from service.domain.json_values import Json

MAX_LIMIT = 200
DEFAULT_LIMIT = 50

_RFC_3339 = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]+))?(?:(?P<utc>[Zz])|(?P<sign>[-+ ])(?P<offset_hour>[0-9]{2}):(?P<offset_minute>[0-9]{2}))"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_milliseconds(value: object) -> int:
    """Epoch milliseconds of an RFC 3339 date-time. A space stands for the "+" which a client forgot to escape in the URL."""
    match = _RFC_3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError("rfc3339", "a date and time with offset is required, such as 2026-03-01T09:00:00+08:00")
    offset = timedelta()
    try:
        if match["utc"] is None:
            hours, minutes = int(match["offset_hour"]), int(match["offset_minute"])
            if hours > 23 or minutes > 59:
                raise ValueError("offset")
            offset = timedelta(hours=hours, minutes=minutes) * (-1 if match["sign"] == "-" else 1)
        second = int(match["second"])
        leap = second == 60
        moment = datetime.fromisoformat(f"{match['date']}T{match['hour']}:{match['minute']}:{59 if leap else second:02d}").replace(
            tzinfo=timezone(offset)
        )
        since_epoch = moment - _EPOCH + timedelta(seconds=1 if leap else 0)
    except (ValueError, OverflowError):
        raise PydanticCustomError("rfc3339", "this date and time does not exist") from None
    milliseconds = int(((match["fraction"] or "") + "000")[:3])
    return (since_epoch.days * 86_400 + since_epoch.seconds) * 1000 + milliseconds


def _flag(value: object) -> bool:
    if value in ("true", True):
        return True
    if value in ("false", False):
        return False
    raise PydanticCustomError("flag", "true or false is required")


Moment = Annotated[
    int,
    BeforeValidator(epoch_milliseconds),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-01T09:00:00+08:00"]}),
]
"""A date and time (RFC 3339) as epoch milliseconds."""

Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
"""`true` or `false`, nothing else."""

Text = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]
"""A value to compare with; NUL can be stored nowhere and is refused."""


class Filters(BaseModel):
    """Query parameters that narrow a question. Subclasses add them; every name is camelCase in the URL."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    def filters(self) -> dict[str, object]:
        """The filters that were given, by their camelCase names."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude={"limit", "cursor", "sort", "group_by"})


class ListQuery(Filters):
    """Query parameters of a list."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description=f"How many items at most (up to {MAX_LIMIT}).")
    cursor: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*$")] | None = Field(
        None, description="`nextCursor` of the page before; keyset paging, so new rows never shift a page."
    )


def sort_parameter(*names: str) -> Any:
    """The type of a `sort` parameter over these fields: `dueDate,-createdAt` → [("dueDate", False), ("createdAt", True)]."""
    one = f"-?(?:{'|'.join(names)})"

    def parse(value: object) -> list[tuple[str, bool]]:
        parts = value.split(",") if isinstance(value, str) else []
        keys = [part.removeprefix("-") for part in parts]
        if not parts or any(key not in names for key in keys) or len(set(keys)) != len(keys):
            raise PydanticCustomError(
                "sort", "a comma separated list without repetitions of: {names} (“-” in front = descending)", {"names": ", ".join(names)}
            )
        return [(part.removeprefix("-"), part.startswith("-")) for part in parts]

    # Any: FastAPI would read a list type from repeated parameters.
    return Annotated[
        Any,
        BeforeValidator(parse),
        WithJsonSchema({"type": "string", "pattern": f"^{one}(?:,{one})*$", "examples": [f"{names[0]},-{names[-1]}"]}),
    ]


def page_json(page: Page) -> dict[str, Json]:
    """The body of a list's answer."""
    items: Sequence[Mapping[str, Json]] = page.items
    return {"items": [dict(item) for item in items], "nextCursor": page.next_cursor}
