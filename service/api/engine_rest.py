"""/engine-rest: the door through which Camunda Modeler deploys and starts, in the words of Camunda 7's REST API over the same actions.

Only what its buttons call is here (`client/src/plugins/camunda-plugin` of camunda/camunda-modeler). The key goes as a bearer token, or
with HTTP Basic as the password or the user name; it needs the scopes `read` and `deploy`, and `work` to start. A tenant is a
jurisdiction. Errors are told as Camunda tells them, `{type, message}`, because that is what the Modeler shows.
"""

import base64
import binascii
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from service.actions import authenticate as authentication
from service.actions import views
from service.actions.answer import Answer
from service.actions.deployments import deploy as deploying
from service.actions.instances import start_instance
from service.api.exact_json import MAX_UPLOAD_BYTES, ExactRequest, ExactResponse
from service.api.noun import PathId
from service.api.principal import GivenServices
from service.api.problems import problem_document
from service.api.schemas.engine_rest import StartBody
from service.api.schemas.model import Name
from service.api.uploads import uploaded
from service.api.validation_words import in_words
from service.domain.access import require_may
from service.domain.errors import FieldError, Finding, Invalid, Refused, RongjiuError, Unauthenticated
from service.domain.json_values import Json, read_json
from service.domain.principal import Principal

VERSION = "7.24.0"
"""The version of Camunda 7 whose words are spoken; the Modeler compares it with the diagram's execution platform."""

UNPARSABLE = "ENGINE-09005 Could not parse BPMN process."
"""How the Modeler knows that the diagram is at fault and not the connection (CamundaAPI.js)."""

REALM = 'Basic realm="Rongjiu"'
FLAGS = ("enable-duplicate-filtering", "deploy-changed-only")
FIELDS = ("deployment-name", "deployment-source", "tenant-id", *FLAGS)
NAME = TypeAdapter(Name)
KINDS = ("process", "decision")
"""The kinds of definitions that Camunda's answer tells apart."""
TYPES = {400: "InvalidRequestException", 403: "AuthorizationException", 404: "InvalidRequestException"}


class EngineRestRoute(APIRoute):
    """Reads bodies within the limit of uploads and with exact numbers, and tells errors in Camunda's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, its errors told as `{type, message}`."""
        handle = super().get_route_handler()

        async def handler(given: Request) -> Response:
            request = given
            try:
                request = ExactRequest(given.scope, given.receive, MAX_UPLOAD_BYTES, needs_body=False)
                return await handle(request)
            except Refused as refused:
                return _told(400, "ParseException", _parse_message(refused.findings), details=_details(refused.findings))
            except Unauthenticated as error:
                return _told(401, "AuthenticationException", error.message, {"WWW-Authenticate": REALM})
            except RongjiuError as error:
                status = cast(int, problem_document(request, error)["status"])
                faults = [f"{fault.pointer}: {fault.message}" for fault in error.errors] if isinstance(error, Invalid) else []
                return _told(400 if status == 422 else status, None, "; ".join([error.message, *faults]))
            except RequestValidationError as error:
                faults = [f"{'/'.join(map(str, fault['loc'][1:]))}: {in_words(fault)}" for fault in error.errors()]
                return _told(400, None, "; ".join(faults))
            except HTTPException as error:
                return _told(error.status_code, None, str(error.detail), error.headers)

        return handler


def _told(status: int, kind: str | None, message: str, headers: Mapping[str, str] | None = None, **members: Json) -> Response:
    body: dict[str, Json] = {"type": kind or TYPES.get(status, "RestException"), "message": message, "code": None, **members}
    return ExactResponse(body, status, dict(headers or {}))


def _parse_message(findings: Sequence[Finding]) -> str:
    errors = [finding for finding in findings if finding.severity == "error"]
    in_diagram = any(finding.file.endswith((".bpmn", ".bpmn20.xml")) for finding in errors)
    listed = [f"* {one.message} | resource {one.file} | line {one.line or 0} | column {one.column or 0}" for one in errors]
    return "\n".join([f"{UNPARSABLE if in_diagram else 'The files are refused.'} Errors:", *listed])


