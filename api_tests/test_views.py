"""Lists: filters, order, pages; counts and statistics."""

import re

import pytest

from api_tests.api_client import ApiClient, pointers, problem


def ids(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["id"] for item in page["items"]]


def test_pages_follow_one_another_while_rows_are_added(api: ApiClient) -> None:
    made = [api.start("one_task", businessKey="views-pages")["id"] for _ in range(5)]

    first = api.get("/process-instances", businessKey="views-pages", sort="startedAt", limit=2)
    made.append(api.start("one_task", businessKey="views-pages")["id"])
    second = api.get("/process-instances", businessKey="views-pages", sort="startedAt", limit=2, cursor=first["nextCursor"])
    third = api.get("/process-instances", businessKey="views-pages", sort="startedAt", limit=200, cursor=second["nextCursor"])

    assert ids(first) + ids(second) + ids(third) == made
    assert third["nextCursor"] is None


def test_tasks_are_found_by_what_they_are(api: ApiClient) -> None:
    instance = api.start("one_task", {"amount": 12.5, "facts": {"nature": "EXPLORATORY"}}, businessKey="views-tasks")
    task_id = instance["openTasks"][0]["id"]

    def found(**filters: str) -> bool:
        return ids(api.get("/tasks", businessKey="views-tasks", **filters)) == [task_id]

    assert found()
    assert found(candidateGroup="clerks")
    assert found(definitionKey="one_task", taskDefinitionKey="review", processInstanceId=instance["id"])
    assert found(variables="amount_gt_12,amount_lteq_12.50,facts.nature_eq_EXPLORATORY")
    assert found(unassigned="true", overdue="false", state="created")
    assert not found(variables="amount_lt_12.5")
    assert not found(candidateGroup="others")
    assert not found(assignee="clerk")
    assert not found(overdue="true")
    assert not found(createdAfter="2999-01-01T00:00:00Z")
    assert found(createdBefore="2999-01-01T00:00:00+08:00", sort="dueDate,-createdAt")


def test_a_candidate_user_finds_the_tasks_of_the_groups(api: ApiClient) -> None:
    task_id = api.start("one_task", businessKey="views-candidate")["openTasks"][0]["id"]

    assert ids(api.get("/tasks", candidateUser="clerk", businessKey="views-candidate")) == [task_id]
    assert ids(api.get("/tasks", candidateUser="stranger", businessKey="views-candidate")) == []


def test_completed_tasks_are_found_by_who_did_them(api: ApiClient) -> None:
    task_id = api.start("one_task", businessKey="views-completed")["openTasks"][0]["id"]
    api.complete(task_id, {"review.decision": "AGREE"}, "clerk")

    assert ids(api.get("/tasks", businessKey="views-completed")) == []
    assert ids(api.get("/tasks", businessKey="views-completed", completedBy="clerk")) == [task_id]
    assert ids(api.get("/tasks", businessKey="views-completed", state="completed")) == [task_id]


def test_tasks_are_counted_and_grouped(api: ApiClient) -> None:
    for _ in range(3):
        api.start("one_task", businessKey="views-count")

    assert api.get("/tasks/count", businessKey="views-count") == {"count": 3}
    statistics = api.get("/tasks/statistics", groupBy="candidateGroup", businessKey="views-count")
    assert [(row["candidateGroup"], row["open"], row["overdue"]) for row in statistics["items"]] == [("clerks", 3, 0)]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/tasks?limt=3", "/query/limt"),
        ("/tasks?limit=201", "/query/limit"),
        ("/tasks?overdue=maybe", "/query/overdue"),
        ("/tasks?dueBefore=yesterday", "/query/dueBefore"),
        ("/tasks?sort=colour", "/query/sort"),
        ("/tasks?variables=amount", "/query/variables"),
        ("/tasks/statistics", "/query/groupBy"),
        ("/process-instances?state=running", "/query/state"),
        ("/tasks?assignee=%00", "/query/assignee"),
    ],
)
def test_a_wrong_filter_is_named(api: ApiClient, path: str, fault: str) -> None:
    assert pointers(api.call("GET", path)) == [fault]


def test_latest_narrows_only_when_it_is_true(api: ApiClient) -> None:
    for path, key in (("/decision-definitions", "test_fee"), ("/process-definitions", "one_task")):
        every = api.get(path, key=key)["items"]
        assert every
        assert api.get(path, key=key, latest="false")["items"] == every
        assert api.get(path, key=key, latest="true")["items"] == every[:1]


def test_a_filter_given_twice_is_named(api: ApiClient) -> None:
    response = api.call("GET", "/tasks?assignee=clerk&assignee=colleague")

    assert problem(response) == (422, "duplicate-parameter")
    assert pointers(response) == ["/query/assignee"]


def test_a_query_that_is_not_utf_8_is_malformed(api: ApiClient) -> None:
    assert problem(api.call("GET", "/tasks?assignee=%ff")) == (400, "malformed")


@pytest.mark.parametrize("cursor", ["abc", "!!!", "W10", "eyJhIjoxfQ"])
def test_a_wrong_cursor_is_malformed(api: ApiClient, cursor: str) -> None:
    assert problem(api.call("GET", "/tasks", params={"cursor": cursor}))[0] == 400


@pytest.mark.parametrize(
    "path",
    [
        "/tasks/x",
        "/tasks/x/form",
        "/process-instances/x",
        "/process-instances/x/variables",
        "/process-instances/x/activities",
        "/users/x",
        "/process-definitions/x/xml",
        "/decision-definitions/x",
        "/jurisdictions/x",
        "/elsewhere",
    ],
)
def test_what_does_not_exist_is_not_found(api: ApiClient, path: str) -> None:
    assert problem(api.call("GET", path)) == (404, "not-found")


def test_a_wrong_method_is_told_with_the_allowed_ones(api: ApiClient) -> None:
    response = api.call("DELETE", "/tasks/count")

    assert problem(response) == (405, "method-not-allowed")
    assert "GET" in response.headers["allow"]


def test_the_service_tells_how_it_is(api: ApiClient) -> None:
    api.start("one_task")

    assert api._http.get("/livez").json() == {"status": "alive"}
    assert api._http.get("/readyz").json() == {"status": "ready"}
    metrics = api._http.get("/metrics").text
    assert 'rongjiu_http_requests_total{method="POST",route="/api/v1/process-instances",status="201"}' in metrics
    assert "rongjiu_open_tasks" in metrics


def test_the_api_has_pages_of_its_own_that_need_no_internet(api: ApiClient) -> None:
    first = api._http.get("/")
    page = api._http.get(first.headers["location"])

    assert (first.status_code, first.headers["location"]) == (307, "/docs")
    assert page.status_code == 200
    assert "://" not in page.text
    links = re.findall(r'(?:src|href)="([^":]*)"', page.text)
    assert [api._http.get(f"/{link}").status_code for link in links] == [200, 200]
    assert not {"/", "/docs"} & api._http.get("/openapi.json").json()["paths"].keys()
