"""A .docx as a package of parts: opened with care, for it is uploaded content. Nothing in it may run, or lead out of it."""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping

from lxml import etree

MAX_PARTS = 500
MAX_XML_BYTES = 2 * 1024 * 1024
"""Bytes that one XML part may have when it is unpacked."""
MAX_BYTES = 40 * 1024 * 1024
"""Bytes that all parts together may have when they are unpacked."""
MAIN = "word/document.xml"
RENDERED = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
"""Parts that hold fields of the template. docxtpl finds them by relationship and by media type: those must lead to no others."""
PROPERTIES = "docProps/core.xml"
PLAIN_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATIONS = frozenset(
    {
        "officeDocument", "core-properties", "extended-properties", "custom-properties", "styles", "stylesWithEffects", "settings",
        "webSettings", "fontTable", "theme", "numbering", "header", "footer", "footnotes", "endnotes", "image", "customXml",
        "customXmlProps", "thumbnail", "people", "comments", "commentsExtended", "commentsIds", "font", "glossaryDocument",
    }
)  # fmt: skip
"""Kinds of relationships that a plain letter has. Objects, controls, macros, sub-documents and other templates are not among them."""
RUNNING_FIELD = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|LINK|IMPORT|DATABASE|MACROBUTTON|AUTOTEXT|RD|EMBED|CONTROL)\b", re.I
)
LEADS_TO_RENDERED = frozenset({"officeDocument", "header", "footer", "footnotes"})
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
UNPACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Python unpacks these piece by piece; bzip2 and LZMA it unpacks without a bound."""
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class PackageRefused(Exception):
    """Why the file is no template that can be used. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def open_package(content: bytes) -> Mapping[str, bytes]:
    """The parts by name. Raises PackageRefused for what is no plain .docx: damaged, too large, with macros, objects, links to outside."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = _parts(package)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
        EOFError,
        zlib.error,
    ) as error:
        raise PackageRefused("docx", "the file cannot be opened as .docx") from error
    if MAIN not in parts or "[Content_Types].xml" not in parts:
        raise PackageRefused("docx", f"the file is no .docx: it has no {MAIN}")
    types = parts["[Content_Types].xml"].decode("utf-8", "replace")
    if "macroEnabled" in types or "vbaProject" in types:
        raise PackageRefused("docx-macros", "the file may carry macros; save it as .docx")
    if PLAIN_MAIN not in types:
        raise PackageRefused("docx", "the file is not a plain Word document (.docx)")
    for name, data in parts.items():
        if name.lower().endswith((".xml", ".rels")):
            _check_xml(name, data)
        elif not name.startswith(("word/media/", "docProps/", "word/fonts/")):
            raise PackageRefused("docx-active", f"the part {name[:100]!r} is no text and no picture")
    return parts


def _parts(package: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in package.infolist() if not entry.is_dir()]
    if len(entries) > MAX_PARTS:
        raise PackageRefused("docx-too-large", f"the file has more than {MAX_PARTS} parts")
    names = [entry.filename for entry in entries]
    if len({name.lower() for name in names}) != len(names):
        raise PackageRefused("docx", "two parts of the file have the same name")
    if any(name.startswith(("/", "\\")) or ".." in name or "\\" in name for name in names):
        raise PackageRefused("docx", "a part of the file has a name that leads out of it")
    for entry in entries:
        if entry.flag_bits & 1:
            raise PackageRefused("docx", f"the part {entry.filename[:100]!r} is encrypted; save the file without a password")
        if entry.compress_type not in UNPACKED:
            raise PackageRefused("docx", f"the part {entry.filename[:100]!r} is compressed in a way that no .docx is")
    left, parts = MAX_BYTES, {}
    for entry in entries:
        most = min(left, MAX_XML_BYTES if entry.filename.lower().endswith((".xml", ".rels")) else left)
        with package.open(entry) as part:
            data = part.read(most + 1)
        if len(data) > most:
            raise PackageRefused("docx-too-large", f"unpacked, the part {entry.filename[:100]!r} is larger than is read")
        left -= len(data)
        parts[entry.filename] = data
    return parts


def read_xml(data: bytes) -> etree._Element:
    """The root of a part; nothing outside is loaded, no entity is replaced. Raises lxml's XMLSyntaxError."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False))


def _check_xml(name: str, data: bytes) -> None:
    try:
        root = read_xml(data)
    except etree.XMLSyntaxError as error:
        raise PackageRefused("docx", f"the part {name} is not well-formed XML") from error
    if root.getroottree().docinfo.doctype:
        raise PackageRefused("docx", f"the part {name} has a document type declaration")
    if name == "[Content_Types].xml":
        _check_types(root)
    if name.endswith(".rels"):
        _check_relations(name, root)
    fields = "".join(text.text or "" for text in root.iter(f"{WORD}instrText"))
    fields += " ".join(simple.get(f"{WORD}instr", "") for simple in root.iter(f"{WORD}fldSimple"))
    if RUNNING_FIELD.search(fields) or "{" in fields:
        raise PackageRefused("docx-active", f"a field of Word in {name} would fetch or run something, or is made by the template")
    for element in ("altChunk", "object", "control", "subDoc"):
        if next(root.iter(f"{WORD}{element}"), None) is not None:
            raise PackageRefused("docx-active", f"the part {name} holds an embedded object or document ({element})")


def _check_types(root: etree._Element) -> None:
    for declared in root:
        if isinstance(declared.tag, str) and declared.get("ContentType") == FOOTNOTES:
            named = declared.get("PartName", "")
            if not RENDERED.fullmatch(named.removeprefix("/")):
                raise PackageRefused("docx", f"the part {named[:100]!r} is called footnotes and is not where Word keeps them")


def _check_relations(name: str, root: etree._Element) -> None:
    folder = posixpath.dirname(posixpath.dirname(name))
    for relation in root:
        if not isinstance(relation.tag, str):
            continue
        if relation.get("TargetMode", "Internal") != "Internal":
            raise PackageRefused("docx-external", f"{name} leads to something outside of the file: {relation.get('Target', '')[:200]}")
        kind = relation.get("Type", "").rpartition("/")[2]
        if kind not in RELATIONS:
            raise PackageRefused("docx-active", f"{name} has a part of a kind that a letter does not need: {kind[:100]}")
        target = relation.get("Target", "")
        part = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        if (kind in LEADS_TO_RENDERED and not RENDERED.fullmatch(part)) or (kind == "core-properties" and part != PROPERTIES):
            raise PackageRefused("docx", f"{name} leads for {kind} to {target[:100]!r}, which is not where Word keeps it")
