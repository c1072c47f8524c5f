"""Shapes of operations on running instances: suspend, resume, modify, move back, migrate."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from service.api.schemas.model import EXAMPLE_ID, AnswerModel, Name, RequestModel, Variables, shown
from service.api.schemas.process_instances import INSTANCE, ProcessInstance

Reason = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S", description="Why; recorded in the history.")]
DryRun = Annotated[
    bool, Field(description="true: do it, tell what would come of it, and keep nothing. Ids of what would be opened are not kept either.")
]

VISIT = {"id": EXAMPLE_ID, "activityId": "accept", "name": "受理审核", "type": "userTask"}
NOTE = {
    "activityId": "accept",
    "code": "task-kept",
    "message": "the open task 'accept' keeps its assignee, candidates, dates, priority and form",
}


class Suspension(RequestModel):
    """Why the instance is suspended."""

    model_config = shown({"reason": "等待上级答复"})

    reason: Reason


class Resumption(RequestModel):
    """Why the instance goes on."""

    model_config = shown({"reason": "已收到答复"})

    reason: Reason


class Instruction(RequestModel):
    """One part of a modification: start before or after an activity, or cancel what is open at one (or one visit of it)."""

    model_config = shown({"type": "cancel", "activityId": "verify"}, {"type": "startBeforeActivity", "activityId": "accept"})

    type: Literal["startBeforeActivity", "startAfterActivity", "cancel"]
    activity_id: Name | None = Field(None, description="Id of the element in the diagram.")
    activity_instance_id: Name | None = Field(None, description="Only to cancel: one visit, as `activities` and the ids of tasks name it.")

    @model_validator(mode="after")
    def _one_place(self) -> "Instruction":
        if self.type != "cancel" and (self.activity_id is None or self.activity_instance_id is not None):
            raise PydanticCustomError("place", "a start names an activityId and nothing else")
        if (self.activity_id is None) == (self.activity_instance_id is None):
            raise PydanticCustomError("place", "a cancel names exactly one of activityId and activityInstanceId")
        return self


class Modification(RequestModel):
    """Instructions that are carried out together: first what cancels, then the variables are set, then what starts."""

    model_config = shown(
        {
            "instructions": [{"type": "cancel", "activityId": "verify"}, {"type": "startBeforeActivity", "activityId": "accept"}],
            "variables": {},
            "reason": "受理材料有误",
            "dryRun": True,
        }
    )

    instructions: list[Instruction] = Field(min_length=1, max_length=100)
    variables: Variables = Field(default_factory=dict, description="Variables of the instance that are set with it.")
    reason: Reason
    dry_run: DryRun = False


class MoveBack(RequestModel):
    """Back to an activity that was completed before, from an open task or from the only token at an activity."""

    model_config = shown({"fromTaskId": EXAMPLE_ID, "toActivityId": "accept", "reason": "材料不齐，退回补正"})

    from_task_id: Name | None = Field(
        None, description="The open task from which to go back; of a multi-instance, any of its tasks means the whole."
    )
    from_activity_id: Name | None = Field(
        None, description="In place of it: the element where the instance stands, for instance a sub-process."
    )
    to_activity_id: Name
    reason: Reason
    dry_run: DryRun = False

    @model_validator(mode="after")
    def _one_origin(self) -> "MoveBack":
        if (self.from_task_id is None) == (self.from_activity_id is None):
            raise PydanticCustomError("origin", "exactly one of fromTaskId and fromActivityId is required")
        return self


class MappingEntry(RequestModel):
    """An element of the present diagram and what stands for it in the target."""

    model_config = shown({"from": "verify", "to": "verify_facts"})

    source: Name = Field(alias="from")
    target: Name = Field(alias="to")


class Migration(RequestModel):
    """The plan: every open element is named in `mapping`, or keeps its id with `mapEqual`."""

    model_config = shown(
        {
            "targetDefinitionId": "hubei_tolerance:2",
            "mapping": [{"from": "verify", "to": "verify_facts"}],
            "mapEqual": True,
            "law": "keep",
            "reason": "流程修订",
            "dryRun": True,
        }
    )

    target_definition_id: Name
    mapping: list[MappingEntry] = Field(default_factory=list, max_length=1_000)
    map_equal: bool = Field(False, description="true: an open element that `mapping` does not name is mapped to that of the same id.")
    law: Literal["keep", "target"] = Field(
        "keep",
        description="`keep`: the tables, forms and time limits of the start go on counting; `target`: those of the target's deployment.",
    )
    reason: Reason
    dry_run: DryRun = False

    @model_validator(mode="after")
    def _each_once(self) -> "Migration":
        if len({entry.source for entry in self.mapping}) != len(self.mapping):
            raise PydanticCustomError("mapping", "an element is mapped once")
        return self


class Visit(AnswerModel):
    """A visit of an element of the diagram."""

    model_config = shown(VISIT)

    id: str = Field(description="Of a user task: the id of the task too.")
    activity_id: str
    name: str
    type: str


class ModificationAnswer(AnswerModel):
    """What a modification or a move back has done."""

    model_config = shown({"processInstance": INSTANCE, "cancelled": [{**VISIT, "activityId": "verify"}], "open": [VISIT], "dryRun": False})

    process_instance: ProcessInstance
    cancelled: list[Visit] = Field(description="The visits that were ended.")
    open: list[Visit] = Field(description="Everything that is open in the instance now, tasks and what else waits.")
    dry_run: bool


class MigrationNote(AnswerModel):
    """What differs between the versions and does no harm."""

    model_config = shown(NOTE)

    activity_id: str | None
    code: str
    message: str


class Renamed(AnswerModel):
    """Something open that stands for another element now."""

    model_config = shown({"id": EXAMPLE_ID, "activityId": "verify_facts", "name": "查核"})

    id: str
    activity_id: str
    name: str


class MigrationAnswer(AnswerModel):
    """What a migration has done."""

    model_config = shown({"processInstance": INSTANCE, "renamed": [], "notes": [NOTE], "open": [VISIT], "dryRun": False})

    process_instance: ProcessInstance
    renamed: list[Renamed]
    notes: list[MigrationNote]
    open: list[Visit]
    dry_run: bool


class MoveBackTarget(AnswerModel):
    """An activity that the instance has been through."""

    model_config = shown({"activityId": "accept", "name": "受理审核", "allowed": True, "code": None, "reason": None, "cancels": [VISIT]})

    activity_id: str
    name: str
    allowed: bool
    code: str | None = Field(description="Why not, as a stable word.")
    reason: str | None = Field(description="Why not, in words.")
    cancels: list[Visit] = Field(description="The open visits that going back there would end.")


class MoveBackPlace(AnswerModel):
    """An element at which the instance stands, and where one may go back to from there."""

    model_config = shown({"activityId": "verify", "name": "查核", "open": [VISIT], "targets": []})

    activity_id: str
    name: str
    open: list[Visit]
    targets: list[MoveBackTarget]


class MoveBackTargets(AnswerModel):
    """Every element at which the instance stands."""

    model_config = shown({"items": []})

    items: list[MoveBackPlace]
