"""`rongjiu verify` and what is kept beside the cases, on both databases: one damaged row of every kind, each found and named."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from service.actions.answer import NO_REPEAT
from service.actions.deadlines.set_working_days import SetWorkingDays, set_working_days
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.ports import Services
from service.actions.precedents.create_precedent import CreatePrecedent, create_precedent
from service.actions.precedents.withdraw_precedent import withdraw_precedent
from service.actions.registers.verify_registers import verify_registers
from service.actions.subjects.register_subject import PutSubject, put_subject
from service.actions.tasks.complete_task import CompleteTask, complete_task
from service.domain.principal import SCOPE_ADMIN, Principal
from service.domain.subject import INDIVIDUAL, UNIT, Authority, Post
from service.engine import SpiffEngine
from service.engine.walk_diagrams import chain, document, start, user
from service.store import stream_faults
from service.store.conftest import a_store
from service.store.database import DatabaseStore
from service.store.register_faults import find_unlike_registers
from service.store.test_audit import disarm

NOW = 1_795_150_800_000
"""2026-11-20T05:00:00Z."""
YEAR = 2090
"""No published calendar knows it."""
ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li", frozenset({"clerks"}))
PLACE = b"id: east\nname: \xe4\xb8\x9c\xe5\x8e\xbf\nparent: null\n"
PRECEDENTS = """
precedents:
  - id: EAST-1
    title: 应急抢修未先招标
    sources: [{title: 某市发布典型案例, quote: 予以容错免责, address: "https://example.org/1"}]
    rules: [R1, R2]
    facts: {loss: 1.50}
    outcome: EXEMPT
    scope: LIMITED
    anonymised: true
"""
PUBLISHING = (
    start() + user("write") + chain("start", "write", "end")
    + '<endEvent id="end"><extensionElements><camunda:properties><camunda:property name="precedentVariable" value="told"/>'
    "</camunda:properties></extensionElements></endEvent>"
)  # fmt: skip
GIVEN: dict[str, Any] = {
    "title": "某案", "sources": [{"title": "通报", "note": "不公开"}], "outcome": "EXEMPT", "scope": "PUBLIC", "anonymised": True,
    "facts": {"loss": Decimal("12.30")}, "rules": ["N1"],
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with a_store(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def services(store: DatabaseStore, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Subjects, precedents of every origin and tables of working days, all of them changed at least once, and more than fit a batch."""
    monkeypatch.setattr(stream_faults, "BATCH", 2)
    made = Services(store, SpiffEngine(), lambda: NOW)
    files = (
        ("jurisdiction.yaml", PLACE),
        ("precedents.yaml", PRECEDENTS.encode()),
        ("publishing.bpmn", document(PUBLISHING, "publishing")),
    )
    deploy(made, ADMIN, Deploy("tests", "east", files))
    again = PRECEDENTS.replace("R2]", "R2, R3]").encode()
    deploy(made, ADMIN, Deploy("tests", "east", (("precedents.yaml", again),)))
    for name in ("某局", "某县某局"):
        put_subject(made, ADMIN, PutSubject("bureau", UNIT, name, None, ()))
    posts = (Post("科长", "股级", Authority("committee", "县委"), "2020-01-01", None),)
    for number in range(3):
        put_subject(made, ADMIN, PutSubject(f"person-{number}", INDIVIDUAL, "黄某", "bureau", posts))
    for day in (1, 2):
        table = SetWorkingDays(YEAR, [date(YEAR, 1, day)], [date(YEAR, 1, 8)], "通知")
        set_working_days(made, ADMIN, table)
    set_working_days(made, ADMIN, SetWorkingDays(YEAR + 1, [], [], "另一通知"))
    return made


def recorded(services: Services) -> str:
    """A precedent that somebody told."""
    return str(json.loads(create_precedent(services, ADMIN, CreatePrecedent(GIVEN, "east", None)).body)["id"])


def left_by_a_case(services: Services) -> str:
    """A precedent that a case ended with."""
    case = json.loads(start_instance(services, ADMIN, StartInstance("publishing", None, None, None, {"told": GIVEN})).body)
    complete_task(services, ADMIN, CompleteTask(case["openTasks"][0]["id"], {}))
    with services.store.read() as questions:
        (found,) = questions.page("precedents", {"processInstanceId": case["id"]}, [], 5, None, NOW, None).items
    return str(found["id"])


