"""Whom cases are about: persons and units, with the dated posts of a person and who has authority over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.domain.json_values import Json

SUBJECT_ID, MATTER_ID = "subjectId", "matterId"
"""The variables by which a case names its person or unit, and the matter."""


@dataclass(frozen=True, slots=True)
class Named:
    """The subject and the matter that a case names; None: none, or nothing that is a text."""

    subject_id: str | None
    matter_id: str | None


def named_in(variables: Mapping[str, Json]) -> Named:
    """Whom the variables of a case name."""
    subject, matter = variables.get(SUBJECT_ID), variables.get(MATTER_ID)
    return Named(subject if isinstance(subject, str) else None, matter if isinstance(matter, str) else None)


INDIVIDUAL, UNIT = "INDIVIDUAL", "UNIT"
KINDS = (INDIVIDUAL, UNIT)


@dataclass(frozen=True, slots=True)
class Authority:
    """The organ with 干部管理权限 over who holds a post."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Post:
    """A post from its first day to its last (ISO dates; None = it goes on). `rank` is the 职级 as the place writes it."""

    post: str
    rank: str | None
    authority: Authority | None
    begins_on: str
    ends_on: str | None

    def is_held_on(self, day: str) -> bool:
        """Whether that day (ISO date) lies between the first and the last."""
        return self.begins_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Subject:
    """A person (INDIVIDUAL) or UNIT, under the id that cases name as `subjectId`. `unit_id`: the person's unit, or the unit above."""

    id: str
    kind: str
    name: str
    unit_id: str | None
    posts: tuple[Post, ...]
    created_at: int


def posts_on(posts: Sequence[Post], day: str) -> list[Post]:
    """The posts held on that day, the latest first: somebody may hold several."""
    return sorted((post for post in posts if post.is_held_on(day)), key=lambda post: post.begins_on, reverse=True)
