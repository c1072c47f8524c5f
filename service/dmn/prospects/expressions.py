"""FEEL expressions over symbolic values: lists and contexts stay in their parts as long as the expression lets them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from service.dmn.cut_points import INPUT
from service.dmn.prospects.built_ins import contains, count
from service.dmn.prospects.diagrams import Diagram, Leaf, values
from service.dmn.prospects.forms import OPERATORS, calls_functions, in_order, kind_of, kind_over, path_of, rewritten
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.marks import Anything, Failure, Path, Within, inexact
from service.dmn.prospects.scopes import Scope, Unstructured
from service.dmn.prospects.symbolic import Context, Items, Lazy, Symbolic
from service.feel import UnaryTests
from service.feel import tree as feel
from service.feel.builtin.registry import find_builtin
from service.feel.free_names import free_paths

_MOST_ELEMENTS = 200
"""Longer lists are not taken apart."""


class Evaluator:
    """Works out expressions within one inquiry."""

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        self._diagrams = inquiry.diagrams
        self._assembly = inquiry.assembly
        self._forms: dict[type[feel.Node], Callable[[Any, Scope], Symbolic]] = {
            feel.Literal: lambda node, scope: self._diagrams.leaf(node.value),
            feel.Name: self._name,
            feel.Path: self._path,
            feel.ListLiteral: self._list,
            feel.ContextLiteral: self._context,
            feel.Filter: self._filter,
            feel.For: self._for,
            feel.Quantified: self._quantified,
            feel.If: self._if,
            feel.Call: self._call,
            **dict.fromkeys(OPERATORS, self._operator),
            feel.Comparison: self._comparison,
        }

    def evaluate(self, node: feel.Node, scope: Scope) -> Symbolic:
        """The value of an expression."""
        form = self._forms.get(type(node))
        return self.as_one(node, scope) if form is None else form(node, scope)

    def diagram(self, node: feel.Node, scope: Scope) -> Diagram:
        """The value of an expression as one diagram."""
        return self._assembly.whole(self.evaluate(node, scope))

    def as_one(self, node: feel.Node, scope: Scope) -> Diagram:
        """The expression evaluated as it stands over the values of its variables."""
        return self._inquiry.compute(node, self.operands(node, scope), self._kind_of(node, scope))

    def _kind_of(self, node: feel.Node, scope: Scope) -> str | None:
        """The type an expression has for certain, null aside; a variable may hide a function of FEEL."""
        hidden = isinstance(node, feel.Call) and isinstance(node.function, feel.Name) and node.function.name in scope.known()
        return None if hidden else kind_of(node)

    def operands(self, node: feel.Node, scope: Scope) -> dict[Path, Diagram]:
        """The values of the variables of `node` by their paths, contexts opened as far as the paths go."""
        known = scope.known()
        found: dict[Path, Diagram] = {}
        for path in sorted(free_paths(node, known)):
            if path[0] not in known:
                continue
            value = scope.find(path[0], self._assembly, self.member)
            length = 1
            while length < len(path) and isinstance(value, Context) and (path[length] in value.entries or value.rest is not None):
                value = self._assembly.entry(value, path[length])
                length += 1
            found[path[:length]] = self._assembly.whole(value)
        # A variable wanted as a whole holds what longer paths would add.
        return {path: value for path, value in found.items() if not any(path[:length] in found for length in range(1, len(path)))}

    def _name(self, node: feel.Name, scope: Scope) -> Symbolic:
        return scope.find(node.name, self._assembly, self.member) if node.name in scope.known() else self.as_one(node, scope)

    def _path(self, node: feel.Path, scope: Scope) -> Symbolic:
        return self.member(self.evaluate(node.source, scope), node.name)

    def member(self, value: Symbolic, name: str) -> Symbolic:
        """`value.name`, mapped over lists."""
        if isinstance(value, Context):
            return self._assembly.entry(value, name)
        if isinstance(value, Items):
            return Items(tuple((guard, self.member(element, name)) for guard, element in value.elements))
        return self._inquiry.compute(feel.Path(feel.Name("operand 0"), name), {("operand 0",): value})

    def _list(self, node: feel.ListLiteral, scope: Scope) -> Symbolic:
        return self._strict(node, Items(tuple((self._diagrams.true, self.evaluate(item, scope)) for item in node.items)), scope)

    def _strict(self, node: feel.Node, value: Items | Context, scope: Scope) -> Symbolic:
        """What fails in its parts fails as a whole, even if the part is never asked for; only functions called can fail."""
        if not calls_functions(node, scope.known()):
            return value
        parts = [part for _, part in value.elements] if isinstance(value, Items) else [entry.get() for entry in value.entries.values()]
        fails = any(isinstance(found, Failure) for part in parts if isinstance(part, Diagram) for found in values(part))
        return self._assembly.whole(value) if fails else value

    def _context(self, node: feel.ContextLiteral, scope: Scope) -> Symbolic:
        names = [entry.name for entry in node.entries]
        if len(set(names)) < len(names) or any(isinstance(entry.value, feel.FunctionDefinition) for entry in node.entries):
            return self.as_one(node, scope)
        entries: dict[str, Lazy] = {}
        for entry in node.entries:
            inner = Scope(dict(entries), scope)
            entries[entry.name] = Lazy(partial(self.evaluate, entry.value, inner))
        return self._strict(node, Context(self._diagrams.true, entries), scope)

    def _elements(self, node: feel.Node, scope: Scope) -> tuple[tuple[Diagram, Symbolic], ...] | None:
        """The elements of a list, None when the value is not known to be one."""
        return self._elements_of(self.evaluate(node, scope))

    def _elements_of(self, value: Symbolic) -> tuple[tuple[Diagram, Symbolic], ...] | None:
        if isinstance(value, Items):
            return value.elements
        if isinstance(value, Leaf) and isinstance(value.value, list):
            return tuple((self._diagrams.true, self._diagrams.leaf(element)) for element in value.value)
        return None

    def _filter(self, node: feel.Filter, scope: Scope) -> Symbolic:
        elements = self._elements(node.source, scope)
        condition = node.condition
        if elements is None or len(elements) > _MOST_ELEMENTS:
            return self.as_one(node, scope)
        if isinstance(condition, feel.Literal) and isinstance(condition.value, Decimal) and condition.value == 1:
            first: Diagram = self._diagrams.null
            for guard, element in reversed(elements):
                first = self._diagrams.choose(guard, self._assembly.whole(element), first)
            return first
        if any(self._kind_of(condition, Scope({}, scope, element)) != "boolean" for _, element in elements):
            return self.as_one(node, scope)
        try:
            kept = []
            for guard, element in elements:
                passes = self._inquiry.holds(self.diagram(condition, Scope({}, scope, element)), "a filter depends on what is not known")
                kept.append((self._diagrams.both(guard, passes), element))
        except Unstructured:
            return self.as_one(node, scope)
        return Items(tuple(kept))

    def _for(self, node: feel.For, scope: Scope) -> Symbolic:
        uses_partial = any(isinstance(part, feel.Name) and part.name == "partial" for part in feel.walk(node.result))
        variable = node.variables[0]
        if uses_partial or len(node.variables) > 1 or isinstance(variable.domain, feel.IterationRange):
            return self.as_one(node, scope)
        elements = self._elements(variable.domain, scope)
        if elements is None or len(elements) > _MOST_ELEMENTS:
            return self.as_one(node, scope)
        found = ((guard, self.evaluate(node.result, _with(variable.name, element, scope))) for guard, element in elements)
        return self._strict(node, Items(tuple(found)), scope)

    def _quantified(self, node: feel.Quantified, scope: Scope) -> Symbolic:
        elements = self._elements(node.variables[0].domain, scope) if len(node.variables) == 1 else None
        if elements is None or len(elements) > _MOST_ELEMENTS:
            return self.as_one(node, scope)
        deciding = not node.every
        result: Diagram = self._diagrams.leaf(not deciding)
        conditions = [(guard, self.diagram(node.condition, _with(node.variables[0].name, element, scope))) for guard, element in elements]
        if _fails_in_doubt(condition for _, condition in conditions):
            return self.as_one(node, scope)
        for guard, condition in conditions:
            joined = self._diagrams.apply(lambda before, value: self._quantify(before, value, deciding), (result, condition))
            result = self._diagrams.choose(guard, joined, result)
        return result

    def _if(self, node: feel.If, scope: Scope) -> Symbolic:
        result: Lazy = Lazy(lambda: self.evaluate(node.otherwise, scope))
        for branch in reversed(node.branches):
            result = Lazy(partial(self._branch, branch, result, scope))
        return result.get()

    def _branch(self, branch: feel.Branch, otherwise: Lazy, scope: Scope) -> Symbolic:
        condition = self.diagram(branch.condition, scope)
        if isinstance(condition, Leaf) and not inexact(condition.value):
            return self.evaluate(branch.result, scope) if condition.value is True else otherwise.get()
        failed = self._diagrams.apply(lambda value: isinstance(value, Failure), (condition,))
        told = self._diagrams.apply(lambda value: None if isinstance(value, Failure) else value, (condition,))
        holds = self._inquiry.holds(told, "a condition depends on what is not known")
        then, instead = self.evaluate(branch.result, scope), otherwise.get()
        ones, others = self._elements_of(then), self._elements_of(instead)
        if ones is not None and others is not None and failed is self._diagrams.false:
            kept = [(self._diagrams.both(holds, guard), element) for guard, element in ones]
            left = [(self._diagrams.choose(holds, self._diagrams.false, guard), element) for guard, element in others]
            return Items((*kept, *left))
        found = self._diagrams.choose(holds, self._assembly.whole(then), self._assembly.whole(instead))
        return self._diagrams.choose(failed, condition, found)

    def _call(self, node: feel.Call, scope: Scope) -> Symbolic:
        function = node.function
        path = path_of(function)
        callee = scope.callee(path, self._assembly, self.member) if path is not None else None
        if callee is not None:
            arguments = in_order(node.arguments, callee.parameters)
            found = None if arguments is None else callee.call([self.evaluate(argument, scope) for argument in arguments])
            return self.as_one(node, scope) if found is None else found
        if not isinstance(function, feel.Name) or function.name in scope.known() or find_builtin(function.name) is None:
            return self.as_one(node, scope)
        positional = all(argument.name is None for argument in node.arguments)
        found = self._in_parts(function.name, [argument.value for argument in node.arguments], scope) if positional else None
        return self._operator(node, scope) if found is None else found

    def _in_parts(self, name: str, arguments: Sequence[feel.Node], scope: Scope) -> Symbolic | None:
        """A built-in function over values that are kept in their parts; None where it needs them whole."""
        if name == "count" and len(arguments) == 1:
            elements = self._elements(arguments[0], scope)
            return None if elements is None else count([guard for guard, _ in elements], self._inquiry)
        if name == "concatenate":
            lists = [self._elements(argument, scope) for argument in arguments]
            known = all(found is not None for found in lists)
            return Items(tuple(element for found in lists for element in found or ())) if known else None
        if name == "list contains" and len(arguments) == 2:
            held, sought = self.evaluate(arguments[0], scope), self.diagram(arguments[1], scope)
            failing = any(isinstance(value, Failure) for value in values(sought))
            parted = isinstance(held, Items) and not failing and not self._assembly.may_fail(held)
            return contains(held, sought, self._inquiry) if isinstance(held, Items) and parted else None
        if name == "get value" and len(arguments) == 2:
            held, key = self.evaluate(arguments[0], scope), self.diagram(arguments[1], scope)
            named = isinstance(key, Leaf) and isinstance(key.value, str)
            return self.member(held, key.value) if isinstance(held, Context) and named and isinstance(key, Leaf) else None
        return None

    def _comparison(self, node: feel.Comparison, scope: Scope) -> Symbolic:
        """A comparison with null looks at no more than whether there is a value."""
        sides = [side for side in (node.left, node.right) if side != feel.Literal(None)]
        if len(sides) != 1 or node.operator not in ("=", "!="):
            return self._operator(node, scope)
        null = self._assembly.is_null(self.evaluate(sides[0], scope))
        if node.operator == "=":
            return null
        return self._diagrams.apply(lambda found: not found if isinstance(found, bool) else found, (null,))

    def test(self, tests: UnaryTests, value: Symbolic, scope: Scope) -> Diagram:
        """Whether the tests of a cell pass; what a list is asked for in its parts is told of its parts."""
        tree = tests.tree
        if isinstance(value, Items) and isinstance(tree, feel.UnaryTestList) and len(tree.tests) == 1 and not tree.negated:
            asked = tree.tests[0]
            if self._kind_of(asked, scope) == "boolean" and any(_is_input(part) for part in feel.walk(asked)):
                return self.diagram(asked, _with(INPUT, value, scope))
        return self._inquiry.test(tests, self._assembly.whole(value), self.operands(tests.tree, scope))

    def _operator(self, node: feel.Node, scope: Scope) -> Symbolic:
        """Works out the operands by themselves and the operator over their values."""
        operands: dict[Path, Diagram] = {}

        def operand(part: feel.Node) -> feel.Node:
            if not _known_paths(part, scope):
                return part
            name = f"operand {len(operands)}"
            operands[(name,)] = self.diagram(part, scope)
            return feel.Name(name)

        if isinstance(node, feel.In) and any(_known_paths(test, scope) for test in node.tests):
            return self.as_one(node, scope)
        over = replace(node, value=operand(node.value)) if isinstance(node, feel.In) else rewritten(node, operand)
        if isinstance(over, feel.And | feel.Or) and any(isinstance(value, Failure) for part in operands.values() for value in values(part)):
            # What decides it hides the failures behind.
            return self.as_one(node, scope) if _fails_in_doubt(operands.values()) else self._junction(over, operands)
        found = [value for diagram in operands.values() for value in values(diagram)]
        return self._inquiry.compute(over, operands, kind_over(over, found, self._inquiry))

    def _junction(self, node: feel.And | feel.Or, operands: Mapping[Path, Diagram]) -> Diagram:
        """Operands that are known exactly but may fail, from left to right."""
        deciding = isinstance(node, feel.Or)
        parts = [operands.get((part.name,)) if isinstance(part, feel.Name) else None for part in node.operands]
        result: Diagram = self._diagrams.leaf(not deciding)
        for part, written in zip(parts, node.operands, strict=True):
            found = self.as_one(written, Scope({})) if part is None else part
            result = self._diagrams.apply(lambda before, value: self._quantify(before, value, deciding), (result, found))
        return result

    def _quantify(self, before: Any, value: Any, deciding: bool) -> Any:
        """The next operand; null as soon as one is neither true nor false, unless one decides or fails before."""
        if before is deciding or isinstance(before, Failure):
            return before
        if value is deciding or isinstance(value, Failure):
            return value
        if inexact(before) or inexact(value):
            return self._assembly.unsure((before, value), "boolean")
        return None if before is None or not isinstance(value, bool) else before


def _fails_in_doubt(operands: Iterable[Diagram]) -> bool:
    """Whether one may fail while it is left open whether it is reached."""
    found = [value for operand in operands for value in values(operand)]
    return any(isinstance(value, Failure) for value in found) and any(isinstance(value, Anything | Within) for value in found)


def _is_input(node: feel.Node) -> bool:
    return isinstance(node, feel.Name) and node.name == INPUT


def _with(name: str, value: Symbolic, scope: Scope) -> Scope:
    return Scope({name: Lazy(lambda: value)}, scope)


def _known_paths(node: feel.Node, scope: Scope) -> frozenset[Path]:
    known = scope.known()
    return frozenset(path for path in free_paths(node, known) if path[0] in known)
