"""From what a step did to what is written: one InstanceChange, with the audit events that tell of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from service.actions.decisions.decision_models import with_versions
from service.actions.events.thrown_events import thrown_by
from service.actions.incidents.open_incidents import carried_over, mended_by
from service.actions.incidents.stalled_incident import moved_by, stalled_by
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.published import published_version
from service.actions.names import MAX_ID
from service.actions.ports import Circumstances, InstanceChange, Lookups, Services
from service.actions.precedents.ended_precedents import ended_precedents
from service.actions.precedents.precedent_views import told_precedent
from service.actions.presentation import optional_timestamp
from service.actions.recusals.recusal_checks import held_by_recused, released_by
from service.actions.votes.ballot_boxes import ballot_events, require_votes
from service.domain import instance as states
from service.domain import task as task_states
from service.domain.audit import GENESIS, AuditChain
from service.domain.definition import KIND_DECISION
from service.domain.errors import NotFound, StepFailed
from service.domain.event import ThrownEvent
from service.domain.external_task import ExternalTask
from service.domain.identifiers import new_id
from service.domain.incident import Incident
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json, canonical_json
from service.domain.precedent import RECORDED
from service.domain.step import EXTERNAL_FORM, DecisionTaken, ExternalTaskOpened, OpenedTask, Step, UncaughtError
from service.domain.task import Task

Event = tuple[str, Mapping[str, Json]]
"""Kind and payload of an audit event to come."""


def law_of(services: Services, lookups: Lookups, instance: ProcessInstance) -> CaseLaw:
    """The law the instance keeps."""
    definition = services.shelf.get(("definition", instance.definition_id), lambda: lookups.process_definition(instance.definition_id))
    if definition is None:
        raise NotFound("process definition", instance.definition_id)
    return CaseLaw(services, lookups, definition, instance.law, instance.jurisdiction, instance.business_key, instance.id)


def circumstances(law: CaseLaw, now: int, actor: str) -> Circumstances:
    """What the engine is told about the moment."""
    return Circumstances(now, law, actor, law.business_key)


def _task(opened: OpenedTask, instance: ProcessInstance, law: CaseLaw, now: int) -> Task:
    for name in (*opened.candidate_users, *opened.candidate_groups, *([] if opened.assignee is None else [opened.assignee])):
        if len(name) > MAX_ID:
            raise StepFailed(opened.element_id, "data", f"the user or group {name[:40]!r}… has more than {MAX_ID} characters")
    version = None
    if opened.form_key is not None and opened.form_binding != EXTERNAL_FORM:
        version = law.within(opened.called).form(opened.element_id, opened.form_key, opened.form_binding, opened.form_version).version
    return Task(
        id=opened.id,
        process_instance_id=instance.id,
        definition_key=instance.definition_key,
        task_definition_key=opened.element_id,
        name=opened.name,
        business_key=instance.business_key,
        jurisdiction=instance.jurisdiction,
        jurisdiction_path=instance.jurisdiction_path,
        state=task_states.CREATED,
        created_at=now,
        assignee=opened.assignee,
        candidate_users=opened.candidate_users,
        candidate_groups=opened.candidate_groups,
        due_at=opened.due_at,
        due_basis=opened.due_basis,
        due_limit=opened.due_limit,
        follow_up_at=opened.follow_up_at,
        priority=opened.priority,
        form_key=opened.form_key,
        form_version=version,
        not_completed_by=opened.not_completed_by,
        suspended=instance.is_suspended,
        recusal_exempt=opened.recusal_exempt,
        ballot_box=opened.ballot_box,
        signature=opened.signature,
    )


def _external_task(opened: ExternalTaskOpened, instance: ProcessInstance, now: int) -> ExternalTask:
    if len(opened.topic) > MAX_ID:
        raise StepFailed(opened.element_id, "data", f"the topic {opened.topic[:40]!r}… has more than {MAX_ID} characters")
    return ExternalTask(
        id=opened.id,
        process_instance_id=instance.id,
        element_id=opened.element_id,
        topic=opened.topic,
        priority=opened.priority,
        created_at=now,
        available_at=now,
        retries=opened.retries,
    )


def _uncaught(error: UncaughtError, process_instance_id: str, now: int, actor: str) -> Incident:
    """The step before the error counts, so only the error itself is the incident; a retry throws it again."""
    operation: dict[str, Json] = {"do": "throw-again", "actor": actor, "errorEventId": error.id, "elementId": error.element_id}
    return Incident(new_id(), process_instance_id, error.element_id, "error-event", error.message, now, canonical_json(operation))


def _versioned(law: CaseLaw, taken: DecisionTaken) -> DecisionTaken:
    definition = published_version(law.services, law.lookups, KIND_DECISION, taken.decision_key, taken.version)
    if definition is None:
        return taken
    return replace(taken, record=with_versions(law.services, law.lookups, definition, taken.record))


def _events_of(step: Step, opened: Sequence[Task], cancelled: Sequence[str], cancelled_external: Sequence[str]) -> list[Event]:
    events: list[Event] = []
    for decision in step.decisions:
        record = decision.record
        events.append(
            (
                "decision.evaluated",
                {
                    "elementId": decision.element_id,
                    "decisionKey": decision.decision_key,
                    "version": decision.version,
                    "result": record.get("result"),
                    "matchedRules": record.get("matchedRules"),
                },
            )
        )
    events.extend(
        ("message.sent", {"elementId": message.element_id, "name": message.name, "payload": dict(message.payload)})
        for message in step.messages
    )
    events.extend(
        ("signal.sent", {"elementId": signal.element_id, "name": signal.name, "payload": dict(signal.payload)}) for signal in step.signals
    )
    events.extend(("task.cancelled", {"taskId": task_id}) for task_id in cancelled)
    events.extend(("external-task.cancelled", {"externalTaskId": task_id}) for task_id in cancelled_external)
    events.extend(
        (
            "external-task.created",
            {"externalTaskId": task.id, "elementId": task.element_id, "topicName": task.topic, "priority": task.priority},
        )
        for task in step.opened_external
    )
    events.extend(
        (
            "task.created",
            {
                "taskId": task.id,
                "taskDefinitionKey": task.task_definition_key,
                "name": task.name,
                "assignee": task.assignee,
                "candidateUsers": list(task.candidate_users),
                "candidateGroups": list(task.candidate_groups),
                "dueDate": optional_timestamp(task.due_at),
                "dueBasis": task.due_basis,
                "dueLimit": None if task.due_limit is None else task.due_limit.as_json(),
            },
        )
        for task in opened
    )
    if step.finished is not None:
        events.append(("instance.completed", {"end": step.finished}))
    return events


def chain_of(instance: ProcessInstance) -> AuditChain:
    """The end of the instance's audit stream."""
    return AuditChain(instance.id, instance.audit_seq, instance.audit_head or GENESIS)


