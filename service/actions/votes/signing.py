"""Signing what is submitted: in one's own name, with the post one holds, over exactly what is kept."""

from datetime import UTC, datetime

from service.actions.deadlines.time_limits import ZONE
from service.actions.ports import Transaction
from service.actions.presentation import timestamp
from service.actions.tasks.form_submission import Values
from service.domain.errors import FieldError, Invalid
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.signature import digest_of, require_may_sign
from service.domain.subject import posts_on
from service.domain.task import Task

Told = dict[str, Json]
"""The payload of the audit event `task.signed`; domain.signature.signature_of reads it."""


def told_values(values: Values) -> dict[str, Json]:
    """Submitted values as the audit trail tells them."""
    return {"/".join(path): value for path, value in values}


def signature_for(tx: Transaction, principal: Principal, task: Task, values: Values, post: str | None, now: int) -> Told | None:
    """The person's signature over `values`; None for a task that is not signed. Raises Forbidden("cannot-sign").

    `post` is what the person gives as his own; where posts of the person are registered it is one of them (Invalid "other-post"), and all
    of them when none is given.
    """
    if not task.signature:
        if post is not None:
            raise Invalid("the task is not signed", [FieldError("/signature", "not-signed", "completing this task takes no signature")])
        return None
    require_may_sign(principal)
    person = principal.require_person()
    user = tx.user(person)
    day = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZONE).date().isoformat()
    subject = tx.subject(person)
    held = [one.post for one in posts_on(subject.posts, day)] if subject is not None else []
    if post is not None and held and post not in held:
        message = f"registered posts of {person!r} on {day} are {'、'.join(held)}"
        raise Invalid("the signature names another post than is registered", [FieldError("/signature/post", "other-post", message)])
    return {
        "taskId": task.id,
        "taskDefinitionKey": task.task_definition_key,
        "name": task.name,
        "userId": person,
        "userName": person if user is None else user.name,
        "post": post if post is not None else "、".join(held) or None,
        "signedAt": timestamp(now),
        "via": principal.key_name,
        "digest": digest_of(task.process_instance_id, task.id, task.task_definition_key, told_values(values)),
    }