def faults(services: Services) -> list[str]:
    return [words for _, _, unlike in verify_registers(services) for words in unlike]


def damage(store: DatabaseStore, statement: str, **values: object) -> None:
    """What no action of the service does."""
    with store.writing.begin() as connection:
        assert connection.execute(text(statement), values).rowcount > 0


def test_registers_that_say_what_the_trail_says(services: Services) -> None:
    kept, withdrawn, left, left_withdrawn = recorded(services), recorded(services), left_by_a_case(services), left_by_a_case(services)
    for one in (withdrawn, left_withdrawn):
        withdraw_precedent(services, ADMIN, one, "原单位撤回", NO_REPEAT)

    assert verify_registers(services) == [("subjects", 4, []), ("precedents", 5, []), ("tables of working days", 2, [])]
    assert len({kept, withdrawn, left, left_withdrawn}) == 4


TABLE = f"the table of working days of {YEAR}"
LAST = r"is not what its last audit event \(\d+( of \S+)?\) says: "
DAMAGES = {
    "UPDATE subject SET name = '张某' WHERE id = 'person-1'": f"^the subject person-1 {LAST}name$",
    "UPDATE subject SET unit_id = NULL, kind = 'UNIT' WHERE id = 'person-0'": f"^the subject person-0 {LAST}kind, unitId$",
    "UPDATE subject SET posts = replace(posts, '科长', '局长') WHERE id = 'person-2'": f"^the subject person-2 {LAST}posts$",
    "UPDATE subject SET posts = 'x' WHERE id = 'person-2'": "^the subject person-2 cannot be read any more: ",
    "UPDATE subject SET created_at = 999999999999999 WHERE id = 'bureau'": "^the subject bureau cannot be read any more: ",
    "DELETE FROM subject WHERE id = 'person-1'": r"^the subject person-1 of which the audit event \d+ tells is missing$",
    "UPDATE subject SET id = 'zz' WHERE id = 'person-1'": "^the subject zz is there, and the audit trail tells nothing of it$",
    "UPDATE precedent SET outcome = 'NOT_TOLERATED' WHERE id = 'EAST-1'": f"^the precedent EAST-1 {LAST}digest$",
    "UPDATE precedent SET content = replace(content, '1.5', '2.5') WHERE id = 'EAST-1'": f"^the precedent EAST-1 {LAST}digest$",
    "UPDATE precedent SET withdrawn = 'x' WHERE id = 'EAST-1'": f"^the precedent EAST-1 {LAST}digest$",
    "UPDATE precedent SET version = 1 WHERE id = 'EAST-1'": f"^the precedent EAST-1 {LAST}digest$",
    "UPDATE precedent SET content = '{}' WHERE id = 'EAST-1'": "^the precedent EAST-1 cannot be read any more: ",
    "UPDATE precedent SET title = 'x', scope = 'UNIT' WHERE id = :told": f"^the precedent :told {LAST}title, scope, digest$",
    "UPDATE precedent SET outcome = 'REDUCE' WHERE id = :left": f"^the precedent :left {LAST}outcome, digest$",
    "UPDATE precedent SET withdrawn = NULL WHERE id = :gone": f"^the precedent :gone {LAST}digest$",
    "UPDATE precedent SET recorded_by = 'x' WHERE id = :left": f"^the precedent :left {LAST}digest$",
    "UPDATE precedent SET searched_text = 'x' WHERE id = :told": "^the text in which the precedent :told is searched is not its text$",
    "UPDATE precedent SET jurisdiction_path = 'west' WHERE id = :told": "^the precedent :told has the path 'west', which is not",
    "DELETE FROM precedent WHERE id = :left": r"^the precedent :left of which the audit event \d+ of \S+ tells is missing$",
    "DELETE FROM precedent_rule WHERE rule = 'R2'": "^the rows of rules of the precedent EAST-1 are not its rules: R2$",
    "INSERT INTO precedent_rule (precedent_id, rule) VALUES (:told, 'R9')": "^the rows of rules of the precedent :told are not .* R9$",
    f"UPDATE working_year SET holidays = '[]' WHERE year = {YEAR}": f"^{TABLE} {LAST}holidays$",
    f"UPDATE working_year SET holidays = 'x' WHERE year = {YEAR}": f"^{TABLE} cannot be read any more: ",
    f"UPDATE working_year SET workdays = '[]', source = 'x' WHERE year = {YEAR}": f"^{TABLE} {LAST}workdays, source$",
    f"UPDATE working_year SET set_by = 'x', set_at = 1 WHERE year = {YEAR}": f"^{TABLE} {LAST}setAt, setBy$",
    f"DELETE FROM working_year WHERE year = {YEAR}": rf"^{TABLE} of which the audit event \d+ tells is missing$",
    f"UPDATE working_year SET year = 2080 WHERE year = {YEAR}": "days of 2080 is there, and the audit trail tells nothing",
}


