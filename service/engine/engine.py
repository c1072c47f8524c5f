"""The engine's front: satisfies `service.actions.ports.Engine`."""

import threading
from collections import OrderedDict
from collections.abc import Mapping

from service.actions.ports import Circumstances, Inspection, Law, ProcessSource
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.step import Step
from service.engine import codec
from service.engine.compiled import CompiledProcess, compile_process
from service.engine.description import describe_process
from service.engine.diagram import ProcessDiagram
from service.engine.diagram_reader import DiagramReader
from service.engine.execution import InstanceExecution, start_instance
from service.engine.expressions import ExpressionFault
from service.engine.findings import Report
from service.engine.instance import Instance
from service.engine.lint import lint
from service.engine.xml_reader import XmlRefused, read_xml

KEPT_DEFINITIONS = 256
"""Compiled processes held in memory; the least recently used is dropped first."""


def read_diagrams(file_name: str, xml: bytes) -> tuple[tuple[ProcessDiagram, ...], Report]:
    """Read one BPMN file: its executable processes, and what in it is not understood."""
    report = Report(file_name)
    try:
        root = read_xml(xml)
    except XmlRefused as refused:
        report.error(None, refused.line, refused.code, refused.message)
        return (), report
    return DiagramReader(root, report).read(), report


class SpiffEngine:
    """Runs BPMN processes on SpiffWorkflow. Safe for several threads: compiled processes are shared, instances never are."""

    def __init__(self) -> None:
        self._compiled: OrderedDict[tuple[str, str], CompiledProcess] = OrderedDict()
        self._lock = threading.Lock()

    def inspect(self, file_name: str, xml: bytes) -> Inspection:
        """Everything there is to say about a file at deployment."""
        diagrams, report = read_diagrams(file_name, xml)
        for diagram in diagrams:
            lint(diagram, report)
        described = () if report.has_errors else tuple(describe_process(diagram) for diagram in diagrams)
        return Inspection(tuple(report.findings), described)

    def start(self, source: ProcessSource, start_element_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """A new instance, run from that start event until it waits or ends."""
        process = self._process(source)
        return start_instance(Instance(process.spec, self._process), process, start_element_id, variables, circumstances).begin()

    def resume(self, source: ProcessSource, state_data: bytes, law: Law) -> InstanceExecution:
        """Bring an instance back to life for one step."""
        instance = Instance(self._process(source).spec, self._process)
        codec.load(instance, state_data, law)
        return InstanceExecution(instance)

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
