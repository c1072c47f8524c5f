"""JSON at the door with exact numbers: bodies are read and answers written by domain.json_values, never through a float.

`ExactRoute` is the route class of every noun: it reads the body within its size limit, refuses what is not JSON, and refuses query
parameters that the route does not know (a misspelt filter would otherwise silently show everything).
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from typing import Any, cast

from fastapi import params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope

from service.api.problems import PayloadTooLarge, UnsupportedMediaType
from service.domain.errors import FieldError, Invalid, Malformed
from service.domain.json_values import Json, canonical_json, read_json

MAX_JSON_BYTES = 1_048_576
MAX_UPLOAD_BYTES = 64 * 1_048_576
READ_BODY = "rongjiu.body"


class ExactRequest(Request):
    """A request whose JSON is read with exact numbers and whose body has a size limit in bytes."""

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        super().__init__(scope, receive)
        self._limit = limit

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in chunks; raises PayloadTooLarge as soon as there are more than the limit."""
        read = 0
        async for chunk in super().stream():
            read += len(chunk)
            if read > self._limit:
                raise PayloadTooLarge(self._limit)
            yield chunk

    async def json(self) -> Any:
        """The body as JSON with exact numbers; 400 when it cannot be read."""
        try:
            value = read_json(await self.body())
        except Malformed as error:
            # FastAPI lets only an HTTPException through from here.
            raise HTTPException(400, error.message) from None
        self.scope[READ_BODY] = value
        return value


def body_of(request: Request) -> Json:
    """The JSON body of the request as it was read (None when there was none)."""
    return cast(Json, request.scope.get(READ_BODY))


class ExactResponse(JSONResponse):
    """A JSON value with exact numbers."""

    def render(self, content: Json) -> bytes:
        """The canonical text of the value."""
        return canonical_json(content).encode()


def json_text(status: int, text: str) -> Response:
    """An answer whose JSON text is already made (a repeated request gets the same bytes)."""
    return Response(text.encode(), status, media_type="application/json")


class ExactRoute(APIRoute):
    """See the module."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind the checks of this door."""
        handle = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))
        takes_form = self.body_field is not None and isinstance(self.body_field.field_info, params.Form)
        takes_json = self.body_field is not None and not takes_form
        limit = MAX_UPLOAD_BYTES if takes_form else MAX_JSON_BYTES

        async def handler(request: Request) -> Response:
            _refuse_unknown_parameters(request, known)
            if takes_form or takes_json:
                _refuse_length(request, limit)
            if takes_form:
                _require_media_type(request, "multipart/form-data")
            elif takes_json:
                _require_media_type(request, "application/json")
            return await handle(ExactRequest(request.scope, request.receive, limit))

        return handler


def _query_names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from (inner.alias or name for name, inner in annotation.model_fields.items())
        else:
            yield field.alias
    for inner_dependant in dependant.dependencies:
        yield from _query_names(inner_dependant)


def _refuse_unknown_parameters(request: Request, known: frozenset[str]) -> None:
    unknown = [name for name in dict.fromkeys(request.query_params.keys()) if name not in known]
    if unknown:
        listed = ", ".join(sorted(known)) or "none"
        errors = [FieldError("/query/" + name, "unknown-parameter", f"known here: {listed}") for name in unknown]
        raise Invalid(f"unknown query parameter(s): {', '.join(unknown)}", errors, "unknown-parameter")


def _refuse_length(request: Request, limit: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > limit):
        raise PayloadTooLarge(limit)


def _require_media_type(request: Request, expected: str) -> None:
    given = request.headers.get("content-type")
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if given is None:
        if has_body:
            raise UnsupportedMediaType(expected)
        return
    media_type = given.partition(";")[0].strip().lower()
    if media_type != expected:
        raise UnsupportedMediaType(expected)
