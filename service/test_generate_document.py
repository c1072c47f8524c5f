"""Documents while others work, on both databases: nobody waits for one that is being made, and nothing it says is stale."""

import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest

from service import documents
from service.actions.answer import NO_REPEAT, Repeat
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.evidence.add_attachment import NewAttachment, add_attachment
from service.actions.evidence.contents import stored_bytes
from service.actions.evidence.evidence_views import content_faults
from service.actions.evidence.generate_document import ATTEMPTS, NewDocument, generate_document
from service.actions.instances.cancel_instance import cancel_instance
from service.actions.instances.instance_operation import Operation
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.people import change_user, create_user
from service.actions.ports import Services
from service.actions.ports.turns import Turns
from service.actions.subjects.register_subject import PutSubject, put_subject
from service.actions.tasks.complete_task import CompleteTask, complete_task
from service.domain.errors import Conflict, Invalid
from service.domain.principal import SCOPE_ADMIN, Principal
from service.domain.subject import INDIVIDUAL, UNIT, Authority, Post
from service.engine import SpiffEngine
from service.engine.walk_diagrams import chain, document, end, start, user
from service.store.conftest import a_store
from service.store.database import DatabaseStore

NOW = 1_795_150_800_000
"""2026-11-20T05:00:00Z."""
ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li", frozenset({"clerks"}))
Meanwhile = Callable[[], object]


def template(*paragraphs: str) -> bytes:
    made = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


NOTICE = template("{{ document.number }} {{ variables.word }} {{ author.name }}")
PERSON = template("{{ subject.name }}，{{ subject.unit }}{{ subject.post }}，{{ subject.authority }}，{{ subject.sources.name | label }}")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with a_store(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
def services(store: DatabaseStore) -> Services:
    made = Services(store, SpiffEngine(), lambda: NOW)
    diagram = document(start() + user("first") + user("second") + end() + chain("start", "first", "second", "end"), "noticed")
    deploy(made, ADMIN, Deploy("tests", None, (("noticed.bpmn", diagram), ("notice.docx", NOTICE), ("person.docx", PERSON))))
    return made


def begin(services: Services, **variables: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        start_instance(services, ADMIN, StartInstance("noticed", None, None, None, {"word": "甲"} | variables)).body
    )
    return told


def make(services: Services, instance: dict[str, Any], wanted: NewDocument | None = None, repeat: Repeat = NO_REPEAT) -> dict[str, Any]:
    given = generate_document(services, Operation(ADMIN, instance["id"], "", repeat), wanted or NewDocument("notice"))
    told: dict[str, Any] = json.loads(given.body)
    return told


def written(services: Services, made: dict[str, Any]) -> str:
    content = b"".join(stored_bytes(services, made["digest"]))
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(content)).paragraphs)


def number(made: dict[str, Any]) -> int:
    return int(made["number"].rpartition("〕")[2].removesuffix("号"))


def while_it_is_made(monkeypatch: pytest.MonkeyPatch, *meanwhile: Meanwhile) -> list[bytes]:
    """Each of them is done, in another thread, when a document has been made for the first, second … time and not been written yet."""
    real, made, waiting = documents.render, list[bytes](), list(meanwhile)

    def render(*arguments: Any) -> bytes:
        mine = real(*arguments)
        made.append(mine)
        if waiting:
            with ThreadPoolExecutor(1) as others:
                others.submit(waiting.pop(0)).result(timeout=10)
        return mine

    monkeypatch.setattr("service.actions.evidence.document_draft.render", render)
    return made


