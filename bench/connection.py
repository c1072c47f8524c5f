"""A kept-alive HTTP connection that costs the measuring process little."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

from bench.processes import ServerProcess


class Connection:
    """One client of one server."""

    def __init__(self, server: ServerProcess, headers: Mapping[str, str]) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._headers = {"Content-Type": "application/json", **headers}

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The body of the answer, which must be a 200 or 201."""
        self._http.request(method, path, body, self._headers)
        response = self._http.getresponse()
        content = response.read()
        if response.status not in (200, 201):
            raise RuntimeError(f"{method} {path} answered {response.status}: {content[:500]!r}")
        return content

    def post(self, path: str, body: bytes) -> Any:
        """The JSON answer to a POST."""
        return json.loads(self.call("POST", path, body))

    def close(self) -> None:
        """Give the socket back."""
        self._http.close()
