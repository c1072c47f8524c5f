"""What the actions need from the store for the audit of what belongs to no instance, and to verify a trail."""

from collections.abc import Mapping
from typing import Protocol

from service.domain.audit import AuditEvent, BrokenEvent
from service.domain.json_values import Json


class AuditWriting(Protocol):
    """Part of a write transaction."""

    def hold_service_stream(self) -> None:
        """Lock the end of the service's own stream until the end of the transaction: for those who then lock something else."""
        ...

    def append_service_event(self, at: int, actor: str, kind: str, payload: Mapping[str, Json]) -> AuditEvent: ...


class AuditQuestions(Protocol):
    """Part of a read."""

    def verify_audit(self, stream: str | None) -> tuple[int, BrokenEvent | None]:
        """(events recomputed, first broken one or None)."""
        ...
