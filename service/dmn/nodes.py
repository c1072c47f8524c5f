"""The compiled graph: what can be asked for, and what each of them needs."""

from __future__ import annotations

from dataclasses import dataclass

from service.dmn.logic import Logic
from service.dmn.reading.syntax import HitPolicy, Place
from service.dmn.run import Scope, Value
from service.dmn.tables.table import CompiledTable
from service.dmn.value_types import ValueType
from service.feel.tree import Node as Tree

Key = str
"""`namespace#id`: unique over a file and everything it imports."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A node another one needs; `path` is its name in expressions, after the import's name if it has one."""

    path: tuple[str, ...]
    key: Key


@dataclass(frozen=True, slots=True)
class InputNode:
    """Input data."""

    key: Key
    name: str
    kind: ValueType
    place: Place
    requirements: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionNode:
    """A decision with its compiled logic.

    `table` where that is a decision table, `expression` where it is, or amounts to, a FEEL expression without a type of its own.
    """

    key: Key
    id: str
    name: str
    variable: str
    kind: ValueType
    place: Place
    documentation: str | None
    requirements: tuple[Requirement, ...]
    logic: Logic
    hit_policy: HitPolicy | None
    multiple: bool
    outputs: tuple[str, ...]
    used_paths: tuple[tuple[str, ...], ...]
    table: CompiledTable | None = None
    expression: Tree | None = None


@dataclass(frozen=True, slots=True)
class FunctionBody:
    """What a function does with its parameters: a table, or a FEEL expression.

    The result is converted to the type of each of `kinds` in turn.
    """

    parameters: tuple[tuple[str, ValueType], ...]
    kinds: tuple[ValueType, ...]
    table: CompiledTable | None = None
    expression: Tree | None = None


@dataclass(frozen=True, slots=True)
class KnowledgeNode:
    """A business knowledge model; `logic` yields the function value, `body` is None where that is other boxed logic."""

    key: Key
    id: str
    name: str
    place: Place
    requirements: tuple[Requirement, ...]
    logic: Logic
    body: FunctionBody | None = None


@dataclass(frozen=True, slots=True)
class ServiceNode:
    """A decision service. `parameters` are its input data, then its input decisions."""

    key: Key
    id: str
    name: str
    kind: ValueType
    place: Place
    parameters: tuple[tuple[str, Key], ...]
    outputs: tuple[Key, ...]
    requirements: tuple[Requirement, ...] = ()


Node = InputNode | DecisionNode | KnowledgeNode | ServiceNode


def scope_of(requirements: tuple[Requirement, ...], values: dict[Key, Value]) -> Scope:
    """The names a node's expressions see, with their values."""
    scope: Scope = {}
    for requirement in requirements:
        if len(requirement.path) == 1:
            scope[requirement.path[0]] = values.get(requirement.key)
            continue
        inner = scope
        for part in requirement.path[:-1]:
            inner = inner.setdefault(part, {})
        inner[requirement.path[-1]] = values.get(requirement.key)
    return scope
