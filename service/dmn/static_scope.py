"""The names an expression may use, checked when the model is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Protocol

from service.dmn.findings import Findings
from service.dmn.input_name import with_input_name
from service.dmn.item_definitions import TypeTable
from service.dmn.reading.syntax import Place, Text
from service.dmn.tables.constraint import test_list
from service.dmn.type_names import named_types, spelled_out
from service.dmn.value_types import ANY, ValueType
from service.feel import (
    Expression,
    FeelLimitError,
    FeelSyntaxError,
    UnaryTests,
    compile_expression,
    compile_unary_tests,
)
from service.feel.free_names import free_functions
from service.feel.tree import (
    AtLiteral,
    Call,
    ContextLiteral,
    FunctionDefinition,
    Literal,
    Name,
    Negation,
    Node,
    Path,
    RangeLiteral,
    UnaryComparison,
    UnaryTestList,
    walk,
)

StaticScope = Mapping[str, ValueType]
_CONSTANTS = (Literal, AtLiteral, Negation, RangeLiteral, UnaryComparison, UnaryTestList)


class _Compiled(Protocol):
    @property
    def tree(self) -> Node: ...

    @property
    def names(self) -> frozenset[str]: ...

    @property
    def paths(self) -> frozenset[tuple[str, ...]]: ...


class Checker:
    """Compiles FEEL against the names in scope and records what does not fit.

    `strict` makes an unknown name or component, and an unknown or external function, an error; in the match of a boxed filter an
    unknown name may be one of the elements and stays a warning (`among_elements`). `declared` are the names the file has at all,
    `used_paths` gathers what the compiled expressions read.
    """

    def __init__(self, types: TypeTable, findings: Findings, *, strict: bool) -> None:
        self.types = types
        self.findings = findings
        self.strict = strict
        self.used_paths: set[tuple[str, ...]] = set()
        self.declared: frozenset[str] = frozenset()
        self._filters = 0

    def expression(self, text: Text, scope: StaticScope, *, called: bool = False) -> Expression | None:
        """The compiled expression; None with a finding when it is not FEEL. `called`: it names the function of an invocation."""
        try:
            compiled = compile_expression(text.text, names=self._names(scope))
        except (FeelSyntaxError, FeelLimitError) as error:
            self._refuse(text, error)
            return None
        if not called and _names_nothing(compiled.tree):
            return compiled
        functions = free_functions(Call(compiled.tree, ()) if called else compiled.tree)
        self._check(compiled, functions, scope, text.place)
        if self._uses_types(compiled.tree, text.place):
            return Expression(text.text, spelled_out(compiled.tree, self.types.named), tuple(self._names(scope)))
        return compiled

    def unary_tests(self, text: Text, scope: StaticScope, input_name: str) -> UnaryTests | None:
        """The compiled cell of a decision table; None with a finding when it is not FEEL. `input_name` stands for the tested value."""
        try:
            compiled = with_input_name(compile_unary_tests(text.text, names=self._names(scope)), input_name)
        except (FeelSyntaxError, FeelLimitError) as error:
            self._refuse(text, error)
            return None
        if _names_nothing(compiled.tree):
            return compiled
        self._check(compiled, free_functions(compiled.tree), scope, text.place)
        if self._uses_types(compiled.tree, text.place):
            return UnaryTests(text.text, spelled_out(test_list(compiled), self.types.named), tuple(self._names(scope)))
        return compiled

    @contextmanager
    def among_elements(self) -> Iterator[None]:
        """While the match of a filter is compiled: what its elements contain is known only when they are there."""
        self._filters += 1
        yield
        self._filters -= 1

    def report(self, place: Place, code: str, message: str) -> None:
        """Record what cannot work: an error, or a warning where only warnings are wanted."""
        (self.findings.error if self.strict else self.findings.warning)(place, code, message)

    def type_of(self, tree: Node, scope: StaticScope) -> ValueType:
        """The type of a name or path as far as known; of anything else `ANY`."""
        if isinstance(tree, Name):
            return scope.get(tree.name, ANY)
        if isinstance(tree, Path):
            return self.type_of(tree.source, scope).component(tree.name) or ANY
        return ANY

    def _uses_types(self, tree: Node, place: Place) -> bool:
        names = named_types(tree)
        for name in sorted(names):
            if self.types.named(name) is None:
                self.findings.warning(place, "unknown-type", f"the type {name} is not defined")
        return bool(names)

    def _refuse(self, text: Text, error: FeelSyntaxError | FeelLimitError) -> None:
        if isinstance(error, FeelLimitError):
            self.findings.error(text.place, "feel-limit", f"{_short(text.text)}: {error}")
            return
        # The text starts on the line of its element, so lines inside it are counted from there.
        place = Place(text.place.element_id, text.place.line + error.line - 1)
        self.findings.error(place, "feel-syntax", f"{_short(text.text)}: {error}")

    def _names(self, scope: StaticScope) -> Iterable[str]:
        return {*scope, *self.types.special_names}

    def _check(self, compiled: _Compiled, functions: frozenset[str], scope: StaticScope, place: Place) -> None:
        report = self.findings.warning if self._filters else self.report
        for external in _external_functions(compiled.tree):
            self.report(place, "external-function", f"the external function {external} cannot be executed; write FEEL")
        for name in sorted(compiled.names | functions):
            # Known to the parser as a component, so it may be that of a filtered element.
            if name not in scope and name not in self.types.special_names:
                hint = " (declared, but not required here)" if name in self.declared else _hint(name, scope)
                if name in functions:
                    self.report(place, "unknown-function", f"unknown function {name}{hint}")
                else:
                    report(place, "unknown-name", f"unknown name {name}{hint}")
        for path in sorted(compiled.paths):
            if path[0] not in scope:
                continue
            self.used_paths.add(path)
            current: ValueType | None = scope[path[0]]
            for index, part in enumerate(path[1:], start=1):
                if current is None or current is ANY:
                    break
                found = current.component(part)
                if found is None:
                    known = getattr(current, "components", {})
                    report(
                        place,
                        "unknown-component",
                        f"unknown name {'.'.join(path[: index + 1])}: {current.name} has no component {part}{_hint(part, known)}",
                    )
                current = found


def _names_nothing(tree: Node) -> bool:
    """Whether it is made of constants: there are no names, functions and types to be looked up, as in most cells of large tables."""
    return all(isinstance(node, _CONSTANTS) for node in walk(tree))


def _external_functions(tree: Node) -> Iterator[str]:
    """Descriptions of the functions written outside FEEL: the texts in their definition."""
    for node in walk(tree):
        if isinstance(node, FunctionDefinition) and node.external:
            yield ".".join(_texts(node.body)) or "without a name"


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node, Literal):
        yield str(node.value)
    elif isinstance(node, ContextLiteral):
        for entry in node.entries:
            yield from _texts(entry.value)


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "…"
