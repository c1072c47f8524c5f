"""Names in scope that consist of several tokens ("Monthly Salary", "profit-loss", "date and time")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.feel.errors import FeelSyntaxError
from service.feel.lexer import Source, Token, tokenize

_Pattern = tuple[tuple[str, bool], ...]


class NameTable:
    """Finds the longest known name at a place in the token list."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._patterns: dict[str, list[tuple[_Pattern, str]]] = {}
        self._known: set[str] = set()
        for name in names:
            self.add(name)

    def copy(self) -> NameTable:
        """An independent table with the same names."""
        table = NameTable()
        table._patterns = {first: list(entries) for first, entries in self._patterns.items()}
        table._known = set(self._known)
        return table

    def add(self, name: str) -> None:
        """Make a name known; one that is a single token needs no entry."""
        if name in self._known:
            return
        self._known.add(name)
        try:
            tokens = tokenize(Source(name))[:-1]
        except FeelSyntaxError:
            # Such a name (an open quote, say) cannot be written in an expression, only reached with `get value`.
            return
        if len(tokens) < 2:
            return
        pattern = tuple((token.text, index > 0 and token.spaced) for index, token in enumerate(tokens))
        entries = self._patterns.setdefault(tokens[0].text, [])
        entries.append((pattern, name))
        entries.sort(key=lambda entry: -len(entry[0]))

    def longest(self, tokens: Sequence[Token], start: int) -> tuple[int, str] | None:
        """Number of tokens and the name, or None."""
        for pattern, name in self._patterns.get(tokens[start].text, ()):
            if start + len(pattern) > len(tokens):
                continue
            if all(
                token.text == text and (index == 0 or token.spaced == spaced)
                for index, (token, (text, spaced)) in enumerate(zip(tokens[start : start + len(pattern)], pattern, strict=True))
            ):
                return len(pattern), name
        return None
