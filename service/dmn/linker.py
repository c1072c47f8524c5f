"""From the syntax of a file to its compiled graph: references, cycles, names in scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from service.dmn.boxed_tree import tree_of
from service.dmn.findings import Findings
from service.dmn.graph import Graph
from service.dmn.imported import ImportedGraph
from service.dmn.item_definitions import TypeTable
from service.dmn.logic import Logic, LogicCompiler, converted, recursive
from service.dmn.nodes import DecisionNode, FunctionBody, InputNode, Key, KnowledgeNode, Node, Requirement, ServiceNode
from service.dmn.reading.syntax import (
    DecisionElement,
    DecisionTable,
    Definitions,
    FunctionExpression,
    InputData,
    KnowledgeModel,
    Place,
    Reference,
    ServiceElement,
)
from service.dmn.static_scope import Checker
from service.dmn.tables.hit_policy import SINGLE
from service.dmn.tables.table import SINGLE_OUTPUT, CompiledTable
from service.dmn.tables.table_compiler import compile_table
from service.dmn.value_types import ANY, ContextType, ValueType, result_type
from service.feel import FeelLimitError, FeelSyntaxError, compile_expression
from service.feel.tree import Name

_Element = InputData | DecisionElement | KnowledgeModel | ServiceElement
_TARGETS = {
    "input data": (InputData, InputNode),
    "decision": (DecisionElement, DecisionNode),
    "knowledge": (KnowledgeModel | ServiceElement, KnowledgeNode | ServiceNode),
}


class Linker:
    """Builds the graph of one file; `tables` are its decision tables with the id of the decision or knowledge model they belong to."""

    def __init__(self, definitions: Definitions, imported: Sequence[ImportedGraph], findings: Findings, *, strict: bool) -> None:
        self._definitions = definitions
        self._imported = imported
        self._findings = findings
        imported_types = {name: kind for found in imported for name, kind in found.types.items()}
        imported_names = frozenset(name for found in imported for name in found.names)
        self.types = TypeTable(definitions.items, imported_types, findings, imported_names, strict=strict)
        self._checker = Checker(self.types, findings, strict=strict)
        self._compiler = LogicCompiler(self._checker)
        self.tables: list[tuple[str, CompiledTable]] = []
        self._elements: dict[str, _Element] = {}
        self._nodes: dict[Key, Node] = {key: node for found in imported for key, node in found.nodes.items()}
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
        prefixes = [found.name for found in self._definitions.imports if found.name]
        taken = {element.variable if isinstance(element, DecisionElement) else element.name for element in self._elements.values()}
        for found in self._definitions.imports:
            if found.name in taken or prefixes.count(found.name) > 1:
                # Its elements are the components of its name, which can therefore mean nothing else.
                self._findings.error(found.place, "duplicate-name", f"the name of the import {found.name} is used for something else too")
        seen: dict[str, _Element] = {}
        for element in self._elements.values():
            name = element.name
            if name in seen:
                self._findings.warning(element.place, "duplicate-name", f"{element.id} and {seen[name].id} are both called {name}")
            seen[name] = element

    def _input_paths(self) -> dict[Key, tuple[tuple[str, ...], ...]]:
        paths: dict[Key, tuple[tuple[str, ...], ...]] = {}
        for found in self._imported:
            paths.update(found.input_paths)
        for key, node in self._nodes.items():
            if isinstance(node, InputNode):
                paths.setdefault(key, ((node.name,),))
        return paths

    def _requirements(self, references: Iterable[Reference], kind: str) -> list[Requirement]:
        found = []
        own_class, node_class = _TARGETS[kind]
        for reference in references:
            if reference.namespace is None and (reference.target in self._elements or not self._unprefixed(reference.target)):
                element = self._elements.get(reference.target)
                if element is None:
                    self._missing(reference, f"there is no element with the id {reference.target}")
                elif not isinstance(element, own_class):
                    self._missing(reference, f"{reference.target} is not {kind}")
                else:
                    name = element.variable if isinstance(element, DecisionElement) else element.name
                    found.append(Requirement((name,), self._key(reference.target)))
                continue
            sources = [item for item in self._imported if item.namespace == reference.namespace] or self._unprefixed(reference.target)
            if not sources:
                self._missing(reference, f"the model {reference.namespace} is not imported or was not given")
            for source in sources:
                node = source.nodes.get(source.key(reference.target))
                if node is None or not isinstance(node, node_class):
                    self._missing(reference, f"the model {source.namespace} has no {kind} {reference.target}")
                else:
                    name = node.variable if isinstance(node, DecisionNode) else node.name
                    found.append(Requirement((source.name, name) if source.name else (name,), node.key))
        return found

    def _unprefixed(self, element_id: str) -> list[ImportedGraph]:
        """Imports without a prefix that have the element: some modelers refer to theirs as if they stood in this file."""
        return [found for found in self._imported if not found.name and found.key(element_id) in found.nodes]

    def _missing(self, reference: Reference, message: str) -> None:
        self._findings.error(reference.place, "missing-reference", message)

    def _static(self, requirements: Iterable[Requirement]) -> dict[str, ValueType]:
        scope: dict[str, ValueType] = {}
        models: dict[str, ContextType] = {}
        for requirement in requirements:
            first, *rest = requirement.path
            kind = self._kinds.get(requirement.key, ANY)
            if rest:
                models.setdefault(first, ContextType(first)).components[rest[0]] = kind
            else:
                scope[first] = kind
        return {**scope, **models}

    def _knowledge(self, element: KnowledgeModel) -> None:
        key = self._key(element.id)
        # Its own name is in scope, required or not: a function may call itself, within the limit on depth.
        requirements = [found for found in self._requirements(element.required_knowledge, "knowledge") if found.key != key]
        scope = {**self._static(requirements), element.name: ANY}
        if element.logic is None:
            self._findings.warning(element.place, "no-logic", f"{element.name} has no logic and yields null")
            logic: Logic = _no_logic
            function = None
        else:
            declared = result_type(self.types.find(element.type_ref, element.place))
            body = self._compiler.function(element.logic, scope, element.name, declared)
            function = self._function_body(element.logic, scope, declared)
            self._take_nested_tables(element)
            logic = recursive(body, element.name)
        self._nodes[key] = KnowledgeNode(key, element.id, element.name, element.place, tuple(requirements), logic, function)

    def _function_body(self, function: FunctionExpression, scope: Mapping[str, ValueType], result: ValueType) -> FunctionBody | None:
        """The body of a function just compiled, where it is more than closures."""
        body = function.body
        if function.kind != "FEEL" or body is None:
            return None
        parameters = tuple((found.name, self.types.find(found.type_ref, found.place)) for found in function.parameters)
        kinds = (self.types.find(body.type_ref, body.place), result)
        if isinstance(body, DecisionTable):
            return FunctionBody(parameters, kinds, table=self._compiler.tables[-1])
        tree = tree_of(replace(body, type_ref=None), {*scope, *(name for name, _ in parameters)}, self.types)
        return FunctionBody(parameters, kinds, expression=tree) if tree is not None else None

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
            hit_policy=table.table.hit_policy if table is not None else None,
            multiple=table is not None and table.table.hit_policy not in SINGLE and table.table.aggregation is None,
            outputs=outputs,
            used_paths=tuple(sorted(self._checker.used_paths)),
            table=table,
            expression=tree_of(element.logic, names, self.types),
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
    ) -> tuple[Logic, CompiledTable | None, tuple[str, ...]]:
        if element.logic is None:
            self._findings.warning(element.place, "no-logic", f"{element.id} has no logic and yields null")
            return _no_logic, None, (element.variable,)
        if isinstance(element.logic, DecisionTable):
            declared = self.types.find(element.logic.type_ref, element.logic.place)
            expected = declared if declared is not ANY else kind
            compiled = compile_table(element.logic, scope, self._checker, element.variable or SINGLE_OUTPUT, expected)
            self.tables.append((element.id, compiled))
            return converted(compiled.logic, declared, element.place), compiled, compiled.output_names
        outputs = tuple(kind.components) if isinstance(kind, ContextType) else (element.variable,)
        logic = self._compiler.compile(element.logic, scope)
        self._take_nested_tables(element)
        return logic, None, outputs

    def _take_nested_tables(self, element: DecisionElement | KnowledgeModel) -> None:
        self.tables.extend((element.id, compiled) for compiled in self._compiler.tables)
        self._compiler.tables.clear()

    def _implied_inputs(self, element: DecisionElement, known: set[str]) -> list[Requirement]:
        """A file without any input data (a lone table of Camunda Modeler): its input expressions name the inputs."""
        if self._definitions.inputs or element.required_inputs or not isinstance(element.logic, DecisionTable):
            return []
        implied: dict[str, Place] = {}
        for clause in element.logic.inputs:
            try:
                expression = compile_expression(clause.expression.text, names=self.types.special_names)
            except (FeelSyntaxError, FeelLimitError):
                # Compiling the table reports it.
                continue
            names = set(expression.names)
            if isinstance(expression.tree, Name):
                # By itself `sum` is an input too, not the function.
                names.add(expression.tree.name)
            # The name of another element is no input but a requirement that is missing; the table reports it.
            for name in sorted(names - known - self._checker.declared):
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
            # Trisotech writes one for every page of the diagram.
            self._findings.warning(element.place, "no-logic", f"{element.name} has no output decision and yields null")
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
        return tuple(edges)


def _no_logic(_scope: object, _run: object) -> None:
    return None
