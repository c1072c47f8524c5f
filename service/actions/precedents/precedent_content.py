"""What a precedent must tell, wherever it comes from: a deployed file, a request, or the end of a case."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from service.actions.deployments.decision_files import Library
from service.dmn import InputProblem, Model
from service.domain.json_values import Json
from service.domain.precedent import EXEMPT_KINDS, OTHER, OUTCOMES, PUBLIC, SCOPES, Precedent, PrecedentSource

VOCABULARY = "https://rongjiu/dmn/common/vocabulary"
FACTS_TYPE = "tFacts"
MAX_TITLE = 255
MAX_TEXT = 100_000
MAX_ITEMS = 500
MAX_SOURCES = 20
SOURCE_MEMBERS = ("title", "quote", "address", "note")
TEXTS = ("place", "outcomeText", "situation", "text", "note", "withdrawn")
MEMBERS = frozenset(
    {
        *("title", "published", "sources", "facts", "assumedFacts", "rules", "outcome", "exemptKind", "scope", "anonymised"),
        *TEXTS,
    }
)
_PUBLISHED = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?")


@dataclass(frozen=True, slots=True)
class ContentFault:
    """What is wrong, and where below the precedent; `code` is a stable word."""

    path: tuple[str | int, ...]
    code: str
    message: str


def content_faults(entry: Mapping[str, Json], vocabulary: Model | None) -> list[ContentFault]:
    """All faults of a precedent's content; `vocabulary` is None where none is deployed, facts are then any scalars."""
    return [*_faults(entry), *_fact_faults(entry, vocabulary)]


def vocabulary_of(library: Library, beside: Mapping[str, Model] | None = None) -> Model | None:
    """The vocabulary of facts: that deployed at the same time (`beside`, by namespace), else the one in force; None where there is none.

    Conflict when this version of the program cannot read it.
    """
    if beside is not None and VOCABULARY in beside:
        return beside[VOCABULARY]
    found = library(VOCABULARY)
    return found[0].load() if found else None


def _faults(entry: Mapping[str, Json]) -> Iterator[ContentFault]:
    for name in sorted(entry.keys() - MEMBERS):
        yield ContentFault((name,), "unknown-member", f"a precedent has no {name!r}; it has {', '.join(sorted(MEMBERS))}")
    if not _is_text(entry.get("title"), MAX_TITLE):
        yield ContentFault(("title",), "required", f"a title of at most {MAX_TITLE} characters is required")
    for name in TEXTS:
        if entry.get(name) is not None and not _is_text(entry[name], MAX_TEXT):
            yield ContentFault((name,), "text", f"{name} is a text of at most {MAX_TEXT} characters")
    yield from _choice_faults(entry)
    published = entry.get("published")
    if published is not None and not (isinstance(published, str) and _is_day(published)):
        yield ContentFault(("published",), "date", "published is a date, month or year: 2024-06-29, 2024-06 or 2024, as text")
    rules = entry.get("rules", [])
    if not isinstance(rules, list) or len(rules) > MAX_ITEMS or not all(_is_text(rule, MAX_TITLE) for rule in rules):
        yield ContentFault(("rules",), "rules", "rules is a list of rule ids")
    elif len(set(map(str, rules))) != len(rules):
        yield ContentFault(("rules",), "unique-items", "every rule is named once")
    yield from _source_faults(entry.get("sources"))


def _choice_faults(entry: Mapping[str, Json]) -> Iterator[ContentFault]:
    outcome, exempt_kind = entry.get("outcome"), entry.get("exemptKind")
    if outcome not in OUTCOMES:
        yield ContentFault(("outcome",), "not-a-choice", f"outcome must be one of {', '.join(OUTCOMES)}")
    if outcome == OTHER and entry.get("outcomeText") is None:
        yield ContentFault(("outcomeText",), "required", "the outcome OTHER is told in words")
    if exempt_kind is not None and (exempt_kind not in EXEMPT_KINDS or outcome != "EXEMPT"):
        yield ContentFault(("exemptKind",), "not-a-choice", f"exemptKind belongs to EXEMPT and is one of {', '.join(EXEMPT_KINDS)}")
    if entry.get("scope") not in SCOPES:
        message = f"scope must be one of {', '.join(SCOPES)}: what is published to nobody is no precedent"
        yield ContentFault(("scope",), "not-a-choice", message)
    if not isinstance(entry.get("anonymised"), bool):
        yield ContentFault(("anonymised",), "required", "anonymised says whether persons were made unrecognisable: true or false")


