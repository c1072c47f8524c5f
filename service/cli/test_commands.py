"""What a person sees when a command goes wrong."""

import os
import subprocess
import sys
from pathlib import Path

CRASH = """
import sys
from service.cli import commands

@commands.app.command()
def crash() -> None:
    secret = "-".join(["hush", "hush"])
    raise RuntimeError("boom")

sys.argv = ["rongjiu", "crash"]
commands.main()
"""


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIU_")}
    environment |= {"RONGJIU_DATA_DIR": str(folder), "RONGJIU_BUILTIN_PROCEDURES": "false"}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, timeout=60)


def test_a_crash_shows_no_local_variables(tmp_path: Path) -> None:
    crashed = run("-c", CRASH, folder=tmp_path)

    assert crashed.returncode == 1
    assert crashed.stderr.splitlines()[-1] == "RuntimeError: boom"
    assert "hush-hush" not in crashed.stderr
    assert "╭" not in crashed.stderr


def test_verifying_an_unknown_stream_says_so(tmp_path: Path) -> None:
    asked = run("-m", "service.cli", "verify", "--stream", "nothing", folder=tmp_path)

    assert asked.returncode == 1
    assert asked.stderr.splitlines()[-1] == "no process instance with the id or key 'nothing'"
    assert run("-m", "service.cli", "verify", "--stream", "service", folder=tmp_path).returncode == 0
