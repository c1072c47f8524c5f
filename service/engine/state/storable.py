"""What an instance may keep: values that every database can store and that every reader, the HTTP door included, can read back.

Checked where a value comes in (variables from outside, the value of an expression, the result of a decision), so that a value that
could not be stored is a failed step of the element that made it, and the state before stays.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from service.domain.errors import StepFailed
from service.domain.json_values import Json

MAX_DEPTH = 60
"""Levels of lists and contexts in one variable; the HTTP door takes 100, and records and incidents put a value a few levels deeper."""

MAX_RECORD_DEPTH = MAX_DEPTH + 10
"""Levels of a decision record or of a message's payload, which hold variables."""

MAX_SIZE = 5_000_000
"""Characters of one value, of all records and payloads of one step, and bytes of a whole state before it is compressed."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def require_storable(element_id: str | None, what: str, value: Json, max_depth: int = MAX_DEPTH) -> int:
    """The size of `value` in characters, about that of its JSON text. Raises StepFailed(kind="data") when it cannot be kept.

    `what` names the value in the message, `max_depth` is how many lists and contexts may stand inside one another.
    """
    measure = _Measure(max_depth)
    try:
        measure.take(value, 0)
    except _Unstorable as reason:
        raise StepFailed(element_id, "data", f"{what} cannot be kept: {reason}") from None
    return measure.size


def require_storable_variables(element_id: str | None, variables: Mapping[str, Json]) -> None:
    """The same for variables and their names, together no larger than one value may be."""
    measure = _Measure(MAX_DEPTH)
    for name, value in variables.items():
        try:
            measure.text(name)
            measure.take(value, 0)
        except _Unstorable as reason:
            raise StepFailed(element_id, "data", f"the variable {name[:60]!r} cannot be kept: {reason}") from None


def printable(message: str) -> str:
    """The message without characters that no database stores; they come from values quoted in it."""
    return _UNSTORABLE.sub("\ufffd", message)


class _Unstorable(Exception):
    """The message says why."""


@dataclass(slots=True)
class _Measure:
    """Adds up a value while looking at every part of it."""

    max_depth: int
    size: int = 0

    def take(self, value: object, level: int) -> None:
        """A whole value, inside `level` others. Raises _Unstorable."""
        self.size += 2
        if isinstance(value, str):
            self.text(value)
        elif isinstance(value, dict):
            self._open(level)
            for key, item in value.items():
                self.text(key)
                self.take(item, level + 1)
        elif isinstance(value, list):
            self._open(level)
            for item in value:
                self.take(item, level + 1)
        elif isinstance(value, Decimal) and not value.is_finite():
            raise _Unstorable("it holds a number that is not finite")
        if self.size > MAX_SIZE:
            raise _Unstorable(f"it is larger than {MAX_SIZE} characters")

    def _open(self, level: int) -> None:
        if level >= self.max_depth:
            raise _Unstorable(f"it nests deeper than {self.max_depth} levels")

    def text(self, text: str) -> None:
        """One text. Raises _Unstorable."""
        self.size += len(text)
        # Nearly every text is printable, which is the cheaper question; NUL and surrogates never are.
        if not text.isprintable() and _UNSTORABLE.search(text):
            raise _Unstorable("it holds a character that no database stores (NUL or a lone surrogate)")