def _details(findings: Sequence[Finding]) -> Json:
    files: dict[str, dict[str, list[Json]]] = {}
    for finding in findings:
        told = files.setdefault(finding.file, {"errors": [], "warnings": []})
        element: Json = finding.element_id
        told["errors" if finding.severity == "error" else "warnings"].append(
            {
                "message": finding.message,
                "line": finding.line or 0,
                "column": finding.column or 0,
                "mainElementId": element,
                "elementIds": [] if element is None else [element],
            }
        )
    return cast(Json, files)


router = APIRouter(prefix="/engine-rest", include_in_schema=False, route_class=EngineRestRoute, default_response_class=ExactResponse)


# --- who is calling


def calling_principal(request: Request, services: GivenServices) -> Principal:
    """The caller by its API key. Raises Unauthenticated without one; of a user name and a password either may be the key."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        user, password = _basic(given.strip())
        try:
            return authentication.authenticate(services, password, None)
        except Unauthenticated:
            return authentication.authenticate(services, user, None)
    return authentication.authenticate(services, given.strip() if scheme.lower() == "bearer" else None, None)


def _basic(given: str) -> tuple[str, str]:
    try:
        user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated("the Authorization header is not HTTP Basic (RFC 7617)") from None
    return user, password


Caller = Annotated[Principal, Depends(calling_principal)]


# --- asking


@router.get("/version")
def version(_principal: Caller) -> Response:
    """Which version of Camunda's API this resembles."""
    return ExactResponse({"version": VERSION})


@router.get("/deployment")
def deployments(
    request: Request,
    services: GivenServices,
    principal: Caller,
    max_results: Annotated[int, Query(alias="maxResults", ge=0, le=200)] = 100,
) -> Response:
    """The newest deployments. With `maxResults=0`, as the Modeler asks to see whether it is let in, none."""
    unknown = sorted(set(request.query_params) - {"maxResults"})
    if unknown:
        errors = [FieldError(f"/query/{name}", "unknown-parameter", "known here: maxResults") for name in unknown]
        raise Invalid("not every parameter is known", errors)
    require_may(principal, "read")
    found = views.page(services, principal, "deployments", {}, [], max_results, None).items if max_results else []
    return ExactResponse([_deployment_json(request, row) for row in found])


# --- deploying


