"""The part of JUEL (`${…}`, the expression language of Camunda 7 diagrams) that diagrams need, read into FEEL trees.

Property access, index, comparison, logic, arithmetic, `empty`, `?:`, literals and a short list of functions. No method calls, no
beans, no classes: what is not in this grammar is a JuelFault when the diagram is read.
Differences to FEEL are kept inside two functions of the evaluation (`FUNCTIONS`): the index counts from 0, and `empty`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service.feel.tree import And, Argument, Arithmetic, Branch, Call, Comparison, If, Literal, Name, Negation, Node, Or, Path, Step

ALLOWED = frozenset({"deadline", "setting", "now"})
"""Functions an expression may call by name."""

MAX_DEPTH = 50

_INDEX, _EMPTY = "juel index", "juel empty"
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<name>[^\W\d][\w$]*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]]))"
)
_WORDS = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "and": "&&", "or": "||", "not": "!", "div": "/", "mod": "%"}
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset({"instanceof"})


class JuelFault(Exception):
    """The text is not in the supported part of JUEL. `column` counts from 1 inside the whole text."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"{message} (column {column})")
        self.column = column


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def _index(source: Any, key: Any) -> Any:
    if isinstance(source, dict):
        return source.get(key) if isinstance(key, str) else None
    if isinstance(source, list) and isinstance(key, Decimal) and key == key.to_integral_value() and 0 <= key < len(source):
        return source[int(key)]
    return None


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and len(value) == 0)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {_INDEX: _index, _EMPTY: _empty}
"""What an evaluation of a JUEL tree must be given besides the allowed functions."""


def _call(function: str, *arguments: Node) -> Node:
    return Call(Name(function), tuple(Argument(None, argument) for argument in arguments))


def _string(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL)


class _Parser:
    def __init__(self, text: str, start: int, end: int) -> None:
        self.tokens: list[_Token] = []
        self.at = 0
        self.depth = 0
        position = start
        while position < end:
            match = _TOKEN.match(text, position, end)
            if match is None or match.lastgroup is None:
                if not text[position:end].strip():
                    break
                raise JuelFault(f"unexpected {text[position:end].strip()[:1]!r}", position + 1)
            word = match[match.lastgroup]
            kind = "sign" if match.lastgroup == "name" and word in _WORDS else match.lastgroup
            self.tokens.append(_Token(kind, _WORDS.get(word, word) if kind == "sign" else word, match.start(match.lastgroup) + 1))
            position = match.end()
        self.tokens.append(_Token("end", "", end + 1))

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *signs: str) -> str | None:
        token = self.token
        if token.kind == "sign" and token.text in signs:
            self.at += 1
            return token.text
        return None

    def expect(self, sign: str) -> None:
        if self.take(sign) is None:
            raise JuelFault(f"expected {sign!r}, found {self.token.text or 'the end'!r}", self.token.column)

    def whole(self) -> Node:
        node = self.ternary()
        if self.token.kind != "end":
            raise JuelFault(f"unexpected {self.token.text!r}", self.token.column)
        return node

    def ternary(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise JuelFault(f"the expression nests deeper than {MAX_DEPTH}", self.token.column)
        node = self.disjunction()
        if self.take("?"):
            then = self.ternary()
            self.expect(":")
            node = If((Branch(node, then),), self.ternary())
        self.depth -= 1
        return node

    def disjunction(self) -> Node:
        operands = [self.conjunction()]
        while self.take("||"):
            operands.append(self.conjunction())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def conjunction(self) -> Node:
        operands = [self.equality()]
        while self.take("&&"):
            operands.append(self.equality())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def equality(self) -> Node:
        node = self.relation()
        while sign := self.take("==", "!="):
            node = Comparison("=" if sign == "==" else "!=", node, self.relation())
        return node

    def relation(self) -> Node:
        node = self.sum()
        while sign := self.take("<", ">", "<=", ">="):
            node = Comparison(sign, node, self.sum())
        return node

    def sum(self) -> Node:
        node = self.product()
        while sign := self.take("+", "-"):
            node = Arithmetic(node, (Step(sign, self.product()),))
        return node

    def product(self) -> Node:
        node = self.unary()
        while sign := self.take("*", "/", "%"):
            right = self.unary()
            node = _call("modulo", node, right) if sign == "%" else Arithmetic(node, (Step(sign, right),))
        return node

    def unary(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise JuelFault(f"the expression nests deeper than {MAX_DEPTH}", self.token.column)
        try:
            if self.take("!"):
                return _call("not", self.unary())
            if self.take("-"):
                return Negation(self.unary())
            if self.token.kind == "name" and self.token.text == "empty":
                self.at += 1
                return _call(_EMPTY, self.unary())
            return self.value()
        finally:
            self.depth -= 1

    def value(self) -> Node:
        node = self.primary()
        while True:
            if self.take("."):
                token = self.token
                if token.kind != "name":
                    raise JuelFault("a property name must follow the dot", token.column)
                self.at += 1
                if self.token.text == "(" and self.token.kind == "sign":
                    raise JuelFault(f"method calls such as {token.text}(…) are not supported", token.column)
                node = Path(node, token.text)
            elif self.take("["):
                index = self.ternary()
                self.expect("]")
                node = _call(_INDEX, node, index)
            else:
                return node

    def primary(self) -> Node:
        token = self.token
        self.at += 1
        if token.kind == "number":
            return Literal(Decimal(token.text))
        if token.kind == "string":
            return Literal(_string(token.text))
        if token.kind == "name":
            if token.text in _CONSTANTS:
                return Literal(_CONSTANTS[token.text])
            if token.text in _RESERVED:
                raise JuelFault(f"{token.text!r} is not supported", token.column)
            if self.token.kind == "sign" and self.token.text == "(":
                return self.call(token)
            return Name(token.text)
        if token.kind == "sign" and token.text == "(":
            node = self.ternary()
            self.expect(")")
            return node
        raise JuelFault(f"unexpected {token.text or 'end'!r}", token.column)

    def call(self, name: _Token) -> Node:
        if name.text not in ALLOWED:
            raise JuelFault(f"the function {name.text!r} is not known; known are {', '.join(sorted(ALLOWED))}", name.column)
        self.expect("(")
        arguments: list[Node] = []
        if not self.take(")"):
            arguments.append(self.ternary())
            while self.take(","):
                arguments.append(self.ternary())
            self.expect(")")
        return _call(name.text, *arguments)


def _closing(text: str, start: int) -> int:
    quote = None
    position = start
    while position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = None
        elif character in "\"'":
            quote = character
        elif character == "}":
            return position
        position += 1
    raise JuelFault("'${' is not closed by '}'", start - 1)


def is_juel(text: str) -> bool:
    """True when the text holds at least one `${`; `#{` means the same."""
    return "${" in text or "#{" in text


def read_juel(text: str) -> tuple[Node, ...]:
    """The pieces of `text`: fixed text as string literals, each `${…}` as its tree. One piece = the value itself. Raises JuelFault."""
    pieces: list[Node] = []
    position = 0
    while position < len(text):
        opening = min((found for found in (text.find("${", position), text.find("#{", position)) if found >= 0), default=-1)
        if opening < 0:
            pieces.append(Literal(text[position:]))
            break
        if opening > position:
            pieces.append(Literal(text[position:opening]))
        closing = _closing(text, opening + 2)
        pieces.append(_Parser(text, opening + 2, closing).whole())
        position = closing + 1
    return tuple(pieces)
