"""Splits FEEL text into tokens. Which tokens form a name with spaces is the parser's question."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from service.feel.errors import FeelSyntaxError
from service.feel.tree import Position

_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u167F\u1681-\u180D\u180F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFEFE\uFF00-\uFFFD\U00010000-\U000EFFFF"
)
_PART = _START + r"0-9\u00B7\u0300-\u036F\u203F-\u2040"
_TOKEN = re.compile(
    r"(?P<space>(?:[\s\u180E\u200B\uFEFF\u0085]|//[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/)+)"
    r"|(?P<openComment>/\*)"
    rf"|(?P<name>[{_START}][{_PART}]*)"
    r"|(?P<range>\.\.)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<symbol>\*\*|<=|>=|!=|->|[-+*/=<>()\[\]{},:.@'])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}

Kind = Literal["name", "number", "string", "symbol", "other", "end"]
_KINDS: dict[str, Kind] = {"name": "name", "number": "number", "string": "string", "other": "other"}


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is the source text, `offset` where it begins, `spaced` whether white space stands before it."""

    kind: Kind
    text: str
    offset: int
    spaced: bool

    @property
    def end(self) -> int:
        """The offset behind the token."""
        return self.offset + len(self.text)


class Source:
    """A text with its line starts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._line_starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def position(self, offset: int) -> Position:
        """Line and column of an offset."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1, offset)


def _unescape(match: re.Match[str]) -> str:
    short, long, simple = match.groups()
    if short or long:
        code = int(short or long, 16)
        return chr(code) if code <= 0x10FFFF else match.group()
    return _SIMPLE_ESCAPES.get(simple, match.group())


def string_value(token_text: str) -> str:
    """The characters a string literal stands for; an escape that FEEL does not know stays as written."""
    body = token_text[1:-1]
    if "\\" not in body:
        return body
    value = _ESCAPE.sub(_unescape, body)
    # A pair of \\uD83D\\uDE00 escapes is one character beyond the basic plane; half of one is no character and stays as written.
    paired = value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return _SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04X}", paired)


def tokenize(source: Source) -> list[Token]:
    """All tokens of the text, closed by one of kind `end`."""
    tokens: list[Token] = []
    offset = 0
    spaced = False
    text = source.text
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:  # pragma: no cover - the last alternative takes any character
            raise AssertionError(offset)
        kind = match.lastgroup
        if kind == "space":
            spaced = True
        elif kind == "openComment" or (kind == "other" and match.group() == '"'):
            position = source.position(offset)
            what = "comment" if kind == "openComment" else "string"
            expected = "*/" if kind == "openComment" else '"'
            raise FeelSyntaxError(f"the {what} is not closed", position.line, position.column, text[offset : offset + 20], expected)
        else:
            tokens.append(Token(_KINDS.get(kind or "", "symbol"), match.group(), offset, spaced))
            spaced = False
        offset = match.end()
    tokens.append(Token("end", "", len(text), spaced))
    return tokens