def _source_faults(sources: Json) -> Iterator[ContentFault]:
    if not isinstance(sources, list) or not 0 < len(sources) <= MAX_SOURCES:
        yield ContentFault(("sources",), "required", "a precedent names where it was published: a list of sources")
        return
    for index, source in enumerate(sources):
        where = ("sources", index)
        if not isinstance(source, dict) or source.keys() - set(SOURCE_MEMBERS):
            yield ContentFault(where, "source", f"a source has {', '.join(SOURCE_MEMBERS)}")
            continue
        if not _is_text(source.get("title"), MAX_TEXT):
            yield ContentFault((*where, "title"), "required", "a source has a title")
        for name in SOURCE_MEMBERS[1:]:
            if source.get(name) is not None and not _is_text(source[name], MAX_TEXT):
                yield ContentFault((*where, name), "text", f"{name} is a text of at most {MAX_TEXT} characters")
        if source.get("address") is None and source.get("note") is None:
            yield ContentFault((*where, "address"), "required", "a source has an address, or a note that says why it has none")


def _fact_faults(entry: Mapping[str, Json], vocabulary: Model | None) -> Iterator[ContentFault]:
    known: set[str] = set()
    for member in ("facts", "assumedFacts"):
        facts = entry.get(member, {})
        if not isinstance(facts, dict) or len(facts) > MAX_ITEMS or not all(_is_scalar(value) for value in facts.values()):
            yield ContentFault((member,), "facts", f"{member} gives for names of facts a text, number, boolean or null")
            continue
        for name in sorted(known & facts.keys()):
            yield ContentFault((member, name), "unique-items", f"{name!r} is told or assumed, not both")
        known |= facts.keys()
        problems: list[InputProblem] = []
        if vocabulary is not None and FACTS_TYPE in vocabulary.types:
            vocabulary.types[FACTS_TYPE].admit(facts, (), problems)
        yield from (ContentFault((member, *problem.path), problem.code, problem.message) for problem in problems)


def _is_text(value: Json, most: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= most and value.strip() != "" and "\x00" not in value


def _is_scalar(value: Json) -> bool:
    return value is None or isinstance(value, str | bool | int | Decimal)


def _is_day(text: str) -> bool:
    if _PUBLISHED.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a precedent has besides its content: where it comes from, who recorded it and when (epoch milliseconds)."""

    id: str
    version: int
    origin: str
    jurisdiction: str | None
    jurisdiction_path: str | None
    at: int
    by: str
    process_instance_id: str | None = None
    origin_instance_id: str | None = None


def precedent_of(entry: Mapping[str, Json], recorded: Recorded) -> Precedent:
    """The precedent with this content, which must be without fault."""
    sources = cast(list[dict[str, str | None]], entry["sources"])
    return Precedent(
        id=recorded.id,
        version=recorded.version,
        title=str(entry["title"]),
        place=_text(entry, "place"),
        jurisdiction=recorded.jurisdiction,
        jurisdiction_path=recorded.jurisdiction_path,
        outcome=str(entry["outcome"]),
        scope=str(entry["scope"]),
        anonymised=entry["anonymised"] is True,
        origin=recorded.origin,
        sources=tuple(PrecedentSource(str(one["title"]), one.get("quote"), one.get("address"), one.get("note")) for one in sources),
        recorded_at=recorded.at,
        recorded_by=recorded.by,
        published=_text(entry, "published"),
        outcome_text=_text(entry, "outcomeText"),
        exempt_kind=_text(entry, "exemptKind"),
        situation=_text(entry, "situation"),
        rules=tuple(str(rule) for rule in cast(list[Json], entry.get("rules") or [])),
        facts=_known(entry.get("facts")),
        assumed_facts=_known(entry.get("assumedFacts")),
        text=_text(entry, "text"),
        note=_text(entry, "note"),
        withdrawn=_text(entry, "withdrawn"),
        process_instance_id=recorded.process_instance_id,
        origin_instance_id=recorded.origin_instance_id,
    )


def _text(entry: Mapping[str, Json], name: str) -> str | None:
    value = entry.get(name)
    return None if value is None else str(value)


def _known(facts: Json) -> dict[str, Json]:
    return {name: value for name, value in facts.items() if value is not None} if isinstance(facts, dict) else {}


def needs_place(entry: Mapping[str, Json]) -> bool:
    """Whether the extent of publication means nothing without a place."""
    return entry.get("scope") != PUBLIC
