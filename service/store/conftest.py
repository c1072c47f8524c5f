"""The same behaviour is tested on both databases: a fresh SQLite file, and a PostgreSQL database made for the session and dropped after."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.actions.ports import InstanceChange
from service.domain.audit import AuditChain
from service.domain.definition import KIND_PROCESS, Definition, Deployment, Jurisdiction, Resource
from service.domain.identifiers import new_id
from service.domain.instance import ACTIVE, ProcessInstance
from service.domain.task import CREATED, Task
from service.store import migrate, open_store
from service.store.database import DatabaseStore, parse_url, postgres_engine
from service.store.tables import metadata

POSTGRES = os.environ.get("RONGJIU_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")
NOW = 1_795_150_800_000
"""2026-11-20T05:00:00Z."""


def postgres_problem() -> str | None:
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return f"no PostgreSQL at RONGJIU_TEST_POSTGRES_URL ({POSTGRES}): {str(error).splitlines()[0]}"
    return None


def create_postgres(name: str) -> str:
    """Create an empty database beside the configured one; returns its URL."""
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    return parse_url(POSTGRES).set(drivername="postgresql", database=name).render_as_string(hide_password=False)


@contextmanager
def a_store(kind: str, directory: Path) -> Iterator[DatabaseStore]:
    """A migrated database of one's own: `sqlite` in that directory, or `postgresql` beside the configured one, dropped at the end."""
    name = f"rongjiu_own_{new_id().replace('-', '')}"
    if kind == "postgresql":
        problem = postgres_problem()
        if problem is not None:
            if os.environ.get("CI") == "true":
                pytest.fail(problem)
            pytest.skip(problem)
    url = create_postgres(name) if kind == "postgresql" else f"sqlite:///{directory / 'rongjiu.db'}"
    try:
        migrate(url)
        opened = open_store(url)
        yield opened
        opened.close()
    finally:
        if kind == "postgresql":
            drop_postgres(name)


