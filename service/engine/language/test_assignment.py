"""Who may not do a task, and who may although recused: doers of other tasks by their keys, and persons that an expression names."""

from collections.abc import Callable

import pytest

from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.task import marked_persons
from service.engine.conftest import Walker

BODY = (
    '<startEvent id="start"/><userTask id="decide"/><userTask id="review"><extensionElements><camunda:properties>'
    '<camunda:property name="notCompletedBy" value="decide, =deciders, review"/></camunda:properties></extensionElements></userTask>'
    '<endEvent id="end"/><sequenceFlow id="f1" sourceRef="start" targetRef="decide"/>'
    '<sequenceFlow id="f2" sourceRef="decide" targetRef="review"/><sequenceFlow id="f3" sourceRef="review" targetRef="end"/>'
)


@pytest.mark.parametrize(("deciders", "persons"), [("li", {"li"}), (["li", "wang", "li"], {"li", "wang"}), (None, set()), ([], set())])
def test_named_persons_are_barred_beside_the_doers_of_tasks(walk: Callable[[str], Walker], deciders: Json, persons: set[str]) -> None:
    case = walk(BODY).start(deciders=deciders)

    case.complete("decide")

    (task,) = case.tasks.values()
    assert marked_persons(task.not_completed_by) == persons
    assert [entry for entry in task.not_completed_by if not entry.startswith("@")] == ["decide", "review"]


def test_nobody_is_named_by_a_variable_that_is_not_there(walk: Callable[[str], Walker]) -> None:
    case = walk(BODY).start()

    case.complete("decide")

    (task,) = case.tasks.values()
    assert marked_persons(task.not_completed_by) == frozenset()


@pytest.mark.parametrize("deciders", ["", 7, ["li", None]])
def test_what_is_no_person_stops_the_step(walk: Callable[[str], Walker], deciders: Json) -> None:
    case = walk(BODY).start(deciders=deciders)

    with pytest.raises(StepFailed, match="not the id of a person"):
        case.complete("decide")


@pytest.mark.parametrize(
    ("written", "exempt"),
    [('name="recusalExempt" value="true"', True), ('name="recusalExempt" value="false"', False), ('name="basis" value="true"', False)],
)
def test_a_task_says_whether_who_is_recused_may_do_it(walk: Callable[[str], Walker], written: str, exempt: bool) -> None:
    body = BODY.replace('name="notCompletedBy" value="decide, =deciders, review"', written)
    case = walk(body).start()

    case.complete("decide")

    (task,) = case.tasks.values()
    assert task.recusal_exempt is exempt
