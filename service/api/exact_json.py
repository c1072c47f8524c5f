"""JSON at the door with exact numbers: bodies are read and answers written by domain.json_values, never through a float.

`ExactRoute` is the route class of every noun: it reads the body within its size limit, refuses what is not JSON, and refuses a query
that is not UTF-8, or has parameters that the route does not know or one of them twice (else a filter would silently not count). Forms
are held to the same.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping
from decimal import Decimal
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson
from fastapi import params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope

from service.api.form_fields import TAIL, closing_delimiter, known_fields, refuse_fields
from service.api.problems import EmptyBody, PayloadTooLarge, UnsupportedMediaType
from service.domain.errors import FieldError, Invalid, Malformed
from service.domain.json_values import Json, WrittenJson, canonical_json, number_text, read_json

MAX_JSON_BYTES = 1_048_576
MAX_BULK_JSON_BYTES = 4 * 1_048_576
MAX_UPLOAD_BYTES = 64 * 1_048_576
READ_BODY = "rongjiu.body"


class ExactRequest(Request):
    """A request whose JSON is read with exact numbers, whose query is UTF-8 and whose body has a size limit in bytes."""

    def __init__(self, scope: Scope, receive: Receive, limit: int, needs_body: bool) -> None:
        super().__init__(scope, receive)
        self._limit = limit
        self._needs_body = needs_body
        self._end = b""
        self._closing: bytes | None = None
        self._query = _read_query(scope["query_string"])

    @property
    def query_params(self) -> QueryParams:
        """The query's parameters (Starlette itself would put U+FFFD for what is not UTF-8)."""
        return self._query

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in chunks; raises PayloadTooLarge as soon as there are more than the limit, EmptyBody when a needed one is not there."""
        read = 0
        async for chunk in super().stream():
            read += len(chunk)
            if read > self._limit:
                raise PayloadTooLarge(self._limit)
            self._end = (self._end + chunk[-TAIL:])[-TAIL:]
            yield chunk
        if self._needs_body and read == 0:
            raise EmptyBody
        if self._closing is not None and self._closing not in self._end:
            # The parser would leave out the part that was cut off, and closes what it has opened only for an error of its own kind.
            raise MultiPartException("the form ends before its closing delimiter")

    async def whole_form(self) -> FormData:
        """The form with all its fields, kept for the route, which closes it; raises MultiPartException for a body that was cut off."""
        self._closing = closing_delimiter(self.headers.get("content-type", ""))
        return await self.form()

    async def refuse_form(self, known: Mapping[str, bool]) -> None:
        """Read the form, which is kept for the route, and refuse fields that are unknown or repeated, and a body that was cut off."""
        form = await self.whole_form()
        try:
            refuse_fields(form, known)
        except Invalid:
            await form.close()
            raise

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
    """A JSON value with exact numbers; of what may be large it may hold the text (WrittenJson)."""

    def render(self, content: object) -> bytes:
        """The canonical text of the value."""
        try:
            return orjson.dumps(content, default=_exact, option=_AS_CANONICAL)
        except orjson.JSONEncodeError:
            # What it cannot write, such as an integer of more than 64 bits, the slower way can, or it says why not.
            return canonical_json(content).encode()


_AS_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(number_text(value))
    if isinstance(value, WrittenJson):
        return orjson.Fragment(value.text)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def json_text(status: int, text: str) -> Response:
    """An answer whose JSON text is already made (a repeated request gets the same bytes)."""
    return Response(text.encode(), status, media_type="application/json")


class ExactRoute(APIRoute):
    """See the module."""

    max_json_bytes = MAX_JSON_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind the checks of this door."""
        handle = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))
        takes_form = self.body_field is not None and isinstance(self.body_field.field_info, params.Form)
        takes_json = self.body_field is not None and not takes_form
        needs_body = self.body_field is not None and self.body_field.field_info.is_required()
        fields = known_fields(self.dependant) if takes_form else {}
        limit = MAX_UPLOAD_BYTES if takes_form else self.max_json_bytes

        async def handler(given: Request) -> Response:
            request = ExactRequest(given.scope, given.receive, limit, needs_body)
            _refuse_parameters(request.query_params, known)
            if takes_form or takes_json:
                _refuse_length(request, limit)
                _require_media_type(request, "multipart/form-data" if takes_form else "application/json", needs_body)
            if takes_form:
                await request.refuse_form(fields)
            return await handle(request)

        return handler


class BulkRoute(ExactRoute):
    """For bodies that hold many things at once."""

    max_json_bytes = MAX_BULK_JSON_BYTES


def _query_names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from (inner.alias or name for name, inner in annotation.model_fields.items())
        else:
            yield field.alias
    for inner_dependant in dependant.dependencies:
        yield from _query_names(inner_dependant)


def _read_query(query: bytes) -> QueryParams:
    try:
        return QueryParams(parse_qsl(query.decode(), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise Malformed("the query is not UTF-8") from None


def _refuse_parameters(given: QueryParams, known: frozenset[str]) -> None:
    times = Counter(name for name, _ in given.multi_items())
    unknown = [name for name in times if name not in known]
    if unknown:
        listed = ", ".join(sorted(known)) or "none"
        errors = [FieldError("/query/" + name, "unknown-parameter", f"known here: {listed}") for name in unknown]
        raise Invalid(f"unknown query parameter(s): {', '.join(unknown)}", errors, "unknown-parameter")
    repeated = [name for name, count in times.items() if count > 1]
    if repeated:
        errors = [FieldError("/query/" + name, "duplicate-parameter", f"given {times[name]} times") for name in repeated]
        raise Invalid(f"query parameter(s) given more than once: {', '.join(repeated)}", errors, "duplicate-parameter")


def _refuse_length(request: Request, limit: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > limit):
        raise PayloadTooLarge(limit)


def _require_media_type(request: Request, expected: str, needs_body: bool) -> None:
    given = request.headers.get("content-type")
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if given is None:
        if has_body:
            raise UnsupportedMediaType(expected)
        if needs_body:
            raise EmptyBody
        return
    media_type = given.partition(";")[0].strip().lower()
    if media_type != expected:
        raise UnsupportedMediaType(expected)
