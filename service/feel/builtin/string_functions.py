"""String functions (10.3.4.3). Positions and lengths count characters (code points) from 1."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from service.feel.builtin.registry import builtin, need_list, need_number, need_string
from service.feel.errors import Fault
from service.feel.evaluation import Run
from service.feel.json_values import value_text
from service.feel.numbers import whole_part
from service.feel.regular_expressions import compile_pattern, expand_replacement
from service.feel.values import type_name

# RE2's time is its program's size times the text's length, at the worst some 30 ns for each: two seconds are a million steps.
_SEARCH_PER_STEP = 64
# Searches of some milliseconds at the worst, and microseconds as a rule, are left to the time budget.
_FREE_SEARCH = 100_000
_COMPILING_STEPS = 32


def slice_bounds(start: Decimal, length: Any, size: int, what: str) -> tuple[int, int]:
    """Zero-based bounds of a FEEL start position (1 = first, -1 = last) and optional length."""
    first = whole_part(start, "start position")
    if first == 0 or abs(first) > size:
        raise Fault("OUT_OF_BOUNDS", f"the start position {first} is outside the {what}")
    begin = first - 1 if first > 0 else size + first
    if length is None:
        return begin, size
    count = whole_part(need_number(length, "length"), "length")
    if count < 1:
        raise Fault("OUT_OF_BOUNDS", "the length is less than 1")
    return begin, min(size, begin + count)


@builtin("substring", ("string", "start position", "length?"))
def substring(run: Run, string: Any, start: Any, length: Any = None) -> str:
    """`length` characters from a position; a negative one counts from the end."""
    text = need_string(string, "string")
    begin, end = slice_bounds(need_number(start, "start position"), length, len(text), "string")
    return text[begin:end]


@builtin("string length", ("string",))
def string_length(run: Run, string: Any) -> Decimal:
    """Number of characters."""
    return Decimal(len(need_string(string, "string")))


@builtin("upper case", ("string",))
def upper_case(run: Run, string: Any) -> str:
    """Upper-cased."""
    return need_string(string, "string").upper()


@builtin("lower case", ("string",))
def lower_case(run: Run, string: Any) -> str:
    """Lower-cased."""
    return need_string(string, "string").lower()


@builtin("trim", ("string",))
def trim(run: Run, string: Any) -> str:
    """Without white space at both ends."""
    return need_string(string, "string").strip()


@builtin("substring before", ("string", "match"))
def substring_before(run: Run, string: Any, match: Any) -> str:
    """What stands before the first `match`; empty when there is none."""
    before, found, _ = _partition(string, match)
    return before if found else ""


@builtin("substring after", ("string", "match"))
def substring_after(run: Run, string: Any, match: Any) -> str:
    """What stands after the first `match`; empty when there is none."""
    _, found, after = _partition(string, match)
    return after if found else ""


def _partition(string: Any, match: Any) -> tuple[str, bool, str]:
    text, needle = need_string(string, "string"), need_string(match, "match")
    at = text.find(needle)
    return (text, False, "") if at < 0 else (text[:at], True, text[at + len(needle) :])


@builtin("contains", ("string", "match"))
def contains(run: Run, string: Any, match: Any) -> bool:
    """Whether `match` occurs."""
    return need_string(match, "match") in need_string(string, "string")


@builtin("starts with", ("string", "match"))
def starts_with(run: Run, string: Any, match: Any) -> bool:
    """Whether the string begins with `match`."""
    return need_string(string, "string").startswith(need_string(match, "match"))


@builtin("ends with", ("string", "match"))
def ends_with(run: Run, string: Any, match: Any) -> bool:
    """Whether the string ends with `match`."""
    return need_string(string, "string").endswith(need_string(match, "match"))


def _pattern(pattern: Any, name: str, flags: Any, subject: str, run: Run) -> Any:
    """The compiled pattern, its search in `subject` paid for."""
    text = need_string(pattern, name)
    run.tick(_COMPILING_STEPS)
    run.tick_text(len(text))
    compiled = compile_pattern(text, "" if flags is None else need_string(flags, "flags"))
    run.tick(max(0, compiled.programsize * len(subject) - _FREE_SEARCH) // _SEARCH_PER_STEP)
    return compiled


@builtin("matches", ("input", "pattern", "flags?"))
def matches(run: Run, text: Any, pattern: Any, flags: Any = None) -> bool:
    """Whether the pattern (XPath regular expression) is found in the input."""
    subject = need_string(text, "input")
    return _pattern(pattern, "pattern", flags, subject, run).search(subject) is not None


@builtin("replace", ("input", "pattern", "replacement", "flags?"))
def replace(run: Run, text: Any, pattern: Any, replacement: Any, flags: Any = None) -> str:
    """The input with every match replaced; `$1` stands for a group."""
    subject = need_string(text, "input")
    compiled = _pattern(pattern, "pattern", flags, subject, run)
    template = need_string(replacement, "replacement")
    literal = flags is not None and "q" in need_string(flags, "flags")
    added = 0

    def replaced(match: Any) -> str:
        nonlocal added
        run.check_time()
        text = template if literal else expand_replacement(template, match)
        added += len(text)
        run.check_size(added)
        return text

    return str(compiled.sub(replaced, subject))


@builtin("split", ("string", "delimiter"))
def split(run: Run, string: Any, delimiter: Any) -> list[str]:
    """The pieces between matches of the delimiter pattern."""
    subject = need_string(string, "string")
    compiled = _pattern(delimiter, "delimiter", None, subject, run)
    pieces: list[str] = []
    start = 0
    for match in compiled.finditer(subject):
        run.check_time()
        if match.end() == match.start() and match.start() in (0, len(subject)):
            continue
        pieces.append(subject[start : match.start()])
        start = match.end()
    pieces.append(subject[start:])
    run.tick(len(pieces))
    return pieces


@builtin("string join", ("list", "delimiter?"))
def string_join(run: Run, strings: Any, delimiter: Any = None) -> str:
    """The strings of a list joined; nulls are left out."""
    separator = "" if delimiter is None else need_string(delimiter, "delimiter")
    parts: list[str] = []
    for element in need_list(strings, "list"):
        if element is None:
            continue
        if not isinstance(element, str):
            raise Fault("INVALID_TYPE", f"the list holds a {type_name(element)}")
        parts.append(element)
    run.tick(len(parts))
    run.check_size(sum(map(len, parts)) + len(separator) * len(parts))
    return separator.join(parts)


@builtin("string", ("from",))
def string(run: Run, value: Any) -> str | None:
    """The text of any value."""
    return None if value is None else value_text(value, run)
