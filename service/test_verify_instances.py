"""`verify_instances` on both databases: rows that say what the state says, and one damaged row of every kind, each found and named."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from sqlalchemy import text

from service.actions.answer import NO_REPEAT
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.evidence.add_attachment import NewAttachment, add_attachment
from service.actions.evidence.evidence_views import content_faults
from service.actions.evidence.generate_document import NewDocument, generate_document
from service.actions.evidence.remove_attachment import remove_attachment
from service.actions.instances.cancel_instance import cancel_instance
from service.actions.instances.instance_operation import Operation
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.instances.verify_instances import verify_instances
from service.actions.people import create_user
from service.actions.ports import Services
from service.actions.recusals.decide_recusal import DecideRecusal, decide_recusal
from service.actions.recusals.declare_recusal import DeclareRecusal, declare_recusal
from service.actions.recusals.verify_recusals import verify_recusals
from service.actions.tasks.complete_task import CompleteTask, complete_task
from service.domain.errors import NotFound
from service.domain.identifiers import new_id
from service.domain.principal import SCOPE_ADMIN, Principal
from service.domain.recusal import INTEREST, LIFTED, ORDERED
from service.engine import SpiffEngine
from service.engine.walk_diagrams import MESSAGE, SIGNAL, THRICE, boundary, chain, document, end, external, flow, node, script, start, user
from service.store import migrate, open_store, stream_faults
from service.store.conftest import create_postgres, drop_postgres, postgres_problem
from service.store.database import DatabaseStore

NOW = 1_795_150_800_000
ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li", frozenset({"clerks"}))
KEYS = (
    '<extensionElements><camunda:properties><camunda:property name="correlationKeys" value="caseId"/></camunda:properties>'
    "</extensionElements>"
)
EVERYTHING = (
    start("start", KEYS + MESSAGE) + node("parallelGateway", "f") + user("first", "second") + external("serviceTask", "work", "paper")
    + node("intermediateCatchEvent", "alarmed", SIGNAL) + boundary("remind", "first", THRICE, interrupting=False)
    + boundary("asked", "first", MESSAGE, interrupting=False) + end() + end("reminded") + node("parallelGateway", "j")
    + chain("start", "f", "first", "second", "j", "end") + chain("f", "work", "j") + chain("f", "alarmed", "j")
    + flow("remind", "reminded") + flow("asked", "reminded")
)  # fmt: skip
STALLING = (
    start() + node("exclusiveGateway", "x", "", 'default="x_j"') + node("exclusiveGateway", "y") + node("parallelGateway", "j") + end()
    + chain("start", "x", "j", "end") + flow("x", "y", "${false}") + flow("y", "j")
)  # fmt: skip
FAILING = start() + script("divide", "1 + word", "sum") + end() + chain("start", "divide", "end")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseStore]:
    """A migrated database of this module's own."""
    name = f"rongjiu_verify_{new_id().replace('-', '')}"
    if request.param == "postgresql":
        problem = postgres_problem()
        if problem is not None:
            if os.environ.get("CI") == "true":
                pytest.fail(problem)
            pytest.skip(problem)
        url = create_postgres(name)
    else:
        url = f"sqlite:///{Path(tmp_path_factory.mktemp('verify')) / 'rongjiu.db'}"
    migrate(url)
    opened = open_store(url)
    yield opened
    opened.close()
    if request.param == "postgresql":
        drop_postgres(name)


@pytest.fixture(scope="module")
def services(store: DatabaseStore) -> Services:
    """With the diagrams deployed."""
    made = Services(store, SpiffEngine(), lambda: NOW)
    files = (
        ("everything.bpmn", document(EVERYTHING, "everything")),
        ("failing.bpmn", document(FAILING, "failing")),
        ("stalling.bpmn", document(STALLING, "stalling")),
    )
    deploy(made, ADMIN, Deploy("tests", None, files))
    return made


