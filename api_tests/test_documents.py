"""Documents with commands and what these print: every command does what its document says."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api_tests.conftest import ADMIN_KEY, Server

DOCUMENTS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
@pytest.mark.parametrize("document", ["comparing-policies.md", "external-tasks.md", "facts-across-cases.md", "your-own-procedure.md"])
def test_the_document_does_what_it_says(document: str, server: Server, tmp_path: Path) -> None:
    blocks = BLOCK.findall((DOCUMENTS / document).read_text("utf-8"))
    script = tmp_path / "document.sh"
    script.write_text("set -eu\n" + "\n".join(text for kind, text in blocks if kind == "sh"), "utf-8")

    done = subprocess.run(
        ["bash", str(script)],
        cwd=tmp_path,
        env=os.environ | {"URL": server.url, "KEY": ADMIN_KEY, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout == "".join(text for kind, text in blocks if kind == "text")
