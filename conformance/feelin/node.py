"""The node side: its packages installed once from the lock, and its processes."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

FOLDER = Path(__file__).parent
_MODULES = FOLDER / "node_modules"
_STAMP = _MODULES / ".installed-from"


def _lock_digest() -> str:
    return hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()


def _installed() -> bool:
    return _STAMP.is_file() and _STAMP.read_text("ascii") == _lock_digest()


def need_packages() -> None:
    """Install what package-lock.json names unless it is there; skip the test without node, fail it in CI.

    Several test processes may ask at once: one installs, the others wait.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        reason = "node and npm are needed to compare with feelin and dmn-js"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with (FOLDER / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _installed():
            done = subprocess.run(["npm", "ci"], cwd=FOLDER, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode != 0:
                pytest.fail(f"npm ci failed: {done.stderr}")
            _STAMP.write_text(_lock_digest(), "ascii")


class NodeProcess:
    """A script of this folder that answers one line of JSON with one line of JSON."""

    def __init__(self, script: str) -> None:
        self._process = subprocess.Popen(
            ["node", script], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """One question, one answer. Raises `RuntimeError` when the process has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"node ended with {self._process.wait()} over {question}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # Closing the input ends the script.
        self._process.communicate(timeout=20)
