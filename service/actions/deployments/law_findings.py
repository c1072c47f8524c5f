"""Keys of limits, switches and facts that a diagram asks for and its place does not have: each case would stop there."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from service.actions.deployments.deployment_files import ReadFile
from service.actions.ports import LawQuestion
from service.domain.definition import COMMON
from service.domain.errors import Finding
from service.domain.json_values import Json

PlaceDocument = Callable[[str], Mapping[str, Json] | None]
"""The jurisdiction.yaml of a place as it will be; None when nobody knows it."""
_CODES = {"deadlines": "unknown-deadline", "settings": "unknown-setting", "facts": "unknown-fact"}


def law_findings(read: Sequence[ReadFile], home: Callable[[ReadFile], str | None], document: PlaceDocument) -> list[Finding]:
    """Warnings, since a jurisdiction.yaml may come later. `home` is the place of a file.

    Nothing is said of files of no place and of those of `common`: which place they ask is that of the case.
    """
    findings = []
    for file in read:
        place = home(file) if file.questions else None
        chain = None if place is None or place == COMMON else _chain(place, document)
        if place is not None and chain is not None:
            findings += [_finding(file, question, place) for question in file.questions if not _has(chain, question)]
    return findings


def _chain(place: str, document: PlaceDocument) -> list[Mapping[str, Json]] | None:
    """What is looked through, in its order; None when one of the places above is not known."""
    names, found = list(_upwards(place, document)), list[Mapping[str, Json]]()
    for name in names:
        known = document(name)
        if known is None:
            return None
        found.append(known)
    common = document(COMMON)
    return found if common is None else [*found, common]


def _upwards(place: str, document: PlaceDocument) -> Iterator[str]:
    seen: set[str] = set()
    name: Json = place
    while isinstance(name, str) and name not in seen:
        seen.add(name)
        yield name
        name = (document(name) or {}).get("parent")


def _has(chain: Sequence[Mapping[str, Json]], question: LawQuestion) -> bool:
    sections = [known.get(question.section) for known in chain]
    return any(isinstance(section, dict) and question.key in section for section in sections)


def _finding(file: ReadFile, question: LawQuestion, place: str) -> Finding:
    message = (
        f"{question.element_id!r} asks for {question.key!r}, which {question.section} of {place!r}, of the places above it and of"
        f" {COMMON!r} do not have: a case that comes there would be an incident"
    )
    return Finding(file.file_name, question.element_id, question.line, _CODES[question.section], message, "warning")
