"""Recusal: who may not work on a case, and what becomes of tasks already held."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from api_tests.api_client import ApiClient, pointers, problem

ASSIGNED = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="recusal_definitions" targetNamespace="urn:test">
  <bpmn:process id="recusal_steps" name="回避" isExecutable="true" camunda:historyTimeToLive="P30D">
    <bpmn:startEvent id="start" />
    <bpmn:sequenceFlow id="to_state" sourceRef="start" targetRef="state" />
    <bpmn:userTask id="state" name="本人陈述" camunda:candidateGroups="clerks">
      <bpmn:extensionElements>
        <camunda:properties><camunda:property name="recusalExempt" value="true" /></camunda:properties>
      </bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="to_handle" sourceRef="state" targetRef="handle" />
    <bpmn:userTask id="handle" name="办理" camunda:assignee="${handler}" camunda:candidateGroups="clerks" />
    <bpmn:sequenceFlow id="to_end" sourceRef="handle" targetRef="end" />
    <bpmn:endEvent id="end" />
  </bpmn:process>
</bpmn:definitions>
"""  # noqa: E501


@pytest.fixture
def subject() -> str:
    return f"recusal.{uuid4().hex[:12]}"


def declared(api: ApiClient, person: str = "clerk", by: str | None = None, **members: Any) -> Any:
    body = {"userId": person, "ground": "CLOSE_RELATIVE", **members}
    response = api.call("POST", "/recusals", body, person=by or person)
    assert response.status_code == 201, response.text
    return response.json()


def decide(api: ApiClient, recusal: Any, state: str, by: str | None = "colleague") -> Any:
    return api.call("POST", f"/recusals/{recusal['id']}/decision", {"state": state, "reason": "经核实"}, person=by)


def claim(api: ApiClient, task: Any, person: str = "clerk") -> Any:
    return api.call("POST", f"/tasks/{task['id']}/claim", person=person)


def assign(api: ApiClient, task: Any, person: str = "clerk") -> Any:
    return api.call("POST", f"/tasks/{task['id']}/assignment", {"assignee": person})


def complete(api: ApiClient, task: Any, person: str = "clerk") -> Any:
    return api.complete(task["id"], {"review.decision": "AGREE"}, person)


def kinds(api: ApiClient, stream: str) -> list[str]:
    return [event["kind"] for event in api.get("/audit-events", stream=stream, limit=200)["items"]]


def test_who_is_recused_is_not_assigned_claims_nothing_and_completes_nothing(api: ApiClient, subject: str) -> None:
    (task,) = api.start("one_task", {"subjectId": subject})["openTasks"]
    recusal = declared(api, subjectId=subject)

    for refused in (claim(api, task), assign(api, task), complete(api, task)):
        assert problem(refused) == (403, "recused")
        assert "近亲属" in refused.json()["detail"]
        assert "政务处分法 §47" in refused.json()["detail"]
        assert (refused.json()["recusalId"], refused.json()["ground"]) == (recusal["id"], "CLOSE_RELATIVE")
    assert claim(api, task, "colleague").status_code == 200
    other = api.start("one_task", {"subjectId": f"{subject}.other"})["openTasks"][0]
    assert claim(api, other).status_code == 200


def test_a_task_already_held_is_released_and_the_case_says_so(api: ApiClient, subject: str) -> None:
    case = api.start("one_task", {"subjectId": subject, "matterId": "M-1"})
    other_matter = api.start("one_task", {"subjectId": subject, "matterId": "M-2"})
    (task,), (other,) = case["openTasks"], other_matter["openTasks"]
    for one in (task, other):
        assert claim(api, one).status_code == 200

    recusal = declared(api, by="colleague", subjectId=subject, matterId="M-1")

    assert (recusal["state"], recusal["declaredBy"], recusal["decider"]) == ("DECLARED", "colleague", "HEAD")
    assert api.get(f"/tasks/{task['id']}")["assignee"] is None
    assert api.get(f"/tasks/{other['id']}")["assignee"] == "clerk"
    trail = api.get("/audit-events", stream=case["id"], limit=200)["items"]
    events = {event["kind"]: event["payload"] for event in trail}
    assert events["recusal.declared"]["id"] == recusal["id"]
    released = events["task.released"]
    assert (released["taskId"], released["previousAssignee"], released["recusalId"]) == (task["id"], "clerk", recusal["id"])
    assert "recusal.declared" not in kinds(api, other_matter["id"])
    service = api.get("/audit-events", stream="service", kind="recusal.declared", limit=200)["items"]
    assert recusal["id"] in [event["payload"]["id"] for event in service]
    assert complete(api, task, "colleague").status_code == 200
    assert complete(api, other).status_code == 200


