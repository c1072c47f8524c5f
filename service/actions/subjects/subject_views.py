"""Persons and units as the API shows them, and as diagrams see them."""

from service.actions.presentation import timestamp
from service.domain.json_values import Json
from service.domain.subject import Post, Subject, posts_on


def post_json(post: Post) -> dict[str, Json]:
    """The API's post."""
    authority: Json = None if post.authority is None else {"id": post.authority.id, "name": post.authority.name}
    return {"post": post.post, "rank": post.rank, "authority": authority, "from": post.begins_on, "to": post.ends_on}


def subject_json(subject: Subject) -> dict[str, Json]:
    """The API's subject, as the list shows it."""
    return {
        "id": subject.id,
        "kind": subject.kind,
        "name": subject.name,
        "unitId": subject.unit_id,
        "posts": [post_json(post) for post in subject.posts],
        "createdAt": timestamp(subject.created_at),
    }


def subject_on_day(subject: Subject, day: str) -> dict[str, Json]:
    """What a diagram sees of it on that day: the post held (of several the latest), and every organ with authority over one of them."""
    held = [post_json(post) for post in posts_on(subject.posts, day)]
    latest = held[0] if held else {"post": None, "rank": None, "authority": None}
    over = {post.authority.id: post_json(post)["authority"] for post in posts_on(subject.posts, day) if post.authority is not None}
    return {
        "id": subject.id,
        "kind": subject.kind,
        "name": subject.name,
        "unitId": subject.unit_id,
        "on": day,
        "post": latest["post"],
        "rank": latest["rank"],
        "authority": latest["authority"],
        "authorities": list(over.values()),
        "posts": [*held],
    }
