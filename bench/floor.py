"""The floor: bare FastAPI endpoints that do by SQLAlchemy Core the reads and writes that completing a task cannot do without.

No authentication, no engine, no form, no hash, no log: what is above this is what the service adds. Tables, indexes, driver, durability
and HTTP server are the service's own. Run as
`python -m bench.floor DATABASE_URL URL_OF_THE_LISTS PORT`.
"""

import sys
import threading
import uuid
from contextlib import nullcontext
from typing import Any

import orjson
import uvicorn
from fastapi import Body, FastAPI, Query, Response
from sqlalchemy import Engine, bindparam, create_engine, insert, select, update

from bench.questions import QUESTIONS
from service.store.database import POOL_SIZE, parse_url, sqlite_engine
from service.store.tables import audit_event, idempotency_answer, process_instance, task

NOW = 1_795_150_800_000
"""2026-11-20T05:00:00Z; every row of the floor is of this moment."""
EVENT_PAYLOAD = '{"candidateGroups":["clerks"],"dueDate":null,"name":"task","taskDefinitionKey":"task_1","values":{"note":"seen"}}'

LOAD = (
    select(process_instance.c.id, process_instance.c.state_data, process_instance.c.version, process_instance.c.audit_seq)
    .where(process_instance.c.id == bindparam("wanted"))
    .with_for_update()
)
SAVE = update(process_instance).where(process_instance.c.id == bindparam("wanted"), process_instance.c.version == bindparam("expected"))
CLOSE = update(task).where(task.c.id == bindparam("wanted"), task.c.version == bindparam("expected"))
OPEN = insert(task)
APPEND = insert(audit_event)
REMEMBER = insert(idempotency_answer)


def open_engine(url: str, *, writing: bool = True) -> Engine:
    """The database as the service opens it, without what it adds (pre-ping, translated errors)."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite_engine(parsed, writing=writing)
    return create_engine(parsed, pool_size=POOL_SIZE, max_overflow=0)


def a_task(task_id: str, instance_id: str) -> dict[str, Any]:
    """An open task row."""
    return {
        "id": task_id,
        "process_instance_id": instance_id,
        "definition_key": "bench",
        "task_definition_key": "task_1",
        "name": "task",
        "business_key": None,
        "jurisdiction": None,
        "jurisdiction_path": None,
        "state": "created",
        "created_at": NOW,
        "assignee": None,
        "candidate_users": "[]",
        "candidate_groups": '["clerks"]',
        "due_at": None,
        "due_basis": None,
        "follow_up_at": None,
        "priority": 50,
        "form_key": None,
        "form_version": None,
        "not_completed_by": "[]",
        "version": 1,
        "completed_at": None,
        "completed_by": None,
    }


def prepare(url: str, count: int, state: bytes, variables: str) -> list[tuple[str, str]]:
    """Insert `count` instances with that state and one open task each; returns (instance id, task id) of each."""
    pairs = [(str(uuid.uuid4()), str(uuid.uuid4())) for _ in range(count)]
    instance: dict[str, Any] = {
        "definition_id": "bench:1",
        "definition_key": "bench",
        "definition_version": 1,
        "state": "active",
        "started_at": NOW,
        "started_by": "clerk",
        "law": 1,
        "state_data": state,
        "version": 1,
        "audit_seq": 0,
        "audit_head": "0" * 64,
        "activity_seq": 0,
        "variables": variables,
    }
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(process_instance), [{**instance, "id": instance_id} for instance_id, _ in pairs])
        connection.execute(OPEN, [a_task(task_id, instance_id) for instance_id, task_id in pairs])
    engine.dispose()
    return pairs


def create_floor(url: str, lists_url: str) -> FastAPI:
    """The application with POST /{instance_id}/{task_id} (a completion) and GET /lists/{question} (a task list)."""
    engine, reading = open_engine(url), open_engine(lists_url, writing=False)
    sqlite = engine.dialect.name == "sqlite"
    turn = threading.Lock() if sqlite else nullcontext()
    marker = "?" if sqlite else "%s"
    lists = {name: question.sql.replace("?", marker) for name, question in QUESTIONS.items()}
    app = FastAPI(openapi_url=None)

    @app.get("/ready")
    def ready() -> Response:
        return Response(b"{}", media_type="application/json")

    @app.get("/lists/{question}")
    def listing(question: str, value: list[str] = Query([])) -> Response:
        with reading.connect() as connection:
            rows = connection.exec_driver_sql(lists[question], tuple(value)).all()
        return Response(orjson.dumps([tuple(row) for row in rows]), media_type="application/json")

    @app.post("/{instance_id}/{task_id}")
    def complete(instance_id: str, task_id: str, body: dict[str, Any] = Body()) -> Response:
        opened = a_task(str(uuid.uuid4()), instance_id)
        answer = orjson.dumps({"task": a_task(task_id, instance_id), "processInstance": {"id": instance_id, "openTasks": [opened]}})
        with turn, engine.connect() as connection:
            row = connection.execute(LOAD, {"wanted": instance_id}).one()
            saved = connection.execute(
                SAVE,
                {
                    "wanted": instance_id,
                    "expected": row.version,
                    "version": row.version + 1,
                    "state_data": row.state_data,
                    "audit_seq": row.audit_seq + 3,
                    "audit_head": "1" * 64,
                },
            )
            closed = connection.execute(
                CLOSE,
                {"wanted": task_id, "expected": 1, "version": 2, "state": "completed", "completed_at": NOW, "completed_by": "clerk"},
            )
            if saved.rowcount != 1 or closed.rowcount != 1:
                return Response(status_code=409)
            connection.execute(OPEN, opened)
            connection.execute(
                APPEND,
                [
                    {
                        "stream": instance_id,
                        "seq": row.audit_seq + number,
                        "occurred_at": NOW,
                        "actor": "clerk",
                        "kind": "task.completed",
                        "payload": EVENT_PAYLOAD,
                        "previous_hash": "2" * 64,
                        "hash": "3" * 64,
                    }
                    for number in (1, 2, 3)
                ],
            )
            connection.execute(
                REMEMBER,
                {
                    "key": f"completion:{task_id}",
                    "fingerprint": "4" * 64,
                    "status": 200,
                    "body": answer.decode(),
                    "created_at": NOW,
                },
            )
            connection.commit()
        return Response(answer, media_type="application/json")

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_floor(sys.argv[1], sys.argv[2]),
        host="127.0.0.1",
        port=int(sys.argv[3]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
