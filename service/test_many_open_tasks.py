"""A multi-instance with more open tasks than an answer tells: the answer stays small, says how many there are, and misses nothing new."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from service.actions.deployments.deploy import Deploy, deploy
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.instances.verify_instances import verify_instances
from service.actions.ports import FEW_TASKS, Services
from service.actions.tasks.complete_task import CompleteTask, complete_task
from service.domain.principal import SCOPE_ADMIN, Principal
from service.engine import RestingInstances, SpiffEngine
from service.engine.walk_diagrams import chain, document, end, many, node, start, user
from service.store import migrate, open_store

ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li", frozenset({"clerks"}))
ORGANS = 60
UNTIL = "<completionCondition>${nrOfCompletedInstances == 3}</completionCondition>"
BODY = (
    start()
    + node("subProcess", "each", many(more=UNTIL) + start("s") + user("give", "answer") + end("e") + chain("s", "give", "answer", "e"))
    + user("after") + end() + chain("start", "each", "after", "end")
)  # fmt: skip


def test_the_answer_tells_few_tasks_and_how_many_there_are(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    services = Services(open_store(url), SpiffEngine(resting=RestingInstances()), lambda: 1_795_150_800_000)
    deploy(services, ADMIN, Deploy("tests", None, (("many.bpmn", document(BODY, "many")),)))
    variables: dict[str, Any] = {"organs": [str(number) for number in range(ORGANS)], "n": Decimal(1)}
    begun = json.loads(start_instance(services, ADMIN, StartInstance("many", None, None, None, variables)).body)
    assert len(begun["openTasks"]) == ORGANS

    def completed(task_id: str) -> Any:
        return json.loads(complete_task(services, ADMIN, CompleteTask(task_id, {})).body)["processInstance"]

    opened = []
    for number, task in enumerate(begun["openTasks"][-3:], 1):
        told = completed(task["id"])
        assert (len(told["openTasks"]), told["openTaskCount"]) == (FEW_TASKS, ORGANS)
        assert [one["taskDefinitionKey"] for one in told["openTasks"]] == ["give"] * (FEW_TASKS - 1) + ["answer"]
        opened.append(told["openTasks"][-1]["id"])
        assert len(set(opened)) == number
    for task_id in opened[:2]:
        told = completed(task_id)
        assert len(told["openTasks"]) == FEW_TASKS
    assert told["openTaskCount"] == ORGANS - 2
    assert verify_instances(services).discrepancies == []

    last = completed(opened[2])
    assert ([one["taskDefinitionKey"] for one in last["openTasks"]], last["openTaskCount"]) == (["after"], 1)
    assert verify_instances(services).discrepancies == []