def test_an_ordered_recusal_bars_until_it_is_lifted_and_a_refused_one_does_not(api: ApiClient, subject: str) -> None:
    case = api.start("one_task", {"subjectId": subject})
    (task,) = case["openTasks"]
    first = declared(api, processInstanceId=case["id"])

    refused = decide(api, first, "REFUSED")
    assert (refused.status_code, refused.json()["state"], refused.json()["decidedBy"]) == (200, "REFUSED", "colleague")
    assert claim(api, task).status_code == 200
    second = declared(api, processInstanceId=case["id"])
    assert decide(api, second, "ORDERED").json()["state"] == "ORDERED"
    assert problem(claim(api, task)) == (403, "recused")
    assert problem(decide(api, second, "REFUSED")) == (409, "recusal-decided")
    assert decide(api, second, "LIFTED").json()["reason"] == "经核实"

    assert complete(api, task).status_code == 200
    told = [kind for kind in kinds(api, case["id"]) if kind.startswith("recusal.")]
    assert sorted(told) == ["recusal.declared", "recusal.declared", "recusal.lifted", "recusal.ordered", "recusal.refused"]


def test_nobody_decides_on_his_own_recusal(api: ApiClient, subject: str) -> None:
    recusal = declared(api, subjectId=subject, ofHead=True)

    assert recusal["decider"] == "SUPERIOR"
    own = decide(api, recusal, "REFUSED", "clerk")
    assert problem(own) == (403, "own-recusal")
    assert "政务处分法 §48" in own.json()["detail"]
    assert problem(decide(api, recusal, "REFUSED", None)) == (403, "person-required")
    assert problem(decide(api, {"id": "none"}, "REFUSED")) == (404, "not-found")
    assert api.get(f"/recusals/{recusal['id']}") == recusal


def test_an_exempt_task_stays_open_to_who_is_recused_and_the_next_one_is_not_given_to_him(api: ApiClient, subject: str) -> None:
    assert api.deploy_files([("recusal_steps.bpmn", ASSIGNED.encode())]).status_code == 201
    case = api.start("recusal_steps", {"subjectId": subject, "handler": "clerk"})
    (statement,) = case["openTasks"]
    assert claim(api, statement).status_code == 200
    recusal = declared(api, subjectId=subject)

    shown = api.call("GET", f"/tasks/{statement['id']}", person="clerk").json()
    assert (shown["assignee"], shown["recusalExempt"], shown["recusal"]) == ("clerk", True, None)
    done = api.complete(statement["id"], {}, "clerk")
    assert done.status_code == 200, done.text
    (handling,) = done.json()["processInstance"]["openTasks"]
    assert handling["assignee"] is None
    assert problem(claim(api, handling)) == (403, "recused")
    shown = api.call("GET", f"/tasks/{handling['id']}", person="clerk").json()
    assert shown["recusal"] == {
        "recusalId": recusal["id"],
        "state": "DECLARED",
        "ground": "CLOSE_RELATIVE",
        "groundName": recusal["groundName"],
        "law": recusal["law"],
    }
    assert api.call("GET", f"/tasks/{handling['id']}", person="colleague").json()["recusal"] is None
    assert "task.released" in kinds(api, case["id"])


def test_a_recusal_that_is_over_bars_nobody(api: ApiClient, subject: str) -> None:
    (task,) = api.start("one_task", {"subjectId": subject})["openTasks"]
    declared(api, subjectId=subject, **{"from": "2020-01-01", "to": "2020-12-31"})

    assert claim(api, task).status_code == 200


