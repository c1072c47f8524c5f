"""Going over to a newer version by a plan that is judged as a whole: ids, drafts and timers stay, the law stays unless it is taken."""

from typing import Any

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import constant_decision, deployed, diagram, end, flow, items, open_keys, start, timer, until, user_task


def version(key: str, *parts: str, first: str = "check", reminder: str = "PT2S") -> tuple[str, bytes]:
    """Start, a first task with a reminder, and what follows it."""
    return diagram(
        key,
        start(),
        user_task(first, 'camunda:priority="7"'),
        timer("late", first, reminder, interrupting=False),
        user_task("reminded"),
        end("noted"),
        flow("start", first),
        flow("late", "reminded"),
        flow("reminded", "noted"),
        *parts,
    )


def short(key: str) -> tuple[str, bytes]:
    return version(key, end("done"), flow("check", "done"))


def longer(key: str, first: str = "check") -> tuple[str, bytes]:
    return version(key, user_task("second"), end("done"), flow(first, "second"), flow("second", "done"), first=first)


def migrate(api: ApiClient, instance_id: str, target: str, **members: Any) -> Any:
    options = {"repeat_key": members.pop("repeat_key", None), "key": members.pop("key", "")}
    body = {"targetDefinitionId": target, "reason": "流程修订", **members}
    return api.call("POST", f"/process-instances/{instance_id}/migration", body, **options)


def codes(response: Any) -> list[tuple[str, str]]:
    assert problem(response) == (409, "operation-refused")
    return sorted((error["code"], error["pointer"]) for error in response.json()["errors"])


def test_what_is_open_stays_and_the_new_way_follows(api: ApiClient, server: Server) -> None:
    deployed(api, short("moved"))
    instance = api.start("moved")
    task = instance["openTasks"][0]["id"]
    api.call("POST", f"/tasks/{task}/claim", person="clerk")
    before = api.get(f"/tasks/{task}")
    deployed(api, longer("moved", first="examine"))

    plan = {"mapping": [{"from": "check", "to": "examine"}], "mapEqual": True}
    moved = migrate(api, instance["id"], "moved:2", **plan, repeat_key="migrate-once")

    assert moved.status_code == 200, moved.text
    assert [(one["id"], one["activityId"]) for one in moved.json()["renamed"]] == [(task, "examine")]
    assert (moved.json()["processInstance"]["definitionId"], moved.json()["processInstance"]["version"]) == ("moved:2", 2)
    assert api.get(f"/tasks/{task}") == {**before, "taskDefinitionKey": "examine"}
    verified = server.run("verify", "--stream", instance["id"])
    assert verified.returncode == 0, verified.stderr
    again = migrate(api, instance["id"], "moved:2", **plan, repeat_key="migrate-once")
    assert (again.status_code, again.content) == (200, moved.content)

    until(lambda: open_keys(api, instance["id"]) == ["examine", "reminded"], "the timer fired when it was due before")
    assert api.complete(task, {}, "clerk").status_code == 200
    assert open_keys(api, instance["id"]) == ["reminded", "second"]
    visits = {row["elementId"]: row["state"] for row in api.get(f"/process-instances/{instance['id']}/activities")["items"]}
    assert visits["examine"] == "completed"
    assert "check" not in visits
    event = next(one for one in items(api, f"/process-instances/{instance['id']}/audit-events") if one["kind"] == "instance.migrated")
    assert (event["payload"]["before"]["definitionId"], event["payload"]["after"]["definitionId"]) == ("moved:1", "moved:2")
    assert event["payload"]["renamed"] == {task: "examine"}


def test_a_dry_run_judges_and_keeps_nothing(api: ApiClient) -> None:
    deployed(api, short("moved_dry"))
    instance = api.start("moved_dry")
    deployed(api, version("moved_dry", end("done"), flow("check", "done"), reminder="PT9H"))

    told = migrate(api, instance["id"], "moved_dry:2", mapEqual=True, dryRun=True)

    assert told.status_code == 200, told.text
    assert [(note["activityId"], note["code"]) for note in told.json()["notes"]] == [("late", "timer-kept")]
    assert told.json()["dryRun"] is True
    assert api.get(f"/process-instances/{instance['id']}")["version"] == 1


