"""What a person sees when a command goes wrong."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from service.heartbeat import STALE_SECONDS, beat

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

WORKER_WHOSE_DATABASE_WENT_AWAY = """
import sys
from service import services
from service.cli import commands

services.prepare_database = lambda settings: None  # it was there at the start
sys.argv = ["rongjiu", "worker"]
commands.main()
"""
UNREACHABLE = "postgresql://u:SECRETPW@127.0.0.1:1/x"


def surroundings(folder: Path, **settings: str) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIU_")}
    return environment | {"RONGJIU_DATA_DIR": str(folder), "RONGJIU_BUILTIN_PROCEDURES": "false"} | settings


def run(*words: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], env=surroundings(folder, **settings), capture_output=True, text=True, timeout=60)


def assert_one_line(told: subprocess.CompletedProcess[str], hint: str) -> None:
    assert told.returncode == 1
    assert len(told.stderr.splitlines()) == 1, told.stderr
    assert hint in told.stderr
    assert "SECRETPW" not in told.stderr + told.stdout


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


def test_a_worker_without_its_database_logs_json_lines_and_no_password(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WORKER_WHOSE_DATABASE_WENT_AWAY],
        env=surroundings(tmp_path, RONGJIU_DATABASE_URL=UNREACHABLE),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        limit = threading.Timer(60, process.kill)
        limit.start()
        assert process.stderr is not None
        first = process.stderr.readline()
        process.terminate()
        out, rest = process.communicate()
        limit.cancel()

    assert process.returncode == 0
    lines = [json.loads(line) for line in (first + rest).splitlines()]
    assert {line["event"] for line in lines} == {"worker.failed"}
    assert "Connection refused" in lines[0]["exception"]
    assert "SECRETPW" not in first + rest + out
    assert not (tmp_path / "worker-heartbeat").exists()


@pytest.mark.parametrize("command", ["worker", "serve", "verify", "migrate"])
def test_a_database_that_cannot_be_reached_is_one_line(tmp_path: Path, command: str) -> None:
    told = run("-m", "service.cli", command, folder=tmp_path, RONGJIU_DATABASE_URL=UNREACHABLE)

    assert_one_line(told, "the database does not answer")


def test_migrating_with_an_unusable_url_is_one_line(tmp_path: Path) -> None:
    told = run("-m", "service.cli", "migrate", folder=tmp_path, RONGJIU_DATABASE_URL="mysql://u:SECRETPW@127.0.0.1/x")

    assert_one_line(told, "'mysql' is not supported")


def test_migrating_another_programs_database_is_one_line(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE somebody_elses (id int)")

    told = run("-m", "service.cli", "migrate", folder=tmp_path, RONGJIU_DATABASE_URL=f"sqlite:///{tmp_path / 'other.db'}")

    assert_one_line(told, "another program")


def test_an_unusable_key_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "admin-key").write_text("short")

    assert_one_line(run("-m", "service.cli", "serve", folder=tmp_path), "holds no usable admin key")


def test_a_worker_is_well_while_its_heartbeat_is_young(tmp_path: Path) -> None:
    check = ("-m", "service.cli", "worker", "--check")

    assert_one_line(run(*check, folder=tmp_path), "no heartbeat")
    beat(tmp_path / "worker-heartbeat")
    assert run(*check, folder=tmp_path).returncode == 0
    long_ago = time.time() - STALE_SECONDS - 1
    os.utime(tmp_path / "worker-heartbeat", (long_ago, long_ago))
    assert_one_line(run(*check, folder=tmp_path), "the last successful poll")
