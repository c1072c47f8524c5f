"""Another file as seen from the one that imports it.

Each import has nodes of its own (DMN 1.5, 6.3.3): a model reached on two ways may be given different inputs on each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from service.dmn.graph import Graph, InputPaths
from service.dmn.nodes import DecisionNode, InputNode, Key, Node, Requirement, ServiceNode
from service.dmn.value_types import ValueType


class ImportedGraph:
    """What the import called `name` ("" = without a prefix) of the model `namespace` offers."""

    def __init__(self, name: str, namespace: str, graph: Graph, types: Mapping[str, ValueType]) -> None:
        self.name = name
        self.namespace = namespace
        self.nodes: dict[Key, Node] = {self._moved(key): self._node(node) for key, node in graph.nodes.items()}
        self.input_paths: InputPaths = {self._moved(key): self._paths(paths) for key, paths in graph.input_paths.items()}
        self.types = {f"{name}.{found}" if name else found: kind for found, kind in types.items()}

    def key(self, element_id: str) -> Key:
        """The key of an element of the imported file."""
        return self._moved(f"{self.namespace}#{element_id}")

    @property
    def names(self) -> frozenset[str]:
        """What the elements are called in expressions, after the name of the import."""
        return frozenset(node.variable if isinstance(node, DecisionNode) else node.name for node in self.nodes.values())

    def _moved(self, key: Key) -> Key:
        return f"{self.name}/{key}"

    def _requirements(self, node: Node) -> tuple[Requirement, ...]:
        return tuple(Requirement(found.path, self._moved(found.key)) for found in node.requirements)

    def _node(self, node: Node) -> Node:
        if isinstance(node, InputNode):
            return replace(node, key=self._moved(node.key))
        if isinstance(node, ServiceNode):
            parameters = tuple((name, self._moved(key)) for name, key in node.parameters)
            return replace(node, key=self._moved(node.key), parameters=parameters, outputs=tuple(map(self._moved, node.outputs)))
        return replace(node, key=self._moved(node.key), requirements=self._requirements(node))

    def _paths(self, paths: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        """Under the name of the import first; else as the imported file itself would find it."""
        return ((self.name, *paths[0]), *paths) if self.name else paths
