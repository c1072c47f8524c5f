"""The task that decides a case shows the nearest precedents, fixed when it opened, and asks for a reason to depart from them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from api_tests.api_client import ApiClient, exact, pointers
from api_tests.conftest import ADMIN_KEY, Server, SharedServer

PROCEDURES = Path(__file__).parent.parent / "bpmn"
SOURCE = {"title": "某市发布典型案例", "quote": None, "address": "https://example.org/1", "note": None}
DECIDES = [
    ("hubei", "C02", "decide", {"decision": {"outcome": "EXEMPT", "exemptKind": "NOT_PURSUED"}}),
    ("shiyan", "申请轨走完六步", "determine", None),
    ("siyang", "两评两审两定都通过", "decide", None),
]
"""Place, beginning of the name of a case, the task that decides, what is submitted there (as the case does where None)."""


@pytest.fixture(scope="module")
def server(database: str, shared_server: SharedServer) -> Server:
    return shared_server("departures", database, builtin=True)


@pytest.fixture
def api(server: Server) -> Iterator[ApiClient]:
    with closing(ApiClient(server.url, ADMIN_KEY)) as client:
        yield client


class Played:
    """One case of a *.cases.yaml, step by step, under a subject and matter of its own."""

    def __init__(self, api: ApiClient, place: str, name: str, **variables: Any) -> None:
        written = yaml.safe_load((PROCEDURES / place / "tolerance.cases.yaml").read_text("utf-8"))
        case = next(one for one in written["cases"] if one["name"].startswith(name))
        self.api, self.users, self.reason_rule = api, written["users"], str(case["expect"].get("reasonRule"))
        self.steps = [step for step in case["steps"] if "task" in step and step.get("expect", {}).get("status", 200) == 200]
        for user, person in self.users.items():
            api.person(user, *person["groups"])
        mark = uuid4().hex[:8]
        start = case["start"]
        given = {key: value for key, value in start["variables"].items() if key != "limits"}
        given |= {"subjectId": f"D-{mark}", "matterId": f"M-{mark}"} | variables
        begun = api.call("POST", "/messages", {"name": start["message"], "jurisdiction": place, "variables": given}, person=start["as"])
        assert begun.status_code in (200, 201), begun.text
        (self.instance,) = api.get("/process-instances", variables=f"matterId_eq_{given['matterId']}", definitionKey=f"{place}_tolerance")[
            "items"
        ]

    def before(self, key: str) -> tuple[Any, Any]:
        """The open task with that key, all steps before it done; and the case's own step for it."""
        while self.steps:
            step = self.steps.pop(0)
            tasks = self.api.get("/tasks", processInstanceId=self.instance["id"], taskDefinitionKey=step["task"], state="created")["items"]
            groups = set(self.users[step["as"]]["groups"])
            task = next(one for one in tasks if groups & set(one["candidateGroups"]))
            if step["task"] == key:
                return task, step
            done = self.api.complete(task["id"], step["variables"], step["as"])
            assert done.status_code == 200, (step["task"], done.text)
        raise AssertionError(f"the case never comes to {key}")

    def shown(self, task: Any) -> Any:
        return self.api.get(f"/tasks/{task['id']}/form")["data"]["precedents"]


def published(api: ApiClient, rules: list[str], outcome: str, **facts: Any) -> str:
    body = {
        "title": "同类案件",
        "sources": [SOURCE],
        "rules": rules,
        "facts": facts,
        "outcome": outcome,
        "scope": "PUBLIC",
        "anonymised": True,
    }
    recorded = api.call("POST", "/precedents", body)
    assert recorded.status_code == 201, recorded.text
    return str(recorded.json()["id"])


@pytest.mark.parametrize(("place", "name", "key", "submitted"), DECIDES, ids=[one[0] for one in DECIDES])
def test_a_decision_that_departs_from_the_nearest_needs_a_reason(api: ApiClient, place: str, name: str, key: str, submitted: Any) -> None:
    case = Played(api, place, name)
    facts = {"motive": "PUBLIC", "personalGain": False, "intent": "INADVERTENT", "remedy": "TIMELY", "cooperative": True}
    nearest = published(api, [case.reason_rule], "NOT_TOLERATED", **facts)
    task, step = case.before(key)
    later = published(api, [case.reason_rule], "NOT_TOLERATED", **facts, overallBenefit=True)
    submitted = submitted or step["variables"]

    shown = case.shown(task)

    first = next(one for one in shown["items"] if one["id"] == nearest)
    assert (first["outcome"], first["measured"], case.reason_rule in first["sharedRules"]) == ("NOT_TOLERATED", True, True)
    assert (first["differingFacts"], first["sources"]) == ([], [SOURCE])
    assert "EXEMPT" in shown["departing"]
    assert later not in [one["id"] for one in shown["items"]]
    assert later in [one["precedent"]["id"] for one in api.get(f"/tasks/{task['id']}/precedents", limit=50)["items"]]
    assert pointers(api.complete(task["id"], submitted, step["as"])) == ["/variables/decision/reason"]

    reasoned = {**submitted, "decision": {**submitted["decision"], "reason": "与先例不同：后果已经消除。"}}
    done = api.complete(task["id"], reasoned, step["as"])

    assert done.status_code == 200, done.text
    kept = api.get(f"/process-instances/{case.instance['id']}/variables")
    assert place == "shiyan" or kept["precedents"] == shown


def test_where_the_nearest_ended_so_no_reason_is_asked_for(api: ApiClient) -> None:
    case = Played(api, "siyang", "两评两审两定都通过")
    task, step = case.before("examine")
    advice = api.get(f"/process-instances/{case.instance['id']}/variables")["advice"]
    exempted = published(api, [reason["rule"] for reason in advice["reasons"]], "EXEMPT")
    assert api.complete(task["id"], step["variables"], step["as"]).status_code == 200
    task, step = case.before("decide")

    shown = case.shown(task)

    assert [one["id"] for one in shown["items"] if one["measured"]] == [exempted]
    assert "EXEMPT" not in shown["departing"]
    assert api.complete(task["id"], step["variables"], step["as"]).status_code == 200


def test_the_model_shows_them_at_its_decision(api: ApiClient) -> None:
    case = Played(api, "model_defence", "单位不同意，本人直接申请")
    task, _step = case.before("decide")

    shown = case.shown(task)

    assert shown["compared"] > 0
    assert len(shown["items"]) >= shown["shown"] == 5
    assert [one["id"] for one in shown["items"]][:5] == [
        one["precedent"]["id"] for one in api.get(f"/tasks/{task['id']}/precedents", limit=5)["items"]
    ]


@pytest.mark.parametrize(
    "value", ["{shown: 0, sharedRules: 1, departFrom: NEAREST}", "{shown: 5, sharedRules: 1, departFrom: SOME}", "{shown: 5}", "7"]
)
def test_a_setting_that_cannot_be_used_is_refused_when_it_is_deployed(api: ApiClient, value: str) -> None:
    place = f"id: depart\nname: 某县\nparent: null\nsettings:\n  nearestPrecedents: {{value: {value}, basis: default}}\n"

    refused = api.deploy_files([("jurisdiction.yaml", place.encode())], jurisdiction="depart")

    assert refused.status_code == 422, refused.text
    assert [one["elementId"] for one in exact(refused)["errors"]] == ["settings.nearestPrecedents"]
