"""The door of this library: read a file once, evaluate its decisions any number of times."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from service.dmn.evaluation import Evaluation, ServiceEvaluation
from service.dmn.findings import DecisionFailure, DmnRefused, Finding, Findings, InputProblem
from service.dmn.graph import Graph, Values
from service.dmn.imported import ImportedGraph
from service.dmn.linker import Linker
from service.dmn.nodes import DecisionNode, KnowledgeNode, ServiceNode, scope_of
from service.dmn.reading.document import parse_document
from service.dmn.reading.graph_reader import read_definitions
from service.dmn.reading.syntax import DecisionElement, Definitions, HitPolicy
from service.dmn.run import DecisionTrace, Run
from service.dmn.tables.table import CompiledTable
from service.dmn.value_types import ValueType
from service.feel import FeelLimitError, Limits, compile_tree
from service.feel.tree import Argument, Call, Name

Clock = Callable[[], datetime]
_MOST_IMPORTED = 20_000


@dataclass(frozen=True, slots=True)
class Decision:
    """What a caller needs to know about a decision; `inputs` are the input data it can depend on, `version_tag` its camunda:versionTag."""

    id: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    hit_policy: HitPolicy | None
    documentation: str | None
    line: int
    version_tag: str | None = None


def read_model(
    source: bytes,
    file_name: str = "",
    *,
    imports: Sequence[Model] = (),
    checks: Literal["strict", "warn"] = "strict",
) -> Model:
    """Read and compile a DMN file.

    `imports` are the models this one may import, found by namespace. With `checks="warn"` unknown names, types and
    functions, external ones, values that can never be, empty input columns and imports of other languages are warnings.
    Raises `DmnRefused` with every finding when one is an error.
    """
    findings = Findings()
    root = parse_document(source, findings)
    if root is None:
        raise DmnRefused(findings.all())
    definitions = read_definitions(root, findings)
    imported = []
    elements = 0
    for wanted in definitions.imports:
        if wanted.kind is not None:
            report = findings.error if checks == "strict" else findings.warning
            report(wanted.place, "import-type", f"{wanted.kind} cannot be imported ({wanted.name or wanted.namespace}); import DMN")
            continue
        found = next((model for model in imports if model.definitions.namespace == wanted.namespace), None)
        if found is None:
            findings.error(wanted.place, "missing-import", f"the imported model {wanted.namespace} was not given")
            continue
        # Each import has elements of its own, so that imports of imports multiply.
        elements += len(found.graph.nodes)
        if elements > _MOST_IMPORTED:
            findings.error(wanted.place, "too-deep", f"more than {_MOST_IMPORTED} elements are imported, one by one on every way")
            break
        imported.append(ImportedGraph(wanted.name, wanted.namespace, found.graph, found.types))
    linker = Linker(definitions, imported, findings, strict=checks == "strict")
    graph = linker.link()
    if findings.has_errors:
        raise DmnRefused(findings.all())
    return Model(source, file_name, definitions, graph, linker.types.named_types(), findings.all(), tuple(linker.tables))


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service as callers see it: names of its input data and input decisions, and of its results."""

    id: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    line: int


