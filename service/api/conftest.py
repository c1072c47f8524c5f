"""Calls an ASGI application as a server would, for the unit tests of this room (a real HTTP client belongs to other rooms)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import anyio
from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Called:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.content)


def call(app: ASGIApp, method: str, target: str | bytes, chunks: Sequence[bytes] = (), headers: dict[str, str] | None = None) -> Called:
    """One request; with a single chunk its length is announced, with several the body comes chunked."""
    path, _, query = (target.encode() if isinstance(target, str) else target).partition(b"?")
    sent = {"host": "test"} | (headers or {})
    if len(chunks) == 1:
        sent["content-length"] = str(len(chunks[0]))
    elif chunks:
        sent["transfer-encoding"] = "chunked"
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode()),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    waiting = list(chunks) or [b""]
    answered: list[Message] = []

    async def receive() -> Message:
        if not waiting:
            # The caller stays until it has its answer; Starlette stops waiting for more when it is sent.
            await anyio.sleep_forever()
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        answered.append(message)

    async def run() -> None:
        await app(scope, receive, send)

    anyio.run(run)
    start = answered[0]
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Called(start["status"], found, b"".join(message.get("body", b"") for message in answered[1:]))
