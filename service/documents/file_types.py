"""What a file is, judged by its content and never by its name alone.

Known are the formats in which evidence comes: letters, tables, scans, photographs, recordings. A program, a script, a web page or an
archive is none of them, and whatever carries macros is refused whatever it is called.
"""

import codecs
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

HEAD = 4_096
"""How many bytes from the beginning are looked at."""
PIECE = 1_048_576
MAX_PARTS = 10_000
"""Parts that a package (docx, ofd) may have: all of them are looked at."""


class FileRefused(Exception):
    """The file is not taken. `code`: unknown-type, type-differs or macros."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class FileType:
    """A media type and the endings that names of such files have, in lower case."""

    media_type: str
    endings: tuple[str, ...]


PDF = FileType("application/pdf", (".pdf",))
PNG = FileType("image/png", (".png",))
JPEG = FileType("image/jpeg", (".jpg", ".jpeg"))
GIF = FileType("image/gif", (".gif",))
TIFF = FileType("image/tiff", (".tif", ".tiff"))
BMP = FileType("image/bmp", (".bmp",))
WEBP = FileType("image/webp", (".webp",))
MP3 = FileType("audio/mpeg", (".mp3",))
WAV = FileType("audio/wav", (".wav",))
AMR = FileType("audio/amr", (".amr",))
MP4 = FileType("video/mp4", (".mp4", ".m4a", ".m4v", ".mov"))
DOCX = FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
XLSX = FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
PPTX = FileType("application/vnd.openxmlformats-officedocument.presentationml.presentation", (".pptx",))
OFD = FileType("application/ofd", (".ofd",))
TEXT = FileType("text/plain", (".txt", ".csv", ".md", ".log"))

STARTS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xf3", MP3),
    (b"#!AMR", AMR),
)
MAIN_PARTS = (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX), ("OFD.xml", OFD))
ALL = (PDF, PNG, JPEG, GIF, TIFF, BMP, WEBP, MP3, WAV, AMR, MP4, DOCX, XLSX, PPTX, OFD, TEXT)
MEDIA_TYPES = tuple(sorted(one.media_type for one in ALL))
"""All that can be told."""
ACTIVE = ("vbaproject.bin", "activex", "oleobject", ".exe", ".dll", ".js", ".vbs", ".bat", ".ps1", ".hta")
TEXT_CODES = ("utf-8-sig", "gb18030")


def file_type(file: BinaryIO) -> FileType:
    """What the file is. Its position is moved. Raises FileRefused for what is not known, or carries something that runs."""
    file.seek(0)
    head = file.read(HEAD)
    for start, known in STARTS:
        if head.startswith(start):
            return known
    if head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"WEBP"):
        return WAV if head[8:12] == b"WAVE" else WEBP
    if head[4:8] == b"ftyp":
        return MP4
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return BMP
    if head.startswith(b"PK\x03\x04"):
        return _package(file)
    if head and _is_text(file):
        return TEXT
    raise FileRefused("unknown-type", "what this file is cannot be told by its content, or it is of no kind that is taken as evidence")


def fits_name(found: FileType, name: str) -> None:
    """Raise FileRefused when the name's ending promises something else: who opens the file would be misled."""
    if not name.lower().endswith(found.endings):
        listed = " ".join(found.endings)
        raise FileRefused("type-differs", f"by its content the file is {found.media_type}: its name must end with {listed}")


def _package(file: BinaryIO) -> FileType:
    try:
        with zipfile.ZipFile(file) as package:
            names = [entry.filename for entry in package.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise FileRefused("unknown-type", "the file begins like a package (docx, xlsx, pptx, ofd) and cannot be opened as one") from None
    if len(names) > MAX_PARTS:
        raise FileRefused("unknown-type", f"the package has more than {MAX_PARTS} parts: no letter, table or slides have so many")
    active = next((name for name in names if any(word in name.lower() for word in ACTIVE)), None)
    if active is not None:
        raise FileRefused("macros", f"the file carries something that could run: {active[:100]!r}")
    for part, known in MAIN_PARTS:
        if part in names:
            return known
    raise FileRefused("unknown-type", "archives are not taken as evidence: attach each file by itself")


def _is_text(file: BinaryIO) -> bool:
    return any(_decodes(file, code) for code in TEXT_CODES)


def _decodes(file: BinaryIO, code: str) -> bool:
    """Whether all of it is text in that code, without control characters, and not something that a program would run or show as a page."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(code)()
    first = True
    try:
        for piece in _pieces(file):
            text = decoder.decode(piece)
            if any(character < " " and character not in "\t\r\n\f" for character in text):
                return False
            if first and text.lstrip().startswith(("<", "#!", "MZ")):
                return False
            first = False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
