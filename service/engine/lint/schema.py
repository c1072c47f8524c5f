"""Whether a file has the form that BPMN 2.0.2's schema gives it: elements, attributes, how often, and the kinds of values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from service.engine.findings import Report
from service.engine.lint.document import Document, kind_of
from service.engine.lint.schema_types import (
    ENUMERATIONS,
    LOCAL_TYPES,
    ElementType,
    element_types,
)
from service.engine.reading.bpmn_xml import split
from service.engine.reading.vocabulary import BPMN, CAMUNDA

_TYPES: Mapping[str, ElementType] = element_types()
_NCNAME = re.compile(r"[^\W\d][\w.\-·]*")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_BAD_URI = re.compile(r"%(?![0-9A-Fa-f]{2})|[\s<>\"{}|\\^`]")
_ANY_CONTENT = frozenset({"documentation", "extensionElements", "script", "text"})
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def check_schema(document: Document, report: Report) -> None:
    """Put every departure from the schema into the report. Pictures (BPMN DI) are not judged: nothing runs by them."""
    _Checker(document, report).element(document.root)


@dataclass(frozen=True, slots=True)
class _Checker:
    document: Document
    report: Report

    def element(self, element: etree._Element) -> None:
        name = kind_of(element)
        form = _TYPES.get(LOCAL_TYPES.get(name, name[:1].upper() + name[1:]))
        if form is not None:
            self._attributes(element, name, form)
            if name not in _ANY_CONTENT:
                self._children(element, name, form)
        if name in ("extensionElements", "documentation"):
            return
        for part in element:
            if kind_of(part):
                self.element(part)

    def _error(self, element: etree._Element, code: str, message: str) -> None:
        self.report.error(self.document.owner(element), element.sourceline, code, message)

    # --- attributes

    def _attributes(self, element: etree._Element, name: str, form: ElementType) -> None:
        for attribute, value in element.attrib.items():
            namespace, word = split(attribute)
            if namespace:
                continue
            kind = form.attributes.get(word)
            if kind is None:
                message = f"BPMN has no attribute {word!r} on a {name} (a prefix such as camunda: may be missing)"
                self._error(element, "unknown-attribute", message)
            else:
                self._value(element, name, word, str(value), kind)
        for word in form.required:
            if element.get(word) is None:
                self._error(element, "missing-attribute", f"the {name} needs the attribute {word}")

    def _value(self, element: etree._Element, name: str, attribute: str, value: str, kind: str) -> None:
        text = value.strip()
        wanted = None
        if kind in ENUMERATIONS and text not in ENUMERATIONS[kind]:
            wanted = f"one of {', '.join(ENUMERATIONS[kind])}"
        elif kind == "boolean" and text not in ("true", "false", "1", "0"):
            wanted = "true or false"
        elif kind in ("integer", "int") and not _INTEGER.fullmatch(text):
            wanted = "a whole number"
        elif kind == "anyURI" and _BAD_URI.search(text):
            wanted = "a URI"
        if wanted is not None:
            self._error(element, "invalid-value", f"{attribute}={value[:80]!r} of the {name} is not {wanted}")
        elif kind == "ID" and not _NCNAME.fullmatch(text):
            message = f"the id {value[:80]!r} of the {name} is no XML name: a letter or _, then letters, digits, . - _"
            self.report.warn(self.document.owner(element), element.sourceline, "id-not-a-name", message)

    # --- children

    def _children(self, element: etree._Element, name: str, form: ElementType) -> None:
        counts = [0] * len(form.children)
        last = 0
        for part in element:
            namespace, word = split(part.tag)
            if namespace != BPMN:
                self._foreign(element, part, name, namespace, word)
                continue
            place = next((index for index, child in enumerate(form.children) if word in child.names), None)
            if place is None:
                self._error(part, "unexpected-element", f"a {name} cannot have the element {word!r}")
                continue
            counts[place] += 1
            if place < last:
                message = f"{word!r} stands too late in the {name}; the schema of BPMN puts it before {form.children[last].names[0]!r}"
                self.report.warn(self.document.owner(part), part.sourceline, "element-order", message)
            last = max(last, place)
        for child, count in zip(form.children, counts, strict=True):
            words = " or ".join(child.names[:3])
            if count < child.least:
                self._error(element, "missing-element", f"the {name} needs {words}")
            elif child.most is not None and count > child.most:
                self._error(element, "too-many-elements", f"the {name} can have only one {words}, here are {count}")

    def _foreign(self, element: etree._Element, part: etree._Element, name: str, namespace: str, word: str) -> None:
        if name == "definitions" and namespace != CAMUNDA:
            return  # The picture, and what exporters keep beside it.
        message = f"{word!r} of another vocabulary stands in the {name} itself; only inside extensionElements is it read"
        self._error(part if element is self.document.root else element, "unexpected-element", message)
