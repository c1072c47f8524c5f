"""A stalled instance: an incident that stands until somebody moves the instance by hand, or ends it."""

from typing import Any

import pytest

from api_tests.api_client import ApiClient, problem

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="test">'


def flow(number: int, source: str, target: str, inside: str = "") -> str:
    return f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def diagram() -> tuple[str, bytes]:
    """One of two ways is taken, and the join behind waits for both."""
    yes = "<conditionExpression>${yes}</conditionExpression>"
    body = (
        '<startEvent id="start"/><userTask id="a"/><exclusiveGateway id="x" default="f4"/><endEvent id="end"/><userTask id="b"/>'
        '<parallelGateway id="j"/>'
        + flow(1, "start", "a")
        + flow(2, "a", "x")
        + flow(3, "x", "j", yes)
        + flow(4, "x", "j")
        + flow(5, "j", "b")
        + flow(6, "b", "end")
    )
    return "stalls.bpmn", f'{HEAD}<process id="stalls" isExecutable="true">{body}</process></definitions>'.encode()


@pytest.fixture
def stalled(api: ApiClient) -> Any:
    """An instance that stands at its join, in the answer to the completion that led there."""
    assert api.deploy_files([diagram()]).status_code == 201
    instance = api.start("stalls", {"yes": True})
    return api.complete(instance["openTasks"][0]["id"], {}, api.person("stall_clerk")).json()["processInstance"]


def incidents(api: ApiClient, instance: Any, **filters: str) -> list[Any]:
    found: list[Any] = api.get("/incidents", processInstanceId=instance["id"], **filters)["items"]
    return found


def state(api: ApiClient, instance: Any) -> str:
    return str(api.get(f"/process-instances/{instance['id']}")["state"])


def operate(api: ApiClient, instance: Any, word: str, **body: Any) -> Any:
    answer = api.call("POST", f"/process-instances/{instance['id']}/{word}", {"reason": "it stands still", **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_is_found_among_the_incidents_and_there_is_nothing_to_do_again(api: ApiClient, stalled: Any) -> None:
    assert stalled["state"] == "incident"
    (incident,) = incidents(api, stalled)
    assert (incident["kind"], incident["elementId"]) == ("stalled", "j")
    assert incident["id"] in {one["id"] for one in api.get("/incidents", kind="stalled", definitionKey="stalls")["items"]}
    events = api.get(f"/process-instances/{stalled['id']}/audit-events")["items"]
    assert [(one["kind"], one["payload"]["elementId"]) for one in events if "incident" in one["kind"]] == [("incident.opened", "j")]

    for word, body in (("retry", {}), ("resolution", {"reason": "never mind"})):
        refused = api.call("POST", f"/incidents/{incident['id']}/{word}", body)
        assert problem(refused) == (409, "instance-stalled")
        assert "move it back" in refused.json()["detail"]
    assert incidents(api, stalled) == [incident]


def test_a_modification_that_lets_it_go_on_resolves_it(api: ApiClient, stalled: Any) -> None:
    instructions = [{"type": "cancel", "activityId": "j"}, {"type": "startAfterActivity", "activityId": "j"}]
    tried = operate(api, stalled, "modification", instructions=instructions, dryRun=True)
    assert tried["processInstance"]["state"] == "active"
    assert state(api, stalled) == "incident"

    modified = operate(api, stalled, "modification", instructions=instructions)

    assert modified["processInstance"]["state"] == "active"
    assert incidents(api, stalled) == []
    (resolved,) = incidents(api, stalled, resolved="true")
    assert resolved["resolvedAt"] is not None


def test_one_that_leaves_it_standing_keeps_it(api: ApiClient, stalled: Any) -> None:
    (before,) = incidents(api, stalled)

    operate(api, stalled, "modification", instructions=[{"type": "startBeforeActivity", "activityId": "a"}])
    assert (state(api, stalled), incidents(api, stalled)) == ("active", [])
    (task,) = api.get("/tasks", processInstanceId=stalled["id"])["items"]
    api.complete(task["id"], {"yes": True}, "stall_clerk")

    (again,) = incidents(api, stalled)
    assert (again["elementId"], state(api, stalled)) == ("j", "incident")
    assert again["id"] != before["id"]


def test_a_suspended_one_has_it_as_before_when_it_is_resumed(api: ApiClient, stalled: Any) -> None:
    before = incidents(api, stalled)
    operate(api, stalled, "suspension")
    assert (state(api, stalled), incidents(api, stalled)) == ("suspended", before)
    operate(api, stalled, "resumption")
    assert (state(api, stalled), incidents(api, stalled)) == ("incident", before)


def test_moving_back_resolves_it(api: ApiClient, stalled: Any) -> None:
    moved = operate(api, stalled, "move-back", fromActivityId="j", toActivityId="a")

    assert moved["processInstance"]["state"] == "active"
    assert incidents(api, stalled) == []


def test_a_migration_that_leaves_it_standing_tells_the_new_element(api: ApiClient, stalled: Any) -> None:
    name, content = diagram()
    deployed = api.deploy_files([(name, content.replace(b'"j"', b'"join"'))])
    assert deployed.status_code == 201, deployed.text
    target = deployed.json()["resources"][0]["definitions"][0]["id"]

    operate(api, stalled, "migration", targetDefinitionId=target, mapping=[{"from": "j", "to": "join"}])

    assert [one["elementId"] for one in incidents(api, stalled)] == ["join"]
    assert [one["elementId"] for one in incidents(api, stalled, resolved="true")] == ["j"]


def test_a_cancellation_resolves_it(api: ApiClient, stalled: Any) -> None:
    operate(api, stalled, "cancellation")

    (incident,) = incidents(api, stalled, resolved="true")
    assert incident["resolvedAt"] is not None


def test_an_instance_may_stall_in_its_first_step(api: ApiClient) -> None:
    name, content = diagram()
    at_once = content.replace(b'<userTask id="a"/>', b'<task id="a"/>').replace(b'"stalls"', b'"stalls_at_once"')
    assert api.deploy_files([(name, at_once)]).status_code == 201
    instance = api.start("stalls_at_once", {"yes": False})

    assert (instance["state"], [one["kind"] for one in incidents(api, instance)]) == ("incident", ["stalled"])
