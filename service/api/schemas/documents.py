"""Shapes of documents (文书) and of their templates."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from service.api.schemas.definitions import Definition
from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, AnyJson, Name, RequestModel, Timestamp, Variables, shown

DOCUMENT = {
    "id": EXAMPLE_ID,
    "processInstanceId": EXAMPLE_ID,
    "taskId": EXAMPLE_ID,
    "template": "common_tolerance_certificate",
    "templateVersion": 1,
    "title": "容错认定书",
    "occurrence": 1,
    "version": 1,
    "number": "〔2026〕12号",
    "size": 38213,
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "createdAt": EXAMPLE_TIME,
    "createdBy": "zhang.san",
}
WARNING = {
    "code": "differs-from-register",
    "field": "subject.name",
    "used": "黄某",
    "usedFrom": "fields.subjectName",
    "other": "黄某某",
    "otherFrom": "register",
    "message": "the document says '黄某' as subject.name (from fields.subjectName), and register says '黄某某'",
}
SUBJECT = {
    "id": "hb-000017",
    "registered": True,
    "on": "2026-11-20",
    "kind": "INDIVIDUAL",
    "name": "黄某",
    "unit": "某镇人民政府",
    "unitId": "hb-u-03",
    "post": "副镇长",
    "rank": "乡科级副职",
    "authority": "某县县委",
    "authorityId": "county-committee",
    "sources": {"name": "fields.subjectName", "unit": "register", "post": "register", "rank": "register", "authority": "register"},
}
TEMPLATE = {
    "id": "common_tolerance_certificate:1",
    "key": "common_tolerance_certificate",
    "version": 1,
    "name": "容错认定书",
    "jurisdiction": "common",
    "deploymentId": EXAMPLE_ID,
    "deployedAt": EXAMPLE_TIME,
    "fileName": "common_tolerance_certificate.docx",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "fields": ["document.number", "variables.subjectId"],
}


class DocumentRequest(RequestModel):
    """Which document is to be made."""

    model_config = shown({"template": "common_tolerance_certificate", "taskId": EXAMPLE_ID, "fields": {"recipient": "黄某"}})

    template: Name = Field(description="Key of the template: the version in force when the instance started.")
    task_id: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]+$")] | None = Field(
        None, description="The task of this instance for which it is made: what its form sees, or what was recorded when it was completed."
    )
    fields: Variables = Field(default_factory=dict, description="What the case does not hold; the template sees it as `fields`.")


class Document(AnswerModel):
    """One version of a document of a process instance."""

    model_config = shown(DOCUMENT)

    id: str
    process_instance_id: str
    task_id: str | None
    template: str
    template_version: int
    title: str
    occurrence: int = Field(
        description="Which document of this template in the instance, from 1: a step that is done again has one of its own."
    )
    version: int = Field(description="Counts from 1 for each document; earlier versions stay.")
    number: str = Field(description="Given once, from a sequence of the place and the year; it stays from version to version.")
    size: int = Field(description="Bytes.")
    digest: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the .docx; it stands in the audit trail.")
    created_at: Timestamp
    created_by: str


class DocumentWarning(AnswerModel):
    """A contradiction that whoever made the document should look at; `used` stands in it where the template says it."""

    model_config = shown(WARNING)

    code: Literal["differs-from-register", "stated-differently"]
    field: str
    used: str
    used_from: str
    other: str | None = Field(description="null: the register has posts of the person, but none on that day.")
    other_from: str
    message: str


class MadeDocument(Document):
    """A document that was just made, with whom it is about and what contradicts itself there."""

    model_config = shown(DOCUMENT | {"subject": SUBJECT, "warnings": [WARNING]})

    subject: dict[str, AnyJson] | None = Field(
        description="The root `subject` of templates: `sources` says of each member where it comes from. null: nobody is named."
    )
    warnings: list[DocumentWarning]


class DocumentPage(AnswerModel):
    """One page of documents."""

    model_config = shown({"items": [DOCUMENT], "nextCursor": None})

    items: list[Document]
    next_cursor: str | None


class DocumentTemplate(Definition):
    """One version of a template of documents. It never changes."""

    model_config = shown(TEMPLATE) | ConfigDict(extra="allow")

    fields: list[str] = Field(description="Paths that the template names, outside of loops.")


class DocumentTemplatePage(AnswerModel):
    """One page of templates."""

    model_config = shown({"items": [TEMPLATE], "nextCursor": None})

    items: list[DocumentTemplate]
    next_cursor: str | None