async def given_form(request: Request) -> AsyncIterator[FormData]:
    """The multipart form; its files are closed when the request is over."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise HTTPException(415, "the body must be multipart/form-data")
    form = await cast(ExactRequest, request).whole_form()
    try:
        yield form
    finally:
        await form.close()


@router.post("/deployment/create")
def create(request: Request, services: GivenServices, principal: Caller, form: Annotated[FormData, Depends(given_form)]) -> Response:
    """Deploy the files of the form: 200 with what was deployed, 400 with the errors of every file.

    With `enable-duplicate-filtering` files that are all deployed already lead to the deployment that brought them and nothing new;
    its definitions are told again, so that a diagram deployed by other means can be started.
    """
    require_may(principal, "read")
    fields = _fields(form)
    files = uploaded([part for _, part in form.multi_items() if isinstance(part, UploadFile)])
    command = deploying.Deploy(fields.get("deployment-name", "deployment"), fields.get("tenant-id"), files)
    existing = _existing(services, principal, command) if "true" in map(fields.get, FLAGS) else None
    told = existing or _object(deploying.deploy(services, principal, command))
    found: dict[str, dict[str, Json]] = {kind: {} for kind in KINDS}
    for kind, row in _definitions(services, principal, told["resources"]):
        found[kind][cast(str, row["id"])] = _definition_json(kind, row)
    return ExactResponse(
        {
            **_deployment_json(request, told, fields.get("deployment-source")),
            "deployedProcessDefinitions": found["process"] or None,
            "deployedDecisionDefinitions": found["decision"] or None,
            "deployedCaseDefinitions": None,
            "deployedDecisionRequirementsDefinitions": None,
        }
    )


def _fields(form: FormData) -> dict[str, str]:
    """The text parts that say something. Raises Invalid for one that is not known, given twice or unusable."""
    texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    names = [name for name, _ in texts]
    errors = [FieldError("/" + name, "unknown-field", f"known: {', '.join(FIELDS)}") for name in names if name not in FIELDS]
    errors += [FieldError("/" + name, "duplicate-field", "given more than once") for name in sorted(set(names)) if names.count(name) > 1]
    errors += [FieldError("/" + name, "unusable", fault) for name, value in texts if value and (fault := _fault(name, value)) is not None]
    if errors:
        raise Invalid("the form cannot be read", errors)
    return {name: value for name, value in texts if value}


def _fault(name: str, value: str) -> str | None:
    if name in FLAGS:
        return None if value in ("true", "false") else "true or false is required"
    try:
        NAME.validate_python(value)
    except ValidationError:
        return "one line of 1 to 255 characters is required"
    return None


def _existing(services: GivenServices, principal: Principal, command: deploying.Deploy) -> Mapping[str, Any] | None:
    """The one deployment that brought exactly these files, which are all in force unchanged; None when there is none."""
    rehearsal = deploying.Deploy(command.name, command.jurisdiction, command.files, dry_run=True)
    resources = cast(list[dict[str, Any]], _object(deploying.deploy(services, principal, rehearsal))["resources"])
    if not all(resource["unchanged"] for resource in resources):
        return None
    origins = {row["deploymentId"] for _, row in _definitions(services, principal, resources)}
    if len(origins) != 1:
        return None
    found = views.one(services, principal, "deployments", cast(str, origins.pop()))
    brought = {resource["fileName"] for resource in cast(list[dict[str, Any]], found["resources"])}
    return {**found, "resources": resources} if brought == {name for name, _ in command.files} else None


def _object(given: Answer) -> dict[str, Any]:
    return cast(dict[str, Any], read_json(given.body.encode()))


def _deployment_json(request: Request, row: Mapping[str, Any], source: str | None = None) -> dict[str, Json]:
    moment = datetime.fromisoformat(row["deployedAt"])
    return {
        "links": [_link(request, "deployment", row["id"])],
        "id": row["id"],
        "name": row["name"],
        "source": source,
        "deploymentTime": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000",
        "tenantId": row["jurisdiction"],
    }


def _link(request: Request, noun: str, identifier: str) -> Json:
    return {"method": "GET", "href": f"{request.base_url}engine-rest/{noun}/{identifier}", "rel": "self"}


def _definitions(services: GivenServices, principal: Principal, resources: Any) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Kind and row of each process and decision; a form that stands inside a diagram is neither."""
    for resource in resources:
        for definition in resource["definitions"] if resource["kind"] in KINDS else ():
            named = {"key": definition["key"], "version": definition["version"]}
            rows = views.page(services, principal, f"{resource['kind']}-definitions", named, [], 1, None).items
            yield from ((resource["kind"], row) for row in rows)


def _definition_json(kind: str, row: Mapping[str, Json]) -> Json:
    told: dict[str, Json] = {name: row[name] for name in ("id", "key", "name", "version", "deploymentId")}
    told |= {"category": None, "resource": row["fileName"], "tenantId": row["jurisdiction"], "historyTimeToLive": None}
    told["versionTag"] = row.get("versionTag")
    if kind == "process":
        told |= {"description": None, "diagram": None, "suspended": False, "startableInTasklist": True}
    else:
        told |= {"decisionRequirementsDefinitionId": None, "decisionRequirementsDefinitionKey": None}
    return told


# --- starting


@router.post("/process-definition/{id}/start")
def start(request: Request, services: GivenServices, principal: Caller, definition_id: PathId, body: StartBody | None = None) -> Response:
    """Start this version: 200 with the instance."""
    given = body or StartBody()
    command = start_instance.StartInstance(None, definition_id, None, given.business_key, given.json_variables())
    instance = _object(start_instance.start_instance(services, principal, command))
    return ExactResponse(
        {
            "links": [_link(request, "process-instance", instance["id"])],
            "id": instance["id"],
            "definitionId": instance["definitionId"],
            "businessKey": instance["businessKey"],
            "caseInstanceId": None,
            "ended": instance["endedAt"] is not None,
            "suspended": instance["state"] == "suspended",
            "tenantId": instance["jurisdiction"],
        }
    )
