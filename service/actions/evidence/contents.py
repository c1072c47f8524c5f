"""Bytes on their way into the store and out of it, in pieces; what comes out is what went in."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from service.actions.ports import Services
from service.domain.errors import Conflict
from service.domain.evidence import CHUNK_BYTES, StoredContent


def measured(file: BinaryIO) -> StoredContent:
    """Digest and size of a file, which is read once and not held."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces(file):
        digest.update(piece)
        size += len(piece)
    return StoredContent(digest.hexdigest(), size, -(-size // CHUNK_BYTES))


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The file from its beginning, each piece but the last CHUNK_BYTES long."""
    file.seek(0)
    while piece := file.read(CHUNK_BYTES):
        yield piece


def fault_of(services: Services, kept: StoredContent) -> str | None:
    """Why the stored bytes are not those of their digest; None when they are."""
    digest, size = hashlib.sha256(), 0
    for seq in range(kept.chunks):
        with services.store.read(snapshot=False) as questions:
            piece = questions.content_chunk(kept.digest, seq)
        if piece is None:
            return f"piece {seq} of {kept.chunks} of the stored bytes {kept.digest} is missing"
        digest.update(piece)
        size += len(piece)
    if size != kept.size or digest.hexdigest() != kept.digest:
        return f"the stored bytes {kept.digest} were changed: they do not have their digest any more"
    return None


def stored_bytes(services: Services, digest: str) -> Iterator[bytes]:
    """The bytes, piece by piece; all of them are checked before the first one is given. Conflict when they are damaged."""
    with services.store.read(snapshot=False) as questions:
        kept = questions.content(digest)
    fault = f"the stored bytes {digest} are missing" if kept is None else fault_of(services, kept)
    if kept is None or fault is not None:
        raise Conflict(f"{fault}; run `rongjiu verify`", "content-damaged")
    return _given(services, kept)


def _given(services: Services, kept: StoredContent) -> Iterator[bytes]:
    for seq in range(kept.chunks):
        with services.store.read(snapshot=False) as questions:
            piece = questions.content_chunk(kept.digest, seq)
        if piece is None:
            raise Conflict(f"the stored bytes {kept.digest} are missing", "content-damaged")
        yield piece