class Model:
    """A compiled file: immutable, shared between threads. `source` is the file, byte for byte.

    `tables` are the decision tables written in it, each with the id of its decision or knowledge model.
    """

    def __init__(
        self,
        source: bytes,
        file_name: str,
        definitions: Definitions,
        graph: Graph,
        types: Mapping[str, ValueType],
        findings: tuple[Finding, ...],
        tables: tuple[tuple[str, CompiledTable], ...] = (),
    ) -> None:
        self.source = source
        self.file_name = file_name
        self.definitions = definitions
        self.graph = graph
        self.types = types
        self.findings = findings
        self.tables = tables
        self.decisions: Mapping[str, Decision] = {element.id: self._describe(element) for element in definitions.decisions}
        self.services: Mapping[str, Service] = {
            node.id: self._describe_service(node)
            for node in (graph.nodes[self._key(element.id)] for element in definitions.services)
            if isinstance(node, ServiceNode)
        }

    def _key(self, element_id: str) -> str:
        return f"{self.definitions.namespace}#{element_id}"

    def _describe(self, element: DecisionElement) -> Decision:
        node = self._decision(element.id)
        # Two imports of one model have inputs of the same name.
        names = tuple(dict.fromkeys(found.name for found in self.graph.inputs_of((node.key,))))
        line, tag = element.place.line, element.version_tag
        return Decision(node.id, node.name, names, node.outputs, node.hit_policy, node.documentation, line, tag)

    def _describe_service(self, node: ServiceNode) -> Service:
        outputs = [found.variable for found in map(self.graph.nodes.get, node.outputs) if isinstance(found, DecisionNode)]
        return Service(node.id, node.name, tuple(name for name, _ in node.parameters), tuple(outputs), node.place.line)

    def _decision(self, decision_id: str) -> DecisionNode:
        node = self.graph.nodes.get(self._key(decision_id))
        if not isinstance(node, DecisionNode):
            raise DecisionFailure("unknown-decision", f"there is no decision {decision_id}", decision_id)
        return node

    def check_input(self, decision_id: str, variables: Mapping[str, Any]) -> tuple[InputProblem, ...]:
        """What the decision would refuse about the variables; missing ones and those it does not use are no problem."""
        node = self._decision(decision_id)
        _, problems = self.graph.admit(self.graph.inputs_of((node.key,)), variables)
        return tuple(problems)

    def evaluate(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> Evaluation:
        """Evaluate a decision and what it requires.

        `variables` are JSON-like values by the names of the input data: numbers as `Decimal`, temporal values as ISO
        strings where the type is declared. `clock` is read once. Raises `DecisionFailure`.
        """
        started = time.perf_counter_ns()
        node = self._decision(decision_id)
        run = Run(clock, limits)
        traces: dict[str, DecisionTrace] = {}
        self._solve((node.key,), self._admitted(decision_id, (node.key,), variables), run, traces, decision_id)
        trace = traces.pop(node.key)
        return Evaluation(node, trace, self._traced(traces), (time.perf_counter_ns() - started) // 1000)

    def evaluate_service(
        self, service_id: str, variables: Mapping[str, Any], *, clock: Clock | None = None, limits: Limits | None = None
    ) -> dict[str, Any]:
        """The output decisions' values by name, as `explain_service` finds them. Raises `DecisionFailure`."""
        return dict(self.explain_service(service_id, variables, clock=clock, limits=limits).values)

    def explain_service(
        self, service_id: str, variables: Mapping[str, Any], *, clock: Clock | None = None, limits: Limits | None = None
    ) -> ServiceEvaluation:
        """Call a decision service; its input data and input decisions are taken from `variables` by name. Raises `DecisionFailure`."""
        started = time.perf_counter_ns()
        node = self.graph.nodes.get(self._key(service_id))
        if not isinstance(node, ServiceNode):
            raise DecisionFailure("unknown-service", f"there is no decision service {service_id}", service_id)
        values = self._admitted(service_id, node.outputs, variables)
        problems: list[InputProblem] = []
        for name, key in node.parameters:
            parameter = self.graph.nodes[key]
            if isinstance(parameter, DecisionNode):
                values[key] = parameter.kind.admit(variables.get(name), (name,), problems)
        _refuse(problems, service_id)
        inputs = [(name, values.get(key)) for name, key in node.parameters]
        run = Run(clock, limits)
        traces: dict[str, DecisionTrace] = {}
        self._solve(node.outputs, values, run, traces, service_id)
        decisions = [found for found in map(self.graph.nodes.get, node.outputs) if isinstance(found, DecisionNode)]
        try:
            result = self.graph.service_result(node, values, run)
        except FeelLimitError as error:
            raise DecisionFailure("limit-exceeded", error.message, service_id) from None
        if len(decisions) == 1:
            by_name = {decisions[0].variable: result}
        else:
            by_name = {found.variable: result[found.variable] if result else None for found in decisions}
        micros = (time.perf_counter_ns() - started) // 1000
        return ServiceEvaluation(node, inputs, result, by_name, run.current.warnings, self._traced(traces), micros)

    def _traced(self, traces: Mapping[str, DecisionTrace]) -> list[tuple[DecisionNode, DecisionTrace]]:
        found = [(self.graph.nodes[key], trace) for key, trace in traces.items()]
        return [(node, trace) for node, trace in found if isinstance(node, DecisionNode)]

    def evaluate_knowledge(
        self, model_id: str, arguments: Mapping[str, Any], *, clock: Clock | None = None, limits: Limits | None = None
    ) -> Any:
        """Call a business knowledge model with named arguments (FEEL values). Raises `DecisionFailure`."""
        node = self.graph.nodes.get(self._key(model_id))
        if not isinstance(node, KnowledgeNode):
            raise DecisionFailure("unknown-knowledge", f"there is no business knowledge model {model_id}", model_id)
        run = Run(clock, limits)
        values: Values = {}
        self._solve((node.key,), values, run, {}, model_id)
        scope = {**scope_of(node.requirements, values), **{f"argument {name}": arguments[name] for name in arguments}}
        call = compile_tree(Call(Name("called"), tuple(Argument(name, Name(f"argument {name}")) for name in arguments)))
        try:
            return run.value(call, run.frame({**scope, "called": values[node.key]}), node.id)
        except FeelLimitError as error:
            raise DecisionFailure("limit-exceeded", error.message, model_id) from None

    def _admitted(self, asked: str, targets: tuple[str, ...], variables: Mapping[str, Any]) -> Values:
        values, problems = self.graph.admit(self.graph.inputs_of(targets), variables)
        _refuse(problems, asked)
        return values

    def _solve(self, targets: tuple[str, ...], values: Values, run: Run, traces: dict[str, DecisionTrace], asked: str) -> None:
        try:
            self.graph.solve(targets, values, run, traces)
        except FeelLimitError as error:
            raise DecisionFailure("limit-exceeded", error.message, asked) from None
        except DecisionFailure as failure:
            # Inside the graph decisions are known by their keys.
            decision = failure.decision_id.rpartition("#")[2] or asked
            raise DecisionFailure(failure.code, failure.message, decision, failure.element_id) from None


def _refuse(problems: list[InputProblem], asked: str) -> None:
    if problems:
        message = "; ".join(problem.message for problem in problems)
        raise DecisionFailure("input-refused", message, asked, None, tuple(problems))