def begin(services: Services, key: str = "everything") -> dict[str, Any]:
    """A new instance, a case of its own."""
    variables: dict[str, Any] = {"round": Decimal(1), "caseId": new_id(), "facts": {"nature": "grave"}, "word": "x"}
    told: dict[str, Any] = json.loads(start_instance(services, ADMIN, StartInstance(key, None, "start", None, variables)).body)
    return told


def found(services: Services, instance_id: str) -> list[str]:
    """What does not hold in that instance."""
    return [one.message for one in verify_instances(services, instance_id).discrepancies]


def test_rows_that_say_what_the_state_says(services: Services) -> None:
    standing, moved, cancelled = begin(services), begin(services), begin(services)
    complete_task(services, ADMIN, CompleteTask(moved["openTasks"][0]["id"], {"facts": {"nature": "slight"}}))
    cancel_instance(services, Operation(ADMIN, cancelled["id"], "no reason", NO_REPEAT))
    assert begin(services, "failing")["state"] == "incident"

    for instance in (standing, moved, cancelled):
        assert found(services, instance["id"]) == []
    verified = verify_instances(services)
    assert (verified.discrepancies, verified.instances >= 4) == ([], True)
    with pytest.raises(NotFound):
        verify_instances(services, "nothing")


OF = "WHERE process_instance_id = :id"
DAMAGES = {
    "UPDATE task SET state = 'cancelled' " + OF: "the user task .* at 'first' is in the state but has no open row",
    "UPDATE task SET task_definition_key = 'second' " + OF: "the user task .* is 'first' in the state, 'second' in its row",
    "DELETE FROM task_candidate WHERE task_id IN (SELECT id FROM task WHERE process_instance_id = :id)":
        "the group 'clerks' is not a candidate",
    "UPDATE task SET suspended = true " + OF: "the instance is not suspended, its task .* says otherwise",
    "UPDATE process_instance SET state = 'suspended' WHERE id = :id": "the instance is suspended and its timer .* would fire",
    "DELETE FROM timer " + OF: "the timer .* at 'remind' is in the state but has no open row",
    "UPDATE timer SET due_at = due_at + 1 " + OF: "the timer .* at 'remind' is due at .* by the state",
    "INSERT INTO timer (id, process_instance_id, element_id, due_at, attempts, parked) VALUES (:new, :id, 'first', 1, 0, FALSE)":
        "the timer .* at 'first' has an open row but is not in the state",
    "DELETE FROM event_subscription " + OF + " AND kind = 'signal'": "the subscription .* at 'alarmed' 'signal' 'alarm' is in the state",
    "UPDATE event_subscription SET name = 'other' " + OF + " AND kind = 'message'":
        "the subscription .* is 'asked' 'message' 'question' in",
    "DELETE FROM external_task " + OF: "the external task .* at 'work' 'paper' 6 is in the state but has no open row",
    "UPDATE external_task SET topic = 'post' " + OF: "the external task .* is 'work' 'paper' 6 in the state, 'work' 'post' 6",
    "UPDATE activity SET state = 'completed' " + OF + " AND element_id = 'work'": "the activity .* at 'work' is in the state",
    "UPDATE activity SET state = 'active' " + OF + " AND element_id = 'start'": "the activity .* at 'start' has an open row",
    "DELETE FROM activity " + OF + " AND element_id = 'start'": "the history has .* visits numbered up to",
    "UPDATE process_instance SET variables = '{}' WHERE id = :id": "the variable 'facts' is in the state but not in the row",
    "UPDATE process_instance SET variables = 'x' WHERE id = :id": "the variables of the instance are not readable",
    "DELETE FROM variable " + OF + " AND path = 'facts.nature'": "the row for searching the variable 'facts.nature'",
    "UPDATE variable SET search_key = 'x' " + OF + " AND path = 'round'": "the row for searching the variable 'round'",
    "DELETE FROM open_case " + OF: "keeps its case from being opened twice is missing",
    "UPDATE process_instance SET state = 'incident' WHERE id = :id": "in the state incident without an open one",
    "UPDATE process_instance SET state = 'completed' WHERE id = :id": "the user task .* has an open row but is not in the state",
    "UPDATE process_instance SET state_data = NULL WHERE id = :id": "the timer .* has an open row but is not in the state",
}  # fmt: skip


