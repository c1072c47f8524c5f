"""Reading XML that strangers wrote: no document type, no entities, no network, bounded depth."""

from lxml import etree

MAX_ELEMENTS = 50_000
MAX_DEPTH = 100
MAX_ATTRIBUTES = 200
"""Attributes of one element: BPMN and Camunda together give none more than a few dozen; the time to read them grows with their square."""


class XmlRefused(Exception):
    """The bytes are not XML we read. `line` counts from 1, None when the parser did not tell."""

    def __init__(self, code: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line


def read_xml(xml: bytes) -> etree._Element:
    """Parse `xml` and return its root element.

    Raises XmlRefused: `xml` (not well-formed), `doctype` (a DTD, the carrier of entities), `too-large` (elements or nesting).
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise XmlRefused("xml", f"not well-formed XML: {error.msg}", error.lineno) from None
    except ValueError as error:
        raise XmlRefused("xml", f"not readable as XML: {error}") from None
    document = root.getroottree().docinfo
    if document.doctype or document.internalDTD is not None:
        raise XmlRefused("doctype", "a document type declaration (DTD, entities) is not allowed", 1)
    _check_size(root)
    return root


def _check_size(root: etree._Element) -> None:
    pending = [(root, 1)]
    seen = 0
    while pending:
        element, depth = pending.pop()
        seen += 1
        if seen > MAX_ELEMENTS:
            raise XmlRefused("too-large", f"more than {MAX_ELEMENTS} elements", element.sourceline)
        if len(element.attrib) > MAX_ATTRIBUTES:
            raise XmlRefused("too-large", f"an element has more than {MAX_ATTRIBUTES} attributes", element.sourceline)
        if depth > MAX_DEPTH:
            raise XmlRefused("too-large", f"elements nest deeper than {MAX_DEPTH}", element.sourceline)
        pending.extend((child, depth + 1) for child in element)
