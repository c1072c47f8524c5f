"""For tests of the worker: a clock that the test moves, a store on a fresh SQLite file, and small processes to deploy."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from sqlalchemy import text

from service.actions.deployments.deploy import Deploy, deploy
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.ports import Services
from service.domain.json_values import Json, read_canonical
from service.domain.principal import SCOPE_ADMIN, Principal
from service.store import migrate, open_store
from service.store.database import DatabaseStore

NOW = 1_795_150_800_000
ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li")
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t"><signal id="s" name="go"/>'
)


class Clock:
    """The moment the test says it is."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@contextmanager
def fresh_store(folder: Path) -> Iterator[DatabaseStore]:
    """A store on a new SQLite file in that folder."""
    url = f"sqlite:///{folder / 'rongjiu.db'}"
    migrate(url)
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


def process(key: str, first: str, *rest: str) -> tuple[str, bytes]:
    row = (first, *rest, '<userTask id="after" camunda:candidateGroups="g"/>', '<endEvent id="end"/>')
    ids = [element.split('id="', 1)[1].split('"', 1)[0] for element in row]
    flows = "".join(f'<sequenceFlow sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(ids))
    return f"{key}.bpmn", f'{HEAD}<process id="{key}" isExecutable="true">{"".join(row)}{flows}</process></definitions>'.encode()


PLAIN = '<startEvent id="start"/>'
WAIT = '<intermediateCatchEvent id="wait"><signalEventDefinition signalRef="s"/></intermediateCatchEvent>'
SLEEP = (
    '<intermediateCatchEvent id="sleep"><timerEventDefinition><timeDuration>PT1M</timeDuration></timerEventDefinition>'
    "</intermediateCatchEvent>"
)
BY_CLOCK = '<startEvent id="clock"><timerEventDefinition><timeCycle>R3/PT1M</timeCycle></timerEventDefinition></startEvent>'


def deployed(services: Services, *files: tuple[str, bytes]) -> None:
    deploy(services, ADMIN, Deploy("d", None, files))


def started(services: Services, key: str, **variables: Json) -> str:
    body = read_canonical(start_instance(services, ADMIN, StartInstance(key, None, None, None, variables)).body)
    assert isinstance(body, dict)
    return str(body["id"])


def open_tasks(services: Services) -> int:
    with services.store.read() as questions:
        return questions.count_tasks({"state": ["created"]}, NOW, None)


def spoil(store: DatabaseStore, instance_id: str) -> None:
    """The next event of the instance's trail is there already: no step of the instance can be written."""
    with store.begin() as transaction:
        transaction._connection.execute(
            text(
                "INSERT INTO audit_event SELECT stream, seq + 1, occurred_at, actor, kind, payload, previous_hash, hash FROM audit_event"
                " WHERE stream = :one AND seq = (SELECT max(seq) FROM audit_event WHERE stream = :one)"
            ),
            {"one": instance_id},
        )
        transaction.commit()


def unspoil(store: DatabaseStore, instance_id: str) -> None:
    """Take the event away again."""
    with store.begin() as transaction:
        transaction._connection.execute(text("DROP TRIGGER IF EXISTS audit_event_no_delete"))
        transaction._connection.execute(
            text("DELETE FROM audit_event WHERE stream = :one AND seq = (SELECT max(seq) FROM audit_event WHERE stream = :one)"),
            {"one": instance_id},
        )
        transaction.commit()
