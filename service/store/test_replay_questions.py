"""What a decision was taken with, and the example files beside it."""

from decimal import Decimal
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from service.domain.definition import KIND_CASES, Deployment, Resource
from service.domain.identifiers import new_id
from service.domain.json_values import Json, canonical_json
from service.domain.step import DecisionTaken
from service.store import migrate, open_store
from service.store.conftest import NOW, an_instance, start
from service.store.counting import count_statements
from service.store.database import DatabaseStore, parse_url
from service.store.schema import alembic_config


def taken(key: str, variables: dict[str, Json] | None) -> DecisionTaken:
    return DecisionTaken("decide", key, 1, {"decisionKey": key, "result": Decimal("1.50")}, variables)


def test_evaluations_come_newest_first_with_what_they_were_taken_with(store: DatabaseStore) -> None:
    for number in range(4):
        variables: dict[str, Json] = {"facts": {"amount": Decimal(f"{number}.10")}}
        start(store, an_instance(started_at=NOW + number), decisions=[taken("fee", variables), taken("other", {})])

    def taken_with(since: int | None, before: int | None, limit: int = 10) -> list[str]:
        with store.read() as questions:
            found = questions.taken_decisions("fee", since, before, limit, None)
        return [canonical_json(one.variables) for one in found]

    kept = [f'{{"facts":{{"amount":{number}.10}}}}' for number in (3, 2, 1, 0)]
    assert taken_with(None, None) == kept
    assert taken_with(NOW + 1, NOW + 3) == kept[1:3]
    assert taken_with(None, None, 1) == kept[:1]


def test_only_the_places_a_caller_sees(store: DatabaseStore) -> None:
    place = {"jurisdiction": "siyang", "jurisdiction_path": "jiangsu/siyang"}
    start(store, an_instance(**place), decisions=[taken("fee", {})])
    with store.read() as questions:
        assert len(questions.taken_decisions("fee", None, None, 9, ["jiangsu"])) == 1
        assert questions.taken_decisions("fee", None, None, 9, ["hubei"]) == []


def test_variables_that_were_not_kept_are_told(store: DatabaseStore) -> None:
    start(store, an_instance(), decisions=[taken("fee", None)])
    with store.read() as questions:
        (found,) = questions.taken_decisions("fee", None, None, 9, None)
    assert found.variables is None
    assert found.record["result"] == Decimal("1.50")


def test_rows_of_the_schema_before_have_none(empty_url: str) -> None:
    engine = create_engine(parse_url(empty_url))
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002_imports")
        connection.execute(text("INSERT INTO decision_evaluation VALUES ('e', 'i', 'decide', 'fee', 1, 5, '{}')"))
    engine.dispose()
    assert migrate(empty_url).state == "current"
    store = open_store(empty_url)
    with store.read() as questions:
        assert [one.variables for one in questions.taken_decisions("fee", None, None, 9, None)] == [None]
    store.close()


def deploy_cases(store: DatabaseStore, jurisdiction: str | None, *files: tuple[str, str]) -> int:
    with store.begin() as transaction:
        seq = transaction.lock_deployments()
        deployment = Deployment(new_id(), seq, f"deployment {seq}", jurisdiction, NOW, "zhang")
        resources = [Resource(new_id(), name, KIND_CASES, content, content.encode()) for name, content in files]
        transaction.insert_deployment(deployment, resources, [], [])
        transaction.commit()
    return seq


@pytest.mark.parametrize("place", ["hubei", None])
def test_of_each_cases_file_the_newest_counts(store: DatabaseStore, place: str | None) -> None:
    deploy_cases(store, place, ("old.cases.yaml", "too old"))
    seq = deploy_cases(store, place, ("a.cases.yaml", "first"), ("b.cases.yaml", "only"))
    deploy_cases(store, "elsewhere", ("a.cases.yaml", "of another place"))
    deploy_cases(store, place, ("a.cases.yaml", "second"))
    with store.read() as questions:
        assert [file.content for file in questions.case_files(place, seq)] == [b"second", b"only"]


def test_the_newest_are_read_in_index_order(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    store = open_store(url)
    with count_statements(store) as sent, store.read() as questions:
        questions.taken_decisions("fee", NOW, NOW + 1, 200, None)
    (statement,) = sent
    with store.reading.connect() as connection:
        unbound = (None,) * statement.count("?")
        plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", unbound)]
    store.close()
    assert any("decision_key_evaluated_at_id" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
