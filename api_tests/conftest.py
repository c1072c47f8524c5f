"""A real server process per database: SQLite in a fresh folder, and a fresh PostgreSQL database where there is a PostgreSQL."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest

from api_tests.api_client import ApiClient

ADMIN_KEY = "api-tests-admin-key-0123456789"
POSTGRES_URL = os.environ.get("RONGJIU_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
START_SECONDS = 60


def postgres_is_there() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
    except psycopg.OperationalError:
        if os.environ.get("CI") == "true" or "RONGJIU_TEST_POSTGRES_URL" in os.environ:
            raise
        return False
    return True


@contextmanager
def postgres_database() -> Iterator[str]:
    """A database of its own, dropped at the end."""
    name = f"rongjiu_api_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(POSTGRES_URL)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Server:
    """One `rongjiu serve` (and, beside a shared database, one `rongjiu worker`) that can be killed and started again."""

    def __init__(self, folder: Path, database_url: str | None, builtin: bool = False) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tampered = False
        """Set by a test that changes the database behind the service's back."""
        self.folder = folder
        self.database_url = database_url
        self._processes: list[subprocess.Popen[bytes]] = []
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIU_")} | {
            "RONGJIU_DATA_DIR": str(folder),
            "RONGJIU_ADMIN_KEY": ADMIN_KEY,
            "RONGJIU_BUILTIN_PROCEDURES": str(builtin).lower(),
            "PYTHONUNBUFFERED": "1",
        }
        if database_url is not None:
            self._environment["RONGJIU_DATABASE_URL"] = database_url

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "service.cli", *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end with this server's settings."""
        return subprocess.run(self.command(*words), env=self._environment, capture_output=True, text=True, timeout=START_SECONDS)

    def start(self) -> None:
        """Start and wait until it is ready."""
        self._begin("serve", "--port", str(self.port))
        if self.database_url is not None:
            self._begin("worker")
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self._processes[0].poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start:\n{(self.folder / 'serve.log').read_text()[-4000:]}")
            time.sleep(0.05)

    def _begin(self, *words: str) -> None:
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            self._processes.append(subprocess.Popen(self.command(*words), env=self._environment, stdout=log, stderr=log))

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        for process in self._processes:
            process.kill()
            process.wait()
        self._processes.clear()

    def stop(self) -> None:
        """The ordinary way (SIGTERM)."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(timeout=30)
        self._processes.clear()

    def verify(self) -> None:
        """Whatever was done to it: the audit trail holds, and the rows of every instance say what its state says."""
        verified = self.run("verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert "instances say what their states say" in verified.stdout

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text()


@contextmanager
def running_server(database: str, folder: Path, builtin: bool = False) -> Iterator[Server]:
    """A server on a fresh database, "sqlite" or "postgresql", with the built-in procedures or without."""
    with ExitStack() as stack:
        url = None
        if database == "postgresql":
            if not postgres_is_there():
                pytest.skip("no PostgreSQL is reachable (RONGJIU_TEST_POSTGRES_URL)")
            url = stack.enter_context(postgres_database())
        server = Server(folder, url, builtin)
        if url is not None:
            migrated = server.run("migrate")
            assert migrated.returncode == 0, migrated.stderr
        server.start()
        stack.callback(server.stop)
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """On which database the server runs."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the tests of a session share. What they have done to it is verified at the end."""
    with running_server(database, tmp_path_factory.mktemp(database)) as started:
        yield started
        started.verify()


@pytest.fixture
def own_server(database: str, tmp_path: Path) -> Iterator[Server]:
    """A server for one test alone, which may kill it. What is left is verified at the end."""
    with running_server(database, tmp_path) as started:
        yield started
        if not started.tampered:
            started.verify()


@pytest.fixture
def connect() -> Iterator[Callable[..., ApiClient]]:
    """Makes clients that are closed after the test: connect(server) or connect(server, key)."""
    made: list[ApiClient] = []

    def make(server: Server, key: str = ADMIN_KEY) -> ApiClient:
        made.append(ApiClient(server.url, key))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def api(server: Server, connect: Callable[..., ApiClient]) -> ApiClient:
    """A client of the shared server, with the test procedures deployed and two persons known."""
    client = connect(server)
    assert client.deploy("one_task.bpmn", "review.form", "two_steps.bpmn", "fee.dmn").status_code == 201
    client.person("clerk", "clerks")
    client.person("colleague", "clerks")
    client.person("stranger", "others")
    return client
