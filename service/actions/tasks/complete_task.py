"""Complete a task: load, check, advance, save, commit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, fingerprint, recall, remember
from service.actions.incidents.failed_steps import StepFailedIn, recording_incidents
from service.actions.incidents.open_incidents import open_incidents_of
from service.actions.instances.advance import change_of, circumstances, law_of
from service.actions.instances.case_law import CaseLaw, resumed
from service.actions.instances.door_checks import require_declared_types
from service.actions.instances.instance_summary import instance_summary, waiting_after
from service.actions.instances.published import form_of, published_version
from service.actions.ports import Execution, FewTasks, InstanceChange, Services, StoredAnswer, Transaction
from service.actions.presentation import task_json
from service.actions.recusals.recusal_checks import require_not_recused
from service.actions.recusals.voters import require_voters
from service.actions.tasks.completion_events import SIGNATURE, completion_events
from service.actions.tasks.form_submission import Values, form_values, plain_values, variables_after
from service.actions.votes.casting import BOX, ballot_of, require_not_cast, without_choice
from service.actions.votes.signing import signature_for
from service.domain import task as task_states
from service.domain.access import require_may
from service.domain.ballot import Ballot, require_may_vote
from service.domain.definition import KIND_FORM
from service.domain.errors import Conflict, NotFound, StepFailed
from service.domain.instance import ProcessInstance, require_running
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.signature import require_may_sign, signature_of
from service.domain.task import Task, require_may_work_on
from service.forms import Form


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """`variables` as submitted: by form keys where a form is bound, else top-level variables. `post`: as what the person signs."""

    task_id: str
    variables: Mapping[str, Json]
    repeat: Repeat = NO_REPEAT
    post: str | None = None


def complete_task(services: Services, principal: Principal, command: CompleteTask) -> Answer:
    """200 with the task and its instance; the same again for the same person and body."""
    require_may(principal, "work")
    return recording_incidents(services, principal.actor, lambda: _complete(services, principal, command))


def _complete(services: Services, principal: Principal, command: CompleteTask) -> Answer:
    with services.store.begin() as tx:
        task, instance = _locked(tx, command.task_id)
        repeat, act = _known_again(principal, command, task)
        earlier = recall(tx, principal, repeat) or _same_act(tx, task, act)
        if earlier is not None:
            return earlier
        if task.ballot_box is not None:
            require_may_vote(principal)
            require_not_cast(tx, task, principal)
        if task.signature:
            require_may_sign(principal)
        person = require_may_work_on(task, principal, _barred(tx, task))
        require_not_recused(tx, task, person, services.clock())
        require_running(instance)
        law = law_of(services, tx, instance)
        execution = resumed(services, tx, law, instance.state_data)
        values, form = _accepted(services, tx, law, task, execution, command.variables)
        require_voters(tx, task, values, services.clock())
        signature = signature_for(tx, principal, task, values, command.post, services.clock())
        ballot = None
        if task.ballot_box is not None:
            ballot, values = ballot_of(task, form, values), ()
            tx.cast_ballot(ballot)
        given = advance_task(services, tx, law, instance, task, execution, Completion(values, person, act, signature, ballot))
        now = services.clock()
        tx.remember_answer(StoredAnswer(act_key(task.id), act, given.status, given.body, now))
        remember(tx, principal, repeat, given, now)
        tx.commit()
    return given


def _known_again(principal: Principal, command: CompleteTask, task: Task) -> tuple[Repeat, str]:
    """How this act is known when it is repeated: by a digest of all that was sent, of a vote by nothing of it."""
    if task.ballot_box is not None:
        repeat = without_choice(command.repeat, task, principal)
        return repeat, repeat.fingerprint
    parts: list[Json] = ["complete", command.task_id, principal.person, dict(command.variables)]
    return command.repeat, fingerprint(*parts, *([] if command.post is None else [command.post]))


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
    if task.state != task_states.COMPLETED or task.ballot_box is not None:
        return None
    stored = tx.recall_answer(act_key(task.id))
    return Answer(stored.status, stored.body) if stored is not None and stored.fingerprint == act else None


def _barred(tx: Transaction, task: Task) -> frozenset[str]:
    return tx.completers(task.process_instance_id, task.not_completed_by) if task.not_completed_by else frozenset()


def _accepted(
    services: Services, tx: Transaction, law: CaseLaw, task: Task, execution: Execution, submitted: Mapping[str, Json]
) -> tuple[Values, Form | None]:
    standing = execution.task_variables(task.id)
    law = law.within(execution.called_process(task.id))
    form = None
    if task.form_key is None or task.form_version is None:
        values = plain_values(submitted)
    else:
        definition = published_version(services, tx, KIND_FORM, task.form_key, task.form_version or 0)
        if definition is None:
            raise Conflict(f"the form {task.form_key!r} of this task is missing", "form-missing")
        values = form_values(services, tx, law, task.task_definition_key, definition, submitted, standing)
        form = form_of(services, tx, definition)
    if task.ballot_box is None:
        require_declared_types(law, variables_after(standing, values))
    return values, form


@dataclass(frozen=True, slots=True)
class Completion:
    """What the person does: the values set, `act` by which it is known again, the signature as it is told, the ballot that was cast."""

    values: Values
    person: str
    act: str
    signature: Mapping[str, Json] | None = None
    ballot: Ballot | None = None

    def operation(self, task: Task) -> dict[str, Json]:
        """The act as an incident keeps it, for a retry. Of a ballot it knows the box."""
        kept: dict[str, Json] = {
            "do": "complete",
            "taskId": task.id,
            "taskDefinitionKey": task.task_definition_key,
            "name": task.name,
            "person": self.person,
            "actor": self.person,
            "act": self.act,
            "values": [[list(path), value] for path, value in self.values],
        }
        if self.ballot is not None:
            kept[BOX] = self.ballot.box_id
        if self.signature is not None:
            kept[SIGNATURE] = dict(self.signature)
        return kept


def advance_task(
    services: Services,
    tx: Transaction,
    law: CaseLaw,
    instance: ProcessInstance,
    task: Task,
    execution: Execution,
    done: Completion,
) -> Answer:
    """Advance the locked instance by the completed task, write it, and make the answer. Raises StepFailedIn."""
    now, person = services.clock(), done.person
    before = tx.few_open_tasks(instance.id)
    operation = done.operation(task)
    signed = None if done.signature is None else signature_of(instance.id, done.signature)
    try:
        step = execution.complete_task(task.id, done.values, replace(circumstances(law, now, person), signature=signed))
        incidents = open_incidents_of(tx, instance)
        events = completion_events(operation, step)
        change = change_of(instance, step, law, now, person, events, completed_task=task.id, incidents=incidents)
    except StepFailed as failure:
        raise StepFailedIn(instance, failure, operation, ballot=done.ballot) from failure
    tx.save_instance(change)
    return completion_answer(task, change, waiting_after(tx, change, before), person)


def completion_answer(task: Task, change: InstanceChange, waiting: FewTasks, person: str) -> Answer:
    """What completing `task` is answered with: the task as it is now, and what waits in its instance."""
    done = replace(task, state=task_states.COMPLETED, completed_at=change.now, completed_by=person, version=task.version + 1)
    return answer(200, {"task": task_json(done, change.now), "processInstance": instance_summary(change, waiting)})