def test_every_objection_is_told(api: ApiClient) -> None:
    deployed(api, short("moved_wrong"))
    instance = api.start("moved_wrong")["id"]
    deployed(api, diagram("moved_wrong", start(), user_task("other"), end("done"), flow("start", "other"), flow("other", "done")))
    deployed(api, diagram("moved_never", start(), user_task("check"), end("done"), flow("start", "check"), flow("check", "done")))

    assert codes(migrate(api, instance, "moved_wrong:2", mapEqual=True)) == [("not-mapped", "/mapping")]
    unknown = {"mapping": [{"from": "nothing", "to": "other"}, {"from": "check", "to": "nowhere"}]}
    assert codes(migrate(api, instance, "moved_wrong:2", **unknown)) == [
        ("unknown-activity", "/mapping"),
        ("unknown-activity", "/mapping/0/from"),
        ("unknown-activity", "/mapping/1/to"),
    ]
    assert codes(migrate(api, instance, "moved_wrong:1", mapEqual=True)) == [("not-newer", "/targetDefinitionId")]
    assert ("other-process", "/targetDefinitionId") in codes(migrate(api, instance, "moved_never:1", mapEqual=True))
    assert pointers(migrate(api, instance, "moved_wrong:9")) == ["/targetDefinitionId"]
    assert pointers(migrate(api, instance, "moved_wrong:2", mapping=[{"from": "a", "to": "b"}, {"from": "a", "to": "c"}])) == [""]
    assert api.get(f"/process-instances/{instance}")["version"] == 1


DECIDES = (
    '<bpmn:businessRuleTask id="price" camunda:decisionRef="{}" camunda:resultVariable="price" camunda:mapDecisionResult="singleEntry" />'
)


def test_the_law_stays_unless_that_of_the_target_is_taken(api: ApiClient) -> None:
    deciding = DECIDES.format("moved_price")
    parts = (deciding, end("done"), flow("check", "price"), flow("price", "done"))
    deployed(api, version("moved_law", *parts), constant_decision("moved_price", 1))
    kept, taken = api.start("moved_law"), api.start("moved_law")
    deployed(api, version("moved_law", *parts, reminder="PT9H"), constant_decision("moved_price", 2))

    assert migrate(api, kept["id"], "moved_law:2", mapEqual=True).status_code == 200
    assert migrate(api, taken["id"], "moved_law:2", mapEqual=True, law="target").status_code == 200

    for instance, price in ((kept, 1), (taken, 2)):
        assert api.complete(instance["openTasks"][0]["id"], {}, "clerk").status_code == 200
        assert api.get(f"/process-instances/{instance['id']}/variables")["price"] == price


def test_a_target_that_needs_a_later_law_is_refused_with_the_earlier_one(api: ApiClient) -> None:
    deployed(api, short("moved_needs"))
    instance = api.start("moved_needs")["id"]
    deployed(
        api,
        version("moved_needs", DECIDES.format("moved_new_price"), end("done"), flow("check", "price"), flow("price", "done")),
        constant_decision("moved_new_price", 5),
    )

    assert codes(migrate(api, instance, "moved_needs:2", mapEqual=True)) == [("law-lacks", "/law")]
    assert migrate(api, instance, "moved_needs:2", mapEqual=True, law="target").status_code == 200


@pytest.mark.parametrize("suspended", [True, False])
def test_a_suspended_instance_is_migrated_and_stays_so(api: ApiClient, suspended: bool) -> None:
    key = f"moved_{'held' if suspended else 'running'}"
    deployed(api, short(key))
    instance = api.start(key)
    if suspended:
        api.call("POST", f"/process-instances/{instance['id']}/suspension", {"reason": "x"})
    deployed(api, longer(key))

    moved = migrate(api, instance["id"], f"{key}:2", mapEqual=True).json()["processInstance"]

    assert moved["state"] == ("suspended" if suspended else "active")
    assert [task["suspended"] for task in moved["openTasks"]] == [suspended]


def test_only_an_administrator_migrates(api: ApiClient) -> None:
    deployed(api, short("moved_scope"))
    instance = api.start("moved_scope")["id"]
    key = api.call("POST", "/api-keys", {"name": "worker-migrate", "scopes": ["read", "work"]}).json()["secret"]

    assert problem(migrate(api, instance, "moved_scope:1", key=key)) == (403, "missing-scope")
    assert problem(migrate(api, "nothing", "moved_scope:1")) == (404, "not-found")
