"""Starting the service: the admin key, and databases it does not accept."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from api_tests.api_client import ApiClient, problem
from api_tests.conftest import Server, postgres_database, postgres_is_there, running_server
from api_tests.crash_fixtures import deployed, diagram, end, flow, open_keys, start, timer, until, user_task

REMINDED = diagram(
    "person_reminded",
    start(),
    user_task("work"),
    timer("soon", "work", "PT1S", interrupting=False),
    user_task("reminded"),
    end("done"),
    end("noted"),
    flow("start", "work"),
    flow("work", "done"),
    flow("soon", "reminded"),
    flow("reminded", "noted"),
)


def without_admin_key(server: Server) -> Server:
    del server._environment["RONGJIU_ADMIN_KEY"]
    return server


def test_the_service_runs_as_a_person_starts_it(database: str, tmp_path: Path, connect: Callable[..., ApiClient]) -> None:
    """Other tests fork servers with everything loaded and a worker that looks more often; this one is a new Python, as it ships."""
    with running_server(database, tmp_path, forked=False) as server:
        words = [process.args for process in server._processes if isinstance(process, subprocess.Popen)]
        serve = [sys.executable, "-m", "service.cli", "serve", "--port", str(server.port)]
        assert words == [serve, [sys.executable, "-m", "service.cli", "worker"]][: 1 if database == "sqlite" else 2]
        api = connect(server)
        deployed(api, REMINDED)
        case = api.start("person_reminded")["id"]
        until(lambda: open_keys(api, case) == ["reminded", "work"], "the worker fires the timer", 20)
        server.verify()


def test_the_admin_key_is_generated_once_and_only_its_owner_reads_it(tmp_path: Path, connect: Callable[..., ApiClient]) -> None:
    server = without_admin_key(Server(tmp_path, None))
    server.start()
    file = tmp_path / "admin-key"
    secret = file.read_text().strip()
    server.stop()
    server.start()

    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert file.read_text().strip() == secret
    assert connect(server, secret).call("GET", "/api-keys").status_code == 200
    assert problem(connect(server, secret[:-1]).call("GET", "/api-keys")) == (401, "unauthenticated")
    server.stop()
    assert secret not in server.log
    assert str(file) in server.log


def test_a_given_key_replaces_the_one_before(tmp_path: Path, connect: Callable[..., ApiClient]) -> None:
    server = Server(tmp_path, None)
    server.start()
    server.stop()
    server._environment["RONGJIU_ADMIN_KEY"] = "another-key-of-the-administrator"
    server.start()

    assert connect(server, "another-key-of-the-administrator").call("GET", "/users").status_code == 200
    assert connect(server, "api-tests-admin-key-0123456789").call("GET", "/users").status_code == 401
    server.stop()


@pytest.mark.parametrize("key", ["tooweak", "with blanks in it is no key"])
def test_a_weak_admin_key_is_refused(tmp_path: Path, key: str) -> None:
    server = Server(tmp_path, None)
    server._environment["RONGJIU_ADMIN_KEY"] = key

    refused = server.run("serve", "--port", str(server.port))

    assert refused.returncode != 0
    assert "admin key" in refused.stderr
    assert key not in refused.stderr


def test_a_database_without_the_schema_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    server = Server(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}")

    assert_refused(server, "rongjiu migrate")
    assert server.run("migrate").returncode == 0
    server.start()
    server.stop()


def test_a_foreign_postgresql_database_is_refused(tmp_path: Path) -> None:
    if not postgres_is_there():
        pytest.skip("no PostgreSQL is reachable (RONGJIU_TEST_POSTGRES_URL)")
    with postgres_database() as url:
        server = Server(tmp_path, url)
        assert_refused(server, "rongjiu migrate")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE somebody_elses (id int)")
        assert_refused(server, "another program")


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    assert_refused(Server(tmp_path, "postgresql://nobody@127.0.0.1:1/none"), "does not start")


def assert_refused(server: Server, hint: str) -> None:
    refused: subprocess.CompletedProcess[str] = server.run("serve", "--port", str(server.port))
    assert refused.returncode != 0
    assert hint in refused.stderr
    assert "Traceback" not in refused.stderr
