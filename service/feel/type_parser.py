"""Types as written after `instance of` and in function parameters."""

from __future__ import annotations

from service.feel.errors import FeelLimitError
from service.feel.limits import Limits
from service.feel.token_stream import TokenStream
from service.feel.tree import ContextType, Entry, FunctionType, ListType, Node, RangeType, TypeName

_LONG_NAMES = (
    ("date", "and", "time"),
    ("days", "and", "time", "duration"),
    ("years", "and", "months", "duration"),
)
_NAME_ENDS = frozenset(["and", "or", "then", "else", "in", "return", "satisfies", "between", "instance", "external"])


def parse_type(tokens: TokenStream, limits: Limits, level: int = 0) -> Node:
    """Read one type."""
    if level > limits.depth:
        raise FeelLimitError("depth", f"the type nests deeper than {limits.depth}")
    position = tokens.position()
    for words in _LONG_NAMES:
        if tuple(token.text for token in tokens.tokens[tokens.index : tokens.index + len(words)]) == words:
            tokens.index += len(words)
            return TypeName(" ".join(words), position=position)
    if tokens.current.kind != "name":
        tokens.fail("a type")
    if tokens.following.text == "<" and tokens.at("list", "range", "context", "function"):
        keyword = tokens.current.text
        tokens.index += 2
        if keyword == "context":
            return _context_type(tokens, limits, level)
        if keyword == "function":
            return _function_type(tokens, limits, level)
        item = parse_type(tokens, limits, level + 1)
        tokens.require(">")
        return ListType(item, position=position) if keyword == "list" else RangeType(item, position=position)
    start = tokens.index
    while tokens.current.kind == "name" and tokens.current.text not in _NAME_ENDS:
        tokens.index += 1
        while tokens.at(".") and tokens.following.kind == "name":
            tokens.index += 2
    return TypeName(tokens.text_of(start, tokens.index), position=position)


def _context_type(tokens: TokenStream, limits: Limits, level: int) -> Node:
    position = tokens.position()
    entries: list[Entry] = []
    while not tokens.take(">"):
        if entries:
            tokens.require(",")
        name = tokens.name_until(":", expected="an entry name")
        tokens.require(":")
        entries.append(Entry(name, parse_type(tokens, limits, level + 1), position=position))
    return ContextType(tuple(entries), position=position)


def _function_type(tokens: TokenStream, limits: Limits, level: int) -> Node:
    position = tokens.position()
    parameters: list[Node] = []
    while not tokens.take(">"):
        if parameters:
            tokens.require(",")
        parameters.append(parse_type(tokens, limits, level + 1))
    tokens.require("->")
    return FunctionType(tuple(parameters), parse_type(tokens, limits, level + 1), position=position)
