"""XPath regular expressions on google-re2, whose running time is linear; back references are refused."""

from __future__ import annotations

import functools
import re
from typing import Any

import re2

from service.feel.errors import Fault
from service.feel.regex_translation import strip_free_spacing, translate

_FLAGS = frozenset("smixq")
_MAX_MEMORY = 2 << 20
_GROUP_REFERENCE = re.compile(r"\\[\\$]|\$([0-9]+)|[\\$]")


def _quoted(pattern: str) -> str:
    return str(re2.escape(pattern))  # type: ignore[no-untyped-call]


def _translated(pattern: str, flags: str) -> str:
    return translate(strip_free_spacing(pattern) if "x" in flags else pattern, dot_matches_all="s" in flags)


@functools.lru_cache(maxsize=128)
def compile_pattern(pattern: str, flags: str) -> Any:
    """The compiled pattern; a syntax error, a back reference or an unknown flag raises `Fault`."""
    if not set(flags) <= _FLAGS:
        raise Fault("INVALID_PATTERN", f"{flags!r} holds an unknown flag; s, m, i, x and q are known")
    text = _quoted(pattern) if "q" in flags else _translated(pattern, flags)
    inline = "".join(flag for flag in "smi" if flag in flags)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        return re2.compile(f"(?{inline}){text}" if inline else text, options)  # type: ignore[no-untyped-call]
    except re2.error as error:
        raise Fault("INVALID_PATTERN", f"{pattern[:80]!r} is not a regular expression") from error


def expand_replacement(template: str, match: Any) -> str:
    """Replace `$N` by group N (as many digits as name a group), `\\$` and `\\\\` by the sign itself."""
    groups = match.re.groups

    def expand(reference: re.Match[str]) -> str:
        digits = reference[1]
        if digits is None:
            if len(reference[0]) == 1:
                raise Fault("INVALID_PATTERN", "the replacement holds a '\\' or '$' that stands for nothing")
            return reference[0][1]
        length = len(digits)
        while length > 1 and int(digits[:length]) > groups:
            length -= 1
        number = int(digits[:length])
        text = (match.group(number) or "") if number <= groups else ""
        return text + digits[length:]

    return _GROUP_REFERENCE.sub(expand, template)
