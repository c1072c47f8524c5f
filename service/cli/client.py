"""The HTTP client of the commands that talk to a running service: exact numbers, problems as errors."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx

from service.domain.json_values import Json, canonical_json, read_json

DEFAULT_URL = "http://127.0.0.1:8000"


class CommandError(Exception):
    """Something a person at the command line must be told; the message says what to do."""


def admin_key(given: str | None) -> str:
    """The key: as given, from RONGJIU_ADMIN_KEY, or from the file that the service wrote at its first start."""
    if given:
        return given
    if os.environ.get("RONGJIU_ADMIN_KEY"):
        return os.environ["RONGJIU_ADMIN_KEY"]
    path = Path(os.environ.get("RONGJIU_DATA_DIR", "var")) / "admin-key"
    try:
        return path.read_text().strip()
    except OSError as error:
        raise CommandError(f"no API key: give --key or RONGJIU_ADMIN_KEY, or run where {path} can be read ({error.strerror})") from None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `body` is None for an empty answer, text for what is no JSON."""

    status: int
    body: Json

    def of(self, call: str) -> dict[str, Json]:
        """The JSON object that came back; CommandError shows the problem, and what was called, when it is anything else."""
        if self.status >= 300 or not isinstance(self.body, dict):
            raise CommandError(f"{call} answered {self}")
        return self.body

    def __str__(self) -> str:
        """The status and, of a problem, what it says; of anything else the text of the body."""
        if not isinstance(self.body, dict) or ("title" not in self.body and "detail" not in self.body):
            return f"{self.status}: {self.body if isinstance(self.body, str) else canonical_json(self.body)}"
        errors = self.body.get("errors")
        told = [
            f"{error.get('pointer') or error.get('file') or ''} {error.get('message') or error.get('detail') or ''}".strip()
            for error in (errors if isinstance(errors, list) else [])
            if isinstance(error, dict)
        ]
        return "; ".join([f"{self.status}: {self.body.get('detail') or self.body.get('title')}", *told])


class Client:
    """Calls below /api/v1 with the key given; `person` goes as On-Behalf-Of."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=url.rstrip("/") + "/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )

    def call(self, method: str, path: str, body: Mapping[str, Json] | None = None, person: str | None = None) -> Reply:
        """One call; a service that does not answer is a CommandError, any status is returned."""
        headers = {} if person is None else {"On-Behalf-Of": person}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = canonical_json(body).encode()
        try:
            response = self._http.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise CommandError(f"the service at {self._http.base_url} does not answer: {error}") from None
        return _reply(response)

    def upload(self, path: str, files: list[tuple[str, bytes]], fields: Mapping[str, str]) -> Reply:
        """One multipart call with `files` (file name, bytes)."""
        parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
        try:
            response = self._http.post(path, files=parts, data=dict(fields))
        except httpx.HTTPError as error:
            raise CommandError(f"the service at {self._http.base_url} does not answer: {error}") from None
        return _reply(response)

    def expect(self, method: str, path: str, body: Mapping[str, Json] | None = None, person: str | None = None) -> dict[str, Json]:
        """As `call`, but anything other than a 2xx JSON object is a CommandError that shows the problem."""
        return self.call(method, path, body, person).of(f"{method} {path}")

    def rows(self, path: str) -> Iterator[Mapping[str, Json]]:
        """All rows of a list, page after page."""
        cursor = ""
        while True:
            page = self.expect("GET", f"{path}?limit=200{cursor}")
            yield from cast(list[Mapping[str, Json]], page["items"])
            if page["nextCursor"] is None:
                return
            cursor = f"&cursor={page['nextCursor']}"


def _reply(response: httpx.Response) -> Reply:
    if not response.content:
        return Reply(response.status_code, None)
    if "json" in response.headers.get("content-type", ""):
        return Reply(response.status_code, read_json(response.content))
    return Reply(response.status_code, response.text)
