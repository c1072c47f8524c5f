"""Tasks: of a person, of a FEEL script, of a decision."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.dmn import DecisionFailure, given_inputs
from service.domain.china_time import moment
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.step import DecisionTaken
from service.engine.language.assignment import Assignment
from service.engine.language.expressions import Formula
from service.engine.nodes.ballots import as_vote, is_ballot
from service.engine.nodes.call_activity import called_process, version_named
from service.engine.nodes.node import BpmnNode
from service.engine.reading.diagram import Node
from service.engine.scopes import around, assign, identity, visible
from service.engine.state.storable import require_storable
from service.feel import FeelError, to_json

if TYPE_CHECKING:
    from service.engine.instance import Instance


class UserTask(BpmnNode):
    """Waits for a person."""

    def __init__(self, spec: WorkflowSpec, node: Node, assignment: Assignment) -> None:
        super().__init__(spec, node, manual=True)
        self.assignment = assignment

    def entered(self, instance: "Instance", task: Task) -> None:
        """Open the task: who may do it, until when, with which form."""
        opened = self.assignment.open(identity(task), instance.inquiry(self.bpmn_id, task))
        if is_ballot(self.node):
            opened = as_vote(opened, around(task))
        instance.recorder.opened_tasks[identity(task)] = replace(opened, called=called_process(task))

    def completed(self, instance: "Instance", task: Task) -> None:
        """The person is done."""
        instance.recorder.closed_task(identity(task))

    def cancelled(self, instance: "Instance", task: Task) -> None:
        """The task is no longer needed."""
        instance.recorder.closed_task(identity(task))


class ScriptTask(BpmnNode):
    """Puts the value of a FEEL expression into a variable."""

    def __init__(self, spec: WorkflowSpec, node: Node, script: Formula, result_variable: str) -> None:
        super().__init__(spec, node)
        self.script = script
        self.result_variable = result_variable

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Evaluate and store."""
        assign(task, self.result_variable, self.script.evaluate(instance.inquiry(self.bpmn_id, task)))
        return True


class BusinessRuleTask(BpmnNode):
    """Takes a decision of the instance's law and stores what it gave."""

    def __init__(self, spec: WorkflowSpec, node: Node, result_variable: str | None, mapping: str) -> None:
        super().__init__(spec, node)
        self.decision_key = node.attributes["decisionRef"]
        self.binding = node.attributes.get("decisionRefBinding")
        self.version = version_named(node, "decisionRef")
        self.result_variable = result_variable
        self.mapping = mapping

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Evaluate the decision over the variables in sight; the record of it belongs to the step."""
        source = instance.law_at(task).decision(self.bpmn_id, self.decision_key, self.binding, self.version)
        variables = visible(task)
        try:
            evaluation = source.model.evaluate(source.key, variables, clock=lambda: moment(instance.moment.now))
            record, rows = evaluation.record(), [_row(row) for row in evaluation.rows]
        except DecisionFailure as failure:
            raise StepFailed(self.bpmn_id, "decision", _words(failure)) from None
        except FeelError as error:
            raise StepFailed(self.bpmn_id, "decision", f"{source.key}: {error}") from None
        inputs = given_inputs(source.model, source.key, variables)
        instance.recorder.decided(DecisionTaken(self.bpmn_id, source.key, source.version, record, inputs))
        if self.result_variable:
            result = self._mapped(source.key, rows)
            require_storable(self.bpmn_id, f"the result of the decision {source.key!r}", result)
            assign(task, self.result_variable, result)
        return True

    def _mapped(self, key: str, clean: list[dict[str, Json]]) -> Json:
        """The result under camunda:mapDecisionResult; Camunda's rules decide when several rows or outputs are one too many."""
        if self.mapping == "resultList":
            return list(clean)
        if self.mapping == "collectEntries":
            return [self._single_entry(key, row) for row in clean]
        if len(clean) > 1:
            raise StepFailed(self.bpmn_id, "decision", f"{key} matched {len(clean)} rules where {self.mapping} allows one")
        if not clean:
            return None
        return self._single_entry(key, clean[0]) if self.mapping == "singleEntry" else clean[0]

    def _single_entry(self, key: str, row: dict[str, Json]) -> Json:
        if len(row) > 1:
            raise StepFailed(self.bpmn_id, "decision", f"{key} has {len(row)} outputs where {self.mapping} allows one")
        return next(iter(row.values()), None)


def _row(row: Mapping[str, Any]) -> dict[str, Json]:
    return {name: to_json(value) for name, value in row.items()}


def _words(failure: DecisionFailure) -> str:
    problems = "; ".join(f"{'.'.join(str(part) for part in problem.path)}: {problem.message}" for problem in failure.problems)
    return f"{failure.decision_id}: {failure.message}" + (f" ({problems})" if problems else "")
