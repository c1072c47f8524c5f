"""The one runner of `*.cases.yaml`: plays each case against a running service over HTTP and compares what comes with what is expected."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar, cast

from service.actions.deployments.decision_cases import DecisionCase
from service.cli.case_files import Case, CaseFile, CaseStep
from service.cli.client import Client, CommandError, Reply
from service.domain.json_values import Json, canonical_json, same_json

PATIENCE_SECONDS = 20.0
"""How long a timer that is due and a message on its way may take to act."""

POLL_SECONDS = 0.1
REFUSED = (400, 404, 409, 422)
"""What is wrong with one case, such as a misspelt fact or decision; the next is played all the same."""

Found = TypeVar("Found")
Tell = Callable[[str, Mapping[str, Json]], None]
"""Told of each thing that happens: decision, start, step, joined, end, audit, with what the service answered."""


class Difference(Exception):
    """Something came other than expected."""


def _silent(_what: str, _happened: Mapping[str, Json]) -> None:
    return None


def require(expected: Json, got: Json, what: str) -> None:
    """Raise Difference unless both are equal."""
    if not same_json(expected, got):
        raise Difference(f"{what}: expected {canonical_json(expected)}, got {canonical_json(got)}")


def ensure_users(client: Client, case_file: CaseFile) -> None:
    """Make the file's users and their groups known to the service."""
    for user_id, user in case_file.users.items():
        wanted: dict[str, Json] = {"name": str(user.get("name", user_id)), "groups": user.get("groups") or []}
        reply = client.call("POST", "/users", {"id": user_id, **wanted})
        if reply.status == 409:
            reply = client.call("PATCH", f"/users/{user_id}", wanted)
        if reply.status >= 300:
            raise CommandError(f"user {user_id}: {reply}")


def run_decision(client: Client, case: DecisionCase, tell: Tell = _silent) -> None:
    """Evaluate and compare: every key of `expect` is an output, or `result`; `reasons` are rule ids among the outputs' reasons."""
    if not case.expect:
        raise Difference("it has no expect: nothing would be compared")
    reply = client.call("POST", f"/decision-definitions/{case.decision}/evaluation", {"variables": dict(case.variables)})
    if reply.status in REFUSED:
        raise Difference(f"{case.decision}: {reply}")
    record = reply.of(f"POST /decision-definitions/{case.decision}/evaluation")
    tell("decision", record)
    named = record["outputs"] if isinstance(record["outputs"], dict) else {}
    outputs = {"result": record["result"], **named}
    for key, expected in case.expect.items():
        if key not in outputs:
            raise Difference(f"{case.decision}: it has no output {key!r}; it has {', '.join(outputs)}")
        got: Json = list[Json](_rules_of(outputs.get("reasons"))) if key == "reasons" else outputs.get(key)
        if key == "reasons":
            _require_among(cast(Sequence[str], expected), cast(Sequence[str], got), f"{case.decision}: reasons")
        elif isinstance(expected, dict) and isinstance(got, dict):
            for name, value in expected.items():
                require(value, got.get(name), f"{case.decision}: {key}.{name}")
        else:
            require(expected, got, f"{case.decision}: {key}")


