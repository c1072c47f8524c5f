"""Bytes by their digest: each kept once, written and read in pieces."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, insert, select

from service.domain.errors import Conflict
from service.domain.evidence import StoredContent
from service.store.tables import content, content_chunk
from service.store.writing import TransactionPart

FIND = select(content.c.digest, content.c.size, content.c.chunks).where(content.c.digest == bindparam("wanted"))
AFTER = (
    select(content.c.digest, content.c.size, content.c.chunks)
    .where(content.c.digest > bindparam("after"))
    .order_by(content.c.digest)
    .limit(bindparam("most"))
)
CHUNK = select(content_chunk.c.data).where(content_chunk.c.digest == bindparam("wanted"), content_chunk.c.seq == bindparam("place"))


def find_content(connection: Connection, digest: str) -> StoredContent | None:
    """What is kept under that digest, without its bytes."""
    row = connection.execute(FIND, {"wanted": digest}).first()
    return None if row is None else StoredContent(*row)


def find_contents(connection: Connection, after: str, limit: int) -> Sequence[StoredContent]:
    """What is kept, by digest."""
    return [StoredContent(*row) for row in connection.execute(AFTER, {"after": after, "most": limit})]


def find_chunk(connection: Connection, digest: str, seq: int) -> bytes | None:
    """One piece, counted from 0."""
    found: bytes | None = connection.execute(CHUNK, {"wanted": digest, "place": seq}).scalar()
    return found


class Contents(TransactionPart):
    """Bytes of attachments and documents."""

    def keep_content(self, kept: StoredContent, chunks: Iterable[bytes]) -> None:
        """Keep the bytes, unless bytes of this digest are kept already."""
        if find_content(self._connection, kept.digest) is not None:
            return
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(content), {"digest": kept.digest, "size": kept.size, "chunks": kept.chunks})
        except Conflict:
            # Somebody else brought the same bytes at this moment, and has committed them. Anything else is no such race.
            if find_content(self._connection, kept.digest) is None:
                raise
            return
        for seq, data in enumerate(chunks):
            self._connection.execute(insert(content_chunk), {"digest": kept.digest, "seq": seq, "data": data})
