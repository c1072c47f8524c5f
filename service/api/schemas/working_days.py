"""Shapes of working days."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.api.schemas.model import EXAMPLE_TIME, AnswerModel, RequestModel, Timestamp, shown

YEAR: dict[str, Any] = {
    "year": 2031,
    "knownFrom": "table",
    "holidays": ["2031-01-01", "2031-01-02", "2031-01-03"],
    "workdays": ["2031-01-04"],
    "source": "国务院办公厅关于2031年部分节假日安排的通知",
    "setAt": EXAMPLE_TIME,
    "setBy": "admin",
}


def _day(value: object) -> object:
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("date", "a date is written 2031-01-31")


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2031-01-01"]})]
"""A day of the calendar."""

Days = Annotated[list[Day], Field(max_length=366)]


class GivenWorkingDays(RequestModel):
    """What the notice for a year says."""

    model_config = shown({name: YEAR[name] for name in ("holidays", "workdays", "source")})

    holidays: Days = Field(description="Days off. Saturdays and Sundays need not be named.")
    workdays: Days = Field(description="Saturdays and Sundays that are worked instead (调休上班).")
    source: Annotated[str, Field(min_length=1, max_length=1_000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")] = Field(
        description="The notice, so that everybody can look it up."
    )


class WorkingYear(AnswerModel):
    """The working days of a year: Monday to Friday without `holidays`, and `workdays`."""

    model_config = shown(YEAR)

    year: int
    known_from: Literal["published", "table", "weekdays"] = Field(
        description="published: the package chinesecalendar has it. table: an administrator set it. weekdays: not known, provisional."
    )
    holidays: list[str]
    workdays: list[str]
    source: str | None
    set_at: Timestamp | None
    set_by: str | None


class WorkingYears(AnswerModel):
    """The years that are known."""

    model_config = shown({"items": [YEAR]})

    items: list[WorkingYear]
