"""The OpenAPI document is true: schemathesis finds no server error, nothing undocumented, no answer that breaks its schema."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from api_tests.api_client import ApiClient

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "ignored_auth",
)
EXAMPLES = {"sqlite": 5, "postgresql": 15}
"""How often an operation is called with what chance made; the phases before it, which do most, are the same on both databases."""


PEOPLE = {"clerk": "clerks", "colleague": "clerks", "stranger": "others"}
"""Those of the shared server, whom the made-up requests may have changed."""


@pytest.fixture
def document(api: ApiClient) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{api.url}/openapi.json", trust_env=False).json()
    return found


def test_schemathesis_finds_nothing(api: ApiClient, database: str, tmp_path: Path) -> None:
    api.start("one_task")
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{api.url}/openapi.json",
        "--header",
        f"Authorization:Bearer {api.key}",
        "--checks",
        ",".join(CHECKS),
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        str(EXAMPLES[database]),
        "--workers",
        "1",
        "--seed",
        "20260301",
        "--warnings",
        "off",
        "--no-color",
    ]

    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)

    for person, group in PEOPLE.items():
        api.person(person, group)
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-2_000:]


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{method.upper()} {path}", operation) for path, methods in document["paths"].items() for method, operation in methods.items()]


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    found = operations(document)

    assert len({operation["operationId"] for _, operation in found}) == len(found)
    for name, operation in found:
        assert operation["summary"], name
        assert operation["description"], name


def test_every_model_has_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert [name for name, schema in schemas.items() if not schema.get("examples") and not name.startswith("Body_")] == []


def test_every_refusal_is_declared_as_a_problem(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(response["content"]) == ["application/problem+json"], (name, status)
        if "/api/v1/" in name:
            assert {"401", "403", "422"} <= operation["responses"].keys(), name
            assert operation["security"] == [{"apiKey": []}], name


def test_an_operation_that_needs_a_body_says_what_an_empty_one_is_answered_with(document: dict[str, Any]) -> None:
    needing = [(name, operation) for name, operation in operations(document) if operation.get("requestBody", {}).get("required")]

    assert len(needing) > 10
    for name, operation in operations(document):
        examples = operation["responses"].get("400", {}).get("content", {}).get("application/problem+json", {}).get("examples", {})
        told = [example["value"]["detail"] for example in examples.values()]
        assert ("the body is empty" in told) == (operation in [needs for _, needs in needing]), name


def test_names_are_camel_case(document: dict[str, Any]) -> None:
    names = re.findall(r'"(?:name|x-name)": "([A-Za-z_]+)", "in": "query"', json.dumps(document))

    assert names
    assert [name for name in names if "_" in name] == []
    assert [
        (model, name) for model, schema in document["components"]["schemas"].items() for name in schema.get("properties", {}) if "_" in name
    ] == []
