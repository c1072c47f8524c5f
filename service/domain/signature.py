"""A signed opinion: who vouches for what, on whose behalf the call came, and the digest of what was signed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.domain.errors import Forbidden
from service.domain.json_values import Json, canonical_json
from service.domain.principal import Principal

TASK_SIGNED = "task.signed"
"""Kind of the audit event."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature. `via` is the name of the API key through which the person signed, `signed_at` epoch milliseconds.

    `post`: what the person signs as (职务), None when neither registered nor given. `digest`: see digest_of.
    """

    process_instance_id: str
    task_id: str
    task_definition_key: str
    task_name: str
    user_id: str
    user_name: str
    post: str | None
    signed_at: int
    via: str
    digest: str


def signature_of(process_instance_id: str, told: Mapping[str, Json]) -> Signature:
    """The signature of which the payload of the audit event tells. Raises ValueError when its moment is none."""
    post = told.get("post")
    return Signature(
        process_instance_id=process_instance_id,
        task_id=str(told.get("taskId")),
        task_definition_key=str(told.get("taskDefinitionKey")),
        task_name=str(told.get("name")),
        user_id=str(told.get("userId")),
        user_name=str(told.get("userName")),
        post=None if post is None else str(post),
        signed_at=round(datetime.fromisoformat(str(told.get("signedAt"))).timestamp() * 1000),
        via=str(told.get("via")),
        digest=str(told.get("digest")),
    )


def digest_of(process_instance_id: str, task_id: str, task_definition_key: str, values: Mapping[str, Json]) -> str:
    """SHA-256 (hex) over the canonical JSON of what was signed: instance, task, and the values as `task.completed` tells them."""
    signed: dict[str, Json] = {
        "processInstanceId": process_instance_id,
        "taskId": task_id,
        "taskDefinitionKey": task_definition_key,
        "values": dict(values),
    }
    return hashlib.sha256(canonical_json(signed).encode()).hexdigest()


def require_may_sign(principal: Principal) -> None:
    """Raise Forbidden("cannot-sign") unless the person signs in his own name: nobody signs for another.

    A system's key names the person who is sitting at it; a person's own key speaks for that person and no other.
    """
    if principal.person is None:
        raise Forbidden("the task is signed: a person must be named (header On-Behalf-Of), a system cannot sign", "cannot-sign")
    if principal.speaks_for_another:
        message = f"the task is signed: the key of {principal.own_person!r} cannot sign in the name of {principal.person!r}"
        raise Forbidden(message, "cannot-sign")
