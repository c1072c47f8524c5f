"""The engine's front: satisfies `service.actions.ports.Engine`."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lxml import etree

from service.actions.ports import Circumstances, Inspection, Law, PlaceLaw, ProcessSource, Reference
from service.domain.errors import StepFailed
from service.domain.event import StartTimer
from service.domain.json_values import Json
from service.domain.law import DueDate, TimeLimit
from service.domain.step import Step
from service.engine.compiled import CompiledProcess, compile_process
from service.engine.execution import InstanceExecution, start_instance
from service.engine.findings import Report
from service.engine.instance import STEP_SECONDS, Instance
from service.engine.language.derived_limits import worked_out_again
from service.engine.language.expressions import ExpressionFault
from service.engine.lint import lint, lint_file
from service.engine.lint.law_questions import law_questions
from service.engine.nodes.node import BpmnNode
from service.engine.reading.description import describe_process, references_of
from service.engine.reading.diagram import ProcessDiagram
from service.engine.reading.diagram_reader import DiagramReader
from service.engine.reading.message_routes import MessageRoutes
from service.engine.reading.normalise import normalised
from service.engine.reading.set_days import set_days
from service.engine.reading.start_timers import following_start, rearmed_start, start_timers
from service.engine.reading.xml_reader import XmlRefused, read_xml
from service.engine.state import codec
from service.engine.state.resting import RestingInstances

KEPT_DEFINITIONS = 256
"""Compiled processes held in memory; the least recently used is dropped first."""


def read_diagrams(file_name: str, xml: bytes) -> tuple[tuple[ProcessDiagram, ...], Report]:
    """Read one BPMN file: its executable processes, and what in it is not understood."""
    report = Report(file_name)
    root = _root(xml, report)
    return (() if root is None else DiagramReader(normalised(root, report), report).read()), report


def _root(xml: bytes, report: Report) -> etree._Element | None:
    try:
        return read_xml(xml)
    except XmlRefused as refused:
        report.error(None, refused.line, refused.code, refused.message)
        return None


class SpiffEngine:
    """Runs BPMN processes on SpiffWorkflow. Safe for several threads: compiled processes are shared, instances never are."""

    def __init__(self, step_seconds: float = STEP_SECONDS, resting: RestingInstances | None = None) -> None:
        """`step_seconds`: the time a step may take. `resting`: where large instances stay between two steps; None: nowhere."""
        self._step_seconds = step_seconds
        self._resting = resting
        self._compiled: OrderedDict[tuple[str, str], CompiledProcess] = OrderedDict()
        self._lock = threading.Lock()

    def inspect(self, file_name: str, xml: bytes) -> Inspection:
        """Everything there is to say about a file at deployment."""
        report = Report(file_name)
        root = _root(xml, report)
        if root is None:
            return Inspection(tuple(report.findings), ())
        diagrams = DiagramReader(normalised(root, report), report).read()
        lint_file(root, report)
        for diagram in diagrams:
            lint(diagram, report)
        routes = {diagram.key: MessageRoutes(root, diagrams, report).of(diagram) for diagram in diagrams}
        described = () if report.has_errors else tuple(describe_process(diagram, routes[diagram.key]) for diagram in diagrams)
        faulty = {finding.element_id for finding in report.findings if finding.severity == "error"}
        # A form written into the diagram comes with it.
        whole = [node for diagram in diagrams for node in diagram.nodes if node.id not in faulty and node.form is None]
        references = tuple(reference for node in whole for reference in references_of(node))
        asked = tuple(question for diagram in diagrams for question in law_questions(diagram))
        return Inspection(tuple(report.findings), described, references, asked)

    def start_timers(self, source: ProcessSource, now: int, place: PlaceLaw) -> Sequence[StartTimer]:
        """The timers that start the process, deployed at `now` (epoch ms)."""
        return start_timers((start.node for start in self._process(source).starts.values()), now, place)

    def following_start(self, source: ProcessSource, timer: StartTimer, now: int, place: PlaceLaw) -> StartTimer | None:
        """What is to wait for after the timer has started the process at `now`; see the port."""
        return following_start(replace(self.rearmed_start(source, timer, place), due_at=timer.due_at), now)

    def rearmed_start(self, source: ProcessSource, timer: StartTimer, place: PlaceLaw) -> StartTimer:
        """The timer as its expression gives it by now; see the port."""
        return rearmed_start((start.node for start in self._process(source).starts.values()), timer, place)

    def worked_out_again(self, element_id: str, limit: TimeLimit, law: Law) -> DueDate:
        """A derived moment by what the limits of its derivation come to now; see the port."""
        return worked_out_again(element_id, limit, law)

    def start(self, source: ProcessSource, start_element_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """A new instance, run from that start event until it waits or ends."""
        process = self._process(source)
        instance = Instance(process.spec, self._process, self._step_seconds)
        return self._kept_after(start_instance(instance, process, start_element_id, variables, circumstances), source).begin()

    def resume(self, source: ProcessSource, state_data: bytes, law: Law) -> InstanceExecution:
        """Bring an instance back to life for one step."""
        instance = self._resting.take((source.digest, source.key, state_data)) if self._resting is not None else None
        if instance is None:
            instance = Instance(self._process(source).spec, self._process, self._step_seconds)
            codec.load(instance, state_data, law)
        instance.wake()
        return self._kept_after(InstanceExecution(instance), source)

    def _kept_after(self, execution: InstanceExecution, source: ProcessSource) -> InstanceExecution:
        resting = self._resting
        if resting is None:
            return execution
        return execution.keeping(lambda state_data, instance: resting.put((source.digest, source.key, state_data), instance))

    def references(self, source: ProcessSource) -> tuple[Reference, ...]:
        """The decisions, forms and processes that the elements of a deployed process use."""
        nodes = {node.bpmn_id: node.node for node in self._process(source).spec.task_specs.values() if isinstance(node, BpmnNode)}
        return tuple(reference for node in nodes.values() for reference in references_of(node))

    def set_days(self, source: ProcessSource) -> frozenset[tuple[str, ...]]:
        """The paths of the variables that the process hands to deadline() as days set in place of a limit."""
        return set_days(node.node for node in self._process(source).spec.task_specs.values() if isinstance(node, BpmnNode))

    def element_ids(self, source: ProcessSource) -> frozenset[str]:
        """The ids of the elements of a process that visits are recorded of. Raises StepFailed for a diagram that is refused."""
        return frozenset(node.bpmn_id for node in self._process(source).spec.task_specs.values() if isinstance(node, BpmnNode))

    def _process(self, source: ProcessSource) -> CompiledProcess:
        name = (source.digest, source.key)
        with self._lock:
            known = self._compiled.get(name)
            if known is not None:
                self._compiled.move_to_end(name)
                return known
        compiled = _compile(source)
        with self._lock:
            self._compiled[name] = compiled
            if len(self._compiled) > KEPT_DEFINITIONS:
                self._compiled.popitem(last=False)
        return compiled


def _compile(source: ProcessSource) -> CompiledProcess:
    # Not linted again: a rule added after the deployment must not stop the instances that run.
    diagrams, report = read_diagrams(source.key, source.xml)
    if report.has_errors:
        first = next(finding for finding in report.findings if finding.severity == "error")
        raise StepFailed(first.element_id, "definition", f"this version of the engine refuses the diagram: {first.message}")
    for diagram in diagrams:
        if diagram.key == source.key:
            try:
                return compile_process(diagram)
            except ExpressionFault as fault:
                raise StepFailed(None, "definition", str(fault)) from None
    raise StepFailed(None, "definition", f"the file has no process {source.key!r}")
