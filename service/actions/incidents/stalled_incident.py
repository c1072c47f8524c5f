"""The incident of an instance that nothing can move on any more: it comes and goes with what the engine says of the state."""

from collections.abc import Sequence

from service.domain.errors import Conflict
from service.domain.identifiers import new_id
from service.domain.incident import STALLED, Incident
from service.domain.json_values import canonical_json
from service.domain.step import Step

_WORDS = "a token waits here for others that can no longer come, and nothing else is left that could move the instance on"


def stalled_by(step: Step, incidents: Sequence[Incident], process_instance_id: str, now: int, actor: str) -> list[Incident]:
    """The incident that the step opens, unless the instance has been stuck at that element before it."""
    if step.stalled_at is None or any(_stands(incident, step) for incident in incidents):
        return []
    operation = canonical_json({"do": STALLED, "actor": actor})
    return [Incident(new_id(), process_instance_id, step.stalled_at, STALLED, _WORDS, now, operation)]


def moved_by(step: Step, incidents: Sequence[Incident]) -> list[str]:
    """Ids of those that the step resolves, since the instance is no longer stuck there; at its end all are resolved anyway."""
    if step.finished is not None:
        return []
    return [incident.id for incident in incidents if incident.kind == STALLED and not _stands(incident, step)]


def _stands(incident: Incident, step: Step) -> bool:
    return incident.kind == STALLED and incident.element_id == step.stalled_at


def require_kept_act(incident: Incident) -> None:
    """Raise Conflict for an incident of this kind: no act is kept with it that could be done again."""
    if incident.kind == STALLED:
        raise Conflict(
            f"nothing failed at {incident.element_id!r} that could be done again: a token waits there for others that can no longer come;"
            " modify the instance, move it back or cancel it",
            "instance-stalled",
        )