def test_a_damaged_row_is_found(services: Services, store: DatabaseStore) -> None:
    """One after the other on the same database, each rolled back: what is told is that damage, and nothing that is left alone."""
    ids = {"told": recorded(services), "left": left_by_a_case(services), "gone": recorded(services)}
    withdraw_precedent(services, ADMIN, ids["gone"], "原单位撤回", NO_REPEAT)
    assert faults(services) == []

    for statement, words in DAMAGES.items():
        named = {name: one for name, one in ids.items() if f":{name}" in statement}
        expected = re.sub(r":(told|left|gone)\b", lambda found: re.escape(ids[found[1]]), words)
        with store.writing.connect() as connection:
            assert connection.execute(text(statement), named).rowcount > 0, statement
            told = [one for _, _, some in find_unlike_registers(connection) for one in some]
            connection.rollback()
        assert any(re.search(expected, one) for one in told), (statement, told)
        known = ("person-0", "person-1", "person-2", "bureau", "zz", "EAST-1", str(YEAR), "2080")
        concerned = [*named.values(), *(one for one in known if one in statement or one in words)]
        assert all(any(one in sentence for one in concerned) for sentence in told), (statement, told)
    assert faults(services) == []


def test_the_command_names_what_differs_and_exits_with_1(services: Services, store: DatabaseStore) -> None:
    url = store.writing.url.render_as_string(hide_password=False)

    def verify() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "service.cli", "verify"]
        return subprocess.run(command, env={**os.environ, "RONGJIU_DATABASE_URL": url}, capture_output=True, text=True, timeout=120)

    sound = verify()
    assert (sound.returncode, sound.stderr) == (0, "")
    for words in ("4 subjects are", "1 precedents are", "2 tables of working days are"):
        assert f"ok: {words} what the audit trail says" in sound.stdout

    damage(store, "UPDATE subject SET name = '张某' WHERE id = 'bureau'")
    differing = verify()

    assert differing.returncode == 1
    assert re.search(f"^DIFFERS: no instance: the subject bureau {LAST}name$", differing.stderr, re.M), differing.stderr
    assert "ok: 1 precedents are" in differing.stdout


def test_digests_of_events_from_before_their_members_were_numbered_are_compared_as_well(services: Services, store: DatabaseStore) -> None:
    told = recorded(services)
    kinds = "kind IN ('precedent.recorded', 'deployment.created')"
    with store.writing.begin() as connection:
        disarm(connection)
        for seq, payload in connection.execute(text(f"SELECT seq, payload FROM audit_event WHERE {kinds} AND stream = 'service'")).all():
            event = json.loads(payload)
            event.pop("of", None)
            if isinstance(event.get("precedents"), dict):
                event["precedents"] = {one: digest["digest"] for one, digest in event["precedents"].items()}
            values = {"payload": json.dumps(event), "seq": seq}
            connection.execute(text("UPDATE audit_event SET payload = :payload WHERE stream = 'service' AND seq = :seq"), values)
    assert faults(services) == []

    damage(store, "UPDATE precedent SET recorded_by = 'x' WHERE id IN (:told, 'EAST-1')", told=told)

    assert [bool(re.search(f"{LAST}digest$", words)) for words in faults(services)] == [True, True]
