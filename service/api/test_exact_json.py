"""Bodies are read and answers written without losing a digit; what cannot be read is a 400 problem."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, File, Form, Query, UploadFile
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from service.api.conftest import Called, call
from service.api.exact_json import MAX_JSON_BYTES, ExactResponse, ExactRoute
from service.api.paging import ListQuery
from service.api.problems import install_problem_handlers
from service.api.schemas.model import RequestModel, Variables, WholeNumber
from service.domain.json_values import WrittenJson, canonical_json


class Echo(RequestModel):
    """What the test route takes."""

    variables: Variables
    version: WholeNumber | None = None


router = APIRouter(route_class=ExactRoute)


@router.post("/echo")
def echo(body: Echo) -> Response:
    assert all(not isinstance(value, float) for value in body.variables.values())
    return ExactResponse({"variables": body.variables, "version": body.version})


@router.post("/upload")
def upload(files: Annotated[list[UploadFile], File()], name: Annotated[str | None, Form()] = None) -> Response:
    return ExactResponse({"sizes": [len(file.file.read()) for file in files]})


@router.post("/maybe")
def maybe(body: Echo | None = None) -> Response:
    return ExactResponse({"given": body is not None})


@router.get("/find")
def find(key: str) -> Response:
    return ExactResponse({"key": key})


@router.get("/list")
def listing(query: Annotated[ListQuery, Query()]) -> Response:
    return ExactResponse({"limit": query.limit})


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router)
    return app


def post(app: FastAPI, text: str | bytes, content_type: str | None = "application/json") -> Called:
    content = text.encode() if isinstance(text, str) else text
    return call(app, "POST", "/echo", [content], {} if content_type is None else {"content-type": content_type})


@pytest.mark.parametrize("number", ["0.1", "1.10", "12345678901234567890.123456789012345678901", "0", "-0.000001", "100"])
def test_a_number_comes_back_with_its_digits(app: FastAPI, number: str) -> None:
    answer = post(app, f'{{"variables":{{"amount":{number}}}}}')

    assert answer.status == 200
    assert answer.text == f'{{"variables":{{"amount":{number}}},"version":null}}'


@pytest.mark.parametrize(("given", "read"), [("3", 3), ("3.0", 3), ("3e0", 3)])
def test_a_version_is_a_whole_number_however_written(app: FastAPI, given: str, read: int) -> None:
    assert post(app, f'{{"variables":{{}},"version":{given}}}').json()["version"] == read


@pytest.mark.parametrize("given", ["1.5", "0", "-1", "1e6000", "99999999999999999999999", '"3"', "true"])
def test_what_is_no_version_is_named_by_its_pointer(app: FastAPI, given: str) -> None:
    answer = post(app, f'{{"variables":{{}},"version":{given}}}')

    assert answer.status == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/version"]


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b'{"variables":{"a":NaN}}',
        b'{"variables":{"a":1,"a":2}}',
        b'{"variables":{"a":"\\u0000"}}',
        b'{"variables":{"a":"\\ud800"}}',
        b'{"variables":{"a":1e999999}}',
        b'{"variables":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"\xff\xfe",
    ],
)
def test_unreadable_json_is_a_400_problem(app: FastAPI, text: bytes) -> None:
    answer = post(app, text)

    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 400


@pytest.mark.parametrize("path", ["/echo", "/upload"])
@pytest.mark.parametrize(
    ("chunks", "typed"), [([], False), ([b""], False), ([], True), ([b""], True), ([b"", b""], True)], ids=lambda value: str(value)
)
def test_a_body_that_is_needed_and_empty_is_told_as_such(app: FastAPI, path: str, chunks: list[bytes], typed: bool) -> None:
    content_type = "application/json" if path == "/echo" else "multipart/form-data; boundary=x"

    answer = call(app, "POST", path, chunks, {"content-type": content_type} if typed else {})

    assert answer.status == 400
    assert answer.json()["type"] == "urn:rongjiu:problem:malformed"
    assert answer.json()["detail"] == "the body is empty"


@pytest.mark.parametrize("chunks", [[], [b""], [b"", b""], [b"null"]])
def test_a_body_that_is_not_needed_may_be_empty(app: FastAPI, chunks: list[bytes]) -> None:
    answer = call(app, "POST", "/maybe", chunks, {"content-type": "application/json"})

    assert answer.json() == {"given": False}


@pytest.mark.parametrize("text", ["0", "1.5", "null", "true", "[]", '"x"'])
def test_a_body_that_is_no_object_is_refused(app: FastAPI, text: str) -> None:
    answer = post(app, text)

    assert answer.status == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [""]


def test_a_body_over_the_limit_is_a_413_problem(app: FastAPI) -> None:
    text = json.dumps({"variables": {"a": "x" * MAX_JSON_BYTES}})

    answer = post(app, text)

    assert answer.status == 413
    assert answer.json()["type"] == "urn:rongjiu:problem:payload-too-large"


def test_a_body_over_the_limit_is_noticed_without_a_length(app: FastAPI) -> None:
    answer = call(app, "POST", "/echo", [b"x" * 65_536] * 20, {"content-type": "application/json"})

    assert answer.status == 413


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", None])
def test_another_media_type_is_a_415_problem(app: FastAPI, content_type: str | None) -> None:
    assert post(app, b'{"variables":{}}', content_type).status == 415


def test_an_upload_is_read_as_files(app: FastAPI) -> None:
    part = '--x\r\nContent-Disposition: form-data; name="files"; filename="{}"\r\n\r\n{}\r\n'
    content = part.format("a.bpmn", "12345") + part.format("b.dmn", "1") + "--x--\r\n"

    answer = call(app, "POST", "/upload", [content.encode()], {"content-type": "multipart/form-data; boundary=x"})

    assert answer.json() == {"sizes": [5, 1]}


def send_form(app: FastAPI, *parts: str, end: str = "--x--\r\n") -> Called:
    content = "".join(f"--x\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + end
    return call(app, "POST", "/upload", [content.encode()], {"content-type": "multipart/form-data; boundary=x"})


FILE = 'name="files"; filename="a.dmn"\r\n\r\n1'


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([FILE, 'name="nmae"\r\n\r\na'], ("/nmae", "unknown-field", "there is no such field here; known are files, name")),
        ([FILE, 'name="name"\r\n\r\na', 'name="name"\r\n\r\nb'], ("/name", "duplicate-field", "given 2 times")),
        (['name="files"\r\n\r\na'], ("/files/0", "value-error", "a file is required: a part with a file name")),
        (['name="name"\r\n\r\na'], ("/files", "missing", "it is required")),
    ],
    ids=["unknown", "twice", "no file", "missing"],
)
def test_a_field_that_would_not_count_is_refused(app: FastAPI, parts: list[str], found: tuple[str, str, str]) -> None:
    answer = send_form(app, *parts)

    assert answer.status == 422
    assert [(error["pointer"], error["code"], error["message"]) for error in answer.json()["errors"]] == [found]


@pytest.mark.parametrize("end", ["", "--x", "--x-"])
def test_a_form_that_was_cut_off_is_malformed(app: FastAPI, end: str) -> None:
    assert send_form(app, FILE, FILE).json() == {"sizes": [1, 1]}

    answer = send_form(app, FILE, FILE, end=end)

    assert answer.status == 400
    assert answer.json()["detail"] == "the form ends before its closing delimiter"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"variables":{},"vresion":1}', ("/vresion", "there is no such member here")),
        ('{"variables":[]}', ("/variables", "a JSON object is required")),
        ('{"variables":{},"version":"1"}', ("/version", "a whole number is required")),
        ('{"variables":{},"version":0}', ("/version", "it must be at least 1")),
        ("{}", ("/variables", "it is required")),
    ],
)
def test_faults_are_told_in_terms_of_json(app: FastAPI, text: str, found: tuple[str, str]) -> None:
    assert [(error["pointer"], error["message"]) for error in post(app, text).json()["errors"]] == [found]


def test_a_byte_order_mark_is_named(app: FastAPI) -> None:
    assert post(app, b'\xef\xbb\xbf{"variables":{}}').json()["detail"].startswith("not JSON: it starts with a byte order mark")


def test_an_unknown_query_parameter_is_named(app: FastAPI) -> None:
    answer = call(app, "GET", "/list?limit=3&limt=4")

    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/limt"


@pytest.mark.parametrize("query", ["limit=3&limit=4", "limit=3&cursor=x&limit=3", "limit=3&%6Cimit=4"])
def test_a_query_parameter_given_twice_is_named(app: FastAPI, query: str) -> None:
    answer = call(app, "GET", f"/list?{query}")

    assert answer.status == 422
    assert answer.json()["type"] == "urn:rongjiu:problem:duplicate-parameter"
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/query/limit", "duplicate-parameter")]


@pytest.mark.parametrize("query", [b"key=%ff", b"key=%e5%bc", b"key=\xff", b"%ff=1"])
def test_a_query_that_is_not_utf_8_is_malformed(app: FastAPI, query: bytes) -> None:
    answer = call(app, "GET", b"/find?" + query)

    assert answer.status == 400
    assert answer.json()["type"] == "urn:rongjiu:problem:malformed"


@pytest.mark.parametrize("query", [b"key=%E5%BC%A0%20%2B", b"key=%e5%bc%a0+%2b", "key=张 %2B".encode()])
def test_a_query_is_read_as_utf_8_escaped_or_not(app: FastAPI, query: bytes) -> None:
    assert call(app, "GET", b"/find?" + query).json() == {"key": "张 +"}


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "99999999999999999999999999"])
def test_a_limit_out_of_range_is_refused(app: FastAPI, limit: str) -> None:
    answer = call(app, "GET", f"/list?limit={limit}")

    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/limit"


def test_exact_decimals_reach_the_route() -> None:
    value = Echo.model_validate({"variables": {"amount": Decimal("1.10")}})

    assert str(value.variables["amount"]) == "1.10"


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers(-(2**70), 2**70)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.tuples(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_an_answer_is_the_canonical_text_of_its_value(value: object) -> None:
    assert ExactResponse(value).body == canonical_json(value).encode()


def test_an_answer_may_hold_a_text_that_is_written_already() -> None:
    assert ExactResponse({"b": WrittenJson("[1.50]"), "a": MappingProxyType({"z": 1, "y": Decimal("1E+2")})}).body == (
        b'{"a":{"y":1E+2,"z":1},"b":[1.50]}'
    )


def test_an_answer_of_something_else_is_an_error_of_the_program() -> None:
    with pytest.raises(TypeError):
        ExactResponse({"at": datetime(2026, 1, 1, tzinfo=UTC)})
