"""Names in scope that consist of several tokens ("Monthly Salary", "profit-loss", "date and time")."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from service.feel.errors import FeelSyntaxError
from service.feel.lexer import Source, Token, tokenize

MOST_TOKENS = 100
"""A name of more tokens can only be reached with `get value`."""
_LONGEST_NAME = 1000
_Pattern = tuple[tuple[str, bool], ...]


@functools.lru_cache(maxsize=4096)
def _pattern(name: str) -> _Pattern | None:
    """The tokens of a name, None where it needs no entry."""
    try:
        tokens = tokenize(Source(name))[:-1]
    except FeelSyntaxError:
        # Such a name (an open quote, say) cannot be written in an expression, only reached with `get value`.
        return None
    if not 2 <= len(tokens) <= MOST_TOKENS:
        return None
    return tuple((token.text, index > 0 and token.spaced) for index, token in enumerate(tokens))


class _Place:
    """Where the tokens read so far lead: the name that ends here, if one does, and the tokens that may follow."""

    __slots__ = ("following", "name")

    def __init__(self) -> None:
        self.name: str | None = None
        self.following: dict[tuple[str, bool], _Place] = {}


class NameTable:
    """Finds the longest known name at a place in the token list; the time does not depend on how many are known."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._start = _Place()
        self._known: set[str] = set()
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make a name known; one that is a single token needs no entry."""
        if name in self._known:
            return
        self._known.add(name)
        pattern = _pattern(name) if len(name) <= _LONGEST_NAME else None
        if pattern is None:
            return
        place = self._start
        for token in pattern:
            place = place.following.setdefault(token, _Place())
        # Two names that differ in their white space only are the same in an expression: the first stands.
        place.name = place.name or name

    def longest(self, tokens: Sequence[Token], start: int) -> tuple[int, str] | None:
        """Number of tokens and the name, or None."""
        place = self._start.following.get((tokens[start].text, False))
        found: tuple[int, str] | None = None
        index = start
        while place is not None:
            index += 1
            if place.name is not None:
                found = index - start, place.name
            if index == len(tokens):
                break
            place = place.following.get((tokens[index].text, tokens[index].spaced))
        return found
