"""Ending an instance early: whatever waits in it ends with it."""

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import diagram, end, flow, start, timer, user_task

WAITING = (
    '<bpmn:signal id="s_alarm" name="cancel_alarm" /><bpmn:message id="m_answer" name="cancel_answer" />',
    diagram(
        "cancel_all",
        start(),
        '<bpmn:parallelGateway id="split" />',
        user_task("task"),
        timer("late", "task", "PT9H", interrupting=False),
        '<bpmn:serviceTask id="work" camunda:type="external" camunda:topic="cancel_topic" />',
        '<bpmn:intermediateCatchEvent id="alarm"><bpmn:signalEventDefinition signalRef="s_alarm" /></bpmn:intermediateCatchEvent>',
        '<bpmn:receiveTask id="answer" messageRef="m_answer" />',
        *(end(f"end_{name}") for name in ("task", "late", "work", "alarm", "answer")),
        flow("start", "split"),
        *(flow("split", name) for name in ("task", "work", "alarm", "answer")),
        *(flow(name, f"end_{name}") for name in ("task", "late", "work", "alarm", "answer")),
    ),
)


def test_a_cancelled_instance_keeps_its_reason_and_withdraws_its_tasks(api: ApiClient) -> None:
    instance = api.start("one_task")

    response = api.call("POST", f"/process-instances/{instance['id']}/cancellation", {"reason": "重复"})

    assert response.status_code == 200
    assert (response.json()["state"], response.json()["endReason"], response.json()["openTasks"]) == ("cancelled", "重复", [])
    assert api.get(f"/tasks/{instance['openTasks'][0]['id']}")["state"] == "cancelled"


def test_whatever_waits_ends_with_the_instance(api: ApiClient, server: Server) -> None:
    declared, (name, content) = WAITING
    content = content.replace(b"<bpmn:process ", declared.encode() + b"<bpmn:process ", 1)
    assert api.deploy_files([(name, content)]).status_code == 201
    instance = api.start("cancel_all")["id"]
    assert len(api.get("/external-tasks", topicName="cancel_topic")["items"]) == 1

    assert api.call("POST", f"/process-instances/{instance}/cancellation", {"reason": "重复"}, repeat_key="cancel-all").status_code == 200

    assert api.call("POST", f"/process-instances/{instance}/cancellation", {"reason": "重复"}, repeat_key="cancel-all").status_code == 200
    assert api.get("/external-tasks", topicName="cancel_topic")["items"] == []
    assert api.get("/tasks", processInstanceId=instance)["items"] == []
    assert problem(api.call("POST", "/messages", {"name": "cancel_answer", "processInstanceId": instance})) == (409, "message-not-awaited")
    assert {row["state"] for row in api.get(f"/process-instances/{instance}/activities")["items"]} == {"completed", "cancelled"}
    verified = server.run("verify", "--stream", instance)
    assert verified.returncode == 0, verified.stderr


def test_what_has_ended_cannot_be_cancelled(api: ApiClient) -> None:
    path = f"/process-instances/{api.start('one_task')['id']}/cancellation"
    api.call("POST", path, {"reason": "x"})

    assert problem(api.call("POST", path, {"reason": "y"})) == (409, "instance-not-open")


def test_a_reason_is_required(api: ApiClient) -> None:
    path = f"/process-instances/{api.start('one_task')['id']}/cancellation"

    assert pointers(api.call("POST", path, {})) == ["/reason"]
    assert pointers(api.call("POST", path, {"reason": "  "})) == ["/reason"]
