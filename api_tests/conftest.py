"""A real server process per database: SQLite in a fresh folder, and a fresh PostgreSQL database where there is a PostgreSQL.

Servers that tests share are started once a session; the tests that share one run in one process of pytest-xdist (one group).
"""

import os
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest

from api_tests import processes
from api_tests.api_client import ApiClient
from api_tests.processes import Forked, Running

ADMIN_KEY = "api-tests-admin-key-0123456789"
POSTGRES_URL = os.environ.get("RONGJIU_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
START_SECONDS = 120
COMMAND_SECONDS = 300
AT_THE_END = ExitStack()
"""What is undone when the session is over."""


def postgres_is_there() -> bool:
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
    except psycopg.OperationalError:
        if os.environ.get("CI") == "true" or "RONGJIU_TEST_POSTGRES_URL" in os.environ:
            raise
        return False
    return True


@contextmanager
def postgres_database(template: str = "template1") -> Iterator[str]:
    """A database of its own, empty or a copy of the database at the URL `template`, dropped at the end."""
    name = f"rongjiu_api_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{urlsplit(template).path.lstrip("/")}"')
        # The service is killed here, PostgreSQL never.
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
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

    def __init__(self, folder: Path, database_url: str | None, builtin: bool = False, forked: bool = True) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tampered = False
        """Set by a test that changes the database behind the service's back."""
        self.folder = folder
        self.database_url = database_url
        self._processes: list[Running] = []
        self._forked = forked
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("RONGJIU_")} | {
            "RONGJIU_DATA_DIR": str(folder),
            "RONGJIU_ADMIN_KEY": ADMIN_KEY,
            "RONGJIU_BUILTIN_PROCEDURES": str(builtin).lower(),
            "PYTHONUNBUFFERED": "1",
        }
        if database_url is not None:
            self._environment["RONGJIU_DATABASE_URL"] = database_url

    def command(self, *words: str) -> list[str]:
        """The command line that does with this server's settings what the words say."""
        return processes.command(*words)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end with this server's settings."""
        return processes.run(words, self._environment, COMMAND_SECONDS)

    def start(self) -> None:
        """Start and wait until it is ready: the first time forked (if `forked`), anew afterwards: nothing of the process may outlive it."""
        self._begin("serve", "--port", str(self.port))
        if self.database_url is not None:
            self._begin("worker")
        self._forked = False
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False, verify=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if self._processes[0].poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start:\n{(self.folder / 'serve.log').read_text()[-4000:]}")
            time.sleep(0.02)

    def _begin(self, *words: str) -> None:
        log = self.folder / f"{words[0]}.log"
        started = Forked(words, self._environment, log, log) if self._forked else processes.anew(words, self._environment, log)
        self._processes.append(started)

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


@cache
def migrated_database() -> str:
    """The URL of a PostgreSQL database with the schema and no rows, of which the others are copies; made when first asked for."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres_database())
        with TemporaryDirectory(prefix="rongjiu-migrated-") as folder:
            migrated = Server(Path(folder), url).run("migrate")
        assert migrated.returncode == 0, migrated.stderr
        AT_THE_END.push(stack.pop_all())
    return url


def pytest_unconfigure() -> None:
    AT_THE_END.close()


@contextmanager
def running_server(database: str, folder: Path, builtin: bool = False, workers: int = 1, forked: bool = True) -> Iterator[Server]:
    """A server on a fresh database, "sqlite" or "postgresql", with the built-in procedures or without.

    Beside PostgreSQL so many workers run; beside SQLite there is the embedded one. Not `forked`, it starts as a person starts it.
    """
    with ExitStack() as stack:
        url = None
        if database == "postgresql":
            if not postgres_is_there():
                pytest.skip("no PostgreSQL is reachable (RONGJIU_TEST_POSTGRES_URL)")
            url = stack.enter_context(postgres_database(migrated_database()))
        server = Server(folder, url, builtin, forked)
        stack.callback(server.stop)
        server.start()
        if url is not None:
            for _ in range(workers - 1):
                server._begin("worker")
        yield server


SharedServer = Callable[..., Server]
SHARED = {"server", "eventful_server", "hubei", "tampered", "builtin"}
"""The fixtures whose server several tests share."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a server form a group for pytest-xdist: it is started once, not once a process."""
    for item in items:
        if isinstance(item, pytest.Function) and Path(__file__).parent in item.path.parents:
            for fixture in SHARED.intersection(item.fixturenames):
                # Both are the server with the built-in procedures.
                purpose = "hubei" if fixture == "builtin" else fixture
                item.add_marker(pytest.mark.xdist_group(f"{purpose}-{item.callspec.params['database']}"))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """On which database the server runs."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedServer]:
    """The servers that tests of this session share, by what they are for. What was done to each is verified at the end."""
    with ExitStack() as stack:
        started: dict[tuple[str, str], Server] = {}

        @contextmanager
        def verified(purpose: str, database: str, builtin: bool, workers: int) -> Iterator[Server]:
            with running_server(database, tmp_path_factory.mktemp(f"{purpose}_{database}"), builtin, workers) as server:
                yield server
                server.verify()

        def found(purpose: str, database: str, builtin: bool = False, workers: int = 1) -> Server:
            if (purpose, database) not in started:
                started[purpose, database] = stack.enter_context(verified(purpose, database, builtin, workers))
            return started[purpose, database]

        yield found


@pytest.fixture(scope="session")
def server(database: str, shared_server: SharedServer) -> Server:
    """The server that most tests share, with the test procedures deployed and three persons known; they are left as they are."""
    started = shared_server("requests", database)
    with closing(ApiClient(started.url, ADMIN_KEY)) as client:
        assert client.deploy("one_task.bpmn", "review.form", "two_steps.bpmn", "fee.dmn").status_code == 201
        client.person("clerk", "clerks")
        client.person("colleague", "clerks")
        client.person("stranger", "others")
    return started


@pytest.fixture(scope="session")
def eventful_server(database: str, shared_server: SharedServer) -> Server:
    """The server of timers, signals and messages, which reach whoever waits for them: three workers beside PostgreSQL."""
    return shared_server("events", database, workers=3)


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
    """A client of the shared server."""
    return connect(server)
