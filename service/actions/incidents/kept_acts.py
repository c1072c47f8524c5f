"""The acts that incidents keep: what a retry does again, and what the audit trail then tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from service.actions.events.delivery import laid_over
from service.actions.incidents.open_incidents import EXTERNAL_TASK, TARGETS
from service.actions.instances.advance import Event, circumstances
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.door_checks import require_acceptable
from service.actions.instances.process_starts import starts_of
from service.actions.instances.published import process_source
from service.actions.ports import Circumstances, Execution, Services, Transaction
from service.actions.recusals.recusal_checks import require_not_recused
from service.actions.tasks.completion_events import SIGNATURE, completion_events
from service.domain.errors import Conflict, FieldError, Invalid
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.signature import signature_of
from service.domain.step import Step

COMPLETES_EXTERNAL = ("complete-external", "throw-external")
"""What ends an external task as its worker wished."""


@dataclass(frozen=True, slots=True)
class Act:
    """One kept act: `operation` as the incident has it, with `mended` variables that are set before it is done."""

    operation: Mapping[str, Json]
    mended: Mapping[str, Json]

    @property
    def do(self) -> str:
        """The word for it: start, complete, deliver, fire, complete-external, throw-external, work or throw-again."""
        return str(self.operation["do"])

    @property
    def target(self) -> str | None:
        """Id of what it acts on; None for a start."""
        return str(self.operation[TARGETS[self.do]]) if self.do in TARGETS else None

    @property
    def completed_task(self) -> str | None:
        """The user task that it completes."""
        return self.target if self.do == "complete" else None

    @property
    def done_external(self) -> str | None:
        """The external task that it ends."""
        return self.target if self.do in COMPLETES_EXTERNAL else None

    def events(self, step: Step) -> list[Event]:
        """The audit event of what comes to its end at last, in that step."""
        match self.do:
            case "fire":
                return [("timer.fired", self._told("timerId", "elementId"))]
            case "deliver":
                # Incidents from before signals have no kind.
                return [(f"{self.operation.get('kind', 'message')}.received", self._told("name", "elementId", "variables"))]
            case "complete-external":
                return [("external-task.completed", self._told(EXTERNAL_TASK, "elementId", "topicName", "workerId", "variables"))]
            case "throw-external":
                names = (EXTERNAL_TASK, "elementId", "topicName", "workerId", "errorCode", "errorMessage", "variables")
                return [("external-task.bpmn-error", self._told(*names))]
            case "complete":
                return completion_events(self.operation, step)
            case _:
                return []

    def again(
        self,
        services: Services,
        tx: Transaction,
        law: CaseLaw,
        instance: ProcessInstance,
        brought: Mapping[str, Json],
        now: int,
        actor: str,
    ) -> Step:
        """Do it again; of the mended variables only those `brought` by this retry are still to be judged. Raises StepFailed."""
        signature = self.operation.get(SIGNATURE)
        signed = signature_of(instance.id, signature) if isinstance(signature, dict) else None
        source, moment = process_source(services, tx, law.definition), replace(circumstances(law, now, actor), signature=signed)
        if self.target is None:
            start = str(self.operation["startElementId"])
            require_acceptable(law, brought)
            _require_same_case(law, start, brought)
            return services.engine.start(source, start, {**self._object("variables"), **self.mended}, moment)
        self._require_waiting(tx, now)
        execution = services.engine.resume(source, instance.state_data or b"", law)
        require_acceptable(law.within(execution.called_process(self.target)), brought)
        if self.do == "work":
            return execution.change_variables(self.target, self.mended, moment)
        execution.set_variables(self.mended, self.target)
        return self._moved(execution, self.target, moment)

    def _moved(self, execution: Execution, target: str, moment: Circumstances) -> Step:
        match self.do:
            case "deliver":
                return execution.deliver_message(target, laid_over(execution.message_variables(target), self._object("variables")), moment)
            case "fire":
                return execution.fire_timer(target, moment)
            case "throw-again":
                return execution.throw_again(target, moment)
            case "complete-external":
                variables, local = self._object("variables"), self._object("localVariables")
                return execution.complete_external(target, variables, local, self._object("report"), moment)
            case "throw-external":
                message = str(self.operation.get("errorMessage") or "")
                return execution.throw_error(target, str(self.operation["errorCode"]), message, self._object("variables"), moment)
            case _:
                return execution.complete_task(target, [(tuple(path), value) for path, value in self._values()], moment)

    def _require_waiting(self, tx: Transaction, now: int) -> None:
        task = None if self.completed_task is None else tx.load_task(self.completed_task)
        if self.completed_task is not None and (task is None or task.state != "created"):
            raise Conflict("the task of the incident was completed meanwhile", "incident-resolved")
        if task is not None:
            require_not_recused(tx, task, str(self.operation["person"]), now)

    def _told(self, *names: str) -> dict[str, Json]:
        return {name: self.operation[name] for name in names}

    def _object(self, name: str) -> dict[str, Json]:
        return cast(dict[str, Json], self.operation.get(name) or {})

    def _values(self) -> list[tuple[list[str], Json]]:
        return cast(list[tuple[list[str], Json]], self.operation["values"])


def act_of(operation: Mapping[str, Json], variables: Mapping[str, Json]) -> Act:
    """The act of an incident, with the variables mended now and in earlier retries."""
    mended = {**cast(dict[str, Json], operation.get("mended") or {}), **variables}
    # The operation of the next incident keeps the mended variables.
    return Act({**operation, "mended": mended}, mended)


def _require_same_case(law: CaseLaw, start_element_id: str, variables: Mapping[str, Json]) -> None:
    """What identifies the case was fixed by the start: a second track would look for it under the old values."""
    keys = {key for start in starts_of(law.definition) if start.element_id == start_element_id for key in start.correlation_keys}
    errors = [FieldError(f"/variables/{key}", "identifies-the-case", f"{key} cannot be changed") for key in sorted(keys & set(variables))]
    if errors:
        raise Invalid("a retry cannot change whose case this is; cancel it and start anew", errors)
