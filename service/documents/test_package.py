"""Uploaded packages: what is refused before anything of it is used."""

import io
import posixpath
import zipfile

import pytest

from service.documents import PackageRefused, read_template, render
from service.documents.test_template import part, template


def with_relation(attributes: str) -> bytes:
    content = template("x")
    name = "word/_rels/document.xml.rels"
    relations = part(content, name).replace(b"</Relationships>", f'<Relationship Id="x1" {attributes}/></Relationships>'.encode())
    return replaced(content, {name: relations})


def replaced(content: bytes, parts: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in parts:
                new.writestr(entry, old.read(entry))
        for name, data in parts.items():
            new.writestr(name, data)
    return held.getvalue()


def compressed(content: bytes, method: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry), method if entry.filename == "word/document.xml" else zipfile.ZIP_DEFLATED)
    return held.getvalue()


def damaged(content: bytes) -> bytes:
    """With other bytes where the compressed text of the main part begins."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        at = package.getinfo("word/document.xml").header_offset + 30 + len("word/document.xml")
    return content[:at] + b"\xff" * 64 + content[at + 64 :]


def encrypted(content: bytes) -> bytes:
    """With the flag of encryption at the first part in the directory."""
    at = content.index(b"PK\x01\x02") + 8
    return content[:at] + bytes([content[at] | 1]) + content[at + 1 :]


def moved(content: bytes, part_name: str, other: str, relations: str) -> bytes:
    """The part under another name, to which the relation leads."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == relations:
                data = data.replace(posixpath.basename(part_name).encode(), posixpath.basename(other).encode())
            if entry.filename == "[Content_Types].xml":
                data = data.replace(f"/{part_name}".encode(), f"/{other}".encode())
            new.writestr(other if entry.filename == part_name else entry.filename, data)
    return held.getvalue()


KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def hostile() -> dict[str, tuple[bytes, str]]:
    plain = template("x")
    main = part(plain, "word/document.xml")
    types = part(plain, "[Content_Types].xml")
    relations = part(plain, "_rels/.rels")
    properties = part(plain, "docProps/core.xml").replace(b"<dc:title/>", b"<dc:title></dc:title>")
    field = b"<w:p><w:r><w:instrText>DDE</w:instrText></w:r><w:r><w:instrText>AUTO c:\\\\windows\\\\cmd.exe</w:instrText></w:r></w:p>"
    return {
        "no zip": (b"hello", "docx"),
        "cut off": (plain[: len(plain) // 2], "docx"),
        "other package": (
            replaced(plain, {"[Content_Types].xml": types.replace(b"wordprocessingml.document.main", b"other.main")}),
            "docx",
        ),
        "macros": (
            replaced(plain, {"[Content_Types].xml": types.replace(b"document.main+xml", b"document.macroEnabled.main+xml")}),
            "docx-macros",
        ),
        "program": (replaced(plain, {"word/embeddings/a.bin": b"MZ"}), "docx-active"),
        "link": (with_relation(f'Type="{KIND}/hyperlink" Target="http://example.org/" TargetMode="External"'), "docx-external"),
        "template": (
            with_relation(f'Type="{KIND}/attachedTemplate" Target="http://example.org/t.dotm" TargetMode="External"'),
            "docx-external",
        ),
        "object": (with_relation(f'Type="{KIND}/oleObject" Target="a.bin"'), "docx-active"),
        "field": (replaced(plain, {"word/document.xml": main.replace(b"<w:sectPr", field + b"<w:sectPr", 1)}), "docx-active"),
        "attribute": (
            replaced(plain, {"word/document.xml": main.replace(b"<w:body>", b'<w:body><w:p w:rsidR="{{ variables.a }}"/>')}),
            "template",
        ),
        "comment": (replaced(plain, {"word/document.xml": main.replace(b"<w:body>", b"<w:body><!-- {{ -->")}), "docx"),
        "entities": (replaced(plain, {"word/styles.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "docx"),
        "broken": (replaced(plain, {"word/styles.xml": b"<a>"}), "docx"),
        "path": (replaced(plain, {"../evil.xml": b"<a/>"}), "docx"),
        "bzip2": (compressed(plain, zipfile.ZIP_BZIP2), "docx"),
        "lzma": (compressed(plain, zipfile.ZIP_LZMA), "docx"),
        "damaged lzma": (damaged(compressed(plain, zipfile.ZIP_LZMA)), "docx"),
        "damaged": (damaged(compressed(plain, zipfile.ZIP_DEFLATED)), "docx"),
        "encrypted": (encrypted(plain), "docx"),
        "main elsewhere": (
            replaced(plain, {"word/other.xml": main, "_rels/.rels": relations.replace(b"word/document.xml", b"word/other.xml")}),
            "docx",
        ),
        "header elsewhere": (with_relation(f'Type="{KIND}/header" Target="styles.xml"'), "docx"),
        "footer elsewhere": (with_relation(f'Type="{KIND}/footer" Target="../docProps/core.xml"'), "docx"),
        "footnotes elsewhere": (with_relation(f'Type="{KIND}/footnotes" Target="notes.xml"'), "docx"),
        "footnotes by type": (
            replaced(plain, {"[Content_Types].xml": types.replace(b"wordprocessingml.styles+xml", b"wordprocessingml.footnotes+xml")}),
            "docx",
        ),
        "properties elsewhere": (moved(plain, "docProps/core.xml", "docProps/other.xml", "_rels/.rels"), "docx"),
        "other code": (replaced(plain, {"word/footnotes.xml": "<a/>".encode("utf-16")}), "docx"),
        "field in properties": (
            replaced(plain, {"docProps/core.xml": properties.replace(b"</dc:title>", b"&#123;&#123; variables.a }}</dc:title>")}),
            "template",
        ),
        "bomb": (replaced(plain, {"word/media/a.png": bytes(41 * 1024 * 1024)}), "docx-too-large"),
        "large part": (replaced(plain, {"word/styles.xml": b"<a>" + b" " * 3_000_000 + b"</a>"}), "docx-too-large"),
        "many parts": (replaced(plain, {f"word/media/{n}.png": b"" for n in range(600)}), "docx-too-large"),
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_files_are_refused(name: str) -> None:
    content, code = hostile()[name]

    with pytest.raises(PackageRefused) as refused:
        read_template(content)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "leads",
    [f'Type="{KIND}/header" Target="header1.xml"', f'Type="{KIND}/footer" Target="/word/./header1.xml"'],
)
def test_headers_are_filled(leads: str) -> None:
    content = with_relation(leads)
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    header = f'<w:hdr xmlns:w="{word}"><w:p><w:r><w:t>{{{{ variables.a }}}}</w:t></w:r></w:p></w:hdr>'.encode()
    content = replaced(content, {"word/header1.xml": header})

    assert read_template(content).fields == ("variables.a",)
    assert "甲" in part(render(content, {"variables": {"a": "甲"}}), "word/header1.xml").decode()