def drop_postgres(name: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def _postgres_url() -> Iterator[str]:
    problem = postgres_problem()
    if problem is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(problem)
        pytest.skip(problem)
    name = f"rongjiu_store_{new_id().replace('-', '')}"
    url = create_postgres(name)
    try:
        migrate(url)
        yield url
    finally:
        drop_postgres(name)


@pytest.fixture
def empty_postgres_url(_postgres_url: str) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    name = f"rongjiu_empty_{new_id().replace('-', '')}"
    yield create_postgres(name)
    drop_postgres(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'rongjiu.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database without rows, of which the tests take copies."""
    path = tmp_path_factory.mktemp("migrated") / "rongjiu.db"
    migrate(f"sqlite:///{path}")
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database without rows."""
    if request.param == "sqlite":
        path = tmp_path / "rongjiu.db"
        shutil.copyfile(request.getfixturevalue("_migrated_file"), path)
        return f"sqlite:///{path}"
    found: str = request.getfixturevalue("_postgres_url")
    _clear(found)
    return found


def _clear(url: str) -> None:
    engine = postgres_engine(parse_url(url))
    # DELETE is many times faster than TRUNCATE on tables of a few rows.
    clearing = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables) if table.name != "service_stream"]
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER USER")
        connection.exec_driver_sql("; ".join(clearing))
        connection.exec_driver_sql("ALTER TABLE audit_event ENABLE TRIGGER USER")
        connection.exec_driver_sql(f"UPDATE service_stream SET seq = 0, head = '{'0' * 64}'")
    engine.dispose()


@pytest.fixture
def store(url: str) -> Iterator[DatabaseStore]:
    """A store on a migrated, empty database."""
    opened = open_store(url)
    yield opened
    opened.close()


def an_instance(**values: Any) -> ProcessInstance:
    """An instance of 湖北 that starts at NOW, with one audit event's worth of head still to be set."""
    instance = ProcessInstance(
        id=new_id(),
        definition_id="hubei_tolerance:1",
        definition_key="hubei_tolerance",
        definition_version=1,
        business_key="鄂容2026-1",
        jurisdiction="xianning",
        jurisdiction_path="hubei/xianning",
        state=ACTIVE,
        started_at=NOW,
        started_by="zhang",
        law=1,
        state_data=b"\x00state\xff",
        version=1,
    )
    return replace(instance, **values)


def a_task(instance: ProcessInstance, **values: Any) -> Task:
    """An open task of the instance, for the group acceptance."""
    task = Task(
        id=new_id(),
        process_instance_id=instance.id,
        definition_key=instance.definition_key,
        task_definition_key="accept",
        name="受理",
        business_key=instance.business_key,
        jurisdiction=instance.jurisdiction,
        jurisdiction_path=instance.jurisdiction_path,
        state=CREATED,
        created_at=NOW,
        candidate_groups=("acceptance",),
    )
    return replace(task, **values)


def a_change(instance: ProcessInstance, kind: str = "instance-started", now: int = NOW, **values: Any) -> InstanceChange:
    """A step of the instance with one audit event chained to it."""
    chain = AuditChain(instance.id, instance.audit_seq, instance.audit_head) if instance.audit_seq else AuditChain(instance.id)
    event = chain.append(now, "zhang", kind, {"n": instance.version})
    instance.audit_seq, instance.audit_head = chain.seq, chain.head
    change = InstanceChange(instance, instance.version, now)
    change.audit.append(event)
    for name, value in values.items():
        setattr(change, name, value)
    return change


def start(store: DatabaseStore, instance: ProcessInstance, **values: Any) -> ProcessInstance:
    """Insert an instance in a transaction of its own."""
    with store.begin() as transaction:
        transaction.insert_instance(a_change(instance, now=instance.started_at, **values))
        transaction.commit()
    return instance


def save(store: DatabaseStore, instance_id: str, now: int = NOW + 1_000, **values: Any) -> ProcessInstance:
    """One further step of the instance in a transaction of its own; `state` and `ended_at` go to the instance."""
    with store.begin() as transaction:
        instance = transaction.load_instance(instance_id)
        assert instance is not None
        for name in ("state", "ended_at"):
            if name in values:
                setattr(instance, name, values.pop(name))
        change = a_change(instance, "step", now, **values)
        instance.version += 1
        transaction.save_instance(change)
        transaction.commit()
    return instance


def deploy(store: DatabaseStore, *keys: str, starts: tuple[str, ...] = (), jurisdiction: str = "hubei") -> Deployment:
    """Deploy the next version of each process key (one file each), with a jurisdiction."""
    with store.begin() as transaction:
        seq = transaction.lock_deployments()
        deployment = Deployment(new_id(), seq, f"deployment {seq}", jurisdiction, NOW, "zhang")
        resources, definitions = [], []
        for key in keys:
            latest = transaction.latest_definition(KIND_PROCESS, key)
            version = 1 if latest is None else latest.version + 1
            resource = Resource(new_id(), f"{key}.bpmn", KIND_PROCESS, f"digest-{key}-{version}", f"<{key} {version}/>".encode())
            resources.append(resource)
            definitions.append(
                Definition(
                    id=f"{key}:{version}",
                    kind=KIND_PROCESS,
                    key=key,
                    version=version,
                    name=key.title(),
                    jurisdiction=jurisdiction,
                    deployment_id=deployment.id,
                    deployment_seq=seq,
                    resource_id=resource.id,
                    file_name=resource.file_name,
                    digest=resource.digest,
                    deployed_at=NOW,
                    detail={"starts": [{"elementId": f"start_{name}", "messageName": name} for name in starts]},
                )
            )
        place = Jurisdiction(jurisdiction, jurisdiction.title(), jurisdiction, None, {"code": "420000", "seq": seq}, seq)
        transaction.insert_deployment(deployment, resources, definitions, [place])
        transaction.commit()
    return deployment
