"""From the syntax of a file to its compiled graph: references, cycles, names in scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from service.dmn.findings import Findings
from service.dmn.graph import Graph
from service.dmn.hit_policy import SINGLE
from service.dmn.item_definitions import TypeTable
from service.dmn.logic import Logic, LogicCompiler, converted
from service.dmn.nodes import DecisionNode, InputNode, Key, KnowledgeNode, Node, Requirement, ServiceNode
from service.dmn.run import Run, Scope, Value
from service.dmn.static_scope import Checker
from service.dmn.syntax import (
    DecisionElement,
    DecisionTable,
    Definitions,
    InputData,
    KnowledgeModel,
    Place,
    Reference,
    ServiceElement,
)
from service.dmn.table import SINGLE_OUTPUT, compile_table
from service.dmn.value_types import ANY, ContextType, ValueType, result_type
from service.feel import FeelLimitError, FeelSyntaxError, compile_expression

_Element = InputData | DecisionElement | KnowledgeModel | ServiceElement
_TARGETS = {
    "input data": (InputData, InputNode),
    "decision": (DecisionElement, DecisionNode),
    "knowledge": (KnowledgeModel | ServiceElement, KnowledgeNode | ServiceNode),
}


class ImportedGraph:
    """Another file as seen from this one: the `name` of its import and what it offers."""

    def __init__(self, name: str, namespace: str, graph: Graph, types: Mapping[str, ValueType]) -> None:
        self.name = name
        self.namespace = namespace
        self.graph = graph
        self.types = types


class Linker:
    """Builds the graph of one file."""

    def __init__(self, definitions: Definitions, imported: Sequence[ImportedGraph], findings: Findings, *, strict: bool) -> None:
        self._definitions = definitions
        self._imported = imported
        self._findings = findings
        imported_types = {f"{found.name}.{name}" if found.name else name: kind for found in imported for name, kind in found.types.items()}
        self.types = TypeTable(definitions.items, imported_types, findings)
        self._checker = Checker(self.types, findings, strict=strict)
        self._compiler = LogicCompiler(self._checker)
        self._elements: dict[str, _Element] = {}
        self._nodes: dict[Key, Node] = {key: node for found in imported for key, node in found.graph.nodes.items()}
        self._kinds: dict[Key, ValueType] = {
            key: node.kind for key, node in self._nodes.items() if isinstance(node, InputNode | DecisionNode)
        }

    def link(self) -> Graph:
        """The graph; with errors among the findings it must not be used."""
        definitions = self._definitions
        elements: tuple[_Element, ...] = (
            *definitions.inputs,
            *definitions.decisions,
            *definitions.knowledge,
            *definitions.services,
        )
        for element in elements:
            self._elements[element.id] = element
            if isinstance(element, InputData | DecisionElement):
                self._kinds[self._key(element.id)] = self.types.find(element.type_ref, element.place)
        self._check_names()
        self._checker.declared = frozenset(element.name for element in elements)
        for source in definitions.inputs:
            key = self._key(source.id)
            self._nodes[key] = InputNode(key, source.name, self._kinds[key], source.place)
        for knowledge in definitions.knowledge:
            self._knowledge(knowledge)
        for decision in definitions.decisions:
            self._decision(decision)
        for service in definitions.services:
            self._service(service)
        self._check_cycles()
        return Graph(self._nodes, self._input_paths())

    def _key(self, element_id: str) -> Key:
        return f"{self._definitions.namespace}#{element_id}"

    def _check_names(self) -> None:
        seen: dict[str, _Element] = {}
        for element in self._elements.values():
            name = element.name
            if name in seen:
                self._findings.warning(element.place, "duplicate-name", f"{element.id} and {seen[name].id} are both called {name}")
            seen[name] = element

    def _input_paths(self) -> dict[Key, tuple[tuple[str, ...], ...]]:
        paths: dict[Key, tuple[tuple[str, ...], ...]] = {}
        for found in self._imported:
            prefix = (found.name,) if found.name else ()
            for key, inner in found.graph.input_paths.items():
                paths[key] = (*paths.get(key, ()), *((*prefix, *path) for path in inner), *inner)
        for key, node in self._nodes.items():
            if isinstance(node, InputNode):
                paths.setdefault(key, ((node.name,),))
        return paths

    def _requirements(self, references: Iterable[Reference], kind: str) -> list[Requirement]:
        found = []
        own_class, node_class = _TARGETS[kind]
        for reference in references:
            if reference.namespace is None:
                element = self._elements.get(reference.target)
                if element is None:
                    self._missing(reference, f"there is no element with the id {reference.target}")
                elif not isinstance(element, own_class):
                    self._missing(reference, f"{reference.target} is not {kind}")
                else:
                    name = element.variable if isinstance(element, DecisionElement) else element.name
                    found.append(Requirement((name,), self._key(reference.target)))
                continue
            key = f"{reference.namespace}#{reference.target}"
            source = next((item for item in self._imported if item.namespace == reference.namespace), None)
            node = self._nodes.get(key)
            if source is None:
                self._missing(reference, f"the model {reference.namespace} is not imported or was not given")
            elif node is None or not isinstance(node, node_class):
                self._missing(reference, f"the model {reference.namespace} has no {kind} {reference.target}")
            else:
                name = node.variable if isinstance(node, DecisionNode) else node.name
                found.append(Requirement((source.name, name) if source.name else (name,), key))
        return found

    def _missing(self, reference: Reference, message: str) -> None:
        self._findings.error(reference.place, "missing-reference", message)

    def _static(self, requirements: Iterable[Requirement]) -> dict[str, ValueType]:
        scope: dict[str, ValueType] = {}
        for requirement in requirements:
            kind = self._kinds.get(requirement.key, ANY)
            if len(requirement.path) == 1:
                scope[requirement.path[0]] = kind
                continue
            model = scope.setdefault(requirement.path[0], ContextType(requirement.path[0]))
            if isinstance(model, ContextType):
                model.components[requirement.path[1]] = kind
        return scope

    def _knowledge(self, element: KnowledgeModel) -> None:
        requirements = self._requirements(element.required_knowledge, "knowledge")
        # Its own name is in scope: a function may call itself, within the limit on depth.
        scope = {**self._static(requirements), element.name: ANY}
        if element.logic is None:
            self._findings.warning(element.place, "no-logic", f"{element.name} has no logic and yields null")
            logic: Logic = _no_logic
        else:
            declared = result_type(self.types.find(element.type_ref, element.place))
            body = self._compiler.function(element.logic, scope, element.name, declared)
            logic = _recursive(body, element.name)
        key = self._key(element.id)
        self._nodes[key] = KnowledgeNode(key, element.id, element.name, element.place, tuple(requirements), logic)

    def _decision(self, element: DecisionElement) -> None:
        requirements = [
            *self._requirements(element.required_decisions, "decision"),
            *self._requirements(element.required_inputs, "input data"),
            *self._requirements(element.required_knowledge, "knowledge"),
        ]
        names = {requirement.path[0] for requirement in requirements}
        self._check_ambiguity(element, requirements)
        requirements.extend(self._aliases(requirements, names))
        requirements.extend(self._implied_inputs(element, names))
        scope = self._static(requirements)
        self._checker.used_paths.clear()
        kind = self._kinds[self._key(element.id)]
        logic, table, outputs = self._decision_logic(element, scope, kind)
        key = self._key(element.id)
        self._nodes[key] = DecisionNode(
            key=key,
            id=element.id,
            name=element.name,
            variable=element.variable,
            kind=kind,
            place=element.place,
            documentation=element.documentation,
            requirements=tuple(requirements),
            logic=converted(logic, kind, element.place),
            hit_policy=table.hit_policy if table is not None else None,
            multiple=table is not None and table.hit_policy not in SINGLE and table.aggregation is None,
            outputs=outputs,
            used_paths=tuple(sorted(self._checker.used_paths)),
        )

    def _aliases(self, requirements: Sequence[Requirement], taken: set[str]) -> list[Requirement]:
        """Further names of required decisions where they are free: the id, and the only output, as Camunda has it."""
        found: dict[str, Requirement] = {}
        for requirement in requirements:
            element = self._elements.get(requirement.key.rpartition("#")[2])
            if not isinstance(element, DecisionElement) or requirement.key != self._key(element.id):
                continue
            names = [element.id]
            if isinstance(element.logic, DecisionTable) and len(element.logic.outputs) == 1:
                names.append(element.logic.outputs[0].name or element.id)
            for name in names:
                if name not in taken:
                    found.setdefault(name, Requirement((name,), requirement.key))
        return list(found.values())

    def _check_ambiguity(self, element: DecisionElement, requirements: Sequence[Requirement]) -> None:
        keys: dict[tuple[str, ...], Key] = {}
        for requirement in requirements:
            if keys.setdefault(requirement.path, requirement.key) != requirement.key:
                name = ".".join(requirement.path)
                self._findings.error(element.place, "duplicate-name", f"two requirements of {element.id} are both called {name}")

    def _decision_logic(
        self, element: DecisionElement, scope: Mapping[str, ValueType], kind: ValueType
    ) -> tuple[Logic, DecisionTable | None, tuple[str, ...]]:
        if element.logic is None:
            self._findings.warning(element.place, "no-logic", f"{element.id} has no logic and yields null")
            return _no_logic, None, (element.variable,)
        if isinstance(element.logic, DecisionTable):
            compiled = compile_table(element.logic, scope, self._checker, element.variable or SINGLE_OUTPUT)
            declared = self.types.find(element.logic.type_ref, element.logic.place)
            return converted(compiled.logic, declared, element.place), element.logic, compiled.output_names
        outputs = tuple(kind.components) if isinstance(kind, ContextType) else (element.variable,)
        return self._compiler.compile(element.logic, scope), None, outputs

    def _implied_inputs(self, element: DecisionElement, known: set[str]) -> list[Requirement]:
        """A file without any input data (a lone table of Camunda Modeler): its input expressions name the inputs."""
        if self._definitions.inputs or element.required_inputs or not isinstance(element.logic, DecisionTable):
            return []
        implied: dict[str, Place] = {}
        for clause in element.logic.inputs:
            try:
                names = compile_expression(clause.expression.text, names=self.types.special_names).names
            except (FeelSyntaxError, FeelLimitError):
                # Compiling the table reports it.
                continue
            for name in sorted(names - known):
                implied.setdefault(name, clause.place)
        requirements = []
        for name, place in implied.items():
            key = f"{self._definitions.namespace}#input data {name}"
            self._nodes.setdefault(key, InputNode(key, name, ANY, place))
            self._findings.warning(place, "implied-input", f"{name} is taken for input data because the file declares none")
            requirements.append(Requirement((name,), key))
        return requirements

    def _service(self, element: ServiceElement) -> None:
        inputs = self._requirements(element.input_data, "input data")
        decisions = self._requirements(element.input_decisions, "decision")
        outputs = self._requirements(element.output_decisions, "decision")
        self._requirements(element.encapsulated_decisions, "decision")
        if not element.output_decisions:
            self._findings.error(element.place, "missing-reference", f"{element.name} has no output decision")
        key = self._key(element.id)
        self._nodes[key] = ServiceNode(
            key,
            element.id,
            element.name,
            self.types.find(element.type_ref, element.place),
            element.place,
            tuple((found.path[-1], found.key) for found in (*inputs, *decisions)),
            tuple(found.key for found in outputs),
        )

    def _check_cycles(self) -> None:
        """Depth first without recursion; every closed path is reported at the requirement's owner."""
        done: set[Key] = set()
        for start in [self._key(element_id) for element_id in self._elements]:
            path: list[Key] = []
            on_path: set[Key] = set()
            pending: list[tuple[Key, bool]] = [(start, False)]
            while pending:
                key, leaving = pending.pop()
                if leaving:
                    path.pop()
                    on_path.discard(key)
                    done.add(key)
                    continue
                if key in on_path:
                    names = [self._nodes[inner].name for inner in (*path[path.index(key) :], key)]
                    self._findings.error(self._nodes[key].place, "cycle", f"the requirements form a cycle: {' → '.join(names)}")
                    continue
                if key in done or key not in self._nodes:
                    continue
                path.append(key)
                on_path.add(key)
                pending.append((key, True))
                pending.extend((needed, False) for needed in self._edges(self._nodes[key]))

    def _edges(self, node: Node) -> tuple[Key, ...]:
        edges = {requirement.key: None for requirement in node.requirements}
        if isinstance(node, ServiceNode):
            edges.update(dict.fromkeys(node.outputs))
        if isinstance(node, KnowledgeNode):
            edges.pop(node.key, None)
        return tuple(edges)


def _no_logic(_scope: object, _run: object) -> None:
    return None


def _recursive(body: Logic, name: str) -> Logic:
    def function(scope: Scope, run: Run) -> Value:
        inner = dict(scope)
        found = inner[name] = body(inner, run)
        return found

    return function