def put_events(change: InstanceChange, actor: str, events: Sequence[Event]) -> None:
    """Put events on the instance's chain and into the change."""
    chain = chain_of(change.instance)
    for kind, payload in events:
        change.audit.append(chain.append(change.now, actor, kind, payload))
    change.instance.audit_seq, change.instance.audit_head = chain.seq, chain.head


def change_of(
    instance: ProcessInstance,
    step: Step,
    law: CaseLaw,
    now: int,
    actor: str,
    events: Sequence[Event],
    completed_task: str | None = None,
    incidents: Sequence[Incident] = (),
    retried: str | None = None,
    done_external: str | None = None,
    cause: ThrownEvent | None = None,
) -> InstanceChange:
    """Everything that is written for `step`; `instance` takes its new values. `events` come first in the trail.

    `incidents` are the instance's open ones, `retried` the one being retried: the state stays incident while one is not mended.
    `completed_task` and `done_external` are the task and the external task that the step ended as its doer wished, `cause` the signal or
    message that brought it about.
    """
    expected = instance.version
    cancelled = [task_id for task_id in step.closed_tasks if task_id != completed_task]
    change = InstanceChange(instance, expected, now)
    change.opened_tasks = [_task(opened, instance, law, now) for opened in step.opened_tasks]
    require_votes(law, change.opened_tasks)
    ballots, change.voided_boxes = ballot_events(law, step)
    recused = held_by_recused(law.lookups, instance.id, change.opened_tasks, step.closed_tasks, step.variables, now)
    released: list[Event] = [released_by(recusal, task) for task, recusal in recused]
    taken, opened_ids = {task.id for task, _ in recused}, {task.id for task in change.opened_tasks}
    change.opened_tasks = [replace(task, assignee=None) if task.id in taken else task for task in change.opened_tasks]
    change.released_tasks = [task for task, _ in recused if task.id not in opened_ids]
    change.closed_tasks = dict.fromkeys(cancelled, (task_states.CANCELLED, now, None))
    if completed_task is not None:
        change.closed_tasks[completed_task] = (task_states.COMPLETED, now, actor)
    change.armed_timers, change.cancelled_timers = step.armed_timers, step.cancelled_timers
    change.subscribed, change.unsubscribed = step.subscribed, step.unsubscribed
    change.opened_external, change.closed_external = (
        [_external_task(one, instance, now) for one in step.opened_external],
        step.closed_external,
    )
    change.activities, change.decisions = step.activities, [_versioned(law, taken) for taken in step.decisions]
    change.variables = step.variables
    change.precedents = ended_precedents(law, instance, step, now, actor)
    change.outbox = [
        (
            new_id(),
            "rongjiu.message.sent",
            {
                "processInstanceId": instance.id,
                "businessKey": instance.business_key,
                "elementId": message.element_id,
                "name": message.name,
                "payload": dict(message.payload),
            },
        )
        for message in step.messages
    ]
    change.thrown = thrown_by(step, instance, law, now, cause)
    change.resolved_incidents = [*mended_by(step, incidents, retried), *moved_by(step, incidents)]
    begun = [_uncaught(error, instance.id, now, actor) for error in step.uncaught]
    begun += stalled_by(step, incidents, instance.id, now, actor)
    change.opened_incidents = [*carried_over(step, incidents, retried), *begun]
    instance.state_data = step.state_data
    instance.version = expected + 1
    if not instance.is_suspended:
        remaining = len(incidents) - len(change.resolved_incidents) + len(begun)
        instance.state = states.INCIDENT if remaining else states.ACTIVE
    if step.finished is not None:
        instance.state, instance.ended_at, instance.end_reason = states.COMPLETED, now, step.finished
    cancelled_external = [task_id for task_id in step.closed_external if task_id != done_external]
    opened: list[Event] = [(RECORDED, {**told_precedent(one), "precedentId": one.id}) for one in change.precedents]
    opened += [
        ("incident.opened", {"incidentId": one.id, "elementId": one.element_id, "kind": one.kind, "message": one.message}) for one in begun
    ]
    told = [*ballots, *_events_of(step, change.opened_tasks, cancelled, cancelled_external)]
    put_events(change, actor, [*events, *told, *released, *opened])
    return change


def new_instance(law: CaseLaw, jurisdiction_path: str | None, business_key: str | None, now: int, actor: str) -> ProcessInstance:
    """An instance that has not run yet, of the definition and the place of `law`."""
    definition = law.definition
    return ProcessInstance(
        id=new_id(),
        definition_id=definition.id,
        definition_key=definition.key,
        definition_version=definition.version,
        business_key=business_key,
        jurisdiction=law.jurisdiction,
        jurisdiction_path=jurisdiction_path,
        state=states.ACTIVE,
        started_at=now,
        started_by=actor,
        law=law.seq,
    )
