"""Expression languages: FEEL is executed, every other one is refused."""

from __future__ import annotations

import lxml.etree as etree

from service.dmn.findings import Findings
from service.dmn.reading.document import attribute, place_of


def check_language(element: etree._Element, findings: Findings, default: str | None) -> None:
    """Refuse any expression language but FEEL."""
    language = attribute(element, "expressionLanguage") or default
    if not is_feel(language):
        findings.error(place_of(element), "expression-language", f"expression language {language} is not FEEL")


def is_feel(language: str | None) -> bool:
    """Whether the attribute value means FEEL; absent means FEEL."""
    if language is None:
        return True
    word = language.strip().lower().rstrip("/")
    return word == "feel" or ("omg.org/spec/" in word and "feel" in word)
