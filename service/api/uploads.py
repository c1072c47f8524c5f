"""Files that come as multipart/form-data."""

from collections.abc import Sequence
from typing import Annotated, BinaryIO

from fastapi import File, Form, Query, UploadFile
from starlette import datastructures

from service.actions.deployments import decision_files
from service.actions.deployments.deployment_files import MAX_FILE_BYTES
from service.api.schemas.model import MAX_NAME
from service.domain.errors import FieldError, Finding, Invalid, Refused

MAX_FILES = 200

CHECKS = (
    "strict (when not given): unknown names in decision files, and what the analysis of their tables calls an error, are errors; "
    "warn: they are warnings."
)

KINDS = ".bpmn, .dmn, .form, .docx, .cases.yaml, jurisdiction.yaml and precedents.yaml"
Uploads = Annotated[list[UploadFile], File(description=f"{KINDS}, each up to 5 MB.")]
DecisionUploads = Annotated[list[UploadFile], File(description=".dmn files, each up to 5 MB; they may import one another.")]
Checks = Annotated[decision_files.Checks | None, Query(description=CHECKS)]
ChecksField = Annotated[decision_files.Checks | None, Form(alias="checks", description="As the query parameter.")]


def judged(query: decision_files.Checks | None, field: decision_files.Checks | None) -> decision_files.Checks:
    """`checks` as it was given, in the query or in the form. Raises Invalid where the two contradict one another."""
    if query is not None and field is not None and query != field:
        raise Invalid("checks is given twice", [FieldError("/checks", "contradiction", f"the query says {query}, the form {field}")])
    return query or field or "strict"


def uploaded(files: Sequence[datastructures.UploadFile]) -> tuple[tuple[str, bytes], ...]:
    """(file name, content) of each. Raises Invalid for too many files or an unusable name, Refused for a file that is too large."""
    if len(files) > MAX_FILES:
        raise Invalid("too many files", [FieldError("/files", "too-many", f"more than {MAX_FILES} files")])
    return tuple(
        (file_name(f"/files/{index}", file.filename), _content(file.filename or "", file.file)) for index, file in enumerate(files)
    )


def file_name(pointer: str, given: str | None) -> str:
    """The name a file was sent with, without a path. Raises Invalid, pointing to the file, when it cannot be used."""
    # Some clients send the whole path; only its last part names the file.
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    if not name.strip() or len(name) > MAX_NAME or any(map(_unusable, name)):
        raise Invalid("a file has no usable name", [FieldError(pointer, "file-name", "a file name of 1 to 255 characters is required")])
    return name


def _unusable(character: str) -> bool:
    """Control characters and halves of characters; and what turns the direction of writing round, so that a name reads as another."""
    code = ord(character)
    return code < 32 or 0xD800 <= code <= 0xDFFF or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069


def _content(name: str, file: BinaryIO) -> bytes:
    content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise Refused([Finding(name, None, None, "file-too-large", f"the file is larger than {MAX_FILE_BYTES} bytes (5 MB)")])
    return content
