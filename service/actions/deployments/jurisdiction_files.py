"""What is wrong with a jurisdiction.yaml. A member nobody reads is a fault: a misspelt one would be left out in silence."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

from service.actions.deadlines.time_limits import BASES, fault_of
from service.actions.names import is_place
from service.actions.precedents.precedent_departure import SETTING as NEAREST_PRECEDENTS
from service.actions.precedents.precedent_departure import fault_of_comparison
from service.actions.subjects.recorded_facts import FACTS, fault_of_fact
from service.domain.json_values import Json
from service.domain.law import UNITS

SETTING_BASES = (*BASES[:2], "practice", *BASES[2:])
"""What a place does without a rule of its own is the basis of switches, never of a limit."""
_READ = {"name", "note", "source", "markedDefault"}
"""For the reader, at whatever is configured."""
LEVELS = ("national", "province", "prefecture", "county", "zone", "template", "comparator")
"""Municipalities are provinces, sub-provincial cities prefectures, districts and county-level cities counties. A template is an author's
proposal and nobody's rules; of a comparator nothing is loaded as rules."""
NO_PROCEDURE = "none"
PARTLY_KNOWN = "partial"
_WORDS = ("code", "force", "placeCode", "copiedFrom")
_MAPPINGS = ("deadlines", "settings", FACTS)
_SECTIONS = (
    *("id", "name", "aliases", "parent", "level", *_WORDS, "procedure"),
    *("documents", "lists", "notLoaded", "contradictions", "groups", *_MAPPINGS),
)
_DEADLINE = {*UNITS, "basis", *_READ}
_SETTING = {"value", "basis", *_READ}
_GROUP = {"id", "name", "source", "note"}
_DOCUMENT = {"title", "date", "issuer", "scope", "status", "textKnown", "url", "source", "note"}
_LIST = {"list", "name", "count", "textKnown", "source", "note"}
_NOT_LOADED = ("about", "text", "source")
_CONTRADICTION = ("about", "text", "handling")

Fault = tuple[str, str]
"""Where something is wrong, and what."""


def jurisdiction_faults(document: Mapping[str, Json]) -> Sequence[Fault]:
    """Where something is wrong, and what; everything at once."""
    return [*_of_itself(document), *_mappings(document), *_lists(document)]


def _of_itself(document: Mapping[str, Json]) -> Iterator[Fault]:
    for name in sorted(document.keys() - set(_SECTIONS)):
        yield name, f"a jurisdiction has no {name!r}; it has {', '.join(_SECTIONS)}"
    for key in ("id", "name"):
        value = document.get(key)
        if not isinstance(value, str) or not value:
            yield key, f"{key} is required and is text"
    if not is_place(str(document.get("id", ""))):
        yield "id", "an id is a folder's name: ASCII letters, digits, _ . -, at most 64 characters"
    if not _is_text_or_none(document.get("parent")):
        yield "parent", "parent is the id of another jurisdiction or null"
    for key in _WORDS:
        if not _is_text_or_none(document.get(key)):
            yield key, f"{key} is text (a number stands in quotes)"
    if document.get("level") not in (None, *LEVELS):
        yield "level", f"level is one of {', '.join(LEVELS)}"
    if document.get("procedure") not in (None, NO_PROCEDURE):
        yield "procedure", f"procedure is {NO_PROCEDURE!r} where the sources have none, and is left out elsewhere"


def _mappings(document: Mapping[str, Json]) -> Iterator[Fault]:
    judges: tuple[tuple[str, Callable[[str, Json], str | None]], ...] = (
        ("settings", _setting_fault),
        ("deadlines", lambda _name, entry: fault_of(entry) or _stray("deadline", entry, _DEADLINE)),
        (FACTS, lambda _name, entry: fault_of_fact(entry)),
    )
    for section, judge in judges:
        entries = document.get(section) or {}
        if not isinstance(entries, dict):
            yield section, f"{section} is a mapping"
            continue
        for name, entry in entries.items():
            fault = judge(name, entry)
            if fault is not None:
                yield f"{section}.{name}", fault


def _setting_fault(name: str, entry: Json) -> str | None:
    if not isinstance(entry, dict) or "value" not in entry or "basis" not in entry:
        return "a setting has value and basis"
    if entry["basis"] not in SETTING_BASES:
        return f"basis must be one of {', '.join(SETTING_BASES)}"
    fault = fault_of_comparison(entry["value"]) if name == NEAREST_PRECEDENTS else None
    return fault or _stray("setting", entry, _SETTING)


def _lists(document: Mapping[str, Json]) -> Iterator[Fault]:
    judges: tuple[tuple[str, Callable[[Json], str | None]], ...] = (
        ("aliases", lambda entry: None if isinstance(entry, str) and entry else "another name is text"),
        ("groups", _group_fault),
        ("documents", _document_fault),
        ("lists", _list_fault),
        ("notLoaded", partial(_words_fault, "provision that is not loaded", _NOT_LOADED, {*_NOT_LOADED, "note"})),
        ("contradictions", partial(_words_fault, "contradiction", _CONTRADICTION, {*_CONTRADICTION, "source"})),
    )
    for section, judge in judges:
        entries = document.get(section) or []
        if not isinstance(entries, list):
            yield section, f"{section} is a list"
            continue
        for index, entry in enumerate(entries):
            fault = judge(entry)
            if fault is not None:
                yield f"{section}[{index}]", fault
    yield from _doubled(document.get("groups"))


def _group_fault(entry: Json) -> str | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not isinstance(entry.get("name"), str):
        return "a group has id and name"
    return _stray("group", entry, _GROUP)


def _doubled(groups: Json) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, entry in enumerate(groups if isinstance(groups, list) else []):
        identifier = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(identifier, str) and seen.setdefault(identifier, index) != index:
            yield f"groups[{index}]", f"the group {identifier!r} is groups[{seen[identifier]}] already"


def _document_fault(entry: Json) -> str | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("title"), str):
        return "a document has a title"
    known = entry.get("textKnown", False)
    if not isinstance(known, bool) and known != PARTLY_KNOWN:
        return f"textKnown of a document is true, false or {PARTLY_KNOWN}"
    for member in ("scope", "status", "url"):
        if not _is_text_or_none(entry.get(member)):
            return f"{member} of a document is text"
    return _stray("document", entry, _DOCUMENT)


def _list_fault(entry: Json) -> str | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return "a list has a name"
    for member in ("count", "textKnown"):
        if not _is_count_or_none(entry.get(member)):
            return f"{member} of a list is a whole number or null"
    return _stray("list", entry, _LIST)


def _words_fault(what: str, required: Sequence[str], members: set[str], entry: Json) -> str | None:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(member), str) and entry[member] for member in required):
        return f"a {what} has {', '.join(required[:-1])} and {required[-1]}, each of them text"
    return _stray(what, entry, members)


def _stray(what: str, entry: Json, members: set[str]) -> str | None:
    unknown = sorted(entry.keys() - members) if isinstance(entry, dict) else []
    return f"a {what} has no {unknown[0]!r}; it has {', '.join(sorted(members))}" if unknown else None


def _is_text_or_none(value: Json) -> bool:
    return value is None or isinstance(value, str)


def _is_count_or_none(value: Json) -> bool:
    return value is None or (isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value) >= 0)
