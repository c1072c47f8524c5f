"""An incident: a step that failed, kept with what is needed to do it again."""

from dataclasses import dataclass

STALLED = "stalled"
"""Kind of the incident of an instance that nothing can move on any more: there is no step to do again."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A step that failed. `operation` is what to do again on retry, as JSON; `resolved_at` None while open."""

    id: str
    process_instance_id: str
    element_id: str | None
    kind: str
    message: str
    created_at: int
    operation: str
    resolved_at: int | None = None
