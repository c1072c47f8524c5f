"""What the reports of a worker have in common: the task under its lock, the step that follows, and the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.actions.answer import Answer, Repeat, answer, answered_once, fingerprint, recall, remember
from service.actions.incidents.failed_steps import StepFailedIn, recording_incidents
from service.actions.incidents.open_incidents import EXTERNAL_TASK, open_incidents_of
from service.actions.instances.advance import Event, change_of, law_of
from service.actions.instances.case_law import CaseLaw, resumed
from service.actions.instances.instance_summary import instance_summary, waiting_after
from service.actions.ports import Execution, FewTasks, InstanceChange, Services, StoredAnswer, Transaction
from service.actions.presentation import external_task_json
from service.domain.access import require_may
from service.domain.errors import NotFound, StepFailed
from service.domain.external_task import ExternalTask, require_held
from service.domain.instance import ProcessInstance, require_running
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.step import Step


@dataclass(frozen=True, slots=True)
class Held:
    """A task that the reporting worker has locked, with its locked instance brought to life; `act` is the report's fingerprint."""

    task: ExternalTask
    instance: ProcessInstance
    law: CaseLaw
    execution: Execution
    act: str

    def operation(self, do: str, actor: str, worker_id: str, **told: Json) -> dict[str, Json]:
        """What a retry does when the step fails."""
        return {
            "do": do,
            "actor": actor,
            EXTERNAL_TASK: self.task.id,
            "elementId": self.task.element_id,
            "topicName": self.task.topic,
            "workerId": worker_id,
            "act": self.act,
            **told,
        }

    def failed(self, failure: StepFailed, operation: Mapping[str, Json]) -> StepFailedIn:
        """The failed step as an incident that stands for the task until it is retried."""
        return StepFailedIn(self.instance, failure, operation, external_task_id=self.task.id)


@dataclass(frozen=True, slots=True)
class Report:
    """Who reports what: `act` is the word for it, `content` all that it says. The same report sent again is answered as before."""

    task_id: str
    worker_id: str
    act: str
    content: Mapping[str, Json]
    repeat: Repeat

    @property
    def key(self) -> str:
        """Under which key the answer to the report is kept."""
        return report_key(self.task_id)

    @property
    def fingerprint(self) -> str:
        """What makes it the same report."""
        return fingerprint("external", self.act, self.task_id, self.worker_id, dict(self.content))


def report_key(task_id: str) -> str:
    """Under which key the answer to the report that ended the task is kept."""
    return f"external:{task_id}"


def loaded(tx: Transaction, task_id: str) -> tuple[ExternalTask, ProcessInstance]:
    """The task and its instance, both locked; NotFound when the work is done or no longer needed."""
    task = tx.load_external_task(task_id)
    instance = None if task is None else tx.load_instance(task.process_instance_id)
    if task is None or instance is None:
        raise NotFound("external task", task_id)
    return task, instance


def reported(
    services: Services, principal: Principal, report: Report, take: Callable[[Transaction, Held, int], tuple[Answer, bool]]
) -> Answer:
    """Let `take` act on the task that the worker holds: it writes, and gives the answer and whether that ends the task."""
    require_may(principal, "execute")
    attempt = _Attempt(services, principal, report, take)
    return answered_once(services, principal, report.repeat, lambda: recording_incidents(services, principal.actor, attempt.run))


@dataclass(frozen=True, slots=True)
class _Attempt:
    services: Services
    principal: Principal
    report: Report
    take: Callable[[Transaction, Held, int], tuple[Answer, bool]]

    def run(self) -> Answer:
        services, report, now = self.services, self.report, self.services.clock()
        with services.store.begin() as tx:
            task = tx.load_external_task(report.task_id)
            # After the lock: the same report sent twice at once is answered by the first.
            earlier = recall(tx, self.principal, report.repeat) or (self._same(tx) if task is None else None)
            if earlier is not None:
                return earlier
            instance = None if task is None else tx.load_instance(task.process_instance_id)
            if task is None or instance is None:
                raise NotFound("external task", report.task_id)
            require_held(task, report.worker_id)
            require_running(instance)
            law = law_of(services, tx, instance)
            held = Held(task, instance, law, resumed(services, tx, law, instance.state_data), report.fingerprint)
            given, ends = self.take(tx, held, now)
            if ends:
                tx.remember_answer(StoredAnswer(report.key, report.fingerprint, given.status, given.body, now))
            remember(tx, self.principal, report.repeat, given, now)
            tx.commit()
        return given

    def _same(self, tx: Transaction) -> Answer | None:
        stored = tx.recall_answer(self.report.key)
        return Answer(stored.status, stored.body) if stored is not None and stored.fingerprint == self.report.fingerprint else None


def write_step(tx: Transaction, held: Held, step: Step, now: int, actor: str, event: Event) -> Answer:
    """Write what followed from the report, and say where the instance stands now. Raises StepFailed."""
    before = tx.few_open_tasks(held.instance.id)
    incidents = open_incidents_of(tx, held.instance)
    change = change_of(held.instance, step, held.law, now, actor, [event], incidents=incidents, done_external=held.task.id)
    tx.save_instance(change)
    return report_answer(change, waiting_after(tx, change, before))


def report_answer(change: InstanceChange, waiting: FewTasks) -> Answer:
    """200 with where the instance stands after a report that ended its task."""
    return answer(200, {"processInstance": instance_summary(change, waiting)})


def told(task: ExternalTask, now: int) -> Answer:
    """200 with the task."""
    return answer(200, external_task_json(task, now))
