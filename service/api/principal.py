"""Who is calling: the typed parameters with which a route says that it wants to know."""

from typing import Annotated, Any, cast

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.actions import authenticate as authentication
from service.actions.answer import Repeat, fingerprint
from service.actions.ports import Services
from service.api.exact_json import body_of
from service.api.problems import problem_responses
from service.domain.errors import Forbidden, Unauthenticated
from service.domain.json_values import Json
from service.domain.principal import Principal

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="apiKey",
    description="An API key: `Authorization: Bearer <key>`. A key with the scope `actAs` may name the person it acts for (`On-Behalf-Of`).",
)

CALLER_PROBLEMS: dict[int | str, dict[str, Any]] = problem_responses(Unauthenticated, Forbidden)
"""What every route with a caller can answer."""


async def services_of(request: Request) -> Services:
    """The services that the composition root put into the application. Like `repeat_of` it only reads memory: no thread is needed."""
    return cast(Services, request.app.state.services)


GivenServices = Annotated[Services, Depends(services_of)]


def _utf8(header: str) -> str:
    # HTTP/1.1 headers arrive as latin-1; clients that name a person in Chinese send UTF-8 bytes.
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def calling_principal(
    services: GivenServices,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
    on_behalf_of: Annotated[
        str | None,
        Header(
            alias="On-Behalf-Of",
            description="User id of the person the call is made for (needs the scope `actAs`, or the key's own person).",
            min_length=1,
            max_length=255,
            pattern=r"^[^\x00]*$",
            examples=["zhang.san"],
        ),
    ] = None,
) -> Principal:
    """Authenticate the key and the person."""
    secret = None if credentials is None else credentials.credentials
    return authentication.authenticate(services, secret, None if on_behalf_of is None else _utf8(on_behalf_of))


Caller = Annotated[Principal, Depends(calling_principal)]
"""The authenticated caller."""


async def repeat_of(
    request: Request,
    principal: Caller,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="1–255 visible ASCII characters. The same request under the same key gets the stored answer (kept 30 days).",
            min_length=1,
            max_length=255,
            pattern=r"^[!-~]+$",
            examples=["oa-7-start-2026-0001"],
        ),
    ] = None,
) -> Repeat:
    """How this request is known again when it is repeated."""
    body: Json = body_of(request)
    digest = fingerprint(request.method, request.url.path, principal.key_id, principal.person, body)
    return Repeat(idempotency_key, digest)


Repeated = Annotated[Repeat, Depends(repeat_of)]
"""Idempotency-Key and fingerprint of the request."""