def run_case(client: Client, case: Case, tell: Tell = _silent, patience: float = PATIENCE_SECONDS) -> None:
    """Play one case to its end. Subject and matter get a fresh suffix, so that a file can be played again on the same service.

    `patience`: so many seconds may pass until a timer that is due, or a message on its way, has done its part.
    """
    if not case.expect and not case.steps:
        raise Difference("it has neither steps nor expect: nothing would be compared")
    suffix = uuid.uuid4().hex[:8]

    def fresh(variables: Mapping[str, Json]) -> dict[str, Json]:
        return {key: f"{value}#{suffix}" if key in ("subjectId", "matterId") else value for key, value in variables.items()}

    begun: dict[str, Json] = {
        "businessKey": f"{case.business_key or case.name.split(' ')[0]}#{suffix}",
        "variables": fresh(case.variables),
    }
    if case.jurisdiction is not None:
        begun["jurisdiction"] = case.jurisdiction
    if case.process is not None:
        started = client.call(
            "POST", "/process-instances", {"definitionKey": case.process, "startElementId": case.element, **begun}, case.person
        )
    else:
        started = client.call("POST", "/messages", {"name": case.message, **begun}, case.person)
    if started.status != 201 or not isinstance(started.body, dict):
        raise Difference(f"start: {started}")
    instance_id = str(started.body["id"])
    tell("start", {"case": case.name, "source": case.source, "message": case.message or case.process, "instance": started.body})
    for number, step in enumerate(case.steps, 1):
        if step.awaits:
            _in_time(patience, partial(_require_sent, client, instance_id, step.awaits, f"step {number}"))
            continue
        if step.message is not None:
            message: dict[str, Json] = {"name": step.message, "variables": fresh(step.variables)}
            if step.correlation_keys:
                message["correlationKeys"] = fresh(step.correlation_keys)
            reply = client.call("POST", "/messages", message, step.person)
        else:
            task = _in_time(patience, partial(_task_for, client, instance_id, step))
            reply = client.call("POST", f"/tasks/{task['id']}/completion", {"variables": dict(step.variables)}, step.person)
        tell(
            "step",
            {"number": number, "task": step.task, "message": step.message, "as": step.person, "status": reply.status, "answer": reply.body},
        )
        _compare_step(client, instance_id, step, reply, f"step {number} ({step.task or step.message})")
    _in_time(patience, partial(_compare_end, client, instance_id, case))
    _tell_end(client, instance_id, tell)


def _in_time(patience: float, look: Callable[[], Found]) -> Found:
    """What `look` gives as soon as it raises no Difference any more; the last one when that takes longer than `patience` seconds."""
    until = time.monotonic() + patience
    while True:
        try:
            return look()
        except Difference:
            if time.monotonic() > until:
                raise
        time.sleep(POLL_SECONDS)


def _require_sent(client: Client, instance_id: str, names: Sequence[str], where: str) -> None:
    sent = _sent(client, instance_id)
    missing = Counter(names) - Counter(sent)
    if missing:
        raise Difference(f"{where}: {sorted(missing.elements())} not among the messages sent, {sent}")


def _sent(client: Client, instance_id: str) -> list[str]:
    events = _audit(client, instance_id)
    return [str(cast(Mapping[str, Json], event["payload"])["name"]) for event in events if event["kind"] == "message.sent"]


def _task_for(client: Client, instance_id: str, step: CaseStep) -> Mapping[str, Json]:
    query = f"/tasks?processInstanceId={instance_id}&taskDefinitionKey={step.task}&state=created&limit=200"
    tasks = cast(list[Mapping[str, Json]], client.expect("GET", query)["items"])
    person = client.expect("GET", f"/users/{step.person}") if step.person is not None else {}
    groups = set(cast(list[str], person.get("groups", [])))
    for task in tasks:
        candidates = set(cast(list[str], task["candidateGroups"]))
        if task["assignee"] not in (None, step.person):
            continue
        if not candidates or candidates & groups or step.person in cast(list[str], task["candidateUsers"]):
            return task
    if tasks:
        return tasks[0]
    raise Difference(f"no open task {step.task!r}; open are {_open_keys(client, instance_id)}")


def _open_keys(client: Client, instance_id: str) -> list[str]:
    items = cast(list[Mapping[str, Json]], client.expect("GET", f"/tasks?processInstanceId={instance_id}&state=created&limit=200")["items"])
    return sorted(str(task["taskDefinitionKey"]) for task in items)


def _compare_step(client: Client, instance_id: str, step: CaseStep, reply: Reply, where: str) -> None:
    expected_status = int(str(step.expect.get("status", 200)))
    if reply.status != expected_status:
        raise Difference(f"{where}: expected status {expected_status}, got {reply}")
    body = reply.body if isinstance(reply.body, dict) else {}
    if "type" in step.expect:
        require(True, str(body.get("type")).endswith(str(step.expect["type"])), f"{where}: problem type {body.get('type')}")
    if "pointers" in step.expect:
        pointers = [str(error["pointer"]) for error in cast(list[Mapping[str, Json]], body.get("errors", []))]
        got = [pointer.removeprefix("/variables") for pointer in pointers]
        _require_among(
            [str(pointer).removeprefix("/variables") for pointer in cast(list[Json], step.expect["pointers"])], got, f"{where}: pointers"
        )
    if "joined" in step.expect:
        require(step.expect["joined"], body.get("joined"), f"{where}: joined")
        require(instance_id, body.get("id"), f"{where}: the case joined")
    if "open" in step.expect:
        require(sorted(cast(list[Json], step.expect["open"]), key=str), list[Json](_open_keys(client, instance_id)), f"{where}: open tasks")


