"""The name a modeler gave to the value a cell tests: `camunda:inputVariable` of an input column, `cellInput` by default."""

from __future__ import annotations

from dataclasses import replace

from service.dmn.tables.constraint import test_list
from service.feel import UnaryTests
from service.feel.tree import Entry, Name, Node, Parameter, Variable, walk, with_parts

DEFAULT = "cellInput"
INPUT = "?"


def with_input_name(tests: UnaryTests, name: str) -> UnaryTests:
    """The tests in which `name` stands for the tested value, FEEL's `?`.

    They stay as they are where they do not use it, or declare a variable of that name themselves.
    """
    tree = test_list(tests)
    if name not in tests.names or any(isinstance(node, Variable | Parameter | Entry) and node.name == name for node in walk(tree)):
        return tests

    def renamed(node: Node) -> Node:
        if isinstance(node, Name) and node.name == name:
            return replace(node, name=INPUT)
        return with_parts(node, renamed)

    return UnaryTests(tests.text, with_parts(tree, renamed))
