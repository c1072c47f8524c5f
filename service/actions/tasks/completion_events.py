"""What the audit trail tells of a completed task, made from the act as an incident keeps it: at once or after a retry it is the same."""

from collections.abc import Mapping
from typing import cast

from service.domain.json_values import Json
from service.domain.signature import TASK_SIGNED
from service.domain.step import Step

Told = tuple[str, Mapping[str, Json]]
"""Kind and payload of an audit event."""

SIGNATURE = "signature"
"""In the kept act: the payload of the event of the signature."""
INNER_VARIABLES = "innerVariables"
"""In the payload of `task.completed`."""


def completion_events(operation: Mapping[str, Json], step: Step) -> list[Told]:
    """`task.completed` with the values, and `task.signed` where it was signed. A vote tells its box and no values.

    `innerVariables`: what the task saw at the end beside the variables of the case: it goes with its called process or iteration.
    """
    values = cast(list[tuple[list[str], Json]], operation["values"])
    told: dict[str, Json] = {name: operation[name] for name in ("taskId", "taskDefinitionKey", "name")}
    told["values"] = {"/".join(path): value for path, value in values}
    if operation.get("boxId") is not None:
        told["boxId"] = operation["boxId"]
    elif step.inner_variables is not None:
        told[INNER_VARIABLES] = dict(step.inner_variables)
    events: list[Told] = [("task.completed", told)]
    signature = operation.get(SIGNATURE)
    if isinstance(signature, dict):
        events.append((TASK_SIGNED, signature))
    return events