def _require_value(expected: Json, got: Json, what: str) -> None:
    """Equal; of an object only the members that are expected."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for name, value in expected.items():
            _require_value(value, got.get(name), f"{what}.{name}")
    else:
        require(expected, got, what)


def _require_among(expected: Sequence[str], got: Sequence[str], what: str) -> None:
    missing = [value for value in expected if value not in got]
    if missing:
        raise Difference(f"{what}: {missing} not among {list(got)}")


def _rules_of(reasons: Json) -> list[str]:
    return [str(reason["rule"]) for reason in cast(list[Mapping[str, Json]], reasons or [])]


def _tell_end(client: Client, instance_id: str, tell: Tell) -> None:
    instance = client.expect("GET", f"/process-instances/{instance_id}")
    variables = client.expect("GET", f"/process-instances/{instance_id}/variables")
    evaluations = client.expect("GET", f"/decision-evaluations?processInstanceId={instance_id}&limit=200")["items"]
    happened = {"advice": variables.get("advice") or {}, "decision": variables.get("decision") or {}, "evaluations": evaluations}
    tell("end", {"instance": instance, **happened})
    verification = client.expect("GET", f"/audit/verification?stream={instance_id}")
    tell("audit", verification)
    require(True, verification["ok"], "audit verification")


def _compare_end(client: Client, instance_id: str, case: Case) -> None:
    instance = client.expect("GET", f"/process-instances/{instance_id}")
    variables = client.expect("GET", f"/process-instances/{instance_id}/variables")
    advice = cast(Mapping[str, Json], variables.get("advice") or {})
    decision = cast(Mapping[str, Json], variables.get("decision") or {})
    expect = case.expect
    if "path" in expect:
        require(expect["path"], _path(client, instance_id), "path")
    for key, got in (
        ("state", instance["state"]),
        ("outcome", advice.get("outcome")),
        ("reasonRule", advice.get("reasonRule")),
        ("modality", advice.get("modality")),
        ("missing", advice.get("missing")),
        ("decision", decision.get("outcome")),
    ):
        if key in expect:
            require(expect[key], got, key)
    if "reasons" in expect:
        _require_among(cast(list[str], expect["reasons"]), _rules_of(advice.get("reasons")), "reasons")
    if "sixAspects" in expect:
        findings = cast(Mapping[str, Json], advice.get("sixAspects") or {})
        for name, value in cast(Mapping[str, Json], expect["sixAspects"]).items():
            require(value, findings.get(name), f"sixAspects.{name}")
    for name, value in cast(Mapping[str, Json], expect.get("variables") or {}).items():
        _require_value(value, variables.get(name), f"variables.{name}")
    if "messages" in expect:
        _require_sent(client, instance_id, cast(list[str], expect["messages"]), "messages sent")
    for name, payload in cast(Mapping[str, Json], expect.get("payloads") or {}).items():
        sent = [event["payload"] for event in _audit(client, instance_id) if event["kind"] == "message.sent"]
        given = [message["payload"] for message in cast(list[Mapping[str, Json]], sent) if message["name"] == name]
        if not given:
            raise Difference(f"payloads: no message {name!r} was sent")
        _require_value(payload, given[-1], f"payloads.{name}")


def _audit(client: Client, instance_id: str) -> list[Mapping[str, Json]]:
    return list(client.rows(f"/process-instances/{instance_id}/audit-events"))


def _path(client: Client, instance_id: str) -> list[Json]:
    """The task definition keys of the completed tasks, in the order they were completed."""
    completed = [event for event in _audit(client, instance_id) if event["kind"] == "task.completed"]
    return [cast(Mapping[str, Json], event["payload"])["taskDefinitionKey"] for event in completed]
