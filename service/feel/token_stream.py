"""A cursor over the tokens, with the naming rules of FEEL and its error messages."""

from __future__ import annotations

from typing import NoReturn

from service.feel.errors import FeelLimitError, FeelSyntaxError
from service.feel.lexer import Source, Token, tokenize
from service.feel.limits import Limits
from service.feel.name_table import MOST_TOKENS, NameTable
from service.feel.tree import Position

# A name without an entry in the name table goes on over white space up to one of these.
_NAME_ENDS = frozenset(
    {
        *("and", "or", "then", "else", "in", "return", "satisfies", "between", "instance"),
        *("if", "for", "some", "every", "function", "true", "false", "null"),
    }
)
# Signs that names may hold besides letters and digits (grammar rule 30).
_NAME_SYMBOLS = frozenset({".", "/", "-", "'", "+", "*", "**"})


class TokenStream:
    """Reads tokens from left to right; `names` is shared by all who read."""

    def __init__(self, text: str, names: NameTable, builtins: NameTable, limits: Limits) -> None:
        if len(text) > limits.size:
            raise FeelLimitError("size", f"an expression of {len(text)} characters exceeds the limit of {limits.size}")
        self.source = Source(text)
        self.tokens = tokenize(self.source)
        self.names = names
        self.builtins = builtins
        self.index = 0

    @property
    def current(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.index]

    @property
    def following(self) -> Token:
        """The token after the current one."""
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def position(self) -> Position:
        """Where the current token begins."""
        return self.source.position(self.current.offset)

    def at(self, *texts: str) -> bool:
        """Whether the current token is one of these symbols or keywords."""
        token = self.current
        return (token.text in texts and token.kind in ("symbol", "name", "number")) or (token.kind == "other" and token.text in texts)

    def at_end(self) -> bool:
        """Whether everything is read."""
        return self.current.kind == "end"

    def at_range(self) -> bool:
        """Whether `..` comes next."""
        return self.current.text == ".."

    def take(self, *texts: str) -> bool:
        """Read the current token if it is one of these."""
        if self.at(*texts):
            self.index += 1
            return True
        return False

    def require(self, text: str) -> Token:
        """Read this token or fail."""
        token = self.current
        if not self.at(text):
            self.fail(f"'{text}'")
        self.index += 1
        return token

    def fail(self, expected: str) -> NoReturn:
        """The current token does not fit."""
        self.fail_at(self.position(), self.current.text, expected)

    def fail_at(self, position: Position, offending: str, expected: str) -> NoReturn:
        """What stands at a position does not fit; nothing stands at the end."""
        message = f"{offending!r} found where {expected} is expected" if offending else f"the expression ends where {expected} is expected"
        raise FeelSyntaxError(message, position.line, position.column, offending, expected)

    def text_of(self, start: int, end: int) -> str:
        """Tokens as a name: white space becomes one blank."""
        parts: list[str] = []
        for number, token in enumerate(self.tokens[start:end]):
            if number and token.spaced:
                parts.append(" ")
            parts.append(token.text)
        return "".join(parts)

    def known_name(self) -> tuple[int, str] | None:
        """A name of several tokens that is in scope here."""
        found = self.names.longest(self.tokens, self.index)
        builtin = self.builtins.longest(self.tokens, self.index)
        if builtin and self.tokens[self.index + builtin[0]].text != "(":
            builtin = None
        if builtin and (found is None or builtin[0] > found[0]):
            return builtin
        return found

    def name(self) -> str:
        """Read a name: the longest of a known name and a run of plain name tokens."""
        if self.current.kind != "name":
            self.fail("a name")
        known = self.known_name()
        end = self.index + 1
        while self.tokens[end].kind == "name" and self.tokens[end].text not in _NAME_ENDS:
            end += 1
        if known is not None and known[0] >= end - self.index:
            self.index += known[0]
            return known[1]
        name = self.text_of(self.index, end)
        self.index = end
        return name

    def argument_name(self) -> str | None:
        """Read the name of a named argument with its colon; None when a plain expression comes."""
        end = self.index
        while self.tokens[end].kind in ("name", "number", "other") or self.tokens[end].text in _NAME_SYMBOLS:
            end += 1
        if end == self.index or self.tokens[end].text != ":" or self.current.kind != "name":
            return None
        name = self.text_of(self.index, end)
        self.index = end + 1
        return name

    def name_until(self, *ends: str, expected: str) -> str:
        """Read a declared name, which may hold any tokens, up to (not including) one of `ends`."""
        start = self.index
        depth = 0
        while depth or not self.at(*ends):
            token = self.current
            if token.kind in ("end", "string") or token.text in ("{", "}", "[", "]", ","):
                self.fail(expected)
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth < 0:
                self.fail(expected)
            self.index += 1
        if self.index == start or self.tokens[start].kind != "name":
            self.index = start
            self.fail(expected)
        if self.index - start > MOST_TOKENS:
            self.index = start
            self.fail(f"{expected} of at most {MOST_TOKENS} words and signs")
        name = self.text_of(start, self.index)
        self.names.add(name)
        return name
