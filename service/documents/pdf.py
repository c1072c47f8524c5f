"""PDF of a .docx, where LibreOffice is installed: made in a folder of its own, within a time limit, with nothing of the service's."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

PDF_SECONDS = 60
TURN_SECONDS = 2
"""How long a request waits for its turn. Short, for it holds a thread of the service that others need."""
AT_ONCE = 2
"""LibreOffices that run at the same time; the others wait for TURN_SECONDS and are refused then."""
PROGRAMS = ("soffice", "libreoffice")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  {aliases}
</fontconfig>
"""
SERIF = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "AR PL UMing CN")
SANS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei")
STAND_INS = {
    "方正小标宋简体": ("FZXiaoBiaoSong-B05S", "方正小标宋_GBK", "STZhongsong", *SERIF),
    "仿宋_GB2312": ("FangSong_GB2312", "FangSong", "仿宋", "STFangsong", "方正仿宋简体", *SERIF),
    "楷体_GB2312": ("KaiTi_GB2312", "KaiTi", "楷体", "STKaiti", "AR PL UKai CN", "LXGW WenKai", *SERIF),
    "黑体": ("SimHei", "STHeiti", *SANS),
    "宋体": ("SimSun", "STSong", *SERIF),
}
"""Fonts of official letters (GB/T 9704) and what stands in for them, the best first, where they are not installed."""
_turns = threading.BoundedSemaphore(AT_ONCE)


class PdfNotInstalled(Exception):
    """There is no LibreOffice."""


class PdfFailed(Exception):
    """LibreOffice made no PDF, for the reason told."""


def to_pdf(document: Iterable[bytes], seconds: float = PDF_SECONDS) -> bytes:
    """The .docx as PDF. Raises PdfNotInstalled, PdfFailed (also after `seconds`, or when it is not its turn soon)."""
    program = next((found for found in map(shutil.which, PROGRAMS) if found is not None), None)
    if program is None:
        raise PdfNotInstalled
    if not _turns.acquire(timeout=TURN_SECONDS):
        raise PdfFailed("other documents are being converted; try again")
    try:
        with TemporaryDirectory(prefix="rongjiu-pdf-", ignore_cleanup_errors=True) as name:
            return _converted(program, Path(name), document, seconds)
    finally:
        _turns.release()


def fonts_configuration() -> str:
    """What fontconfig is told: the machine's own configuration, and after it what stands in for which font."""
    return FONTS.format(aliases="\n  ".join(_alias(name, others) for name, others in STAND_INS.items()))


def _converted(program: str, folder: Path, document: Iterable[bytes], seconds: float) -> bytes:
    source, made = folder / "document.docx", folder / "document.pdf"
    with source.open("wb") as file:
        file.writelines(document)
    command = [program, "--headless", "--norestore", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    command += ["--convert-to", "pdf", "--outdir", str(folder), str(source)]
    fonts = folder / "fonts.conf"
    fonts.write_text(fonts_configuration(), "utf-8")
    environment = {"HOME": str(folder), "PATH": os.defpath, "LANG": "C.UTF-8", "FONTCONFIG_FILE": str(fonts)}
    # A session of its own: the program starts others, and all of them must end with it.
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise PdfFailed(f"LibreOffice took more than {seconds:g} seconds") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0 or not made.is_file():
        raise PdfFailed("LibreOffice could not make a PDF of the document")
    return made.read_bytes()


def _alias(name: str, others: tuple[str, ...]) -> str:
    families = "".join(f"<family>{other}</family>" for other in others)
    return f'<alias binding="same"><family>{name}</family><accept>{families}</accept></alias>'
