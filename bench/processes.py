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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import uvicorn
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from service.store import migrate

ADMIN_KEY = "bench-admin-key-0123456789abcdef"
START_SECONDS = 120
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one kind of database is measured: the service's database and the floor's, alike and migrated."""

    kind: str
    url: str
    floor_url: str


@contextmanager
def fresh_place(kind: str) -> Iterator[Place]:
    """Both databases, gone at the end."""
    with _fresh_database(kind) as url, _fresh_database(kind) as floor_url:
        yield Place(kind, url, floor_url)


@contextmanager
def _fresh_database(kind: str) -> Iterator[str]:
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


class StartFailed(Exception):
    """A server process ended or stayed silent."""


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
def _running(words: Sequence[str], port: int, environment: dict[str, str]) -> Iterator[ServerProcess]:
    """Start; the caller waits until it is ready, so that several can start at once."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([sys.executable, "-m", *words], env=environment, stdout=log, stderr=log)
        try:
            yield ServerProcess(port, process)
        except StartFailed as failed:
            log.seek(0)
            raise RuntimeError(f"{' '.join(words)}: {failed}\n{log.read().decode()[-2000:]}") from failed
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(server: ServerProcess, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server.url + path):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise StartFailed("the server did not start")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def servers(url: str, floor_url: str) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """`rongjiu serve` on `url` with its ordinary settings, and the bare endpoints: completions on `floor_url`, lists on `url`.

    The service has no worker inside, so that its CPU time is that of its requests.
    """
    settings = {"RONGJIU_DATABASE_URL": url, "RONGJIU_ADMIN_KEY": ADMIN_KEY, "RONGJIU_BUILTIN_PROCEDURES": "false"}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIU_")}
    port, floor_port = _free_port(), _free_port()
    with (
        _running(("service.cli", "serve", "--port", str(port)), port, plain | settings) as service,
        _running(("bench.floor", floor_url, url, str(floor_port)), floor_port, plain) as bare,
    ):
        _wait(service, "/readyz")
        _wait(bare, "/ready")
        yield service, bare


@contextmanager
def service_processes(url: str, number: int) -> Iterator[list[ServerProcess]]:
    """As many `rongjiu serve` on one database, without workers inside."""
    settings = {"RONGJIU_DATABASE_URL": url, "RONGJIU_ADMIN_KEY": ADMIN_KEY, "RONGJIU_BUILTIN_PROCEDURES": "false"}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIU_")}
    with ExitStack() as stack:
        ports = [_free_port() for _ in range(number)]
        words = [("service.cli", "serve", "--port", str(port)) for port in ports]
        running = [stack.enter_context(_running(one, port, plain | settings)) for one, port in zip(words, ports, strict=True)]
        for server in running:
            _wait(server, "/readyz")
        yield running


@contextmanager
def worker_processes(url: str, number: int) -> Iterator[None]:
    """As many `rongjiu worker` on one database, each with its first poll behind it."""
    settings = {"RONGJIU_DATABASE_URL": url, "RONGJIU_ADMIN_KEY": ADMIN_KEY, "RONGJIU_BUILTIN_PROCEDURES": "false"}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIU_")}
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rongjiu-bench-"))) for _ in range(number)]
        for folder in folders:
            own = {"RONGJIU_DATA_DIR": str(folder)}
            stack.enter_context(_running(("service.cli", "worker"), 0, plain | settings | own))
        deadline = time.monotonic() + START_SECONDS
        while not all((folder / "worker-heartbeat").exists() for folder in folders):
            if time.monotonic() > deadline:
                raise RuntimeError("a worker did not start")
            time.sleep(0.05)
        yield


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
