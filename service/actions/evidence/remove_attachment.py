"""Take an attachment out of the case, with a reason: it is not shown any more, and nothing of it is lost."""

from dataclasses import replace

from service.actions.answer import Answer, answer
from service.actions.instances.advance import put_events
from service.actions.instances.instance_operation import Operated, Operation, operate
from service.actions.ports import InstanceChange, Services
from service.actions.presentation import attachment_json
from service.domain.errors import Conflict, NotFound
from service.domain.evidence import ATTACHMENT_REMOVED
from service.domain.json_values import Json


def remove_attachment(services: Services, operation: Operation, attachment_id: str) -> Answer:
    """200 with the removed attachment. NotFound, or Conflict when it is removed already or the instance has ended."""
    return operate(services, "work", operation, lambda operated: _remove(operated, attachment_id))


def _remove(operated: Operated, attachment_id: str) -> Answer:
    instance, tx, reason = operated.instance, operated.tx, operated.operation.reason
    found = tx.load_attachment(attachment_id)
    if found is None or found.process_instance_id != instance.id:
        raise NotFound("attachment", attachment_id)
    if found.removed_at is not None:
        raise Conflict("the attachment is removed already", "already-removed")
    removed = replace(found, removed_at=operated.now, removed_by=operated.actor, removal_reason=reason)
    change = InstanceChange(instance, instance.version, operated.now)
    instance.version += 1
    told: dict[str, Json] = {
        "attachmentId": found.id,
        "name": found.name,
        "version": found.version,
        "digest": found.digest,
        "reason": reason,
    }
    put_events(change, operated.actor, [(ATTACHMENT_REMOVED, told)])
    tx.mark_attachment_removed(removed)
    tx.save_instance(change)
    return answer(200, attachment_json(removed))
