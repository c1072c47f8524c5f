"""What compiling or evaluating a FEEL expression can raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.feel.evaluation import Warning_


_LONGEST_MESSAGE = 300
_LONGEST_QUOTE = 80


def shortened(text: str, most: int) -> str:
    """The text, cut to `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


class FeelError(Exception):
    """Any failure of this library."""


class FeelSyntaxError(FeelError):
    """The text is not FEEL.

    `line` and `column` count from 1; `offending` is the text found there (empty at the end), `expected` what would fit.
    """

    def __init__(self, message: str, line: int, column: int, offending: str = "", expected: str = "") -> None:
        message = shortened(message, _LONGEST_MESSAGE)
        super().__init__(f"{message} (line {line}, column {column})")
        self.message = message
        self.line = line
        self.column = column
        self.offending = shortened(offending, _LONGEST_QUOTE)
        self.expected = expected


class FeelLimitError(FeelError):
    """A limit was reached; `limit` names it: steps, time, size or depth."""

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit
        self.message = message


class FeelWarningError(FeelError):
    """Strict evaluation met at least one warning."""

    def __init__(self, warnings: tuple[Warning_, ...]) -> None:
        super().__init__("; ".join(warning.message for warning in warnings))
        self.warnings = warnings


class Fault(Exception):
    """A runtime fault inside an operator or function; never leaves this library."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
