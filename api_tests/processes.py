"""Processes of the service for tests: forked from one that has the service's modules loaded, or started anew as a person would.

A forked one is a process of its own in every respect (it can be killed, it has its own environment, it opens its own database); what it
does not do again is load Python and some thousand modules.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

LOADED = ("service.cli.commands", "service.main", "service.worker", "service.heartbeat", "service.cli.case_report", "service.cli.demo")
POLL_SECONDS = 0.1
"""How often a forked worker looks: tests wait for what it does again and again."""
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(list(LOADED))


class Running(Protocol):
    """What a test needs of a process: subprocess.Popen has it as well."""

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def terminate(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Forked:
    """`rongjiu WORDS` in a forked process whose output goes to the end of the files."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], output: Path, errors: Path) -> None:
        self._process = FORKS.Process(target=_main, args=(list(words), dict(environment), str(output), str(errors)), daemon=True)
        self._process.start()

    def poll(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, negative for the signal that ended the process."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("rongjiu", timeout or 0)
        return code


def anew(words: Sequence[str], environment: Mapping[str, str], output: Path) -> Running:
    """`rongjiu WORDS` in a new Python."""
    with output.open("ab") as log:
        return subprocess.Popen(command(*words), env=environment, stdout=log, stderr=log)


def command(*words: str) -> list[str]:
    """The command line of a new Python."""
    return [sys.executable, "-m", "service.cli", *words]


def run(words: Sequence[str], environment: Mapping[str, str], seconds: float) -> subprocess.CompletedProcess[str]:
    """`rongjiu WORDS` in a forked process, run to its end."""
    with TemporaryDirectory(prefix="rongjiu-run-") as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        process = Forked(words, environment, output, errors)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        return subprocess.CompletedProcess(command(*words), code, output.read_text("utf-8"), errors.read_text("utf-8"))


def _main(words: list[str], environment: dict[str, str], output: str, errors: str) -> None:
    """In the forked process: what `python -m service.cli WORDS` does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, output), (2, errors)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.argv = ["rongjiu", *words]
    from service import worker
    from service.cli.commands import main

    worker.POLL_SECONDS = POLL_SECONDS
    main()
