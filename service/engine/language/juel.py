"""The part of JUEL (`${…}`, the expression language of Camunda 7 diagrams) that diagrams need, read into FEEL trees.

Property access, index, comparison, logic, arithmetic, `empty`, `?:`, literals, and the functions and methods listed in `juel_words`.
No beans, no classes: what is not in this grammar is a JuelFault when the diagram is read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from service.engine.language.diagram_functions import DIAGRAM_FUNCTIONS
from service.engine.language.juel_words import BUSINESS_KEY, EMPTY, HAS_VARIABLE, INDEX, METHODS, REMAINDER, VARIABLE, call
from service.feel.tree import And, Arithmetic, Branch, Comparison, If, Literal, Name, Negation, Node, Or, Path, Step

MAX_DEPTH = 50

_EXECUTION = "execution"
"""The name under which Camunda's expressions reach the instance; here it has the members of `_Parser.execution`."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<name>[^\W\d][\w$]*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]]))"
)
_WORDS = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "and": "&&", "or": "||", "not": "!", "div": "/", "mod": "%"}
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset({"instanceof"})
_KEY_PROPERTIES = frozenset({"processBusinessKey", "businessKey"})
_KEY_METHODS = frozenset({"getProcessBusinessKey", "getBusinessKey"})
EXECUTION_MEMBERS = "getVariable(name), hasVariable(name) and processBusinessKey"
"""What `execution.` offers, in words."""


class JuelFault(Exception):
    """The text is not in the supported part of JUEL. `line` and `column` count from 1 inside the whole text."""

    def __init__(self, message: str, text: str, offset: int) -> None:
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - (text.rfind("\n", 0, offset) + 1) + 1
        super().__init__(f"{message} (line {self.line}, column {self.column})")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def _string(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL)


class _Parser:
    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.tokens: list[_Token] = []
        self.at = 0
        self.depth = 0
        position = start
        while position < end:
            match = _TOKEN.match(text, position, end)
            if match is None or match.lastgroup is None:
                if not text[position:end].strip():
                    break
                unread = text[position:end]
                raise self.fault(f"unexpected {unread.strip()[:1]!r}", position + len(unread) - len(unread.lstrip()))
            word = match[match.lastgroup]
            kind = "sign" if match.lastgroup == "name" and word in _WORDS else match.lastgroup
            self.tokens.append(_Token(kind, _WORDS.get(word, word) if kind == "sign" else word, match.start(match.lastgroup)))
            position = match.end()
        self.tokens.append(_Token("end", "", end))

    def fault(self, message: str, offset: int) -> JuelFault:
        return JuelFault(message, self.text, offset)

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
            raise self.fault(f"expected {sign!r}, found {self.token.text or 'the end'!r}", self.token.offset)

    def whole(self) -> Node:
        node = self.ternary()
        if self.token.kind != "end":
            raise self.fault(f"unexpected {self.token.text!r}", self.token.offset)
        return node

    def ternary(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fault(f"the expression nests deeper than {MAX_DEPTH}", self.token.offset)
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
            node = call(REMAINDER, node, right) if sign == "%" else Arithmetic(node, (Step(sign, right),))
        return node

    def unary(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fault(f"the expression nests deeper than {MAX_DEPTH}", self.token.offset)
        try:
            if self.take("!"):
                return call("not", self.unary())
            if self.take("-"):
                return Negation(self.unary())
            if self.token.kind == "name" and self.token.text == "empty":
                self.at += 1
                return call(EMPTY, self.unary())
            return self.value()
        finally:
            self.depth -= 1

    def value(self) -> Node:
        node = self.primary()
        while True:
            if self.take("."):
                token = self.token
                if token.kind != "name":
                    raise self.fault("a property name must follow the dot", token.offset)
                self.at += 1
                if node == Name(_EXECUTION):
                    node = self.execution(token)
                elif self.token.text == "(" and self.token.kind == "sign":
                    node = self.method(node, token)
                else:
                    node = Path(node, token.text)
            elif self.take("["):
                index = self.ternary()
                self.expect("]")
                node = call(INDEX, node, index)
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
                raise self.fault(f"{token.text!r} is not supported", token.offset)
            if self.token.kind == "sign" and self.token.text == "(":
                return self.function(token)
            return Name(token.text)
        if token.kind == "sign" and token.text == "(":
            node = self.ternary()
            self.expect(")")
            return node
        raise self.fault(f"unexpected {token.text or 'end'!r}", token.offset)

    def function(self, name: _Token) -> Node:
        known = DIAGRAM_FUNCTIONS.get(name.text)
        if known is None:
            raise self.fault(f"the function {name.text!r} is not known; known are {', '.join(sorted(DIAGRAM_FUNCTIONS))}", name.offset)
        arguments = self.arguments()
        if not known.takes(len(arguments)):
            raise self.fault(f"{known.signature} is called with {len(arguments)} arguments", name.offset)
        return call(known.calls, *arguments)

    def method(self, receiver: Node, name: _Token) -> Node:
        known = METHODS.get(name.text)
        if known is None:
            raise self.fault(f"the method {name.text!r} is not known; known are {', '.join(sorted(METHODS))}", name.offset)
        arguments = self.arguments()
        if not known.takes(len(arguments)):
            raise self.fault(f"{known.signature} is called with {len(arguments)} arguments", name.offset)
        return known.build(receiver, *arguments)

    def execution(self, name: _Token) -> Node:
        """What may be asked of the instance itself: its variables by name, and its business key."""
        called = self.token.kind == "sign" and self.token.text == "("
        arguments = self.arguments() if called else []
        if name.text in ("getVariable", "hasVariable") and called and len(arguments) == 1:
            return call(VARIABLE if name.text == "getVariable" else HAS_VARIABLE, *arguments)
        if not arguments and name.text in (_KEY_METHODS if called else _KEY_PROPERTIES):
            return call(BUSINESS_KEY)
        raise self.fault(f"execution.{name.text} is not supported; {EXECUTION_MEMBERS} are", name.offset)

    def arguments(self) -> list[Node]:
        self.expect("(")
        arguments: list[Node] = []
        if not self.take(")"):
            arguments.append(self.ternary())
            while self.take(","):
                arguments.append(self.ternary())
            self.expect(")")
        return arguments


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
    raise JuelFault("'${' is not closed by '}'", text, start - 2)


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
