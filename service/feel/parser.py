"""Recursive-descent parser of FEEL with an operator stack; nesting is bounded, chains of operators are not nested."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from decimal import Decimal

from service.feel import tree as nodes
from service.feel.builtin.registry import builtin_names
from service.feel.errors import Fault, FeelLimitError
from service.feel.lexer import string_value
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.name_table import NameTable
from service.feel.numbers import CONTEXT, parse_number
from service.feel.operator_stack import COMPARISON_LEVEL, COMPARISONS, LEVELS, OperatorStack
from service.feel.token_stream import TokenStream
from service.feel.tree import Literal, Name, Node, Position, UnaryTestList, depth
from service.feel.type_parser import parse_type

_NOT_AN_EXPRESSION = frozenset(
    {
        *COMPARISONS,
        *(")", ",", "]", "}", "+", "*", "/", "**", "..", ".", ""),
        *("and", "or", "then", "else", "return", "satisfies", "in", "between", "instance"),
    }
)
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


@functools.lru_cache(maxsize=1)
def _builtin_table() -> NameTable:
    return NameTable(builtin_names())


class Parser:
    """Reads one text. Not reusable."""

    def __init__(self, text: str, names: Iterable[str] | None, limits: Limits) -> None:
        self._tokens = TokenStream(text, NameTable(names or ()), _builtin_table(), limits)
        self._limits = limits
        self._nesting = 0
        self._in_range_end = False

    def whole_expression(self) -> Node:
        """One expression and nothing after it."""
        tree = self.expression()
        if not self._tokens.at_end():
            self._tokens.fail("an operator or the end")
        return self._checked(tree)

    def whole_unary_tests(self) -> UnaryTestList:
        """The tests of a decision table cell."""
        tokens = self._tokens
        position = tokens.position()
        if tokens.at_end() or (tokens.at("-") and tokens.following.kind == "end"):
            return UnaryTestList((), position=position)
        if tokens.at("not") and tokens.following.text == "(":
            tokens.index += 2
            tests = self._tests()
            if tokens.take(")") and tokens.at_end():
                tree = UnaryTestList(tests, negated=True, position=position)
                self._checked(tree)
                return tree
            tokens.index = 0
        tree = UnaryTestList(self._tests(), position=position)
        if not tokens.at_end():
            tokens.fail("',' or the end")
        self._checked(tree)
        return tree

    def _checked(self, tree: Node) -> Node:
        if depth(tree) > self._limits.depth * 3:
            raise FeelLimitError("depth", f"the expression nests deeper than {self._limits.depth}")
        return tree

    def expression(self) -> Node:
        """Any expression."""
        self._nesting += 1
        if self._nesting > self._limits.depth:
            raise FeelLimitError("depth", f"the expression nests deeper than {self._limits.depth}")
        node = self._operators(1)
        self._nesting -= 1
        return node

    def _operators(self, lowest: int) -> Node:
        tokens = self._tokens
        stack = OperatorStack(self._operand())
        while True:
            token = tokens.current
            position = tokens.position()
            level = LEVELS.get(token.text, 0) if token.kind in ("symbol", "name") else 0
            if level >= lowest:
                stack.reduce(level)
                tokens.index += 1
                stack.push(token.text, position, self._operand())
            elif token.text in ("between", "in") and token.kind == "name" and lowest <= COMPARISON_LEVEL:
                stack.reduce(COMPARISON_LEVEL)
                tokens.index += 1
                value = stack.pop()
                if token.text == "in":
                    stack.put(nodes.In(value, self._in_tests(), position=position))
                else:
                    low = self._operators(COMPARISON_LEVEL + 1)
                    tokens.require("and")
                    stack.put(nodes.Between(value, low, self._operators(COMPARISON_LEVEL + 1), position=position))
            else:
                stack.reduce(0)
                return stack.pop()

    def _operand(self) -> Node:
        tokens = self._tokens
        signs: list[Position] = []
        while tokens.at("-"):
            signs.append(tokens.position())
            tokens.index += 1
        node = self._postfix(self._primary())
        while signs:
            position = signs.pop()
            if isinstance(node, Literal) and isinstance(node.value, Decimal) and not signs:
                node = Literal(CONTEXT.minus(node.value), position=position)
            else:
                node = nodes.Negation(node, position=position)
        while tokens.at("instance") and tokens.following.text == "of":
            position = tokens.position()
            tokens.index += 2
            node = nodes.InstanceOf(node, parse_type(tokens, self._limits), position=position)
        return node

    def _postfix(self, node: Node) -> Node:
        tokens = self._tokens
        while True:
            position = tokens.position()
            if tokens.at("."):
                tokens.index += 1
                node = nodes.Path(node, tokens.name(), position=position)
            elif tokens.at("[") and not (self._in_range_end and tokens.following.text in _NOT_AN_EXPRESSION):
                tokens.index += 1
                condition = self._enclosed()
                tokens.require("]")
                node = nodes.Filter(node, condition, position=position)
            elif tokens.at("("):
                tokens.index += 1
                node = nodes.Call(node, self._arguments(), position=position)
            else:
                return node

    def _enclosed(self) -> Node:
        outer, self._in_range_end = self._in_range_end, False
        node = self.expression()
        self._in_range_end = outer
        return node

    def _arguments(self) -> tuple[nodes.Argument, ...]:
        tokens = self._tokens
        arguments: list[nodes.Argument] = []
        named: bool | None = None
        given: set[str] = set()
        while not tokens.take(")"):
            if arguments:
                tokens.require(",")
            position = tokens.position()
            name = tokens.argument_name()
            if name is not None:
                if named is False:
                    tokens.fail_at(position, name, "a positional argument")
                if name in given:
                    tokens.fail_at(position, name, "a name that no other argument has")
                given.add(name)
            elif named:
                tokens.fail("a named argument")
            named = name is not None
            arguments.append(nodes.Argument(name, self._enclosed(), position=position))
        return tuple(arguments)

    def _primary(self) -> Node:
        tokens = self._tokens
        token = tokens.current
        position = tokens.position()
        if token.kind == "number":
            try:
                number = parse_number(token.text)
            except Fault:
                tokens.fail("a number of at most 6144 digits")
            tokens.index += 1
            return Literal(number, position=position)
        if token.kind == "string":
            tokens.index += 1
            return Literal(string_value(token.text), position=position)
        if token.kind == "name":
            return self._named_primary(position)
        if token.text == "(":
            return self._parenthesis(position)
        if token.text == "[" or (token.text == "]" and tokens.following.text not in _NOT_AN_EXPRESSION):
            return self._bracket(position)
        if token.text == "{":
            return self._context(position)
        if token.text == "@" and tokens.following.kind == "string":
            text = string_value(tokens.following.text)
            tokens.index += 2
            return nodes.AtLiteral(text, position=position)
        return tokens.fail("an expression")

    def _named_primary(self, position: Position) -> Node:
        tokens = self._tokens
        text = tokens.current.text
        if tokens.known_name() is None:
            if text in _CONSTANTS:
                tokens.index += 1
                return Literal(_CONSTANTS[text], position=position)
            if text == "if":
                return self._if(position)
            if text == "for":
                return self._for(position)
            if text in ("some", "every"):
                return self._quantified(position)
            if text == "function" and tokens.following.text == "(":
                return self._function(position)
            if text in _NOT_AN_EXPRESSION:
                tokens.fail("an expression")
        return Name(tokens.name(), position=position)

    def _parenthesis(self, position: Position) -> Node:
        tokens = self._tokens
        tokens.index += 1
        if tokens.at(*COMPARISONS):
            node: Node = self._test()
            tokens.require(")")
            return node
        node = self._enclosed()
        if tokens.at_range():
            return self._range(False, node, position)
        tokens.require(")")
        return node

    def _bracket(self, position: Position) -> Node:
        tokens = self._tokens
        closed = tokens.current.text == "["
        tokens.index += 1
        if closed and tokens.take("]"):
            return nodes.ListLiteral((), position=position)
        first = self._enclosed()
        if tokens.at_range():
            return self._range(closed, first, position)
        if not closed:
            tokens.fail("'..'")
        items = [first]
        while tokens.take(","):
            items.append(self._enclosed())
        tokens.require("]")
        return nodes.ListLiteral(tuple(items), position=position)

    def _range(self, start_included: bool, start: Node, position: Position) -> Node:
        tokens = self._tokens
        tokens.index += 1
        outer, self._in_range_end = self._in_range_end, True
        end = self.expression()
        self._in_range_end = outer
        if not tokens.at("]", ")", "["):
            tokens.fail("']' or ')'")
        included = tokens.current.text == "]"
        tokens.index += 1
        return nodes.RangeLiteral(start_included, start, end, included, position=position)

    def _context(self, position: Position) -> Node:
        tokens = self._tokens
        tokens.index += 1
        entries: list[nodes.Entry] = []
        while not tokens.take("}"):
            if entries:
                tokens.require(",")
            entry_position = tokens.position()
            if tokens.current.kind == "string":
                key = string_value(tokens.current.text)
                tokens.index += 1
                tokens.names.add(key)
            else:
                key = tokens.name_until(":", expected="a context key")
            tokens.require(":")
            entries.append(nodes.Entry(key, self._enclosed(), position=entry_position))
        return nodes.ContextLiteral(tuple(entries), position=position)

    def _if(self, position: Position) -> Node:
        tokens = self._tokens
        branches: list[nodes.Branch] = []
        while tokens.at("if"):
            branch_position = tokens.position()
            tokens.index += 1
            condition = self._enclosed()
            tokens.require("then")
            branches.append(nodes.Branch(condition, self._enclosed(), position=branch_position))
            tokens.require("else")
        return nodes.If(tuple(branches), self.expression(), position=position)

    def _variables(self) -> tuple[nodes.Variable, ...]:
        tokens = self._tokens
        variables: list[nodes.Variable] = []
        while True:
            position = tokens.position()
            name = tokens.name_until("in", expected="a variable name and 'in'")
            tokens.require("in")
            domain = self._enclosed()
            if tokens.at_range():
                tokens.index += 1
                domain = nodes.IterationRange(domain, self._enclosed(), position=domain.position)
            variables.append(nodes.Variable(name, domain, position=position))
            if not tokens.take(","):
                return tuple(variables)

    def _for(self, position: Position) -> Node:
        self._tokens.index += 1
        variables = self._variables()
        self._tokens.require("return")
        return nodes.For(variables, self.expression(), position=position)

    def _quantified(self, position: Position) -> Node:
        every = self._tokens.current.text == "every"
        self._tokens.index += 1
        variables = self._variables()
        self._tokens.require("satisfies")
        return nodes.Quantified(every, variables, self.expression(), position=position)

    def _function(self, position: Position) -> Node:
        tokens = self._tokens
        tokens.index += 2
        parameters: list[nodes.Parameter] = []
        declared: set[str] = set()
        while not tokens.take(")"):
            if parameters:
                tokens.require(",")
            parameter_position = tokens.position()
            if tokens.at(",", ":"):
                tokens.fail("a parameter name")
            name = tokens.name_until(":", ",", ")", expected="a parameter name")
            if name in declared:
                tokens.fail_at(parameter_position, name, "a name that no other parameter has")
            declared.add(name)
            type_ = parse_type(tokens, self._limits) if tokens.take(":") else None
            parameters.append(nodes.Parameter(name, type_, position=parameter_position))
        external = tokens.at("external") and tokens.following.text == "{"
        if external:
            tokens.index += 1
        return nodes.FunctionDefinition(tuple(parameters), self.expression(), external, position=position)

    def _tests(self) -> tuple[Node, ...]:
        tests = [self._test()]
        while self._tokens.take(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self) -> Node:
        tokens = self._tokens
        if tokens.at(*COMPARISONS):
            position = tokens.position()
            operator = tokens.current.text
            tokens.index += 1
            return nodes.UnaryComparison(operator, self._operators(COMPARISON_LEVEL + 1), position=position)
        return self._enclosed()

    def _in_tests(self) -> tuple[Node, ...]:
        tokens = self._tokens
        if not tokens.at("("):
            if tokens.at(*COMPARISONS):
                return (self._test(),)
            return (self._operators(COMPARISON_LEVEL + 1),)
        start = tokens.index
        position = tokens.position()
        tokens.index += 1
        tests = self._tests()
        if tokens.at_range() and len(tests) == 1:
            return (self._range(False, tests[0], position),)
        tokens.require(")")
        if tokens.at(".", "[", "(", "+", "-", "*", "/", "**"):
            tokens.index = start
            return (self._operators(COMPARISON_LEVEL + 1),)
        return tests


def parse_expression(text: str, names: Iterable[str] | None = None, limits: Limits = DEFAULT_LIMITS) -> Node:
    """The syntax tree of an expression; raises `FeelSyntaxError` or `FeelLimitError`."""
    return Parser(text, names, limits).whole_expression()


def parse_unary_tests(text: str, names: Iterable[str] | None = None, limits: Limits = DEFAULT_LIMITS) -> UnaryTestList:
    """The syntax tree of unary tests; raises `FeelSyntaxError` or `FeelLimitError`."""
    return Parser(text, names, limits).whole_unary_tests()
