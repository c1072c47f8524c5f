"""What a file is, by its content."""

import io
import zipfile

import pytest

from service.documents import FileRefused, file_type, fits_name
from service.documents.file_types import MAX_PARTS


def package(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            # The moment of writing would stand in the names of the tests, which all workers must agree on.
            archive.writestr(zipfile.ZipInfo(name), "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.4\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xdb", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"ID3\x04", "audio/mpeg"),
        (b"BM\x46\x00\x00\x00\x00\x00\x00\x00", "image/bmp"),
        (package("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (package("OFD.xml"), "application/ofd"),
        ("说明。\r\n".encode(), "text/plain"),
        ("说明。\r\n".encode("gb18030"), "text/plain"),
        (b"\xef\xbb\xbfa,b\n", "text/plain"),
    ],
)
def test_known_types(content: bytes, media_type: str) -> None:
    assert file_type(io.BytesIO(content)).media_type == media_type


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"MZ\x90\x00", "unknown-type"),
        (b"MZ as text", "unknown-type"),
        (b"\x7fELF\x02", "unknown-type"),
        (b"<!DOCTYPE html>", "unknown-type"),
        (b"\xef\xbb\xbf <svg/>", "unknown-type"),
        (b"#!/bin/sh", "unknown-type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8), "unknown-type"),
        (b"\x00\x01\x02", "unknown-type"),
        ("一".encode()[:2] + b"\xff\xff", "unknown-type"),
        (b"", "unknown-type"),
        (package("a.txt"), "unknown-type"),
        (package("xl/workbook.xml", "xl/vbaProject.bin"), "macros"),
        (package("word/document.xml", "word/embeddings/oleObject1.bin"), "macros"),
        (package("word/document.xml")[:-10], "unknown-type"),
    ],
)
def test_refused(content: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        file_type(io.BytesIO(content))

    assert refused.value.code == code


def test_a_program_behind_many_parts_is_not_overlooked() -> None:
    many = package("word/document.xml", *(f"word/media/{number}" for number in range(MAX_PARTS)), "word/vbaProject.bin")

    with pytest.raises(FileRefused, match="parts"):
        file_type(io.BytesIO(many))


def test_a_name_must_promise_what_the_content_is() -> None:
    found = file_type(io.BytesIO(b"%PDF-1.4\n"))

    fits_name(found, "纪要.PDF")
    with pytest.raises(FileRefused):
        fits_name(found, "纪要.docx")
