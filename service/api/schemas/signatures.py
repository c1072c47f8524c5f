"""Shapes of signatures."""

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, Timestamp, shown

SIGNATURE = {
    "processInstanceId": EXAMPLE_ID,
    "taskId": EXAMPLE_ID,
    "taskDefinitionKey": "give_opinion",
    "taskName": "提出意见",
    "userId": "zhang.san",
    "userName": "张三",
    "post": "组织部干部监督科科长",
    "signedAt": EXAMPLE_TIME,
    "via": "oa",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


class Signature(AnswerModel):
    """A signed opinion: a person vouches for what was submitted with a task."""

    model_config = shown(SIGNATURE)

    process_instance_id: str
    task_id: str
    task_definition_key: str
    task_name: str
    user_id: str
    user_name: str = Field(description="The person's name when he signed.")
    post: str | None = Field(description="As what the person signed (职务): registered of the subject, else given; null: neither.")
    signed_at: Timestamp
    via: str = Field(description="Name of the API key through which the person signed.")
    digest: str = Field(
        description="SHA-256 (hex) over the canonical JSON of `processInstanceId`, `taskId`, `taskDefinitionKey` and `values`, the values "
        "as the event `task.completed` tells them."
    )


class SignaturePage(AnswerModel):
    """One page of signatures."""

    model_config = shown({"items": [SIGNATURE], "nextCursor": None})

    items: list[Signature]
    next_cursor: str | None
