"""/deployments: files go in together or not at all."""

import hashlib
from typing import Annotated

from fastapi import Form, Query, Response
from pydantic import Field

from service.actions import views
from service.actions.answer import Repeat, fingerprint
from service.actions.deployments import deploy as deploying
from service.api.exact_json import ExactResponse
from service.api.noun import CHANGES, NEEDS_BODY, noun_router, told
from service.api.paging import Flag, ListQuery, page_json
from service.api.principal import Caller, GivenServices, Repeated
from service.api.problems import problem_responses
from service.api.schemas.definitions import Deployment, DeploymentPage
from service.api.schemas.model import MAX_NAME, NAME_PATTERN
from service.api.uploads import Checks, ChecksField, Uploads, judged, uploaded
from service.domain.errors import Invalid, Refused
from service.domain.json_values import Json

router = noun_router("deployments")

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
    files: Uploads,
    name: Annotated[FormText | None, Form(description="What this deployment is called; “deployment” when not given.")] = None,
    jurisdiction: Annotated[FormText | None, Form(description="Whose procedures these are: the jurisdiction's id.")] = None,
    dry_run: Annotated[Flag, Query(alias="dryRun", description="true: only check, store nothing.")] = False,
    dry_run_field: Annotated[Flag, Form(alias="dryRun", description="As the query parameter.")] = False,
    checks: Checks = None,
    checks_field: ChecksField = None,
) -> Response:
    """Check every file and, when all are sound, deploy them together. 422 lists all errors of all files; then nothing is stored.

    Decision tables are analysed: an error (rules that contradict one another) refuses the deployment, warnings (a gap, a rule without
    its basis) are told and recorded. `checks=warn` lets decision files in with their findings recorded as warnings.
    """
    contents = uploaded(files)
    digests: list[Json] = [[file_name, hashlib.sha256(content).hexdigest()] for file_name, content in contents]
    rehearsal, strictness = dry_run or dry_run_field, judged(checks, checks_field)
    parts: list[Json] = [repeat.fingerprint, name, jurisdiction, rehearsal, digests, *(["warn"] if strictness == "warn" else [])]
    whole = Repeat(repeat.key, fingerprint(*parts))
    command = deploying.Deploy(name or "deployment", jurisdiction, contents, rehearsal, strictness, whole)
    return told(deploying.deploy(services, principal, command))


@router.get("", operation_id="listDeployments", summary="List deployments", response_model=DeploymentPage)
def list_deployments(services: GivenServices, principal: Caller, query: Annotated[ListQuery, Query()]) -> Response:
    """The deployments, one page at a time."""
    page = views.page(services, principal, "deployments", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))
