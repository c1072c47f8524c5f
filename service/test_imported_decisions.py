"""Imports between decision files, on a real store: what happens when two deployments meet, and what a process keeps."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import QueuePool

from service.actions.answer import Repeat
from service.actions.decisions.decision_models import decision_model
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.ports import Inspection, Services, Shelf
from service.domain.definition import KIND_DECISION
from service.domain.errors import Conflict
from service.domain.principal import SCOPE_ADMIN, Principal
from service.engine import SpiffEngine
from service.store import migrate, open_store
from service.store.database import DatabaseStore

NOW = 1_795_150_800_000
ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li")
HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="{0}" namespace="urn:{0}">'
BASE = (
    HEAD.format("base")
    + """<decision id="base" name="base"><variable name="base"/>
  <literalExpression><text>{}</text></literalExpression></decision></definitions>"""
)
ABOVE = (
    HEAD.format("above")
    + """<import name="b" namespace="urn:base" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
  <decision id="above" name="above"><variable name="above"/>
    <informationRequirement><requiredDecision href="urn:base#base"/></informationRequirement>
    <literalExpression><text>b.base * 10</text></literalExpression></decision></definitions>"""
)
DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
  <process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="e"/><endEvent id="e"/></process>
</definitions>"""


@pytest.fixture
def services(tmp_path: Path) -> Services:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    return Services(open_store(url), SpiffEngine(), lambda: NOW)


def put(services: Services, **files: str) -> None:
    deploy(services, ADMIN, Deploy("test", None, tuple((name.replace("_", "."), text.encode()) for name, text in files.items())))


def value_of(services: Services, key: str, version: int) -> object:
    with services.store.read() as questions:
        found = questions.definition_version(KIND_DECISION, key, version)
        assert found is not None
        return decision_model(services, questions, found).evaluate(key, {}).result


@dataclass
class SlowEngine(SpiffEngine):
    """Reads diagrams so slowly that somebody else deploys meanwhile."""

    services: Services

    def inspect(self, file_name: str, xml: bytes) -> Inspection:
        put(self.services, base_dmn=BASE.format(2))
        return super().inspect(file_name, xml)


def test_what_is_imported_may_not_change_between_reading_and_storing(services: Services) -> None:
    put(services, base_dmn=BASE.format(1))
    slow = replace(services, engine=SlowEngine(services))

    with pytest.raises(Conflict) as met:
        put(slow, above_dmn=ABOVE, p_bpmn=DIAGRAM)

    assert met.value.code == "stale"
    with services.store.read() as questions:
        assert questions.latest_definition(KIND_DECISION, "above") is None
    put(services, above_dmn=ABOVE)
    assert value_of(services, "above", 1) == 20


class WatchfulEngine(SpiffEngine):
    """Counts the diagrams it reads, and the database connections that are held meanwhile."""

    def __init__(self, store: DatabaseStore) -> None:
        super().__init__()
        self.store = store
        self.held: list[int] = []

    def inspect(self, file_name: str, xml: bytes) -> Inspection:
        pool = self.store.reading.pool
        assert isinstance(pool, QueuePool)
        self.held.append(pool.checkedout())
        return super().inspect(file_name, xml)


def test_files_are_read_without_holding_a_connection_and_a_repeated_deployment_does_not_read_them_again(services: Services) -> None:
    put(services, base_dmn=BASE.format(1))
    assert isinstance(services.store, DatabaseStore)
    watchful = WatchfulEngine(services.store)
    files = (("above.dmn", ABOVE.encode()), ("p.bpmn", DIAGRAM.encode()))
    command = Deploy("test", None, files, repeat=Repeat("once", "f"))

    first = deploy(replace(services, engine=watchful), ADMIN, command)
    again = deploy(replace(services, engine=watchful), ADMIN, command)

    assert again == first
    assert watchful.held == [0]


def test_another_process_finds_the_same_imports(services: Services) -> None:
    put(services, base_dmn=BASE.format(1), above_dmn=ABOVE)
    put(services, base_dmn=BASE.format(2))

    fresh = replace(services, shelf=Shelf())

    assert (value_of(fresh, "above", 1), value_of(fresh, "base", 2)) == (10, 2)


def test_the_deployment_answer_repeats_for_a_dry_run(services: Services) -> None:
    files = (("base.dmn", BASE.format(1).encode()), ("above.dmn", ABOVE.encode()))

    rehearsed = json.loads(deploy(services, ADMIN, Deploy("test", None, files, dry_run=True)).body)
    done = json.loads(deploy(services, ADMIN, Deploy("test", None, files)).body)

    assert rehearsed["resources"] == done["resources"]
