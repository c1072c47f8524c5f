"""Make a document (文书) of a case from the template in force: numbered, kept by its digest, told in the audit trail.

It is made before anything is written, since the embedded database has one writer for all; what it was made from is looked at again
under the lock of the instance.
"""

import io
from functools import partial

from service.actions.answer import Answer, answer, answered_once, given_before
from service.actions.evidence.add_attachment import require_task_of
from service.actions.evidence.contents import measured, pieces
from service.actions.evidence.document_draft import Basis, Draft, NewDocument, day_of, draft_document
from service.actions.evidence.document_occurrence import occurrence_of
from service.actions.evidence.document_subject import registered
from service.actions.instances.advance import put_events
from service.actions.instances.instance_operation import Operated, Operation, operate
from service.actions.ports import InstanceChange, Services
from service.actions.presentation import document_json
from service.domain.access import require_may
from service.domain.china_time import moment
from service.domain.errors import Conflict
from service.domain.evidence import DOCUMENT_GENERATED, Document
from service.domain.identifiers import new_id
from service.domain.instance import require_not_cancelled
from service.domain.json_values import Json

__all__ = ["ATTEMPTS", "NewDocument", "generate_document"]

ATTEMPTS = 8
"""How often a document is made again because the case, or the number, was changed by others meanwhile."""


class _Outdated(Exception):
    """What the document was made from is not so any more; nothing was written."""


def generate_document(services: Services, operation: Operation, wanted: NewDocument) -> Answer:
    """201 with a new version of the document. Its number is given once and stays from version to version (see occurrence_of).

    Invalid names every field that the template needs and the case does not have; then nothing is written, no number is used.
    Conflict when the instance was cancelled, or is changed again and again while the document is made; a completed one stays as it is
    but for its document. Unavailable when too many are being made.
    """
    require_may(operation.principal, "work")
    with services.documents.turn():
        return answered_once(services, operation.principal, operation.repeat, lambda: _made(services, operation, wanted))


def _made(services: Services, operation: Operation, wanted: NewDocument) -> Answer:
    given = given_before(services, operation.principal, operation.repeat)
    if given is not None:
        return given
    for _ in range(ATTEMPTS):
        draft = draft_document(services, operation, wanted)
        try:
            return operate(services, "work", operation, partial(_keep, wanted, draft), require_not_cancelled)
        except _Outdated:
            continue
    raise Conflict("the process instance was changed again and again while the document was made; try again", "stale")


def _keep(wanted: NewDocument, draft: Draft, operated: Operated) -> Answer:
    instance, tx, now, template = operated.instance, operated.tx, operated.now, draft.template
    if _basis_now(operated, wanted, draft) != draft.basis:
        raise _Outdated
    kept = measured(io.BytesIO(draft.content))
    made = Document(
        new_id(),
        instance.id,
        wanted.task_id,
        template.key,
        template.version,
        template.name,
        draft.version,
        draft.number,
        kept.size,
        kept.digest,
        now,
        operated.actor,
        instance.audit_seq + 1,
        draft.basis.occurrence.number,
    )
    change = InstanceChange(instance, instance.version, now)
    instance.version += 1
    told: dict[str, Json] = {
        "documentId": made.id,
        "taskId": made.task_id,
        "template": template.id,
        "templateDigest": template.digest,
        "number": made.number,
        "occurrence": made.occurrence,
        "version": made.version,
        "size": made.size,
        "digest": made.digest,
        "subjectSources": draft.subject.sources,
        "warnings": [*draft.subject.warnings],
    }
    put_events(change, operated.actor, [(DOCUMENT_GENERATED, told)])
    tx.keep_content(kept, pieces(io.BytesIO(draft.content)))
    tx.insert_document(made)
    tx.save_instance(change)
    return answer(201, {**document_json(made), "subject": draft.subject.context, "warnings": [*draft.subject.warnings]})


def _basis_now(operated: Operated, wanted: NewDocument, draft: Draft) -> Basis:
    """The same things as they are now, under the lock of the instance. A new number is taken: nobody else gets it if this is kept."""
    instance, tx, actor = operated.instance, operated.tx, operated.actor
    if instance.version != draft.basis.instance_version:
        raise _Outdated
    person = tx.user(actor)
    task = require_task_of(tx.load_task, instance.id, wanted.task_id)
    occurrence = occurrence_of(tx, instance.id, draft.template.key, task)
    return Basis(
        instance.version,
        task,
        actor if person is None else person.name,
        registered(tx, draft.subject_id),
        occurrence,
        tx.next_document_number(instance.jurisdiction, moment(operated.now).year) if occurrence.before is None else None,
        day_of(operated.now),
    )
