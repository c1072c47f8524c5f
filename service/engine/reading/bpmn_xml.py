"""Finding one's way in BPMN XML: names without namespaces, children, references."""

from collections.abc import Iterator

from lxml import etree

from service.engine.reading.vocabulary import BPMN


def split(tag: object) -> tuple[str, str]:
    """Namespace ("" for none) and local name of a tag or attribute name."""
    namespace, _, name = str(tag)[1:].partition("}") if str(tag).startswith("{") else ("", "", str(tag))
    return namespace, name


def text_of(element: etree._Element | None) -> str:
    """All text inside, without the white space around it; "" for no element."""
    return "".join(element.itertext()).strip() if element is not None else ""


def local_name(text: str) -> str:
    """The local part of a QName reference."""
    return text.strip().rpartition(":")[2]


def children(element: etree._Element, name: str | None = None) -> Iterator[tuple[str, etree._Element]]:
    """The BPMN children, or those of that name, each with its local name."""
    for found in element:
        namespace, local = split(found.tag)
        if namespace == BPMN and name in (None, local):
            yield local, found


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first BPMN child of that name."""
    return next((found for _, found in children(element, name)), None)


def extensions(element: etree._Element) -> Iterator[etree._Element]:
    """What stands in the element's extensionElements."""
    holder = child(element, "extensionElements")
    return iter(holder) if holder is not None else iter(())
