"""What all shapes share: camelCase names, nothing unknown accepted, exact numbers."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

EXAMPLE_ID = "01979b1c-0000-7000-8000-000000000001"
EXAMPLE_TIME = "2026-03-01T01:00:00.000Z"

Timestamp = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time", "examples": [EXAMPLE_TIME]})]
"""RFC 3339 in UTC with milliseconds."""


class RequestModel(BaseModel):
    """A request body: unknown members are refused, no value is converted silently."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _an_object(cls, value: object) -> object:
        # FastAPI lets pydantic read attributes of any object, and an exact number is one.
        if not isinstance(value, dict):
            raise PydanticCustomError("object", "a JSON object is required")
        return value


class AnswerModel(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


def shown(*examples: dict[str, Any]) -> ConfigDict:
    """Model configuration with examples for the OpenAPI document."""
    return ConfigDict(json_schema_extra={"examples": list(examples)})


def _whole(value: object) -> object:
    if isinstance(value, Decimal) and abs(value.adjusted()) < 20 and value == value.to_integral_value():
        return int(value)
    if isinstance(value, Decimal):
        raise PydanticCustomError("whole-number", "a whole number is required")
    return value


Count = Annotated[int, BeforeValidator(_whole)]
"""How many: a JSON number without fraction."""

WholeNumber = Annotated[Count, Field(ge=1, le=2_147_483_647)]
"""A version number: the JSON number 3, and 3.0 which is the same number."""

MAX_NAME = 255
NAME_PATTERN = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"

Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=NAME_PATTERN)]
"""A name, key or id: one line, not blank."""

IDENTIFIER_PATTERN = r"^[^\x00-\x20\x7f/?#,]+$"

Identifier = Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=IDENTIFIER_PATTERN)]
"""An id that callers choose (users, groups): no white space, and nothing that would need escaping in lists or addresses."""


def _distinct(values: list[str]) -> list[str]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("unique-items", "every item may be given once")
    return values


Identifiers = Annotated[list[Identifier], Field(max_length=500), AfterValidator(_distinct), Field(json_schema_extra={"uniqueItems": True})]
"""A set of ids."""

Names = Annotated[list[Name], AfterValidator(_distinct), Field(json_schema_extra={"uniqueItems": True})]
"""A set of names."""


def _variable_names(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) > 1_000:
        raise PydanticCustomError("too-many-variables", "more than 1000 variables")
    if any(not name or len(name) > MAX_NAME for name in value):
        raise PydanticCustomError("variable-name", "a variable name has 1 to 255 characters")
    return value


Variables = Annotated[
    dict[str, Any],
    AfterValidator(_variable_names),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": True,
            "maxProperties": 1_000,
            "propertyNames": {"minLength": 1, "maxLength": MAX_NAME},
            "examples": [{"subjectId": "P-001", "matterId": "M-2026-01", "facts": {"nature": "EXPLORATORY_ERROR"}}],
        }
    ),
]
"""Process variables: a JSON object. Numbers are exact decimals; their digits are kept as given."""

AnyJson = Annotated[Any, WithJsonSchema({})]
"""Any JSON value; numbers are exact."""


class Problem(BaseModel):
    """A problem document (RFC 9457). Members beyond the five of the RFC depend on the type."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:rongjiu:problem:not-found",
                    "title": "There is no such thing",
                    "status": 404,
                    "detail": "no task with the id or key '0197…'",
                    "instance": "/api/v1/tasks/0197…",
                }
            ]
        },
    )

    type: str = Field(description="`urn:rongjiu:problem:<code>`; the code is stable.", pattern="^urn:rongjiu:problem:[a-z0-9-]+$")
    title: str = Field(description="What kind of problem this is.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened here.")
    instance: str = Field(description="The path of the request.")
    errors: list[dict[str, AnyJson]] | None = Field(
        None,
        description="422: every fault. `pointer` (RFC 6901) into the body, or file, elementId and line of a deployed file; code; message.",
    )
