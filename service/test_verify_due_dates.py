"""Due dates counted with a table of working days that was set here are verified too, on both databases."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from service.actions.deadlines.set_working_days import SetWorkingDays, set_working_days
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.instances.verify_instances import verify_instances
from service.actions.ports import Services
from service.engine import SpiffEngine
from service.moved_clock import ADMIN, HEAD, Clock
from service.store.conftest import a_store
from service.store.database import DatabaseStore
from service.store.standing_questions import find_stored_instances
from service.worker import see_to_what_is_due

DAY = 86_400_000
PLACE = "id: here\nname: 本地\nparent: null\ndeadlines:\n  T_OURS: {workingDays: 5, basis: default, name: 受理}\n"
DIAGRAM = f"""{HEAD}<process id="dated" isExecutable="true"><startEvent id="start"/><sequenceFlow sourceRef="start" targetRef="ours"/>
<userTask id="ours" camunda:dueDate="=deadline(&quot;T_OURS&quot;)"/><boundaryEvent id="late" attachedToRef="ours" cancelActivity="false">
<timerEventDefinition><timeDate>=deadline("T_OURS")</timeDate></timerEventDefinition></boundaryEvent><userTask id="reminded"/>
<sequenceFlow sourceRef="late" targetRef="reminded"/></process></definitions>"""
FIRST = SetWorkingDays(2090, [date(2090, 1, 2)], [], "通知")
CORRECTED = SetWorkingDays(2090, [date(2090, 1, 2), date(2090, 1, 3)], [], "更正")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with a_store(request.param, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("table", ["task", "timer"])
def test_a_due_date_counted_by_a_table_set_here_is_laid_beside_it(store: DatabaseStore, table: str) -> None:
    clock = Clock()
    clock.now = int(datetime(2090, 1, 1, 5, tzinfo=UTC).timestamp()) * 1_000
    services = Services(store, SpiffEngine(), clock)
    deploy(services, ADMIN, Deploy("d", "here", (("jurisdiction.yaml", PLACE.encode()), ("dated.bpmn", DIAGRAM.encode()))))
    set_working_days(services, ADMIN, FIRST)
    case = str(json.loads(start_instance(services, ADMIN, StartInstance("dated", None, None, "here", {})).body)["id"])

    def told(change: str) -> list[str]:
        """What is told of the change, which is then taken back."""
        counted = f"UPDATE {table} SET {change} WHERE process_instance_id = :id AND counted_year = 2090"
        with store.writing.connect() as connection:
            assert connection.execute(text(counted), {"id": case}).rowcount == 1
            found = [fault for one in find_stored_instances(connection, "", 1, case) for fault in one.faults]
            connection.rollback()
        return found

    later = f"due_at = due_at + {DAY}"
    assert verify_instances(services).discrepancies == []
    (moved,) = told(later)
    assert f"the {table} " in moved
    assert moved.endswith("at 2090-01-10T15:59:59.000Z by its row, at 2090-01-09T15:59:59.000Z by its limit T_OURS")
    (hidden,) = told("counted_year = NULL")
    assert hidden.endswith("counts days of 2090 by no published calendar, and of None by its row")

    # What a newer table makes of it is no fault until the worker had its turn.
    set_working_days(services, ADMIN, CORRECTED)
    assert verify_instances(services).discrepancies == []
    assert told(later) == []
    see_to_what_is_due(services, clock.now)
    assert verify_instances(services).discrepancies == []
    (moved_again,) = told(later)
    assert moved_again.endswith("at 2090-01-10T15:59:59.000Z by its limit T_OURS")
