"""/deployments: files go in together or not at all."""

import hashlib
from typing import Annotated, BinaryIO

from fastapi import File, Form, Query, Response, UploadFile
from pydantic import Field

from service.actions import deploy as deploying
from service.actions import views
from service.actions.answer import Repeat, fingerprint
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, NEEDS_BODY, noun_router, told
from service.api.paging import Flag, ListQuery, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.problems import problem_responses
from service.api.schemas.definitions import Deployment, DeploymentPage
from service.api.schemas.model import MAX_NAME, NAME_PATTERN
from service.domain.errors import FieldError, Finding, Invalid, Refused
from service.domain.json_values import Json

router = noun_router("deployments")

MAX_FILE_BYTES = 5 * 1_048_576
MAX_FILES = 200

FormText = Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=NAME_PATTERN)]


@router.post(
    "",
    operation_id="deploy",
    summary="Deploy files",
    status_code=201,
    response_model=Deployment,
    response_description="What was deployed.",
    responses=CHANGES
    | NEEDS_BODY
    | problem_responses(Invalid, Refused)
    | {200: {"model": Deployment, "description": "A dry run: what would be deployed. Nothing was stored."}},
)
def deploy(
    services: GivenServices,
    principal: Caller,
    repeat: Repeated,
    files: Annotated[list[UploadFile], File(description=".bpmn, .dmn, .form, .cases.yaml and jurisdiction.yaml, each up to 5 MB.")],
    name: Annotated[FormText | None, Form(description="What this deployment is called; “deployment” when not given.")] = None,
    jurisdiction: Annotated[FormText | None, Form(description="Whose procedures these are: the jurisdiction's id.")] = None,
    dry_run: Annotated[Flag, Query(alias="dryRun", description="true: only check, store nothing.")] = False,
    dry_run_field: Annotated[Flag, Form(alias="dryRun", description="As the query parameter.")] = False,
) -> Response:
    """Check every file and, when all are sound, deploy them together. 422 lists all errors of all files; then nothing is stored."""
    if len(files) > MAX_FILES:
        raise Invalid("too many files", [FieldError("/files", "too-many", f"more than {MAX_FILES} files")])
    contents = tuple((_file_name(index, file.filename), _content(file.filename or "", file.file)) for index, file in enumerate(files))
    digests: list[Json] = [[file_name, hashlib.sha256(content).hexdigest()] for file_name, content in contents]
    whole = Repeat(repeat.key, fingerprint(repeat.fingerprint, name, jurisdiction, dry_run or dry_run_field, digests))
    command = deploying.Deploy(name or "deployment", jurisdiction, contents, dry_run or dry_run_field, whole)
    return told(deploying.deploy(services, principal, command))


@router.get("", operation_id="listDeployments", summary="List deployments", response_model=DeploymentPage)
def list_deployments(services: GivenServices, principal: Caller, query: Annotated[ListQuery, Query()]) -> Response:
    """The deployments, one page at a time."""
    page = views.page(services, principal, "deployments", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))


def _file_name(index: int, given: str | None) -> str:
    # Some clients send the whole path; only its last part names the file.
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    if not name.strip() or len(name) > MAX_NAME or any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in name):
        raise Invalid(
            "a file has no usable name", [FieldError(f"/files/{index}", "file-name", "a file name of 1 to 255 characters is required")]
        )
    return name


def _content(name: str, file: BinaryIO) -> bytes:
    content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise Refused([Finding(name, None, None, "file-too-large", f"the file is larger than {MAX_FILE_BYTES} bytes (5 MB)")])
    return content
