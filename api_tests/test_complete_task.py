"""Completing a task: who may, with which data, and doing it again."""

import pytest

from api_tests.api_client import ApiClient, exact, pointers, problem

AGREED = {"review.decision": "AGREE"}


def open_task(api: ApiClient, **variables: object) -> str:
    task: str = api.start("one_task", variables)["openTasks"][0]["id"]
    return task


def test_a_candidate_completes_an_unclaimed_task(api: ApiClient) -> None:
    instance = api.start("one_task", {"subjectId": "P-1"})
    task_id = instance["openTasks"][0]["id"]

    response = api.complete(task_id, {"review.decision": "OBJECT", "review.reason": "材料不足", "review.amount": 3}, "clerk")

    assert response.status_code == 200
    body = exact(response)
    assert body["task"]["state"] == "completed"
    assert body["task"]["completedBy"] == "clerk"
    assert body["processInstance"] == {"id": instance["id"], "state": "completed", "openTasks": [], "openTaskCount": 0}
    assert api.get(f"/process-instances/{instance['id']}/variables") == {
        "subjectId": "P-1",
        "review": {"decision": "OBJECT", "reason": "材料不足", "amount": 3},
    }
    activities = api.get(f"/process-instances/{instance['id']}/activities")["items"]
    assert [(row["elementId"], row["state"], row["actor"]) for row in activities if row["type"] == "userTask"] == [
        ("review", "completed", "clerk")
    ]


@pytest.mark.parametrize(
    ("variables", "faults"),
    [
        ({}, ["/variables/review/decision", "/variables/review/reason"]),
        ({"review.decision": "MAYBE", "review.reason": "x"}, ["/variables/review.decision"]),
        ({"review.decision": "OBJECT"}, ["/variables/review/reason"]),
        ({"review.decision": "OBJECT", "review.reason": "字" * 21}, ["/variables/review.reason"]),
        ({"review.decision": "AGREE", "other": 1}, ["/variables/other"]),
        ({"review.decision": "AGREE", "subjectId": "P-2"}, ["/variables/subjectId"]),
        ({"review.decision": "AGREE", "review.amount": "three"}, ["/variables/review.amount"]),
    ],
)
def test_every_fault_of_the_form_is_named_by_its_pointer(api: ApiClient, variables: dict[str, object], faults: list[str]) -> None:
    assert pointers(api.complete(open_task(api), variables, "clerk")) == faults


def test_what_is_hidden_is_dropped(api: ApiClient) -> None:
    instance = api.start("one_task")

    api.complete(instance["openTasks"][0]["id"], {**AGREED, "review.reason": "hidden"}, "clerk")

    assert api.get(f"/process-instances/{instance['id']}/variables") == {"review": {"decision": "AGREE"}}


def test_the_same_again_gets_the_same_answer_and_another_is_a_conflict(api: ApiClient) -> None:
    task_id = open_task(api)
    first = api.complete(task_id, AGREED, "clerk")

    again = api.complete(task_id, AGREED, "clerk")
    other_body = api.complete(task_id, {"review.decision": "OBJECT", "review.reason": "x"}, "clerk")
    other_person = api.complete(task_id, AGREED, "colleague")

    assert (again.status_code, again.content) == (200, first.content)
    assert problem(other_body)[0] == 409
    assert problem(other_person)[0] == 409


def test_only_a_candidate_completes(api: ApiClient) -> None:
    assert problem(api.complete(open_task(api), AGREED, "stranger")) == (403, "not-a-candidate")


def test_only_persons_complete(api: ApiClient) -> None:
    response = api.call("POST", f"/tasks/{open_task(api)}/completion", {"variables": AGREED})

    assert problem(response) == (403, "person-required")


def test_an_unknown_person_completes_nothing(api: ApiClient) -> None:
    assert problem(api.complete(open_task(api), AGREED, "nobody")) == (403, "unknown-person")


def test_a_task_claimed_by_another_is_a_conflict(api: ApiClient) -> None:
    task_id = open_task(api)
    api.call("POST", f"/tasks/{task_id}/claim", person="colleague")

    assert problem(api.complete(task_id, AGREED, "clerk")) == (409, "task-claimed")


def test_an_unknown_task_is_not_found(api: ApiClient) -> None:
    assert problem(api.complete("nothing", AGREED, "clerk")) == (404, "not-found")


def test_the_form_shows_what_stands(api: ApiClient) -> None:
    form = api.get(f"/tasks/{open_task(api, subjectId='P-9')}/form")

    assert form["formKey"] == "review_form"
    assert form["schema"]["id"] == "review_form"
    assert form["data"]["subjectId"] == "P-9"
