"""Bad input is refused with its place and changes nothing; never is it a failure of the server."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api_tests.api_client import DIAGRAMS, ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.crash_fixtures import audit_kinds, deployed, diagram, end, flow, gateway, items, open_keys, start, user_task

LEVELS = "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10))
ENTITY_BOMB = f'<!DOCTYPE bomb [<!ENTITY a0 "rong">{LEVELS}]>'
QUADRATIC_BOMB = f'<!DOCTYPE bomb [<!ENTITY a0 "{"rong" * 20_000}">]>'
EXTERNAL_ENTITY = '<!DOCTYPE file [<!ENTITY a9 SYSTEM "file:///etc/hostname">]>'
EXTERNAL_SUBSET = '<!DOCTYPE definitions SYSTEM "http://127.0.0.1:9/never.dtd">'
PARAMETER_ENTITY = '<!DOCTYPE file [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def process(*parts: str, key: str = "bad_input") -> str:
    """A diagram start → work → done around `parts`, which hold the element `work`."""
    return diagram(key, start(), *parts, end("done"), flow("start", "work"), flow("work", "done"))[1].decode()


SOUND = process(user_task("work"))
SCRIPT = '<bpmn:scriptTask id="work" scriptFormat="{}" camunda:resultVariable="x"><bpmn:script>{}</bpmn:script></bpmn:scriptTask>'
RULE = '<bpmn:businessRuleTask id="work" camunda:decisionRef="{}" camunda:resultVariable="x" />'
GATED = (
    gateway("work", default="work_done"),
    user_task("more"),
    end("enough"),
    flow("more", "enough"),
)


def gated(condition: str, language: str = 'language="feel"') -> str:
    told = flow("work", "more", condition).replace('language="feel"', language)
    return process(*GATED, told)


BAD_DIAGRAMS: dict[str, tuple[str, str | None]] = {
    # name: (content, the element that must be named; None where there is none to name)
    "empty": ("", None),
    "no-xml": ("this is no XML", None),
    "cut-off": (SOUND[: len(SOUND) // 2], None),
    "null-byte": (SOUND.replace("work", "wo\x00rk"), None),
    "wrong-encoding": (SOUND.replace("UTF-8", "no-such-encoding"), None),
    "other-root": ("<html/>", None),
    "entity-bomb": (SOUND.replace(DECLARATION, DECLARATION + ENTITY_BOMB).replace('name="work"', 'name="&a9;"'), None),
    "quadratic-bomb": (SOUND.replace(DECLARATION, DECLARATION + QUADRATIC_BOMB).replace('name="work"', f'name="{"&a0;" * 1000}"'), None),
    "external-entity": (
        SOUND.replace(DECLARATION, DECLARATION + EXTERNAL_ENTITY).replace(
            "<bpmn:endEvent", "<bpmn:documentation>&a9;</bpmn:documentation><bpmn:endEvent"
        ),
        None,
    ),
    "external-subset": (SOUND.replace(DECLARATION, DECLARATION + EXTERNAL_SUBSET), None),
    "parameter-entity": (SOUND.replace(DECLARATION, DECLARATION + PARAMETER_ENTITY), None),
    "deeply-nested": (SOUND.replace("</bpmn:process>", "<a>" * 50_000 + "</a>" * 50_000 + "</bpmn:process>"), None),
    "no-process": (SOUND.replace("bpmn:process", "bpmn:category"), None),
    "unknown-element": (process('<bpmn:magicTask id="work" />'), "work"),
    "element-not-executed": (process('<bpmn:serviceTask id="work" camunda:class="org.example.Anything" />'), "work"),
    "unknown-attribute": (process(user_task("work", 'camunda:delegateExpression="${bean}"')), "work"),
    "missing-decision": (process(RULE.format("no_such_decision")), "work"),
    "no-decision-named": (process('<bpmn:businessRuleTask id="work" camunda:resultVariable="x" />'), "work"),
    "missing-form": (process(user_task("work", 'camunda:formRef="no_such_form"')), "work"),
    "missing-form-version": (
        process(user_task("work", 'camunda:formRef="review_form" camunda:formRefBinding="version" camunda:formRefVersion="999"')),
        "work",
    ),
    "expression-does-not-parse": (process(user_task("work", 'camunda:assignee="${chosen.}"')), "work"),
    "expression-not-closed": (process(user_task("work", 'camunda:dueDate="${deadline(&quot;T&quot;"')), "work"),
    "expression-calls-a-method": (process(user_task("work", 'camunda:assignee="${execution.getEngineServices(&quot;x&quot;)}"')), "work"),
    "expression-calls-an-unknown-function": (process(user_task("work", 'camunda:assignee="${whoever(1)}"')), "work"),
    "feel-calls-an-unknown-function": (process(user_task("work", 'camunda:assignee="=whoever(1)"')), "work"),
    "condition-does-not-parse": (gated("amount &gt; &gt; 10"), "work_more"),
    "condition-in-another-language": (gated("amount &gt; 10", 'language="groovy"'), "work_more"),
    "condition-is-fixed-text": (gated("yes", ""), "work_more"),
    "expression-too-deep": (gated("(" * 5_000 + "1" + ")" * 5_000 + " = 1"), "work_more"),
    "timer-does-not-parse": (
        process(
            user_task("work"),
            '<bpmn:boundaryEvent id="late" attachedToRef="work"><bpmn:timerEventDefinition id="late_definition">'
            "<bpmn:timeDuration>tomorrow</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>",
            end("closed"),
            flow("late", "closed"),
        ),
        "late",
    ),
    "dangling-flow": (process(user_task("work"), flow("work", "nowhere")), "work_nowhere"),
    "duplicate-id": (process(user_task("work"), user_task("work")), "work"),
    **{
        f"script-{language}": (process(SCRIPT.format(language, "1 + 1")), "work")
        for language in ("javascript", "python", "groovy", "juel", "")
    },
    "script-feel-does-not-parse": (process(SCRIPT.format("feel", "1 +")), "work"),
}


@pytest.fixture
def stored(api: ApiClient) -> Iterator[None]:
    """Nothing may be stored while the test runs, and the server must not have failed."""

    def state() -> list[Any]:
        return [[row["id"] for row in items(api, path)] for path in ("/process-definitions", "/decision-definitions", "/deployments")]

    before = state()
    yield
    assert state() == before


def refusal(response: httpx.Response, file: str) -> list[dict[str, Any]]:
    """The errors of a refused deployment, each of that file and with everything that finds its place."""
    assert problem(response) == (422, "deployment-refused"), response.text
    errors: list[dict[str, Any]] = response.json()["errors"]
    assert errors
    for error in errors:
        assert error["file"] == file
        assert error["code"]
        assert error["message"]
        assert "Traceback" not in error["message"]
        assert {"elementId", "line"} <= error.keys()
    return errors


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("name", BAD_DIAGRAMS)
def test_a_bad_diagram_is_refused_naming_the_element(api: ApiClient, name: str) -> None:
    content, element = BAD_DIAGRAMS[name]

    response = api.deploy_files([("bad.bpmn", content.encode()), ("sound.bpmn", process(user_task("work"), key="sound").encode())])

    errors = refusal(response, "bad.bpmn")
    if element is not None:
        assert element in {error["elementId"] for error in errors}, errors
        assert all(error["line"] for error in errors if error["elementId"] == element), errors


def test_the_sound_diagram_is_accepted(api: ApiClient) -> None:
    """What the bad ones differ from; otherwise they could be refused for another reason."""
    for number, content in enumerate((SOUND, gated("amount &gt; 10"), process(SCRIPT.format("feel", "1 + 1")))):
        response = api.deploy_files([("sound.bpmn", content.replace("bad_input", f"sound_{number}").encode())], dryRun="true")
        assert response.status_code == 200, response.text


@pytest.mark.usefixtures("stored")
def test_what_an_external_entity_points_to_is_not_told(api: ApiClient) -> None:
    response = api.deploy_files([("bad.bpmn", BAD_DIAGRAMS["external-entity"][0].encode())])

    with open("/etc/hostname", encoding="utf-8") as secret:
        assert secret.read().strip() not in response.text


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("name", ["big.bpmn", "big.dmn", "big.form", "big.cases.yaml", "jurisdiction.yaml"])
def test_a_file_over_5_mb_is_refused(api: ApiClient, name: str) -> None:
    response = api.deploy_files([(name, b" " * (5 * 1024 * 1024 + 1))])

    assert [error["elementId"] for error in refusal(response, name)] == [None]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("bad.dmn", b"<definitions"),
        ("bad.dmn", (DIAGRAMS / "fee.dmn").read_bytes().replace(b"amount * 0.1", b"amount * * 0.1")),
        ("bad.dmn", (DIAGRAMS / "fee.dmn").read_bytes().replace(b"?>", b"?>" + ENTITY_BOMB.encode(), 1)),
        ("bad.form", b"{"),
        ("bad.form", b"[]"),
        ("bad.form", b'{"type": "default", "id": "bad", "schemaVersion": 16, "components": 1}'),
        ("bad.form", b"[" * 100_000),
        ("bad.cases.yaml", b"a: [1"),
        ("bad.cases.yaml", b"a: &a [*a]\ncases: [*a]"),
        ("bad.cases.yaml", b"!!python/object/apply:os.system [true]"),
        ("bad.cases.yaml", b"cases: " + b"[" * 20_000),
        ("jurisdiction.yaml", b"name: nameless"),
        ("jurisdiction.yaml", b"id: orphan\nname: orphan\nparent: no_such_place"),
        ("bad.exe", b"MZ"),
        ("bad.bpmn", b"\xff\xfe\x00"),
    ],
)
def test_other_bad_files_are_refused(api: ApiClient, file: str, content: bytes) -> None:
    refusal(api.deploy_files([(file, content)]), file)


@pytest.mark.usefixtures("stored")
def test_yaml_aliases_do_not_blow_up(api: ApiClient) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]

    refusal(api.deploy_files([("bad.cases.yaml", "\n".join([*lines, "cases: *a9"]).encode())]), "bad.cases.yaml")


@pytest.mark.usefixtures("stored")
def test_the_errors_of_all_files_are_told_at_once(api: ApiClient) -> None:
    response = api.deploy_files(
        [
            ("one.bpmn", process(RULE.format("no_such_decision")).encode()),
            ("two.bpmn", process(SCRIPT.format("python", "1"), key="second").encode()),
            ("three.form", b"{"),
        ]
    )

    assert problem(response) == (422, "deployment-refused")
    assert {error["file"] for error in response.json()["errors"]} == {"one.bpmn", "two.bpmn", "three.form"}


# --- while running

FAILING = diagram(
    "bad_at_run_time",
    start(),
    user_task("work"),
    gateway("enough", default="enough_done"),
    user_task("more"),
    end("done"),
    end("ended"),
    flow("start", "work"),
    flow("work", "enough"),
    flow("enough", "more", "amount &gt; 10"),
    flow("enough", "done"),
    flow("more", "ended"),
)
FAILING_AT_START = diagram(
    "bad_at_start",
    start(),
    gateway("enough", default="enough_done"),
    user_task("more"),
    end("done"),
    end("ended"),
    flow("start", "enough"),
    flow("enough", "more", "amount &gt; 10"),
    flow("enough", "done"),
    flow("more", "ended"),
)


def test_an_expression_that_fails_is_an_incident_and_the_state_before_is_kept(api: ApiClient) -> None:
    deployed(api, FAILING)
    instance = api.start("bad_at_run_time", {"amount": 1, "kept": "before"})
    task_id = instance["openTasks"][0]["id"]

    failed = api.complete(task_id, {"amount": None, "kept": "after"}, "clerk")

    assert problem(failed) == (409, "step-incident")
    assert (failed.json()["processInstanceId"], failed.json()["elementId"]) == (instance["id"], "enough_more")
    incident = items(api, "/incidents", processInstanceId=instance["id"])[0]
    assert incident["id"] == failed.json()["incidentId"]
    assert (incident["elementId"], incident["kind"]) == ("enough_more", "expression")
    assert "amount > 10" in incident["message"]
    assert api.get(f"/process-instances/{instance['id']}")["state"] == "incident"
    assert api.get(f"/process-instances/{instance['id']}/variables") == {"amount": 1, "kept": "before"}
    assert open_keys(api, instance["id"]) == ["work"]
    assert api.get(f"/tasks/{task_id}")["state"] == "created"


def test_a_failed_completion_is_done_again_with_better_data(api: ApiClient) -> None:
    deployed(api, FAILING)
    instance = api.start("bad_at_run_time")
    task_id = instance["openTasks"][0]["id"]
    assert problem(api.complete(task_id, {}, "clerk")) == (409, "step-incident")

    mended = api.complete(task_id, {"amount": 11}, "clerk")

    assert mended.status_code == 200, mended.text
    assert open_keys(api, instance["id"]) == ["more"]
    assert api.get(f"/process-instances/{instance['id']}")["state"] == "active"


def test_a_failed_completion_is_retried_in_the_name_of_its_person(api: ApiClient) -> None:
    deployed(api, FAILING)
    instance = api.start("bad_at_run_time")
    task_id = instance["openTasks"][0]["id"]
    incident_id = api.complete(task_id, {"note": "n"}, "clerk").json()["incidentId"]

    again = api.call("POST", f"/incidents/{incident_id}/retry", {})
    assert problem(again) == (409, "step-incident"), "nothing was mended, so it fails again"
    mended = api.call("POST", f"/incidents/{again.json()['incidentId']}/retry", {"variables": {"amount": 11}})

    assert mended.status_code == 200, mended.text
    assert api.get(f"/tasks/{task_id}")["completedBy"] == "clerk"
    assert api.get(f"/process-instances/{instance['id']}/variables") == {"note": "n", "amount": 11}
    events = items(api, f"/process-instances/{instance['id']}/audit-events")
    assert [event["actor"] for event in events if event["kind"] == "task.completed"] == ["clerk"]


def test_a_failed_message_is_told_in_the_trail_once_it_was_retried(api: ApiClient) -> None:
    instance = api.start("two_steps", {"subjectId": "P", "matterId": "message retried"})
    api.complete(instance["openTasks"][0]["id"], {}, "clerk")
    failed = api.call("POST", "/messages", {"name": "test_answer", "processInstanceId": instance["id"], "variables": {"note": "n"}})
    assert problem(failed) == (409, "step-incident")

    retried = api.call("POST", f"/incidents/{failed.json()['incidentId']}/retry", {"variables": {"amount": 11}})

    assert retried.status_code == 200, retried.text
    assert api.get(f"/process-instances/{instance['id']}/variables")["note"] == "n"
    assert audit_kinds(api, instance["id"]).count("message.received") == 1


def test_a_start_that_fails_is_kept_as_an_incident(api: ApiClient) -> None:
    deployed(api, FAILING_AT_START)

    begun = api.start("bad_at_start", {"kept": "given"})

    assert (begun["state"], begun["openTasks"]) == ("incident", [])
    incident = items(api, "/incidents", processInstanceId=begun["id"])[0]
    assert incident["elementId"] == "enough_more"
    assert api.get(f"/process-instances/{begun['id']}/variables") == {"kept": "given"}
    retried = api.call("POST", f"/incidents/{incident['id']}/retry", {"variables": {"amount": 11}})
    assert retried.status_code == 200, retried.text
    assert open_keys(api, begun["id"]) == ["more"]
    assert api.get(f"/process-instances/{begun['id']}/variables") == {"kept": "given", "amount": 11}


# --- requests

POSTS = [
    "/process-instances",
    "/messages",
    "/process-instances/nothing/cancellation",
    "/tasks/nothing/completion",
    "/tasks/nothing/assignment",
    "/decision-definitions/nothing/evaluation",
    "/incidents/nothing/retry",
    "/users",
    "/groups",
    "/api-keys",
]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "content",
    [b"{", b'{"a":}', b"\xff\xfe", b'{"variables": {"a": NaN}}', b'{"variables": {"a": Infinity}}', b"[" * 100_000, b'{"a": 1} x'],
    ids=["cut-off", "no-value", "no-text", "nan", "infinity", "deep", "trailing"],
)
def test_malformed_json_is_400(api: ApiClient, path: str, content: bytes) -> None:
    assert problem(api.call("POST", path, content=content, person="clerk"))[0] == 400


@pytest.mark.parametrize("path", [path for path in POSTS if not path.endswith("/retry")])
def test_an_empty_body_is_400(api: ApiClient, path: str) -> None:
    refused = api.call("POST", path, content=b"", person="clerk")

    assert problem(refused) == (400, "malformed")
    assert refused.json()["detail"] == "the body is empty"


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("body", [[], "text", 1, {"variables": []}, {"variables": None, "odd": 1}])
def test_a_body_of_the_wrong_shape_is_422(api: ApiClient, path: str, body: Any) -> None:
    assert pointers(api.call("POST", path, body, person="clerk"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/process-instances", {"definitionKey": "nothing"}),
        ("POST", "/process-instances", {"definitionId": "nothing:1"}),
        ("GET", "/process-definitions/nothing", None),
        ("GET", "/process-definitions/nothing/xml", None),
        ("GET", "/process-instances/nothing", None),
        ("GET", "/process-instances/nothing/variables", None),
        ("GET", "/process-instances/nothing/activities", None),
        ("GET", "/process-instances/nothing/audit-events", None),
        ("POST", "/process-instances/nothing/cancellation", {"reason": "x"}),
        ("POST", "/messages", {"name": "test_answer", "processInstanceId": "nothing"}),
        ("GET", "/tasks/nothing", None),
        ("GET", "/tasks/nothing/form", None),
        ("POST", "/tasks/nothing/claim", None),
        ("POST", "/tasks/nothing/release", None),
        ("POST", "/tasks/nothing/assignment", {"assignee": "clerk"}),
        ("POST", "/tasks/nothing/completion", {"variables": {}}),
        ("GET", "/decision-definitions/nothing", None),
        ("GET", "/decision-definitions/nothing/xml", None),
        ("POST", "/decision-definitions/nothing/evaluation", {"variables": {}}),
        ("POST", "/decision-definitions/test_fee/evaluation", {"variables": {}, "version": 999}),
        ("POST", "/incidents/nothing/retry", {}),
        ("GET", "/jurisdictions/nothing", None),
        ("GET", "/users/nothing", None),
        ("PATCH", "/groups/nothing", {"name": "x"}),
        ("DELETE", "/api-keys/nothing", None),
        ("GET", "/nowhere", None),
    ],
)
def test_what_is_unknown_is_404(api: ApiClient, method: str, path: str, body: Any) -> None:
    assert problem(api.call(method, path, body, person="clerk" if path.startswith("/tasks") else None))[0] == 404


@pytest.mark.parametrize("value", [10**400, "1e999999", "\x00", "\ud800", {"a" * 300: 1}], ids=["huge", "text", "nul", "surrogate", "long"])
@pytest.mark.parametrize("place", ["businessKey", "variables"])
def test_odd_values_are_never_a_failure_of_the_server(api: ApiClient, place: str, value: Any) -> None:
    body = {"definitionKey": "one_task", place: {"odd": value} if place == "variables" else value}

    assert api.call("POST", "/process-instances", body).status_code in (201, 400, 422)


def test_the_server_has_logged_no_unexpected_error(server: Server, api: ApiClient) -> None:
    """Runs last in this file: none of the requests above was answered with a failure of the server."""
    task_id = api.start("one_task")["openTasks"][0]["id"]
    assert api.complete(task_id, {"review.decision": "AGREE"}, "clerk").status_code == 200
    assert "unexpected error" not in server.log
