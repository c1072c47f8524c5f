"""Documents with commands and what these print: every command does what its document says."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from api_tests.conftest import ADMIN_KEY, Server, SharedServer, running_server

ROOT = Path(__file__).parent.parent
DOCUMENTS = ROOT / "docs"
DOCUMENTED = (
    *("cases-format.md", "changing-a-table.md", "comparing-policies.md", "external-tasks.md", "facts-across-cases.md"),
    *("new-jurisdiction.md", "your-own-procedure.md"),
)
COMMAND = {"RONGJIU": f"{sys.executable} -m service.cli", "PROJECT": str(ROOT)}
"""What a reader has as `.venv/bin/rongjiu`, and the folder of the project."""
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


BUILTIN = re.compile(r"^```(sh|text) builtin\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""What is asked of a service with the places that come with it, by the commands defined in the first block."""


@pytest.fixture(scope="module")
def hubei(database: str, shared_server: SharedServer) -> Server:
    """The server with the built-in procedures, the same as in test_procedures."""
    return shared_server("procedures", database, builtin=True)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
@pytest.mark.parametrize("document", DOCUMENTED)
def test_the_document_does_what_it_says(document: str, server: Server, tmp_path: Path) -> None:
    run(BLOCK.findall((DOCUMENTS / document).read_text("utf-8")), server, tmp_path)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_all_places_are_compared_as_the_document_says(hubei: Server, tmp_path: Path) -> None:
    text = (DOCUMENTS / "comparing-policies.md").read_text("utf-8")
    run([*BLOCK.findall(text)[:1], *BUILTIN.findall(text)], hubei, tmp_path)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_a_copied_place_is_deployed_and_runs_as_the_document_says(tmp_path: Path) -> None:
    text = (DOCUMENTS / "new-jurisdiction.md").read_text("utf-8")
    (tmp_path / "data").mkdir()
    # A server and a database of its own: one code more in the shared register is a new version of the tables of all places.
    with running_server("sqlite", tmp_path / "data", builtin=True) as server:
        run([*BLOCK.findall(text)[:3], *BUILTIN.findall(text)], server, tmp_path)


def run(blocks: Sequence[tuple[str, str]], server: Server, folder: Path) -> None:
    """The commands of the blocks print what the blocks say."""
    script = folder / "document.sh"
    script.write_text("set -eu\n" + "\n".join(text for kind, text in blocks if kind == "sh"), "utf-8")

    done = subprocess.run(
        ["bash", str(script)],
        cwd=folder,
        env=os.environ | COMMAND | {"URL": server.url, "KEY": ADMIN_KEY, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout == "".join(text for kind, text in blocks if kind == "text")
