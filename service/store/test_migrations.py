"""The schema: up from empty, refused when foreign, equal to what the statements are written for."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from service.actions.ports import Store
from service.domain.errors import RongjiuError
from service.store import migrate, open_store, schema_state
from service.store.database import DatabaseStore, parse_url
from service.store.schema import alembic_config
from service.store.tables import metadata


def outside(url: str, statement: str) -> None:
    engine = create_engine(parse_url(url))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_up_from_empty(empty_url: str) -> None:
    before = schema_state(empty_url)
    assert (before.state, before.found) == ("empty", None)
    assert "rongjiu migrate" in str(before.problem)

    after = migrate(empty_url)
    assert (after.state, after.problem) == ("current", None)
    assert migrate(empty_url) == schema_state(empty_url) == after


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_the_migrations_make_exactly_the_tables_of_the_code(url: str) -> None:
    engine = create_engine(parse_url(url))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


def test_a_database_of_another_program_is_left_alone(empty_url: str) -> None:
    outside(empty_url, "CREATE TABLE theirs (id INTEGER)")
    assert schema_state(empty_url).state == "foreign"
    with pytest.raises(RongjiuError, match="another program") as refused:
        migrate(empty_url)
    assert refused.value.code == "foreign-schema"
    assert schema_state(empty_url).state == "foreign"


def test_a_newer_schema_is_refused(empty_url: str) -> None:
    migrate(empty_url)
    outside(empty_url, "UPDATE alembic_version SET version_num = '9999_future'")
    state = schema_state(empty_url)
    assert (state.state, state.found) == ("foreign", "9999_future")
    with pytest.raises(RongjiuError, match="9999_future"):
        migrate(empty_url)


def test_an_interrupted_first_migration_counts_as_empty(empty_url: str) -> None:
    outside(empty_url, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    assert schema_state(empty_url).state == "empty"
    assert migrate(empty_url).state == "current"


def test_readiness_names_the_command_that_mends(empty_url: str) -> None:
    store = open_store(empty_url)
    with store.read() as questions:
        assert "rongjiu migrate" in str(questions.ready())
    migrate(empty_url)
    with store.read() as questions:
        assert questions.ready() is None
    store.close()


@pytest.mark.parametrize("wrong", ["mysql://host/db", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_other_urls_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///path"):
        open_store(wrong)


def test_an_unreachable_database_is_a_clean_error() -> None:
    store = open_store("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(RongjiuError) as refused, store.read():
        pass
    assert refused.value.code == "store-unavailable"


def test_programs_that_migrate_at_once_wait_for_one_another(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        states = [one.result(60) for one in [pool.submit(migrate, empty_url) for _ in range(4)]]
    assert [state.state for state in states] == ["current"] * 4


def test_decision_files_deployed_before_are_found_by_their_namespace(empty_url: str) -> None:
    engine = create_engine(parse_url(empty_url))
    files = {
        "fee.dmn": b"<?xml version='1.0'?><!-- fees --><d:definitions xmlns:d='urn:dmn' namespace='urn:fees' name='fees'/>",
        "fee.bpmn": b"<definitions namespace='urn:fees'/>",
        "gbk.dmn": "<?xml version='1.0' encoding='GBK'?><definitions namespace='urn:费用' name='费用'/>".encode("gbk"),
        "gb18030.dmn": "<?xml version=\"1.0\" encoding=\"GB18030\"?>\n<definitions namespace='urn:㐀' name='䶵'/>".encode("gb18030"),
        "utf16.dmn": "<?xml version='1.0' encoding='UTF-16'?><definitions namespace='urn:wide'/>".encode("utf-16"),
        "unknown.dmn": b"<?xml version='1.0' encoding='X-OURS'?><definitions namespace='urn:ours'/>",
    }
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001_first")
        connection.execute(text("INSERT INTO deployment VALUES ('d', 1, 'd', NULL, 0, 'zhang', '{\"warnings\":[]}')"))
        for name, content in files.items():
            kind = "decision" if name.endswith("dmn") else "process"
            statement = text("INSERT INTO resource VALUES (:name, 'd', :name, :kind, 'digest', :content)")
            connection.execute(statement, {"name": name, "kind": kind, "content": content})
    engine.dispose()

    assert migrate(empty_url).state == "current"

    store = open_store(empty_url)
    with store.read() as questions:
        for namespace, name in {"urn:fees": "fee.dmn", "urn:费用": "gbk.dmn", "urn:㐀": "gb18030.dmn", "urn:wide": "utf16.dmn"}.items():
            assert [found.id for found in questions.decision_models(namespace)] == [name]
        assert questions.decision_models("urn:ours") == []
        kept = {name: questions.resource(name) for name in files}
        assert {name: found.content for name, found in kept.items() if found is not None} == files
    store.close()


def test_the_store_satisfies_the_ports(store: DatabaseStore) -> None:
    """mypy checks the signatures here; the test run checks that the doors open."""
    port: Store = store
    with port.read() as questions:
        assert questions.variables("none") is None
    with port.begin() as transaction:
        assert transaction.load_instance("none") is None
