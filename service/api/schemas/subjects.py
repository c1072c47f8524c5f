"""Shapes of persons and units, and of facts across cases."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from service.api.schemas.model import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    AnswerModel,
    AnyJson,
    Count,
    Identifier,
    Name,
    RequestModel,
    Timestamp,
    shown,
)

AUTHORITY = {"id": "siyang_discipline", "name": "泗阳县纪委监委"}
POST = {"post": "副局长", "rank": "副科级", "authority": AUTHORITY, "from": "2024-03-01", "to": None}
SUBJECT = {
    "id": "K-001",
    "kind": "INDIVIDUAL",
    "name": "张三",
    "unitId": "U-01",
    "posts": [POST],
    "createdAt": EXAMPLE_TIME,
}
ENTRY = {
    "processInstanceId": EXAMPLE_ID,
    "definitionKey": "siyang_clue_triage",
    "businessKey": None,
    "jurisdiction": "siyang",
    "state": "completed",
    "at": EXAMPLE_TIME,
    "elementId": "inquire",
    "values": {"matterId": "M-1"},
}
FACT = {
    "name": "lettersOfInquiry",
    "displayName": "一年内对同一干部的函询",
    "declaredBy": "siyang",
    "basis": "rule",
    "source": "S1「原则上一年内对同一干部函询不超过两次」",
    "note": None,
    "askedBy": ["subjectId"],
    "key": ["K-001"],
    "count": 1,
    "entries": [ENTRY],
}


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise PydanticCustomError("date", "this date does not exist") from None


Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date", "examples": ["2026-03-01"]}),
    AfterValidator(_day),
]
"""A date: YYYY-MM-DD."""

Kind = Literal["INDIVIDUAL", "UNIT"]


class GivenAuthority(RequestModel):
    """The organ with 干部管理权限."""

    model_config = shown(AUTHORITY)

    id: Identifier
    name: Name | None = None


class GivenPost(RequestModel):
    """A post from its first to its last day."""

    model_config = shown(POST)

    post: Name
    rank: Name | None = None
    authority: GivenAuthority | None = Field(None, description="The organ with 干部管理权限 over who holds the post.")
    begins_on: Day = Field(alias="from", description="The first day.")
    ends_on: Day | None = Field(None, alias="to", description="The last day; null = the post goes on.")


class GivenSubject(RequestModel):
    """Everything there is to know of a person or unit."""

    model_config = shown({key: value for key, value in SUBJECT.items() if key not in ("id", "createdAt")})

    kind: Kind
    name: Name
    unit_id: Identifier | None = Field(None, description="The person's unit, or the unit above; it need not be registered.")
    posts: list[GivenPost] = Field(default_factory=list, max_length=200)


class Authority(AnswerModel):
    """The organ with 干部管理权限."""

    model_config = shown(AUTHORITY)

    id: str
    name: str | None


class Post(AnswerModel):
    """A post from its first to its last day."""

    model_config = shown(POST)

    post: str
    rank: str | None
    authority: Authority | None
    begins_on: str = Field(alias="from")
    ends_on: str | None = Field(alias="to")


class Subject(AnswerModel):
    """A person or unit that cases are about."""

    model_config = shown(SUBJECT)

    id: str
    kind: Kind
    name: str
    unit_id: str | None
    posts: list[Post]
    created_at: Timestamp


class SubjectPage(AnswerModel):
    """One page of subjects."""

    model_config = shown({"items": [SUBJECT], "nextCursor": None})

    items: list[Subject]
    next_cursor: str | None


class SubjectOnDay(AnswerModel):
    """A person or unit, and the posts in force on a day."""

    model_config = shown(SUBJECT | {"registered": True, "on": "2026-03-01", "postsInForce": [POST]})

    id: str
    registered: bool = Field(description="false: only cases name it; nothing else is known.")
    kind: Kind | None
    name: str | None
    unit_id: str | None
    posts: list[Post]
    created_at: Timestamp | None
    on: str
    posts_in_force: list[Post] = Field(description="Those held on that day, the latest first.")


class RecordedEntry(AnswerModel):
    """One thing that a fact counts."""

    model_config = shown(ENTRY)

    process_instance_id: str
    definition_key: str
    business_key: str | None
    jurisdiction: str | None
    state: str = Field(description="The state of the process instance.")
    at: str | None = Field(description="The moment or date by which it counts; null when it has none.")
    element_id: str | None
    values: dict[str, AnyJson]


class Fact(AnswerModel):
    """A fact across cases."""

    model_config = shown(FACT)

    name: str
    display_name: str | None
    declared_by: str = Field(description="The jurisdiction whose file declares it.")
    basis: str
    source: str | None
    note: str | None
    asked_by: list[str] = Field(description="The variables that must be the same.")
    key: list[str] | None = Field(description="Their values here; null when they are not known.")
    count: Count | None = Field(description="How many there are; null when the key is not known.")
    entries: list[RecordedEntry] = Field(description="The newest 200.")


class SubjectFacts(AnswerModel):
    """The facts across cases about one person or unit."""

    model_config = shown({"subjectId": "K-001", "registered": True, "jurisdiction": "siyang", "facts": [FACT]})

    subject_id: str
    registered: bool
    jurisdiction: str | None
    facts: list[Fact]
