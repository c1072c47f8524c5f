"""Persons and units that cases are about: registering them, and what is known of one.

Nobody has to be registered: a case may name any `subjectId`, and it is then shown as unregistered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.actions.answer import Answer, answer
from service.actions.ports import Services
from service.actions.subjects.subject_views import post_json, subject_json
from service.domain.access import require_may
from service.domain.china_time import moment
from service.domain.errors import FieldError, Invalid, NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.recorded_fact import INSTANCES, RecordedQuestion
from service.domain.subject import SUBJECT_ID, UNIT, Post, Subject, posts_on


@dataclass(frozen=True, slots=True)
class PutSubject:
    """Everything there is to know of a person or unit: what was known before is replaced."""

    id: str
    kind: str
    name: str
    unit_id: str | None
    posts: tuple[Post, ...]


def put_subject(services: Services, principal: Principal, command: PutSubject) -> Answer:
    """201 with a new subject, 200 with the one that was replaced. Raises Invalid."""
    require_may(principal, "administer")
    faults = [*_post_faults(command)]
    if command.unit_id == command.id:
        faults.append(FieldError("/unitId", "own-unit", "a subject does not belong to itself"))
    if faults:
        raise Invalid("the subject is not described correctly", faults)
    now = services.clock()
    posts = tuple(sorted(command.posts, key=lambda post: post.begins_on))
    subject = Subject(command.id, command.kind, command.name, command.unit_id, posts, now)
    with services.store.begin() as tx:
        earlier = tx.subject(command.id)
        if earlier is not None:
            subject = replace(subject, created_at=earlier.created_at)
        if subject != earlier:
            tx.put_subject(subject)
            kind = "subject.created" if earlier is None else "subject.changed"
            tx.append_service_event(now, principal.actor, kind, subject_json(subject))
            tx.commit()
    return answer(201 if earlier is None else 200, subject_json(subject))


def _post_faults(command: PutSubject) -> Sequence[FieldError]:
    if command.kind == UNIT and command.posts:
        return [FieldError("/posts", "posts-of-a-unit", "posts are those of a person")]
    return [
        FieldError(f"/posts/{index}/to", "ends-before-it-begins", "the last day lies before the first")
        for index, post in enumerate(command.posts)
        if post.ends_on is not None and post.ends_on < post.begins_on
    ]


def today(services: Services) -> str:
    """The date of this moment in the zone of the service."""
    return moment(services.clock()).date().isoformat()


def subject_on(services: Services, principal: Principal, subject_id: str, day: str | None) -> dict[str, Json]:
    """One subject with the posts in force on that day (today, if not given).

    An id that only cases name is told as unregistered; NotFound when no case names it either.
    """
    require_may(principal, "read")
    day = day or today(services)
    with services.store.read() as questions:
        subject = questions.subject(subject_id)
        if subject is not None:
            in_force: list[Json] = [post_json(post) for post in posts_on(subject.posts, day)]
            return subject_json(subject) | {"registered": True, "on": day, "postsInForce": in_force}
        if not questions.count_recorded(RecordedQuestion(INSTANCES, ((SUBJECT_ID, subject_id),))):
            raise NotFound("subject", subject_id)
    unknown: dict[str, Json] = {"id": subject_id, "kind": None, "name": None, "unitId": None, "posts": [], "createdAt": None}
    return unknown | {"registered": False, "on": day, "postsInForce": []}