def damage(store: DatabaseStore, statement: str, instance_id: str, **values: object) -> None:
    """What no action of the service does."""
    with store.writing.begin() as connection:
        changed = connection.execute(text(statement), {"id": instance_id} | ({"new": new_id()} if ":new" in statement else {}) | values)
        assert changed.rowcount > 0


@pytest.mark.parametrize("statement", DAMAGES)
def test_a_damaged_row_is_found(services: Services, store: DatabaseStore, statement: str) -> None:
    instance_id = begin(services)["id"]
    assert found(services, instance_id) == []

    damage(store, statement, instance_id)

    told = found(services, instance_id)
    assert any(re.search(DAMAGES[statement], one) for one in told), told
    assert instance_id in {one.process_instance_id for one in verify_instances(services).discrepancies}


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE incident SET resolved_at = 1 " + OF, "the instance is stalled at 'j' by its state, not stalled by its incidents"),
        ("UPDATE incident SET element_id = 'x' " + OF, "the instance is stalled at 'j' by its state, stalled at 'x' by its incidents"),
    ],
)
def test_an_instance_that_stands_still_has_the_incident_that_says_so(
    services: Services, store: DatabaseStore, statement: str, told: str
) -> None:
    instance = begin(services, "stalling")
    assert instance["state"] == "incident"
    assert found(services, instance["id"]) == []

    damage(store, statement, instance["id"])

    assert told in found(services, instance["id"])


def test_a_damaged_state_and_a_row_of_no_instance_are_found(services: Services, store: DatabaseStore) -> None:
    instance_id = begin(services)["id"]
    damage(store, "UPDATE process_instance SET state_data = :state WHERE id = :id", instance_id, state=b"junk")
    (told,) = found(services, instance_id)
    assert told.startswith("its state cannot be read: the stored state is not readable")

    damage(store, "UPDATE timer SET process_instance_id = 'nobody' " + OF, begin(services)["id"])
    orphans = [one.message for one in verify_instances(services).discrepancies if one.process_instance_id is None]
    assert any(one.startswith("the timer ") and one.endswith("belongs to the instance nobody, which does not exist") for one in orphans)


def test_the_command_names_what_differs_and_exits_with_1(services: Services, store: DatabaseStore) -> None:
    def verify(instance_id: str) -> subprocess.CompletedProcess[str]:
        url = store.writing.url.render_as_string(hide_password=False)
        words = [sys.executable, "-m", "service.cli", "verify", "--stream", instance_id]
        return subprocess.run(words, env={**os.environ, "RONGJIU_DATABASE_URL": url}, capture_output=True, text=True, timeout=120)

    instance_id = begin(services)["id"]
    sound = verify(instance_id)
    assert sound.returncode == 0
    assert "ok: the rows of 1 instances say what their states say" in sound.stdout.splitlines()

    damage(store, "DELETE FROM timer " + OF, instance_id)
    differing = verify(instance_id)
    assert differing.returncode == 1
    assert re.search(f"DIFFERS: {instance_id}: the timer .* at 'remind' is in the state but has no open row", differing.stderr)


