"""The JSON objects of the API's nouns, made in one place for answers and lists alike."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from service.domain.errors import Finding
from service.domain.evidence import Attachment, Document
from service.domain.external_task import ExternalTask
from service.domain.incident import Incident
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.operations import OpenActivity
from service.domain.recusal import GROUNDS, Recusal
from service.domain.signature import Signature
from service.domain.task import CREATED, Task, form_kind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp(milliseconds: int) -> str:
    """RFC 3339 in UTC with milliseconds, from epoch milliseconds."""
    # isoformat, for strftime writes years before 1000 with three digits.
    return (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")[:-6] + "Z"


def optional_timestamp(milliseconds: int | None) -> str | None:
    """As `timestamp`, None for None."""
    return None if milliseconds is None else timestamp(milliseconds)


def finding_json(finding: Finding) -> dict[str, Json]:
    """A finding as the API shows it."""
    return {
        "file": finding.file,
        "elementId": finding.element_id,
        "line": finding.line,
        "code": finding.code,
        "message": finding.message,
        "severity": finding.severity,
    }


def file_finding_json(finding: Finding) -> dict[str, Json]:
    """A finding of a deployment: also the column inside its expression, how to mend it, and where docs/ tells of its code."""
    docs = None if finding.hint is None else f"findings.md#{finding.code}"
    return {**finding_json(finding), "column": finding.column, "hint": finding.hint, "docs": docs}


def task_json(task: Task, now: int) -> dict[str, Json]:
    """The API's Task. `overdue`: still open and past its due date at `now`."""
    return {
        "id": task.id,
        "name": task.name,
        "taskDefinitionKey": task.task_definition_key,
        "processInstanceId": task.process_instance_id,
        "definitionKey": task.definition_key,
        "businessKey": task.business_key,
        "jurisdiction": task.jurisdiction,
        "state": task.state,
        "suspended": task.suspended,
        "assignee": task.assignee,
        "candidateUsers": list(task.candidate_users),
        "candidateGroups": list(task.candidate_groups),
        "createdAt": timestamp(task.created_at),
        "dueDate": optional_timestamp(task.due_at),
        "dueBasis": task.due_basis,
        "dueLimit": None if task.due_limit is None else task.due_limit.as_json(),
        "overdue": task.state == CREATED and task.due_at is not None and task.due_at < now,
        "followUpDate": optional_timestamp(task.follow_up_at),
        "priority": task.priority,
        "formKey": task.form_key,
        "formKind": form_kind(task.form_key, task.form_version),
        "version": task.version,
        "completedAt": optional_timestamp(task.completed_at),
        "completedBy": task.completed_by,
        "secretBallot": task.ballot_box is not None,
        "signature": task.signature,
    }


def instance_json(instance: ProcessInstance, open_tasks: Sequence[Task], now: int) -> dict[str, Json]:
    """The API's process instance with the tasks that wait in it."""
    return {
        "id": instance.id,
        "definitionId": instance.definition_id,
        "definitionKey": instance.definition_key,
        "version": instance.definition_version,
        "businessKey": instance.business_key,
        "jurisdiction": instance.jurisdiction,
        "state": instance.state,
        "startedAt": timestamp(instance.started_at),
        "startedBy": instance.started_by,
        "endedAt": optional_timestamp(instance.ended_at),
        "endReason": instance.end_reason,
        "openTasks": [task_json(task, now) for task in open_tasks],
    }


def external_task_json(task: ExternalTask, now: int) -> dict[str, Json]:
    """The API's external task. `lockExpiresAt` is null when no worker has it."""
    return {
        "id": task.id,
        "topicName": task.topic,
        "elementId": task.element_id,
        "processInstanceId": task.process_instance_id,
        "definitionId": task.definition_id,
        "definitionKey": task.definition_key,
        "version": task.definition_version,
        "businessKey": task.business_key,
        "jurisdiction": task.jurisdiction,
        "state": task.state(now),
        "suspended": task.suspended,
        "priority": task.priority,
        "createdAt": timestamp(task.created_at),
        "availableAt": timestamp(task.available_at),
        "workerId": task.worker_id,
        "lockExpiresAt": None if task.worker_id is None else timestamp(task.available_at),
        "retries": task.retries,
        "errorMessage": task.error_message,
        "errorDetails": task.error_details,
    }


def incident_json(incident: Incident) -> dict[str, Json]:
    """The API's incident."""
    return {
        "id": incident.id,
        "processInstanceId": incident.process_instance_id,
        "elementId": incident.element_id,
        "kind": incident.kind,
        "message": incident.message,
        "createdAt": timestamp(incident.created_at),
        "resolvedAt": optional_timestamp(incident.resolved_at),
    }


def recusal_json(recusal: Recusal) -> dict[str, Json]:
    """The API's recusal."""
    ground = GROUNDS[recusal.ground]
    return {
        "id": recusal.id,
        "userId": recusal.user_id,
        "subjectId": recusal.subject_id,
        "matterId": recusal.matter_id,
        "processInstanceId": recusal.process_instance_id,
        "ground": recusal.ground,
        "groundName": ground.name,
        "law": ground.law,
        "note": recusal.note,
        "ofHead": recusal.of_head,
        "decider": recusal.decider,
        "state": recusal.state,
        "from": recusal.begins_on,
        "to": recusal.ends_on,
        "declaredAt": timestamp(recusal.declared_at),
        "declaredBy": recusal.declared_by,
        "decidedAt": optional_timestamp(recusal.decided_at),
        "decidedBy": recusal.decided_by,
        "reason": recusal.reason,
    }


def signature_json(signature: Signature) -> dict[str, Json]:
    """The API's signature."""
    return {
        "processInstanceId": signature.process_instance_id,
        "taskId": signature.task_id,
        "taskDefinitionKey": signature.task_definition_key,
        "taskName": signature.task_name,
        "userId": signature.user_id,
        "userName": signature.user_name,
        "post": signature.post,
        "signedAt": timestamp(signature.signed_at),
        "via": signature.via,
        "digest": signature.digest,
    }


def attachment_json(attachment: Attachment) -> dict[str, Json]:
    """The API's attachment."""
    return {
        "id": attachment.id,
        "processInstanceId": attachment.process_instance_id,
        "taskId": attachment.task_id,
        "name": attachment.name,
        "version": attachment.version,
        "mediaType": attachment.media_type,
        "size": attachment.size,
        "digest": attachment.digest,
        "description": attachment.description,
        "createdAt": timestamp(attachment.created_at),
        "createdBy": attachment.created_by,
        "removedAt": optional_timestamp(attachment.removed_at),
        "removedBy": attachment.removed_by,
        "removalReason": attachment.removal_reason,
    }


def document_json(document: Document) -> dict[str, Json]:
    """The API's document."""
    return {
        "id": document.id,
        "processInstanceId": document.process_instance_id,
        "taskId": document.task_id,
        "template": document.template,
        "templateVersion": document.template_version,
        "title": document.title,
        "occurrence": document.occurrence,
        "version": document.version,
        "number": document.number,
        "size": document.size,
        "digest": document.digest,
        "createdAt": timestamp(document.created_at),
        "createdBy": document.created_by,
    }


def visit_json(visit: OpenActivity) -> dict[str, Json]:
    """A visit of an element, as operations on instances name it."""
    return {"id": visit.id, "activityId": visit.element_id, "name": visit.name, "type": visit.kind}