def test_a_task_is_completed_while_a_document_is_made(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = begin(services), begin(services)
    made = while_it_is_made(monkeypatch, lambda: complete_task(services, ADMIN, CompleteTask(other["openTasks"][0]["id"], {})))

    assert make(services, mine)["version"] == 1
    assert len(made) == 1  # what happened in another case is nothing to it


def test_a_case_that_moves_on_meanwhile_is_read_again(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    case = begin(services)
    task = case["openTasks"][0]["id"]
    made = while_it_is_made(monkeypatch, lambda: complete_task(services, ADMIN, CompleteTask(task, {"word": "乙"})))

    answer = make(services, case)

    assert len(made) == 2
    assert "乙" in written(services, answer)
    assert (answer["version"], number(answer)) == (1, 1)
    assert content_faults(services) == (1, [])


def test_whoever_makes_it_is_named_as_they_are_called_now(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    create_user(services, ADMIN, "li", "李四", None, ())
    made = while_it_is_made(monkeypatch, lambda: change_user(services, ADMIN, "li", "李肆", None, None))

    assert written(services, make(services, begin(services))).endswith("李肆")
    assert len(made) == 2


def test_a_number_that_another_case_took_meanwhile_is_not_given_twice(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = begin(services), begin(services)
    # As another process of the service would: it has a turn of its own.
    apart = replace(services, documents=Turns())
    answers: list[dict[str, Any]] = []
    made = while_it_is_made(monkeypatch, lambda: answers.append(make(apart, other)))

    answers.append(make(services, mine))

    assert [number(answer) for answer in answers] == [1, 2]
    assert [answer["number"] in written(services, answer) for answer in answers] == [True, True]
    assert len(made) == 3
    assert number(make(services, begin(services))) == 3


def test_a_case_that_never_rests_is_told_and_uses_no_number(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    case = begin(services)

    def attach() -> None:
        add_attachment(services, Operation(ADMIN, case["id"], "", NO_REPEAT), NewAttachment(io.BytesIO(b"text"), "letter.txt"))

    made = while_it_is_made(monkeypatch, *[attach] * (ATTEMPTS + 1))

    with pytest.raises(Conflict) as refused:
        make(services, case)

    assert (refused.value.code, len(made)) == ("stale", ATTEMPTS)
    monkeypatch.undo()
    assert number(make(services, case)) == 1


def test_a_case_that_ends_meanwhile_gets_no_document(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    case = begin(services)
    while_it_is_made(monkeypatch, lambda: cancel_instance(services, Operation(ADMIN, case["id"], "no reason", NO_REPEAT)))

    with pytest.raises(Conflict) as refused:
        make(services, case)

    assert refused.value.code == "instance-not-open"
    assert number(make(services, begin(services))) == 1


def test_many_at_once_have_numbers_without_gap_and_say_their_own(services: Services) -> None:
    cases = [begin(services) for _ in range(6)]
    apart = [replace(services, documents=Turns()) for _ in range(2)]

    with ThreadPoolExecutor(12) as people:
        documents = [people.submit(make, apart[index % 2], case) for index, case in enumerate(cases)]
        tasks = [people.submit(complete_task, services, ADMIN, CompleteTask(case["openTasks"][0]["id"], {"word": "丙"})) for case in cases]
        answers = [future.result() for future in documents]
        assert [future.result().status for future in tasks] == [200] * 6

    assert sorted(map(number, answers)) == [1, 2, 3, 4, 5, 6]
    for answer in answers:
        assert written(services, answer).startswith(answer["number"])
    assert content_faults(services)[1] == []


def test_the_same_request_at_once_makes_one_document(services: Services) -> None:
    case = begin(services)
    repeat = Repeat("once", "fingerprint")

    with ThreadPoolExecutor(4) as people:
        futures = [people.submit(make, services, case, NewDocument("notice"), repeat) for _ in range(4)]
        answers = [future.result() for future in futures]

    assert answers == [answers[0]] * 4
    cancel_instance(services, Operation(ADMIN, case["id"], "no reason", NO_REPEAT))
    assert make(services, case, NewDocument("notice"), repeat) == answers[0]


def register(services: Services) -> None:
    put_subject(services, ADMIN, PutSubject("county", UNIT, "某县水利局", None, ()))
    organ = Authority("county-committee", "中共某县委")
    posts = (
        Post("科长", "股级", Authority("bureau", None), "2019-03-01", "2025-06-30"),
        Post("副局长", "乡科级副职", organ, "2025-07-01", None),
    )
    put_subject(services, ADMIN, PutSubject("p-1", INDIVIDUAL, "黄建国", "county", posts))


def told(services: Services, made: dict[str, Any]) -> Any:
    """The payload of the last event of the case."""
    with services.store.read() as questions:
        events = questions.page("audit-events", {"stream": made["processInstanceId"]}, [], 200, None, NOW, None).items
    last = events[-1]
    assert last["kind"] == "document.generated"
    return last["payload"]


def test_the_register_says_what_the_case_lacks(services: Services) -> None:
    register(services)

    made = make(services, begin(services, subjectId="p-1"), NewDocument("person"))

    assert written(services, made) == "黄建国，某县水利局副局长，中共某县委，登记"
    assert made["warnings"] == []
    assert made["subject"] == {
        "id": "p-1", "registered": True, "on": "2026-11-20", "kind": "INDIVIDUAL", "name": "黄建国", "unit": "某县水利局",
        "unitId": "county", "post": "副局长", "rank": "乡科级副职", "authority": "中共某县委", "authorityId": "county-committee",
        "sources": dict.fromkeys(("name", "unit", "post", "rank", "authority"), "register"),
    }  # fmt: skip
    assert told(services, made)["subjectSources"] == made["subject"]["sources"]


def test_a_contradiction_is_told_and_the_case_s_own_words_stand(services: Services) -> None:
    register(services)
    case = begin(services, subjectId="p-1", subjectName="黄建囯", facts={"subjectPost": "科长", "subjectName": "黄建国"})

    made = make(services, case, NewDocument("person"))

    assert written(services, made) == "黄建囯，某县水利局科长，中共某县委，案卷所载"
    assert [(one["code"], one["field"], one["usedFrom"], one["other"], one["otherFrom"]) for one in made["warnings"]] == [
        ("stated-differently", "subject.name", "variables.subjectName", "黄建国", "variables.facts.subjectName"),
        ("differs-from-register", "subject.name", "variables.subjectName", "黄建国", "register"),
        ("differs-from-register", "subject.post", "variables.facts.subjectPost", "副局长", "register"),
    ]
    assert told(services, made)["warnings"] == made["warnings"]


def test_what_the_caller_states_goes_before_the_case(services: Services) -> None:
    case = begin(services, subjectId="nobody-registered-it", subjectName="黄某")
    fields = {"subjectName": "黄某某", "subjectUnit": "某局", "subjectPost": "股长", "subjectAuthority": "某局党组"}

    made = make(services, case, NewDocument("person", None, fields))

    assert written(services, made) == "黄某某，某局股长，某局党组，经办人填写"
    assert [(one["code"], one["used"], one["other"]) for one in made["warnings"]] == [("stated-differently", "黄某某", "黄某")]
    assert made["subject"]["registered"] is False


def test_a_member_that_nobody_knows_is_a_missing_field(services: Services) -> None:
    with pytest.raises(Invalid) as refused:
        make(services, begin(services, subjectId="nobody-registered-it", subjectName="黄某"), NewDocument("person"))

    assert sorted(fault.pointer for fault in refused.value.errors) == ["/subject/authority", "/subject/post", "/subject/unit"]
    for fault in refused.value.errors:
        member = fault.pointer.rpartition("/")[2].capitalize()
        assert fault.message.endswith(f"or the caller gives it, as fields.subject{member}")


def test_the_register_is_read_again_too(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    register(services)
    renamed = PutSubject("p-1", INDIVIDUAL, "黄建邦", "county", (Post("局长", None, Authority("x", "某市委组织部"), "2026-01-01", None),))
    made = while_it_is_made(monkeypatch, lambda: put_subject(services, ADMIN, renamed))

    assert written(services, make(services, begin(services, subjectId="p-1"), NewDocument("person"))).startswith(
        "黄建邦，某县水利局局长，某市委"
    )
    assert len(made) == 2
