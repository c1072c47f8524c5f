"""Complete a task: load, check, advance, save, commit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.actions.advance import Event, change_of, circumstances, law_of
from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, fingerprint, recall, remember
from service.actions.case_law import CaseLaw, published_version, resumed
from service.actions.door_checks import require_declared_types
from service.actions.form_submission import Values, form_values, plain_values, variables_after
from service.actions.incidents import StepFailedIn, recording_incidents
from service.actions.instance_summary import instance_summary, waiting_after
from service.actions.open_incidents import open_incidents_of
from service.actions.ports import Execution, FewTasks, InstanceChange, Services, StoredAnswer, Transaction
from service.actions.presentation import task_json
from service.actions.recusal_checks import require_not_recused
from service.domain import task as task_states
from service.domain.access import require_may
from service.domain.definition import KIND_FORM
from service.domain.errors import Conflict, NotFound, StepFailed
from service.domain.instance import ProcessInstance, require_running
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.task import Task, require_may_work_on


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """`variables` as submitted: by form keys where a form is bound, else top-level variables."""

    task_id: str
    variables: Mapping[str, Json]
    repeat: Repeat = NO_REPEAT


def complete_task(services: Services, principal: Principal, command: CompleteTask) -> Answer:
    """200 with the task and its instance; the same again for the same person and body."""
    require_may(principal, "work")
    return recording_incidents(services, principal.actor, lambda: _complete(services, principal, command))


def _complete(services: Services, principal: Principal, command: CompleteTask) -> Answer:
    act = fingerprint("complete", command.task_id, principal.person, dict(command.variables))
    with services.store.begin() as tx:
        task, instance = _locked(tx, command.task_id)
        earlier = recall(tx, principal, command.repeat) or _same_act(tx, task, act)
        if earlier is not None:
            return earlier
        person = require_may_work_on(task, principal, _barred(tx, task))
        require_not_recused(tx, task, person, services.clock())
        require_running(instance)
        law = law_of(services, tx, instance)
        execution = resumed(services, tx, law, instance.state_data)
        values = _accepted(services, tx, law, task, execution, command.variables)
        given = advance_task(services, tx, law, instance, task, execution, values, person, act)
        now = services.clock()
        tx.remember_answer(StoredAnswer(act_key(task.id), act, given.status, given.body, now))
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given


def _locked(tx: Transaction, task_id: str) -> tuple[Task, ProcessInstance]:
    """The task as it stands while its instance is locked: the instance's lock orders everything that happens to its tasks."""
    task = tx.load_task(task_id)
    instance = None if task is None else tx.load_instance(task.process_instance_id)
    task = tx.load_task(task_id)
    if task is None or instance is None:
        raise NotFound("task", task_id)
    return task, instance


def act_key(task_id: str) -> str:
    """Under which key the answer to a completion is kept, for the same person sending the same again."""
    return f"completion:{task_id}"


def _same_act(tx: Transaction, task: Task, act: str) -> Answer | None:
    if task.state != task_states.COMPLETED:
        return None
    stored = tx.recall_answer(act_key(task.id))
    return Answer(stored.status, stored.body) if stored is not None and stored.fingerprint == act else None


def _barred(tx: Transaction, task: Task) -> frozenset[str]:
    return tx.completers(task.process_instance_id, task.not_completed_by) if task.not_completed_by else frozenset()


def _accepted(services: Services, tx: Transaction, law: CaseLaw, task: Task, execution: Execution, submitted: Mapping[str, Json]) -> Values:
    standing = execution.task_variables(task.id)
    law = law.within(execution.called_process(task.id))
    if task.form_key is None or task.form_version is None:
        values = plain_values(submitted)
    else:
        definition = published_version(services, tx, KIND_FORM, task.form_key, task.form_version or 0)
        if definition is None:
            raise Conflict(f"the form {task.form_key!r} of this task is missing", "form-missing")
        values = form_values(services, tx, law, task.task_definition_key, definition, submitted, standing)
    require_declared_types(law, variables_after(standing, values))
    return values


def advance_task(
    services: Services,
    tx: Transaction,
    law: CaseLaw,
    instance: ProcessInstance,
    task: Task,
    execution: Execution,
    values: Values,
    person: str,
    act: str,
) -> Answer:
    """Advance the locked instance by the completed task, write it, and make the answer. Raises StepFailedIn."""
    now = services.clock()
    before = tx.few_open_tasks(instance.id)
    event: Event = (
        "task.completed",
        {
            "taskId": task.id,
            "taskDefinitionKey": task.task_definition_key,
            "name": task.name,
            "values": {"/".join(path): value for path, value in values},
        },
    )
    try:
        step = execution.complete_task(task.id, values, circumstances(law, now, person))
        incidents = open_incidents_of(tx, instance)
        change = change_of(instance, step, law, now, person, [event], completed_task=task.id, incidents=incidents)
    except StepFailed as failure:
        operation: dict[str, Json] = {
            "do": "complete",
            "taskId": task.id,
            "taskDefinitionKey": task.task_definition_key,
            "name": task.name,
            "person": person,
            "actor": person,
            "act": act,
            "values": [[list(path), value] for path, value in values],
        }
        raise StepFailedIn(instance, failure, operation) from failure
    tx.save_instance(change)
    return completion_answer(task, change, waiting_after(tx, change, before), person)


def completion_answer(task: Task, change: InstanceChange, waiting: FewTasks, person: str) -> Answer:
    """What completing `task` is answered with: the task as it is now, and what waits in its instance."""
    done = replace(task, state=task_states.COMPLETED, completed_at=change.now, completed_by=person, version=task.version + 1)
    return answer(200, {"task": task_json(done, change.now), "processInstance": instance_summary(change, waiting)})
