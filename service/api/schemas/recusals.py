"""Shapes of recusals."""

from typing import Annotated, Literal

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, Identifier, Name, RequestModel, Timestamp, shown
from service.api.schemas.subjects import Day

RecusalState = Literal["DECLARED", "ORDERED", "REFUSED", "LIFTED"]
GroundKey = Literal["CLOSE_RELATIVE", "WITNESS", "INTEREST", "PETITION_INTEREST", "OTHER"]
Words = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]

DECLARATION = {"userId": "li.si", "subjectId": "K-001", "ground": "CLOSE_RELATIVE", "note": "配偶的兄长"}
RECUSAL = {
    "id": EXAMPLE_ID,
    "userId": "li.si",
    "subjectId": "K-001",
    "matterId": None,
    "processInstanceId": None,
    "ground": "CLOSE_RELATIVE",
    "groundName": "是被调查人或者检举人的近亲属",
    "law": "政务处分法 §47；监察法 §67",
    "note": "配偶的兄长",
    "ofHead": False,
    "decider": "HEAD",
    "state": "DECLARED",
    "from": "2026-03-01",
    "to": None,
    "declaredAt": EXAMPLE_TIME,
    "declaredBy": "li.si",
    "decidedAt": None,
    "decidedBy": None,
    "reason": None,
}


class GivenRecusal(RequestModel):
    """Who is recused from what, and why. A subject, a matter, both (then both must fit), or one process instance."""

    model_config = shown(DECLARATION)

    user_id: Identifier
    subject_id: Name | None = Field(None, description="The cases whose variable `subjectId` is this.")
    matter_id: Name | None = Field(None, description="The cases whose variable `matterId` is this.")
    process_instance_id: Name | None = Field(None, description="This case alone.")
    ground: GroundKey = Field(description="政务处分法 §47, 监察法 §67; PETITION_INTEREST: 信访工作条例. OTHER needs a note.")
    note: Words | None = None
    of_head: bool = Field(False, description="The person is the head of the organ: the superior organ decides (政务处分法 §48).")
    begins_on: Day | None = Field(None, alias="from", description="The first day; today when not given, never later.")
    ends_on: Day | None = Field(None, alias="to", description="The last day; null = until it is lifted.")


class RecusalDecision(RequestModel):
    """What is decided on a recusal."""

    model_config = shown({"state": "ORDERED", "reason": "属实"})

    state: Literal["ORDERED", "REFUSED", "LIFTED"] = Field(description="ORDERED or REFUSED after DECLARED, LIFTED after ORDERED.")
    reason: Words


class Recusal(AnswerModel):
    """A person's recusal. It bars from tasks while DECLARED or ORDERED."""

    model_config = shown(RECUSAL)

    id: str
    user_id: str
    subject_id: str | None
    matter_id: str | None
    process_instance_id: str | None
    ground: GroundKey
    ground_name: str
    law: str
    note: str | None
    of_head: bool
    decider: Literal["HEAD", "SUPERIOR"] = Field(description="Who decides it by 政务处分法 §48.")
    state: RecusalState
    begins_on: str = Field(alias="from")
    ends_on: str | None = Field(alias="to")
    declared_at: Timestamp
    declared_by: str
    decided_at: Timestamp | None
    decided_by: str | None
    reason: str | None


class RecusalPage(AnswerModel):
    """One page of recusals."""

    model_config = shown({"items": [RECUSAL], "nextCursor": None})

    items: list[Recusal]
    next_cursor: str | None


class RecusalFromTask(AnswerModel):
    """Why a person may not work on a task."""

    model_config = shown({"recusalId": RECUSAL["id"], **{name: RECUSAL[name] for name in ("state", "ground", "groundName", "law")}})

    recusal_id: str
    state: RecusalState
    ground: GroundKey
    ground_name: str
    law: str
