"""A small client for the tests: one method per thing an OA system does. Imports nothing of the service."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

DIAGRAMS = Path(__file__).parent / "diagrams"


class ApiClient:
    """Calls /api/v1 of one server with the administrator's key."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key
        # Without `verify` each client would read all certificates, which takes longer than most calls.
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False, verify=False)

    def close(self) -> None:
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        person: str | None = None,
        repeat_key: str | None = None,
        key: str | None = "",
        content: bytes | None = None,
        params: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """One call below /api/v1; `key` None sends none."""
        headers: dict[str, str] = {}
        secret = self.key if key == "" else key
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        if person is not None:
            headers["On-Behalf-Of"] = person
        if repeat_key is not None:
            headers["Idempotency-Key"] = repeat_key
        if body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        return self._http.request(method, f"/api/v1{path}", content=content, headers=headers, params=params)

    def get(self, path: str, **params: Any) -> Any:
        """A question that must be answered with 200."""
        response = self.call("GET", path, params=params)
        assert response.status_code == 200, response.text
        return exact(response)

    def deploy(self, *names: str, **fields: str) -> httpx.Response:
        """Deploy files of the folder `diagrams`."""
        return self.deploy_files([(name, (DIAGRAMS / name).read_bytes()) for name in names], **fields)

    def deploy_files(self, files: list[tuple[str, bytes]], **fields: str) -> httpx.Response:
        """Deploy these (name, bytes)."""
        parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
        return self._http.post(
            "/api/v1/deployments", files=parts, data={"name": "test", **fields}, headers={"Authorization": f"Bearer {self.key}"}
        )

    def person(self, user_id: str, *groups: str) -> str:
        """Make sure that the person exists in exactly these groups."""
        body = {"id": user_id, "name": user_id, "groups": list(groups)}
        if self.call("POST", "/users", body).status_code == 409:
            assert self.call("PATCH", f"/users/{user_id}", {"groups": list(groups)}).status_code == 200
        return user_id

    def start(self, definition_key: str, variables: Any = None, **members: Any) -> Any:
        """A new instance."""
        response = self.call("POST", "/process-instances", {"definitionKey": definition_key, "variables": variables or {}, **members})
        assert response.status_code == 201, response.text
        return exact(response)

    def complete(self, task_id: str, variables: Any, person: str, **options: Any) -> httpx.Response:
        """Complete a task as that person."""
        return self.call("POST", f"/tasks/{task_id}/completion", {"variables": variables}, person=person, **options)


def exact(response: httpx.Response) -> Any:
    """The body with exact numbers."""
    return json.loads(response.content, parse_float=Decimal)


def pointers(response: httpx.Response) -> list[str]:
    """The JSON pointers of a 422."""
    assert response.status_code == 422, response.text
    return sorted(error["pointer"] for error in response.json()["errors"])


def problem(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem; everything refused has this one shape."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body = response.json()
    assert {"type", "title", "status", "detail", "instance"} <= body.keys()
    assert body["status"] == response.status_code
    return response.status_code, body["type"].removeprefix("urn:rongjiu:problem:")
