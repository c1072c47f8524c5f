"""Answers that are files: offered for saving under their right name, never shown or run by a browser."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from fastapi import Response
from starlette.responses import StreamingResponse


def file_responses(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI `responses` of a route that answers with a file."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    headers = {
        "Content-Disposition": {"schema": {"type": "string"}, "description": "attachment, with the name in UTF-8 (RFC 6266, RFC 8187)."},
        "Repr-Digest": {"schema": {"type": "string"}, "description": "SHA-256 of the file (RFC 9530)."},
    }
    return {200: {"description": "The file.", "content": dict.fromkeys(media_types, binary), "headers": headers}}


def file_answer(pieces: Iterator[bytes], name: str, media_type: str, size: int, digest: str) -> Response:
    """The file as it was stored, in pieces. `digest` is its SHA-256 in hex."""
    headers = {**_headers(name, bytes.fromhex(digest)), "Content-Length": str(size)}
    return StreamingResponse(pieces, media_type=_typed(media_type), headers=headers)


def file_headers(name: str, content: bytes) -> dict[str, str]:
    """What makes a browser save the file, and nothing else."""
    return _headers(name, hashlib.sha256(content).digest())


def _headers(name: str, digest: bytes) -> dict[str, str]:
    return {
        "Content-Disposition": disposition(name),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
        "Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
    }


def disposition(name: str) -> str:
    """`attachment` with the name in UTF-8, and in ASCII for clients that read nothing else (RFC 6266)."""
    plain = "".join(character if " " <= character <= "~" and character not in '"\\%;' else "_" for character in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _typed(media_type: str) -> str:
    # Starlette would say that a text is UTF-8; nobody knows which code an attached text has.
    return "text/plain; charset=unknown-8bit" if media_type == "text/plain" else media_type
