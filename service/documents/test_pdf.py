"""PDF: a request waits a little for its turn and is refused then."""

import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from service.documents import PdfFailed, to_pdf
from service.documents.pdf import AT_ONCE, STAND_INS, fonts_configuration

SLOW = '#!/bin/sh\necho runs > "{runs}"\nread line < "{go}"\nexit 1\n'
"""In the place of LibreOffice: tells through a pipe that it runs, and ends when the test lets it."""


def test_who_finds_all_turns_taken_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, go = tmp_path / "runs", tmp_path / "go"
    os.mkfifo(runs)
    os.mkfifo(go)
    program = tmp_path / "soffice"
    program.write_text(SLOW.format(runs=runs, go=go))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    ended: list[str] = []

    def convert() -> None:
        with pytest.raises(PdfFailed) as failed:
            to_pdf([b"x"])
        ended.append(str(failed.value))

    others = [threading.Thread(target=convert) for _ in range(AT_ONCE)]
    # Opened for reading and writing, a pipe has both ends at once: nobody waits for the other to open it.
    with os.fdopen(os.open(runs, os.O_RDWR), "rb", 0) as told, os.fdopen(os.open(go, os.O_RDWR), "wb", 0) as let:
        for other in others:
            other.start()
            assert told.readline() == b"runs\n"
        with pytest.raises(PdfFailed, match="try again"):
            to_pdf([b"x"])
        let.write(b"go\n" * AT_ONCE)
        for other in others:
            other.join()

    assert ended == ["LibreOffice could not make a PDF of the document"] * AT_ONCE


@pytest.mark.skipif(shutil.which("fc-match") is None, reason="no fontconfig here")
def test_every_font_of_official_letters_has_a_chinese_stand_in(tmp_path: Path) -> None:
    """What LibreOffice asks fontconfig for; Debian's default answers with a Latin font or a Japanese one."""
    fonts = tmp_path / "fonts.conf"
    fonts.write_text(fonts_configuration(), "utf-8")
    environment = os.environ | {"FONTCONFIG_FILE": str(fonts)}
    installed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], env=environment, capture_output=True, text=True, check=True).stdout
    if not installed.strip():
        pytest.skip("no Chinese font here")

    for name, others in STAND_INS.items():
        found = subprocess.run(["fc-match", f"{name}:lang=zh-cn", "family"], env=environment, capture_output=True, text=True, check=True)
        known = [one for one in (name, *others) if one in installed]
        assert not known or known[0] in found.stdout, (name, found.stdout)
