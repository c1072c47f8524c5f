"""The call activity: a process of its own, run inside the instance.

Its tokens and variables stand in a task of the called process inside the task of the call activity, so whatever ends the activity ends
them. As in Camunda 7 the called process sees none of the variables outside: what goes in and out is named by camunda:in and camunda:out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.actions.ports import Circumstances, Law, ProcessSource
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.step import CalledProcess
from service.engine.language import timers
from service.engine.language.expressions import Formula
from service.engine.language.inquiry import Inquiry
from service.engine.nodes.node import BpmnNode
from service.engine.reading.diagram import Node
from service.engine.scopes import CALLED, around, assign, process_scope, put, visible

if TYPE_CHECKING:
    from service.engine.instance import Instance

MAX_CALL_DEPTH = 20
"""How many calls may be in progress inside one another."""

_KEY, _VERSION, _DIGEST = "key", "version", "digest"


@dataclass(frozen=True, slots=True)
class Passage:
    """One compiled camunda:in or camunda:out; with neither `source` nor `formula` all variables pass."""

    source: str | None
    formula: Formula | None
    target: str
    local: bool

    def values(self, element_id: str, seen: Mapping[str, Json], circumstances: Circumstances) -> Mapping[str, Json]:
        """What passes, by the name it gets. A source that is not there passes null."""
        if self.formula is not None:
            return {self.target: self.formula.evaluate(Inquiry(element_id, seen, circumstances))}
        return dict(seen) if self.source is None else {self.target: seen.get(self.source)}


class CallActivity(BpmnNode):
    """Runs another process and waits for its end."""

    def __init__(
        self, spec: WorkflowSpec, node: Node, key: Formula, passed_in: tuple[Passage, ...], passed_out: tuple[Passage, ...]
    ) -> None:
        super().__init__(spec, node)
        self.key = key
        self.binding = node.attributes.get("calledElementBinding")
        self.version = version_named(node, "calledElement")
        self.passed_in = passed_in
        self.passed_out = passed_out

    def act(self, instance: "Instance", task: Task) -> bool | None:
        """Start the called process at its plain start event. Which version runs is kept with it."""
        if call_depth(task) >= MAX_CALL_DEPTH:
            raise StepFailed(
                self.bpmn_id, "budget", f"more than {MAX_CALL_DEPTH} calls inside one another: this looks like an endless recursion"
            )
        key = self.key.evaluate(instance.inquiry(self.bpmn_id, task))
        if not isinstance(key, str) or not key:
            found = timers.describe(key)
            raise StepFailed(self.bpmn_id, "expression", f"calledElement ({self.key.text}) gives {found}, not the key of a process")
        source = instance.law_at(task).process(self.bpmn_id, key, self.binding, self.version)
        called = instance.processes(source)
        start = called.plain_start
        if start is None:
            raise StepFailed(self.bpmn_id, "definition", f"the process {key!r} has no start event without a message to be called at")
        root = instance.create(called.root, task, TaskState.STARTED)
        root.internal_data[CALLED] = {_KEY: source.key, _VERSION: source.version, _DIGEST: source.digest}
        for passage in self.passed_in:
            seen = task.data if passage.local else visible(task)
            root.data.update(passage.values(self.bpmn_id, seen, instance.moment))
        called.root.open(instance, root)
        start.arrive(instance, root, None)
        return None

    def token_left(self, instance: "Instance", scope: Task, task: Task) -> None:
        """The called process ended: take over what comes out, then go on."""
        for passage in self.passed_out:
            for name, value in passage.values(self.bpmn_id, task.data, instance.moment).items():
                if passage.local:
                    put(scope, name, value)
                else:
                    assign(scope, name, value)
        instance.finish(scope)


def version_named(node: Node, attribute: str) -> int | str | None:
    """The version number or version tag that goes with the binding of `attribute`; None when it names neither."""
    number = node.attributes.get(attribute + "Version")
    return int(number) if number is not None else node.attributes.get(attribute + "VersionTag")


def call_depth(task: Task) -> int:
    """In how many calls `task` stands."""
    depth, scope = 0, process_scope(task)
    while CALLED in scope.internal_data:
        depth, scope = depth + 1, process_scope(around(scope))
    return depth


def called_process(task: Task) -> CalledProcess | None:
    """The called process in which `task` stands; None in that of the instance."""
    pinned = process_scope(task).internal_data.get(CALLED)
    return None if pinned is None else CalledProcess(pinned[_KEY], int(pinned[_VERSION]))


def pinned_source(law: Law, element_id: str, pinned: Mapping[str, str]) -> ProcessSource:
    """The diagram of a call in progress, as `pinned` in the state. Raises StepFailed when it is not the one the call began with."""
    key, version = pinned[_KEY], int(pinned[_VERSION])
    source = law.process(element_id, key, "version", version)
    if source.digest != pinned[_DIGEST]:
        raise StepFailed(element_id, "definition", f"version {version} of the process {key!r} is not the diagram the call began with")
    return source