def test_recusals_are_listed_by_what_they_are_about(api: ApiClient, subject: str) -> None:
    case = api.start("one_task", {"subjectId": subject, "matterId": f"{subject}.m"})
    of_subject = declared(api, subjectId=subject)
    of_matter = declared(api, "colleague", matterId=f"{subject}.m", ground="OTHER", note="曾任其直接上级")
    of_case = declared(api, processInstanceId=case["id"], ground="PETITION_INTEREST")
    both = declared(api, subjectId=subject, matterId=f"{subject}.n")

    def found(path: str, **filters: Any) -> list[str]:
        return [one["id"] for one in api.get(path, **filters)["items"]]

    of_it = f"/process-instances/{case['id']}/recusals"
    assert found(of_it) == [of_subject["id"], of_matter["id"], of_case["id"]]
    assert found(of_it, userId="colleague") == [of_matter["id"]]
    assert found("/recusals", subjectId=subject) == [of_subject["id"], both["id"]]
    assert found("/recusals", processInstanceId=case["id"], state="DECLARED") == [of_case["id"]]
    first = api.get("/recusals", subjectId=subject, limit=1)
    assert found("/recusals", subjectId=subject, limit=1, cursor=first["nextCursor"]) == [both["id"]]
    assert problem(api.call("GET", "/process-instances/none/recusals")) == (404, "not-found")


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({}, "/subjectId"),
        ({"subjectId": "K-1", "processInstanceId": "none"}, "/processInstanceId"),
        ({"processInstanceId": "none"}, "/processInstanceId"),
        ({"subjectId": "K-1", "ground": "DISLIKE"}, "/ground"),
        ({"subjectId": "K-1", "ground": "OTHER"}, "/note"),
        ({"subjectId": "K-1", "userId": "nobody.known"}, "/userId"),
        ({"subjectId": "K-1", "from": "2999-01-01"}, "/from"),
        ({"subjectId": "K-1", "from": "2026-02-30"}, "/from"),
        ({"subjectId": "K-1", "from": "2020-02-01", "to": "2020-01-31"}, "/to"),
        ({"subjectId": " "}, "/subjectId"),
        ({"subjectId": "K-1", "state": "ORDERED"}, "/state"),
    ],
)
def test_a_faulty_declaration_is_refused(api: ApiClient, members: dict[str, Any], fault: str) -> None:
    response = api.call("POST", "/recusals", {"userId": "clerk", "ground": "WITNESS", **members}, person="clerk")

    assert fault in pointers(response)


def test_the_same_declaration_sent_again_is_the_same_recusal(api: ApiClient, subject: str) -> None:
    body = {"userId": "clerk", "subjectId": subject, "ground": "WITNESS"}

    first, again = (api.call("POST", "/recusals", body, person="clerk", repeat_key=subject) for _ in range(2))

    assert (first.status_code, first.content) == (201, again.content)
    assert len(api.get("/recusals", subjectId=subject)["items"]) == 1


def test_a_claim_at_the_same_moment_does_not_slip_through(api: ApiClient, subject: str) -> None:
    with ThreadPoolExecutor(2) as both:
        for number in range(8):
            about = f"{subject}.{number}"
            (task,) = api.start("one_task", {"subjectId": about})["openTasks"]
            claiming, declaring = both.submit(claim, api, task), both.submit(declared, api, subjectId=about)
            declaring.result()
            assert claiming.result().status_code in (200, 403)
            assert api.get(f"/tasks/{task['id']}")["assignee"] is None


def test_a_key_that_only_reads_declares_and_decides_nothing(api: ApiClient, subject: str) -> None:
    secret = api.call("POST", "/api-keys", {"name": "reader", "scopes": ["read", "actAs"]}).json()["secret"]
    body = {"userId": "clerk", "subjectId": subject, "ground": "WITNESS"}
    recusal = declared(api, subjectId=subject)

    assert problem(api.call("POST", "/recusals", body, key=secret)) == (403, "missing-scope")
    decision = {"state": "ORDERED", "reason": "属实"}
    assert problem(api.call("POST", f"/recusals/{recusal['id']}/decision", decision, key=secret)) == (403, "missing-scope")
