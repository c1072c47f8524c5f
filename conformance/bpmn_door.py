"""The engine as anybody meets it: a real server process on a database of its own, spoken to over REST."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from api_tests.api_client import ApiClient, exact
from api_tests.conftest import ADMIN_KEY, running_server

POLL_SECONDS = 0.05
PAGE = 200
OPEN_STATES = ("active", "incident", "suspended")

Outcome = Literal["passed", "refused", "not-named", "accepted", "wrong", "error"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one case; `told` is the trace, the refusal or the failure in a few words (empty for a plain pass).

    - passed: as expected
    - refused: refused at deployment, naming elements
    - not-named: refused, but the offending element is not among those named
    - accepted: deployed although it must be refused
    - wrong: ran another way, stalled, or ended without a word
    - error: the service failed (5xx)
    """

    case: str
    outcome: Outcome
    told: str = ""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What POST /deployments answered: the definitions' ids, or the errors of a refusal."""

    status: int
    definition_ids: tuple[str, ...]
    errors: tuple[dict[str, Any], ...]
    body: str

    @property
    def named(self) -> set[str]:
        """The ids of the elements that the refusal names."""
        return {error["elementId"] for error in self.errors if error["elementId"]}

    def of_key(self, key: str) -> str:
        """The id of the definition with that key."""
        return next(identifier for identifier in self.definition_ids if identifier.rpartition(":")[0] == key)

    def refusal(self) -> str:
        """The errors, one `code element` each."""
        return "; ".join(sorted({f"{error['code']} {error['elementId']}" for error in self.errors}))


class Door:
    """Deploys, starts and looks on. Every call is one of the public API; `client` answers problems as they are."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client

    def deploy(self, files: Sequence[tuple[str, bytes]], **fields: str) -> Deployed:
        """Deploy the files (name, bytes)."""
        response = self.client.deploy_files(list(files), **fields)
        if response.status_code not in (200, 201, 422):
            return Deployed(response.status_code, (), (), response.text[:300])
        body = exact(response)
        ids = tuple(definition["id"] for resource in body.get("resources", ()) for definition in resource["definitions"])
        return Deployed(response.status_code, ids, tuple(body.get("errors", ())), response.text[:300])

    def start(self, definition_id: str, variables: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Start this version: status and body (an instance, or a problem)."""
        response = self.client.call("POST", "/process-instances", {"definitionId": definition_id, "variables": variables})
        return response.status_code, exact(response)

    def instances(self, definition_ids: Sequence[str]) -> list[dict[str, Any]]:
        """All instances of these definitions, whoever started them."""
        keys = {identifier.rpartition(":")[0] for identifier in definition_ids}
        found = [row for key in sorted(keys) for row in self._all("/process-instances", definitionKey=key)]
        return [row for row in found if row["definitionId"] in definition_ids]

    def activities(self, instance_id: str) -> list[dict[str, Any]]:
        """The way of one instance, in order."""
        return self._all(f"/process-instances/{instance_id}/activities")

    def incidents(self, instance_id: str) -> list[dict[str, Any]]:
        """The open incidents of one instance."""
        return self._all("/incidents", processInstanceId=instance_id)

    def tasks(self, instance_id: str) -> list[dict[str, Any]]:
        """The open tasks of one instance."""
        return self._all("/tasks", processInstanceId=instance_id)

    def variables(self, instance_id: str) -> dict[str, Any]:
        """The variables of one instance."""
        found: dict[str, Any] = self.client.get(f"/process-instances/{instance_id}/variables")
        return found

    def cancel(self, instance_id: str) -> None:
        """End an instance that a case left open, so that it meets no other case."""
        self.client.call("POST", f"/process-instances/{instance_id}/cancellation", {"reason": "the case is over"})

    def settle(self, definition_ids: Sequence[str], seconds: float, quiet: float, meanwhile: Callable[[], None]) -> list[dict[str, Any]]:
        """The instances once nothing more is to be expected: all ended and still for `quiet` seconds, or `seconds` are over.

        Does `meanwhile` each time before it looks.
        """
        deadline, still_since, before = time.monotonic() + seconds, time.monotonic(), ""
        while True:
            meanwhile()
            found = self.instances(definition_ids)
            ended = all(row["state"] not in OPEN_STATES for row in found)
            seen, now = repr([(row["id"], row["state"]) for row in found]), time.monotonic()
            if seen != before:
                still_since, before = now, seen
            if now >= deadline or (ended and now - still_since >= quiet):
                return found
            time.sleep(POLL_SECONDS)

    def _all(self, path: str, **params: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self.client.get(path, limit=PAGE, **params, **({} if cursor is None else {"cursor": cursor}))
            found += page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return found


@contextmanager
def open_door() -> Iterator[Door]:
    """A fresh server with an embedded database in a temporary folder."""
    with TemporaryDirectory(prefix="rongjiu-conformance-") as folder, running_server("sqlite", Path(folder)) as server:
        client = ApiClient(server.url, ADMIN_KEY)
        try:
            yield Door(client)
        finally:
            client.close()
