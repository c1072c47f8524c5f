"""Templates of documents: read and judged when they are deployed, filled when a document is made."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate
from jinja2 import TemplateError, nodes
from lxml import etree

from service.documents.environment import Environment, TemplateFault, wrapped
from service.documents.package import PROPERTIES, RENDERED, PackageRefused, open_package, read_xml

ROOTS = ("document", "instance", "place", "task", "author", "subject", "variables", "facts", "decisions", "signatures", "fields")
"""What a template may speak of; see docs/documents.md."""
TAG = re.compile(r"\{[{%#]|[}%#]\}")
ELEMENT = re.compile(r"<[^>]*>")
CLOSES = {"{{": "}}", "{%": "%}", "{#": "#}"}
CLOSING = frozenset(CLOSES.values())
MAX_TAG = 2_000
MAX_TAGS = 5_000
DUBLIN_TITLE = "{http://purl.org/dc/elements/1.1/}title"


@dataclass(frozen=True, slots=True)
class Template:
    """A template that can be filled. `title` is its title in Word's properties, `fields` the paths it names, outside of loops."""

    title: str | None
    fields: tuple[str, ...]


class FieldsMissing(Exception):
    """The document was not made. `missing` are the paths of fields that are not there, `unfit` of those that are no text, date or list.

    `refusals` are the template's own words why there is no such document in this case.
    """

    def __init__(self, missing: tuple[str, ...], unfit: tuple[str, ...], refusals: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join((*missing, *unfit, *refusals)))
        self.missing = missing
        self.unfit = unfit
        self.refusals = refusals


def read_template(content: bytes) -> Template:
    """Judge a template. Raises PackageRefused with what is wrong: the file itself, its language, or a name no document has."""
    parts = open_package(content)
    properties = parts.get(PROPERTIES, b"<none/>")
    if TAG.search(etree.tostring(read_xml(properties), encoding="unicode")):
        raise PackageRefused("template", "the properties of the document hold {{ or {%: fields stand in the text only")
    try:
        document = _Strict(io.BytesIO(content))
        document.init_docx()
        written = [document.xml_to_string(read_xml(data)) for name, data in parts.items() if RENDERED.fullmatch(name)]
        for name in filter(RENDERED.fullmatch, parts):
            parts[name].decode("utf-8")  # As docxtpl reads the footnotes, whatever code they declare.
        for source in written:
            _check_tags(source)
        sources = [document.patch_xml(source) for source in written]
    except (OpcError, KeyError, ValueError, AttributeError, TypeError, etree.LxmlError) as error:
        raise PackageRefused("docx", "the file cannot be read as a Word document") from error
    fields: dict[str, None] = {}
    for source in sources:
        fields |= dict.fromkeys(_fields(source))
    title = (read_xml(properties).findtext(DUBLIN_TITLE) or "").strip() if PROPERTIES in parts else ""
    return Template(title or None, tuple(sorted(fields)))


def render(content: bytes, context: Mapping[str, object], labels: Mapping[str, Mapping[str, str]] | None = None) -> bytes:
    """The document that a deployed template makes of the context (JSON by the names of ROOTS).

    `labels` are the words of forms for their codes, by path and code. Raises FieldsMissing with all fields that are needed and not there,
    TemplateFault where the template makes too much or something that is no document.
    """
    environment = Environment(labels)
    given = {name: wrapped(context[name], name) for name in ROOTS if context.get(name) is not None}
    template = _Strict(io.BytesIO(content))
    try:
        template.render(given, environment, autoescape=True)
    except TemplateError as error:
        raise TemplateFault(f"the template cannot be filled: {error.message}") from error
    except etree.XMLSyntaxError as error:
        raise TemplateFault(
            "what the template makes is not well-formed: a loop or condition begins and ends in different places"
        ) from error
    except (TypeError, AttributeError, OverflowError) as error:
        raise TemplateFault("the template cannot be filled: a comparison or filter does not fit the data") from error
    if environment.missing or environment.faults or environment.refusals:
        raise FieldsMissing(tuple(environment.missing), tuple(environment.faults), tuple(environment.refusals))
    made = io.BytesIO()
    template.save(made)
    return made.getvalue()


class _Strict(DocxTemplate):  # type: ignore[misc]
    """docxtpl, except that what is not well-formed is refused instead of mended by guessing."""

    def fix_tables(self, xml: str) -> etree._Element:
        etree.fromstring(xml)
        return super().fix_tables(xml)


def _check_tags(source: str) -> None:
    """Raise PackageRefused unless every tag is closed before the next one begins, and none stands inside of XML.

    docxtpl searches for them by regular expressions that take for ever where this does not hold.
    """
    if "<!--" in source or "<?" in source:
        raise PackageRefused("docx", "the text holds XML comments or processing instructions, which Word does not write")
    if any(TAG.search(element) for element in ELEMENT.findall(source)):
        raise PackageRefused("template", "a field stands inside of an XML attribute")
    begun: re.Match[str] | None = None
    number = 0
    for tag in TAG.finditer(ELEMENT.sub("", source)):
        number += 1
        closes = tag.group() in CLOSING
        if closes == (begun is None) or (begun is not None and tag.group() != CLOSES[begun.group()]):
            near = tag.string[max(0, tag.start() - 40) : tag.end() + 40]
            raise PackageRefused("template", f"a tag is not closed before the next one begins, or closed and never begun (near {near!r})")
        if begun is not None and tag.end() - begun.start() > MAX_TAG:
            raise PackageRefused("template", f"a tag is longer than {MAX_TAG} characters")
        begun = None if closes else tag
    if begun is not None:
        raise PackageRefused("template", "the last tag is not closed")
    if number > 2 * MAX_TAGS:
        raise PackageRefused("template", f"a part has more than {MAX_TAGS} tags")


def _fields(source: str) -> list[str]:
    """The paths that a part names. Raises PackageRefused for what is not the language of templates."""
    try:
        tree = Environment()._parse(source, None, None)
    except TemplateError as error:
        number = getattr(error, "lineno", None) or 0
        line = source.splitlines()[number - 1 : number] if number else []
        near = re.sub(r"<[^>]+>", "", line[0])[:80] if line else ""
        raise PackageRefused("template", f"{error.message}" + (f" (near {near!r})" if near else "")) from error
    local = {loop.target.name for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name)} | {"loop"}
    for name in tree.find_all(nodes.Name):
        if name.name not in local and name.name not in ROOTS:
            raise PackageRefused("template", f"the template names {name.name!r}; a template may speak of {', '.join(ROOTS)}")
    paths = [_path(node) for node in tree.find_all(nodes.Getattr)]
    whole = {path for path in paths if path is not None and path.partition(".")[0] in ROOTS}
    return sorted(path for path in whole if not any(other.startswith(path + ".") for other in whole))


def _path(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        above = _path(node.node)
        return None if above is None else f"{above}.{node.attr}"
    return None
