"""Bytes to a trusted XML tree: no document type, no entities, no network, DMN 1.1 to 1.5 under any prefix."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import lxml.etree as etree

from service.dmn.findings import Findings
from service.dmn.reading.syntax import Place, Text

# DMN 1.1 to 1.6; modelers differ in the scheme and, for 1.1, in what follows the date.
_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/DMN/(?:20151101|20180521|20191111|20211108|20230324|20240513)(?:/[\w.]*/?)?")
_FEEL_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/(?:DMN/\d{8}/)?FEEL\b.*")
DROOLS = "http://www.drools.org/kie/dmn/1.1"
"""The namespace of what Drools added to DMN 1.1 and the standard has since 1.2: names of imports, kinds of functions."""
_DOCUMENT_TYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WHOLE_FILE = Place(None, 1)


def parse_document(source: bytes, findings: Findings) -> etree._Element | None:
    """The `definitions` element, or None with a finding that says why there is none."""
    if _DOCUMENT_TYPE.search(source.replace(b"\0", b"")):
        findings.error(_WHOLE_FILE, "document-type", "a document type or entity declaration is not accepted")
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        findings.error(Place(None, error.lineno or 1), "malformed-xml", f"not well-formed XML: {error.msg}")
        return None
    except ValueError as error:
        findings.error(_WHOLE_FILE, "malformed-xml", f"not readable as XML: {error}")
        return None
    if root.getroottree().docinfo.doctype:
        findings.error(_WHOLE_FILE, "document-type", "a document type or entity declaration is not accepted")
        return None
    if dmn_name(root) != "definitions":
        name = etree.QName(root)
        findings.error(place_of(root), "not-dmn", f"the root element is {{{name.namespace}}}{name.localname}, not DMN definitions")
        return None
    return root


def dmn_name(element: etree._Element) -> str | None:
    """The name of an element of DMN, without its namespace; None for everything else, comments too."""
    tag = element.tag
    return _dmn_name(tag) if isinstance(tag, str) else None


# A file has many elements of few names.
@functools.lru_cache(maxsize=512)
def _dmn_name(tag: str) -> str | None:
    namespace, separator, name = tag.removeprefix("{").rpartition("}")
    return name if separator and _NAMESPACE.fullmatch(namespace) else None


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(etree.QName(element).localname)


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Child elements of the DMN namespace, those with one of `names` when given."""
    for child in element:
        name = dmn_name(child)
        if name is not None and (not names or name in names):
            yield child


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first DMN child called `name`."""
    for found in element:
        if dmn_name(found) == name:
            return found
    return None


def attribute(element: etree._Element, name: str) -> str | None:
    """An attribute (`{namespace}name`, else without namespace), stripped; None when absent or empty."""
    value = element.get(name)
    return value.strip() or None if value is not None else None


def place_of(element: etree._Element) -> Place:
    """The element's own id, else that of the nearest element around it, and its line."""
    current: etree._Element | None = element
    while current is not None:
        found = current.get("id")
        if found:
            return Place(found, element.sourceline or 0)
        current = current.getparent()
    return Place(None, element.sourceline or 0)


def text_of(element: etree._Element, name: str = "text") -> str:
    """The stripped text of the child called `name`; empty when there is none."""
    found = child(element, name)
    return content_of(found) if found is not None else ""


def content_of(element: etree._Element) -> str:
    """All character data of the element, comments left out, stripped."""
    if len(element) == 0:
        return (element.text or "").strip()
    parts = [element.text or ""]
    parts.extend(inner.tail or "" for inner in element)
    return "".join(parts).strip()


def feel_text(element: etree._Element) -> Text:
    """The FEEL text in the element's `text` child, placed where the text stands."""
    found = child(element, "text")
    place = place_of(element)
    if found is None:
        return Text(place, "")
    return Text(Place(place.element_id, found.sourceline or place.line), content_of(found))


def type_ref(element: etree._Element) -> str | None:
    """`typeRef` as attribute (DMN 1.2 and later) or child element (1.1, item definitions).

    A prefix that stands for FEEL's namespace (1.1 has qualified names) is told as `feel:`.
    """
    found = attribute(element, "typeRef")
    if found is None:
        inner = child(element, "typeRef")
        if inner is None:
            return None
        element, found = inner, content_of(inner)
    prefix, separator, name = (found or "").partition(":")
    if separator and _FEEL_NAMESPACE.fullmatch(element.nsmap.get(prefix, "")):
        return f"feel:{name}"
    return found or None
