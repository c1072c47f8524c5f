"""Boxed expressions to closures over (scope, run)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from service.dmn.reading.syntax import (
    Boxed,
    Conditional,
    ContextExpression,
    DecisionTable,
    FilterExpression,
    FunctionExpression,
    Invocation,
    Iterator,
    ListExpression,
    LiteralExpression,
    Place,
    Relation,
    Text,
)
from service.dmn.run import Run, Scope, Value
from service.dmn.static_scope import Checker, StaticScope
from service.dmn.tables.table import CompiledTable
from service.dmn.tables.table_compiler import compile_table
from service.dmn.value_types import ANY, MISMATCH, ListType, ValueType
from service.feel import Expression, Function, Signature, compile_expression, compile_tree
from service.feel.tree import Argument, Call, Name

Logic = Callable[[Scope, Run], Value]

_ELEMENTS = compile_expression("for element in source return element", names=["element", "source"])
_SOME = compile_expression("some result in results satisfies result", names=["result", "results"])
_EVERY = compile_expression("every result in results satisfies result", names=["result", "results"])


def converted(logic: Logic, kind: ValueType, place: Place) -> Logic:
    """`logic` with its result as the declared type; what does not fit becomes null and a warning."""
    if kind is ANY:
        return logic

    def convert(scope: Scope, run: Run) -> Value:
        return fit(logic(scope, run), kind, run, place.element_id)

    return convert


def fit(value: Value, kind: ValueType, run: Run, element_id: str | None) -> Value:
    """The value as the type, or null and a warning."""
    found = kind.convert(value)
    if found is MISMATCH:
        run.warn("INVALID_TYPE", f"the value is not of the type {kind.name}", element_id)
        return None
    return found


class LogicCompiler:
    """Compiles the boxed expressions of one file; `tables` gathers the decision tables among them."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self.tables: list[CompiledTable] = []
        self._compilers: dict[type[Boxed], Callable[[Any, StaticScope], Logic]] = {
            LiteralExpression: self._literal,
            ContextExpression: self._context,
            Invocation: self._invocation,
            ListExpression: self._list,
            Relation: self._relation,
            FunctionExpression: self.function,
            Conditional: self._conditional,
            FilterExpression: self._filter,
            Iterator: self._iterator,
        }

    def compile(self, boxed: Boxed, scope: StaticScope, expected: ValueType = ANY) -> Logic:
        """The closure; what is wrong goes to the findings. `expected` is the type of whatever holds the expression."""
        kind = self._checker.types.find(boxed.type_ref, boxed.place)
        if isinstance(boxed, DecisionTable):
            logic = self._table(boxed, scope, kind if kind is not ANY else expected)
        else:
            logic = self._compilers[type(boxed)](boxed, scope)
        # The type of a function definition is that of the function value in DMN 1.2 and of its result elsewhere.
        return logic if isinstance(boxed, FunctionExpression) else converted(logic, kind, boxed.place)

    def _literal(self, boxed: LiteralExpression, scope: StaticScope) -> Logic:
        if not boxed.text:
            self._checker.findings.warning(boxed.place, "empty-expression", "the expression is empty and yields null")
            return _null
        return self._evaluation(self._checker.expression(Text(boxed.place, boxed.text), scope), boxed.place)

    def _evaluation(self, expression: Expression | None, place: Place) -> Logic:
        if expression is None:
            return _null
        element_id = place.element_id
        return lambda values, run: run.value(expression, run.frame(values), element_id)

    def _table(self, boxed: DecisionTable, scope: StaticScope, expected: ValueType) -> Logic:
        compiled = compile_table(boxed, scope, self._checker, expected=expected)
        self.tables.append(compiled)
        return compiled.logic

    def _context(self, boxed: ContextExpression, scope: StaticScope) -> Logic:
        known = dict(scope)
        entries: list[tuple[str, Logic]] = []
        result: Logic | None = None
        for entry in boxed.entries:
            kind = self._checker.types.find(entry.type_ref, entry.place)
            if entry.name is not None and isinstance(entry.expression, FunctionExpression):
                # As in FEEL's contexts a function may call itself.
                compiled = recursive(self.compile(entry.expression, {**known, entry.name: ANY}), entry.name)
            else:
                compiled = self.compile(entry.expression, known, kind)
            logic = converted(compiled, kind, entry.place)
            if entry.name is None:
                result = logic
                continue
            if any(entry.name == name for name, _ in entries):
                self._checker.findings.error(entry.place, "duplicate-name", f"two context entries are called {entry.name}")
            known[entry.name] = kind
            entries.append((entry.name, logic))

        def context(values: Scope, run: Run) -> Value:
            inner = dict(values)
            found = {}
            for name, logic in entries:
                inner[name] = found[name] = logic(inner, run)
            return found if result is None else result(inner, run)

        return context

    def _invocation(self, boxed: Invocation, scope: StaticScope) -> Logic:
        bindings = [
            (binding.name, self.compile(binding.expression, scope) if binding.expression is not None else _null)
            for binding in boxed.bindings
        ]
        function = Name("called")
        if isinstance(boxed.called, LiteralExpression) and boxed.called.text:
            compiled = self._checker.expression(Text(boxed.called.place, boxed.called.text), scope, called=True)
            called = self._evaluation(compiled, boxed.called.place)
            # Calling by the written expression lets FEEL find built-in functions too, which are no values in scope.
            function = compiled.tree if compiled is not None and isinstance(compiled.tree, Name) else function
        else:
            called = self.compile(boxed.called, scope)
        arguments = tuple(Argument(name, Name(f"argument {name}")) for name, _ in bindings)
        call = compile_tree(Call(function, arguments))
        by_value = function.name == "called"
        element_id = boxed.place.element_id

        def invoke(values: Scope, run: Run) -> Value:
            inner = dict(values)
            if by_value:
                inner["called"] = called(values, run)
            for name, logic in bindings:
                inner[f"argument {name}"] = logic(values, run)
            return run.value(call, run.frame(inner), element_id)

        return invoke

    def _list(self, boxed: ListExpression, scope: StaticScope) -> Logic:
        items = [self.compile(item, scope) for item in boxed.items]
        return lambda values, run: [item(values, run) for item in items]

    def _relation(self, boxed: Relation, scope: StaticScope) -> Logic:
        types = self._checker.types
        rows = [
            [
                (column.name, converted(self.compile(cell, scope), types.find(column.type_ref, column.place), cell.place))
                for column, cell in zip(boxed.columns, row, strict=True)
            ]
            for row in boxed.rows
        ]
        return lambda values, run: [{name: cell(values, run) for name, cell in row} for row in rows]

    def function(self, boxed: FunctionExpression, scope: StaticScope, name: str = "function", result: ValueType = ANY) -> Logic:
        """A closure that yields the function value; parameters and result are converted to their types."""
        types = self._checker.types
        parameters = [(found.name, types.find(found.type_ref, found.place)) for found in boxed.parameters]
        if boxed.kind != "FEEL":
            external = f"{name} is a {boxed.kind} function{_described(boxed.body)}, which cannot be executed"
            self._checker.report(boxed.place, "external-function", f"{external}; write FEEL")
            body: Logic = _external(external, boxed.place)
        elif boxed.body is None:
            self._checker.findings.warning(boxed.place, "empty-expression", "the function has no body and yields null")
            body = _null
        else:
            body = converted(self.compile(boxed.body, {**scope, **dict(parameters)}, result), result, boxed.place)
        names = tuple(found for found, _ in parameters)
        element_id = boxed.place.element_id

        def call(values: Scope, run: Run, _feel_run: object, *arguments: Value) -> Value:
            inner = dict(values)
            for (parameter, kind), argument in zip(parameters, arguments, strict=True):
                inner[parameter] = kind.convert(argument)
                if inner[parameter] is MISMATCH:
                    run.warn("INVALID_TYPE", f"{name}: {parameter} is not of the type {kind.name}", element_id)
                    return None
            return body(inner, run)

        return lambda values, run: Function(name, (Signature(names),), partial(call, values, run))

    def _conditional(self, boxed: Conditional, scope: StaticScope) -> Logic:
        condition = self.compile(boxed.condition, scope)
        then = self.compile(boxed.then, scope)
        otherwise = self.compile(boxed.otherwise, scope)
        element_id = boxed.place.element_id

        def conditional(values: Scope, run: Run) -> Value:
            chosen = condition(values, run)
            if chosen is not None and not isinstance(chosen, bool):
                run.warn("INVALID_TYPE", "the condition is not boolean", element_id)
                return None
            return then(values, run) if chosen is True else otherwise(values, run)

        return conditional

    def _filter(self, boxed: FilterExpression, scope: StaticScope) -> Logic:
        source = self.compile(boxed.source, scope)
        # Components of the element are in scope by their own names, and which ones is not known before.
        types = self._checker.types
        with self._checker.among_elements():
            match = self.compile(boxed.match, {**dict.fromkeys(types.component_names, ANY), **scope, "item": ANY})
        element_id = boxed.place.element_id

        def select(values: Scope, run: Run) -> Value:
            elements = source(values, run)
            if elements is None:
                run.warn("INVALID_TYPE", "null cannot be filtered", element_id)
                return None
            kept = []
            for element in elements if isinstance(elements, list) else [elements]:
                # A component called item hides the element; an element of a filter further out does not.
                inner = {**values, "item": element, **element} if isinstance(element, dict) else {**values, "item": element}
                run.feel.tick()
                chosen = match(inner, run)
                if chosen is True:
                    kept.append(element)
                elif chosen is not None and chosen is not False:
                    run.warn("INVALID_TYPE", "the filter's match is not boolean", element_id)
                    return None
            return kept

        return select

    def _iterator(self, boxed: Iterator, scope: StaticScope) -> Logic:
        source = self.compile(boxed.source, scope)
        kind = self._checker.types.find(boxed.variable_type, boxed.place)
        element_type = kind.element if isinstance(kind, ListType) else ANY
        inner_scope = {**scope, boxed.variable: element_type}
        if boxed.kind == "for":
            inner_scope["partial"] = ANY
        body = self.compile(boxed.body, inner_scope)
        element_id = boxed.place.element_id
        conclusion = {"for": None, "some": _SOME, "every": _EVERY}[boxed.kind]

        def iterate(values: Scope, run: Run) -> Value:
            domain = source(values, run)
            elements = run.value(_ELEMENTS, run.frame({"source": domain}), element_id)
            if elements is None:
                return None
            results: list[Value] = []
            for element in elements:
                inner = {**values, boxed.variable: element}
                if conclusion is None:
                    inner["partial"] = list(results)
                run.feel.tick()
                results.append(body(inner, run))
            if conclusion is None:
                return results
            if any(found is not None and not isinstance(found, bool) for found in results):
                run.warn("INVALID_TYPE", "what must be satisfied is not boolean", element_id)
            return run.value(conclusion, run.frame({"results": results}), element_id)

        return iterate


def _described(body: Boxed | None) -> str:
    """The texts in the body of a function written outside FEEL, which name it: class and signature, or document and model."""
    entries = body.entries if isinstance(body, ContextExpression) else ()
    texts = [entry.expression.text.strip('"') for entry in entries if isinstance(entry.expression, LiteralExpression)]
    return f" ({'.'.join(texts)})" if texts else ""


def recursive(function: Logic, name: str) -> Logic:
    """The function with its own name in its scope."""

    def defined(scope: Scope, run: Run) -> Value:
        inner = dict(scope)
        found = inner[name] = function(inner, run)
        return found

    return defined


def _external(message: str, place: Place) -> Logic:
    def refuse(_scope: Scope, run: Run) -> None:
        run.warn("EXTERNAL_FUNCTION", message, place.element_id)

    return refuse


def _null(_scope: Scope, _run: Run) -> Value:
    return None
