"""Patterns of form-js (ECMAScript regular expressions) compiled with RE2, which runs in linear time.

What RE2 cannot do (look-around, back-references) is refused when the form is read, never approximated.
"""

import re
from typing import Any

import re2

MAX_PATTERN = 1_000
_UNICODE_ESCAPE = re.compile(r"(?P<pair>\\\\)|\\u\{(?P<code>[0-9A-Fa-f]{1,6})\}|\\u(?P<four>[0-9A-Fa-f]{4})|\\(?P<slash>/)")


class BadPattern(Exception):
    """The text is no pattern RE2 can run; the message says why."""


def _translate(match: re.Match[str]) -> str:
    if match["pair"]:
        return match["pair"]
    if match["slash"]:
        return match["slash"]
    return f"\\x{{{match['code'] or match['four']}}}"


def compile_pattern(text: str) -> Any:
    """The compiled pattern; it is searched for anywhere in a value, as form-js does. Raises BadPattern."""
    if len(text) > MAX_PATTERN:
        raise BadPattern(f"longer than {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 22
    try:
        return re2.compile(_UNICODE_ESCAPE.sub(_translate, text), options)  # type: ignore[no-untyped-call]
    except re2.error as error:
        reason = error.args[0] if error.args else "not a regular expression"
        raise BadPattern(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
