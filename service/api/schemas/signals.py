"""Shapes of signals."""

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, AnswerModel, Name, RequestModel, Variables, shown


class SignalRequest(RequestModel):
    """A signal: to every instance that waits for it, and to every process whose latest version starts with it."""

    model_config = shown({"name": "policy_changed", "variables": {"document": "鄂办发〔2026〕1号"}})

    name: Name = Field(description="Name of the signal in the diagrams.")
    variables: Variables = Field(default_factory=dict, description="Set in each instance that the signal continues or starts.")
    process_instance_id: Name | None = Field(None, description="Only this instance is told, and no process starts.")


class Signal(AnswerModel):
    """A signal and whom it is meant for. All that is listed is durable; almost always it is done by the time of this answer."""

    model_config = shown(
        {
            "id": EXAMPLE_ID,
            "name": "policy_changed",
            "deliveries": 2,
            "processInstanceIds": [EXAMPLE_ID],
            "startedDefinitionIds": ["hubei_review:1"],
        }
    )

    id: str
    name: str
    deliveries: int = Field(description="Places that wait for it, and starts.")
    process_instance_ids: list[str] = Field(description="The instances that waited for it; the first 100.")
    started_definition_ids: list[str] = Field(description="The processes that start with it, once for each of their start events.")
