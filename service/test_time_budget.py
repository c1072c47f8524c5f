"""A step that would run for ever: it ends as an incident, the state before stays, and mended it goes on."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from service.actions.deployments.deploy import Deploy, deploy
from service.actions.incidents.retry_incident import RetryIncident, retry_incident
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.instances.verify_instances import verify_instances
from service.actions.ports import Services
from service.actions.tasks.complete_task import CompleteTask, complete_task
from service.domain.errors import StepIncident
from service.domain.principal import SCOPE_ADMIN, Principal
from service.engine import RestingInstances, SpiffEngine
from service.engine.walk_diagrams import chain, document, end, flow, node, script, start, user
from service.store import migrate, open_store

ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li", frozenset({"clerks"}))
ENDLESS = (
    start() + user("a") + node("exclusiveGateway", "m") + script("slow", "rounds - count(for i in 1..20000 return i) / 20000", "rounds")
    + node("exclusiveGateway", "x", "", 'default="x_m"') + end()
    + chain("start", "a", "m", "slow", "x", "m") + flow("x", "end", "${rounds == 0}")
)  # fmt: skip


def test_a_step_without_end_is_an_incident_and_can_be_mended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    store = open_store(url)
    services = Services(store, SpiffEngine(0.3, RestingInstances(least=1)), lambda: 1_795_150_800_000)
    deploy(services, ADMIN, Deploy("tests", None, (("endless.bpmn", document(ENDLESS, "endless")),)))
    begun = json.loads(start_instance(services, ADMIN, StartInstance("endless", None, None, None, {"rounds": Decimal(-1)})).body)
    (task,) = begun["openTasks"]

    with pytest.raises(StepIncident, match=r"longer than 0\.3 seconds") as stopped:
        complete_task(services, ADMIN, CompleteTask(task["id"], {}))

    assert verify_instances(services).discrepancies == []
    with store.read() as questions:
        found = questions.one("process-instances", begun["id"], 0)
        assert found is not None
        assert (found["state"], questions.variables(begun["id"])) == ("incident", {"rounds": Decimal(-1)})
    unhurried = Services(store, SpiffEngine(), lambda: 1_795_150_800_000)
    mended = retry_incident(unhurried, ADMIN, RetryIncident(stopped.value.incident_id, {"rounds": Decimal(3)}))
    assert json.loads(mended.body)["processInstance"]["state"] == "completed"
    assert verify_instances(services).discrepancies == []