@pytest.fixture(scope="module")
def with_records(services: Services) -> Services:
    """A template is deployed."""
    held = io.BytesIO()
    template = docx.Document()
    template.add_paragraph("{{ document.number }}")
    template.save(held)
    deploy(services, ADMIN, Deploy("tests", None, (("notice.docx", held.getvalue()),)))
    return services


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ("document SET number = 'x'", "the document .* is not what its audit event says: number"),
        ("document SET occurrence = 9", ": occurrence"),
        ("document SET template = 'x'", ": template"),
        ("document SET template_version = 9", ": template"),
        ("document SET size = size + 1, created_by = 'x'", ": size, actor"),
        ("document SET task_id = 'x'", ": taskId"),
        ("attachment SET name = 'x' || id", "the attachment .* is not what its audit event says: name"),
        ("attachment SET media_type = 'text/plain'", ": mediaType"),
        ("attachment SET size = size + 1", ": size"),
        ("attachment SET task_id = 'x'", ": taskId"),
        ("attachment SET created_at = created_at + 1", ": occurredAt"),
        ("attachment SET removal_reason = 'x'", "the removal of the attachment .* is not what its audit event says: reason"),
        ("attachment SET removed_by = 'x'", "the removal of the attachment .*: actor"),
    ],
)
def test_every_member_of_a_file_that_its_event_tells_is_compared(
    with_records: Services, store: DatabaseStore, changed: str, told: str
) -> None:
    instance = begin(with_records)
    operation, task = Operation(ADMIN, instance["id"], "a reason"), instance["openTasks"][0]["id"]
    generate_document(with_records, operation, NewDocument("notice", task))
    generate_document(with_records, operation, NewDocument("notice"))
    given = NewAttachment(io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "a.pdf", task, "what it shows")
    attached = json.loads(add_attachment(with_records, operation, given).body)
    remove_attachment(with_records, operation, attached["id"])
    assert content_faults(with_records, instance["id"]) == (0, [])

    damage(store, f"UPDATE {changed} {OF}", instance["id"])

    found_here = [words for _, words in content_faults(with_records, instance["id"])[1]]
    assert any(re.search(f"{told}$", words) for words in found_here), found_here


def test_a_recusal_that_is_not_what_the_trail_says_is_told(
    services: Services, store: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_faults, "BATCH", 2)
    create_user(services, ADMIN, "wang", "王", None, [])

    def declared(*decisions: str) -> str:
        about = DeclareRecusal("wang", "K-1", None, None, INTEREST, None, False, None, None)
        one = str(json.loads(declare_recusal(services, ADMIN, about).body)["id"])
        for decision in decisions:
            decide_recusal(services, ADMIN, DecideRecusal(one, decision, "a reason"))
        return one

    waiting, lifted = declared(), declared(ORDERED, LIFTED)
    changed, gone, unlike, moved = (declared(ORDERED) for _ in range(4))
    assert verify_recusals(services) == (6, [])

    damage(store, "UPDATE recusal SET state = 'LIFTED' WHERE id = :id", changed)
    damage(store, "DELETE FROM recusal WHERE id = :id", gone)
    damage(store, "UPDATE recusal SET subject_id = 'K-2', user_id = 'li', ground = 'x' WHERE id = :id", unlike)
    damage(store, "UPDATE recusal SET declared_at = 999999999999999, ends_on = '2026-11-21' WHERE id = :id", moved)
    damage(store, "UPDATE recusal SET id = 'zz' WHERE id = :id", waiting)

    seen, faults = verify_recusals(services)
    words = "\n".join(faults)
    assert (seen, len(faults), lifted in words) == (5, 6, False)
    for one, told in {
        changed: r"is not what its last audit event \(\d+\) says: state$",
        gone: r"of which the audit event \d+ tells is missing$",
        unlike: r"says: userId, subjectId, ground$",
        moved: r"says: to, declaredAt$",
        "zz": "is there, and the audit trail tells nothing of it$",
        waiting: r"of which the audit event \d+ tells is missing$",
    }.items():
        assert re.search(f"the recusal {one} .*{told}", words, re.M), words

    url = store.writing.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "service.cli", "verify", "--stream", "service"]
    ended = subprocess.run(command, env={**os.environ, "RONGJIU_DATABASE_URL": url}, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, f"DIFFERS: no instance: the recusal {gone}" in ended.stderr) == (1, True), ended.stderr
