"""Fetch external tasks for a worker, each locked for a while so that no other worker has it too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.incidents.failed_steps import StepFailedIn, recording_incidents
from service.actions.incidents.open_incidents import EXTERNAL_TASK
from service.actions.instances.advance import law_of
from service.actions.instances.case_law import resumed
from service.actions.ports import Execution, Questions, Services
from service.actions.presentation import external_task_json
from service.domain.access import require_may
from service.domain.errors import Conflict, StepFailed, StepIncident
from service.domain.external_task import ExternalTask, TopicRequest
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.principal import Principal

log = structlog.get_logger("rongjiu.external_tasks")


@dataclass(frozen=True, slots=True)
class FetchExternalTasks:
    """Up to `max_tasks` of the topics; `use_priority`: the most urgent first, else the longest available."""

    worker_id: str
    max_tasks: int
    topics: Sequence[TopicRequest]
    use_priority: bool
    repeat: Repeat = NO_REPEAT


def fetch_external_tasks(services: Services, principal: Principal, command: FetchExternalTasks) -> Answer:
    """200 with the tasks, now locked for the worker, each with its variables."""
    require_may(principal, "execute")
    return answered_once(services, principal, command.repeat, lambda: _fetch(services, principal, command))


def _fetch(services: Services, principal: Principal, command: FetchExternalTasks) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        taken = tx.take_external_tasks(command.worker_id, command.topics, command.max_tasks, command.use_priority, now)
        tx.commit()
    # Bringing the instances to life takes longer than locking; nobody else waits for it.
    with services.store.read() as questions:
        shown = _Shown(services, questions, now)
        items: list[Json] = [one for task in taken if (one := shown.row(task, _wanted(command.topics, task))) is not None]
    for failed in shown.failed:
        _record(services, principal, failed)
    given = answer(200, {"items": items})
    if command.repeat.key is not None:
        with services.store.begin() as tx:
            remember(tx, principal, command.repeat, given, now)
            tx.commit()
    return given


def _wanted(topics: Sequence[TopicRequest], task: ExternalTask) -> Sequence[str] | None:
    """The variables that the first request for such work names: the same one whose lock duration counts."""
    return next(request.variables for request in topics if request.fits(task))


def _record(services: Services, principal: Principal, failed: StepFailedIn) -> None:
    """One case that cannot be read must not keep the work of all others from their workers: it becomes an incident."""

    def fail() -> None:
        raise failed

    try:
        recording_incidents(services, principal.actor, fail)
    except StepIncident as told:
        log.warning("external-task.unreadable", process_instance=failed.process_instance_id, incident=told.incident_id)
    except Conflict as conflict:
        # The case went on meanwhile; if it still cannot be read, the next fetch finds out.
        log.info("external-task.lost_race", process_instance=failed.process_instance_id, code=conflict.code)


class _Shown:
    """Makes the rows of one answer; an instance is brought to life once, however many of its tasks are fetched."""

    def __init__(self, services: Services, questions: Questions, now: int) -> None:
        self.services = services
        self.questions = questions
        self.now = now
        self.lives: dict[str, Execution | None] = {}
        self.failed: list[StepFailedIn] = []

    def row(self, task: ExternalTask, names: Sequence[str] | None) -> Json:
        """The task with its variables; None when it was withdrawn since it was locked, or its instance cannot be read."""
        variables: Mapping[str, Json] | None = {}
        if names is None or names:
            life = self._life(task)
            variables = None if life is None else life.external_variables(task.id)
        if variables is None:
            return None
        seen = variables if names is None else {name: variables[name] for name in names if name in variables}
        return {**external_task_json(task, self.now), "variables": dict(seen)}

    def _life(self, task: ExternalTask) -> Execution | None:
        if task.process_instance_id not in self.lives:
            instance = self.questions.instance(task.process_instance_id)
            life = None
            if instance is not None and instance.is_open:
                law = law_of(self.services, self.questions, instance)
                try:
                    life = resumed(self.services, self.questions, law, instance.state_data)
                except Conflict as unreadable:
                    self._fail(instance, task, unreadable)
            self.lives[task.process_instance_id] = life
        return self.lives[task.process_instance_id]

    def _fail(self, instance: ProcessInstance, task: ExternalTask, unreadable: Conflict) -> None:
        operation: dict[str, Json] = {"do": "work", EXTERNAL_TASK: task.id, "elementId": task.element_id, "topicName": task.topic}
        failure = StepFailed(task.element_id, "definition", unreadable.message)
        self.failed.append(StepFailedIn(instance, failure, operation, external_task_id=task.id))
