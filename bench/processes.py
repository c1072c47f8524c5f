"""Databases of their own and server processes on them, with the CPU time each has used."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import uvicorn
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from service.store import migrate

ADMIN_KEY = "bench-admin-key-0123456789abcdef"
START_SECONDS = 30
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@contextmanager
def fresh_database(kind: str) -> Iterator[str]:
    """The URL of a migrated database of that kind ("sqlite" or "postgresql"), gone at the end."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="rongjiu-bench-") as folder:
            url = f"sqlite:///{folder}/rongjiu.db"
            migrate(url)
            yield url
        return
    server = os.environ["RONGJIU_TEST_POSTGRES_URL"]
    name = f"rongjiu_bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        url = make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        migrate(url)
        yield url
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def postgres_problem() -> str | None:
    """Why PostgreSQL cannot be measured, None when it can."""
    url = os.environ.get("RONGJIU_TEST_POSTGRES_URL")
    if not url:
        return "RONGJIU_TEST_POSTGRES_URL is not set"
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return str(error).splitlines()[0]
    return None


class ServerProcess:
    """A running HTTP server, asked for the CPU time it has used so far."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.process = process

    def cpu_seconds(self) -> float:
        """User and system time of all threads, from /proc (steps of 1/100 s)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def _running(words: Sequence[str], port: int, ready: str, environment: dict[str, str]) -> Iterator[ServerProcess]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([sys.executable, "-m", *words], env=environment, stdout=log, stderr=log)
        server = ServerProcess(port, process)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _answers(server.url + ready):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"{' '.join(words)} did not start:\n{log.read().decode()[-2000:]}")
                time.sleep(0.05)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("RONGJIU_")}


@contextmanager
def service_server(database_url: str) -> Iterator[ServerProcess]:
    """`rongjiu serve` on that database with its ordinary settings; no worker inside, so that its CPU time is that of requests."""
    port = _free_port()
    settings = {"RONGJIU_DATABASE_URL": database_url, "RONGJIU_ADMIN_KEY": ADMIN_KEY, "RONGJIU_BUILTIN_PROCEDURES": "false"}
    with _running(("service.cli", "serve", "--port", str(port)), port, "/readyz", _environment() | settings) as server:
        yield server


@contextmanager
def floor_server(database_url: str) -> Iterator[ServerProcess]:
    """The bare endpoints of bench/floor.py on that database."""
    port = _free_port()
    with _running(("bench.floor", database_url, str(port)), port, "/ready", _environment()) as server:
        yield server


@contextmanager
def served_here(app: FastAPI) -> Iterator[str]:
    """Serve an application in a thread of this process, where its statements can be counted; yields its address."""
    port = _free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, name="bench-server")
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the application did not start in this process")
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
