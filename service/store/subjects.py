"""Persons and units that cases are about."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from service.domain.json_values import Json
from service.domain.subject import Authority, Post, Subject
from service.store.columns import object_text, read_object
from service.store.tables import subject
from service.store.writing import TransactionPart

SUBJECT = select(subject.c.id, subject.c.kind, subject.c.name, subject.c.unit_id, subject.c.posts, subject.c.created_at).where(
    subject.c.id == bindparam("wanted")
)


def posts_text(posts: Sequence[Post]) -> str:
    """The column text of dated posts."""
    return object_text(
        {
            "posts": [
                {
                    "post": post.post,
                    "rank": post.rank,
                    "authority": None if post.authority is None else {"id": post.authority.id, "name": post.authority.name},
                    "from": post.begins_on,
                    "to": post.ends_on,
                }
                for post in posts
            ]
        }
    )


def read_posts(text: str) -> tuple[Post, ...]:
    """The posts in a column written by posts_text."""
    written = read_object(text)["posts"]
    return tuple(_post(one) for one in written if isinstance(one, dict)) if isinstance(written, list) else ()


def _post(written: dict[str, Json]) -> Post:
    authority = written["authority"]
    over = Authority(str(authority["id"]), _text(authority["name"])) if isinstance(authority, dict) else None
    return Post(str(written["post"]), _text(written["rank"]), over, str(written["from"]), _text(written["to"]))


def _text(value: Json) -> str | None:
    return None if value is None else str(value)


def find_subject(connection: Connection, subject_id: str) -> Subject | None:
    """The person or unit, or None."""
    row = connection.execute(SUBJECT, {"wanted": subject_id}).first()
    return None if row is None else Subject(row.id, row.kind, row.name, row.unit_id, read_posts(row.posts), row.created_at)


class Subjects(TransactionPart):
    """Whom cases are about."""

    def put_subject(self, one: Subject) -> None:
        """Insert or replace."""
        values = {"kind": one.kind, "name": one.name, "unit_id": one.unit_id, "posts": posts_text(one.posts), "created_at": one.created_at}
        if self._connection.execute(update(subject).where(subject.c.id == one.id), values).rowcount == 0:
            self._connection.execute(insert(subject), {"id": one.id, **values})
