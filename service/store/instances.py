"""The hot path: loading an instance under lock, and writing one step in one transaction."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from service.actions.ports import InstanceChange
from service.domain.errors import Conflict
from service.domain.event import HANDOVER_MS
from service.domain.identifiers import new_id
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.subject import Named, named_in
from service.store.activities import cancel_activities, write_activities
from service.store.audit import append_events
from service.store.ballots import empty_box
from service.store.columns import object_text
from service.store.events import throw_events
from service.store.external_tasks import drop_external_tasks, write_external_tasks
from service.store.incidents import put_incident, resolve_incidents
from service.store.jobs import drop_all_waiting, rearm_timers, resubscribe
from service.store.locking import keep, lock_instance
from service.store.precedents import put_precedents
from service.store.recorded_facts import look_again_at_facts
from service.store.renaming import rename_open
from service.store.tables import decision_evaluation, open_case, outbox, process_instance
from service.store.tasks import cancel_open_tasks, close_tasks, open_tasks, release_tasks
from service.store.variables import project_variables
from service.store.writing import LoadedInstance, TransactionPart

COLUMNS = process_instance.c
INSERT = insert(process_instance)
UPDATE = update(process_instance).where(COLUMNS.id == bindparam("wanted"), COLUMNS.version == bindparam("expected"))
FIND_CASE = select(open_case.c.process_instance_id).where(
    open_case.c.definition_key == bindparam("definition"), open_case.c.correlation == bindparam("text")
)
OPEN_CASE = insert(open_case)
CLOSE_CASE = delete(open_case).where(open_case.c.process_instance_id == bindparam("instance"))
RECORD_DECISIONS = insert(decision_evaluation)
SEND = insert(outbox)
NOBODY = Named(None, None)


class Instances(TransactionPart):
    """Process instances and everything a step changes about them."""

    def load_instance(self, instance_id: str) -> ProcessInstance | None:
        """Load and lock. One already locked by this transaction is not read again."""
        loaded = lock_instance(self._writing, instance_id)
        return None if loaded is None else replace(loaded.instance)

    def insert_instance(self, change: InstanceChange) -> None:
        """Insert the instance and all of `change`. Raises Overtaken, as save_instance does.

        Conflict("open-case") when an open instance of the key has the same correlation; nothing is written then and the transaction
        can go on (open_case() finds the other one).
        """
        look_again_at_facts(self._writing)
        instance = change.instance
        if instance.correlation is not None and instance.is_open:
            with self._connection.begin_nested():
                self._connection.execute(
                    OPEN_CASE,
                    {
                        "definition_key": instance.definition_key,
                        "correlation": instance.correlation,
                        "process_instance_id": instance.id,
                    },
                )
        variables = dict(change.variables or {})
        seq = self._write_history(change, 0, new=True)
        self._connection.execute(INSERT, {**_values(instance), "activity_seq": seq, "variables": object_text(variables)})
        project_variables(self._connection, instance.id, {}, variables)
        self._write_rest(change)
        self._names(instance.id, NOBODY, variables)
        keep(self._writing, LoadedInstance(replace(instance), seq, object_text(variables)))

    def save_instance(self, change: InstanceChange) -> None:
        """UPDATE … WHERE id = ? AND version = ?, row count checked, and all of `change`.

        Overtaken when what the step asked about other cases would be answered otherwise by now. An instance that ended leaves nothing
        waiting: remaining open tasks and active elements are cancelled, timers and subscriptions removed, its open case closed.
        """
        look_again_at_facts(self._writing)
        instance = change.instance
        before = lock_instance(self._writing, instance.id)
        if before is None:
            raise Conflict("the process instance does not exist any more", "stale")
        seq = self._write_history(change, before.activity_seq, new=False)
        values: dict[str, object] = {**_values(instance), "activity_seq": seq, "wanted": instance.id, "expected": change.expected_version}
        del values["id"]
        variables = before.variables
        if change.variables is not None:
            variables = object_text(change.variables)
        if variables != before.variables:
            values["variables"] = variables
        if self._connection.execute(UPDATE, values).rowcount != 1:
            raise Conflict("the process instance was changed by another request", "stale")
        if change.variables is not None and variables != before.variables:
            project_variables(self._connection, instance.id, before.read_variables(), change.variables)
            self._names(instance.id, named_in(before.read_variables()), change.variables)
        self._write_rest(change)
        if not instance.is_open:
            self._end(instance, change.now)
        keep(self._writing, LoadedInstance(replace(instance), seq, variables))

    def open_case(self, definition_key: str, correlation: str) -> str | None:
        """Id of the open instance of that key with that correlation."""
        found: str | None = self._connection.execute(FIND_CASE, {"definition": definition_key, "text": correlation}).scalar()
        return found

    def _names(self, instance_id: str, before: Named, variables: Mapping[str, Json]) -> None:
        self._writing.about_others.add(instance_id)
        if named_in(variables) not in (before, NOBODY):
            self._writing.newly_about = True

    def _write_history(self, change: InstanceChange, seq: int, *, new: bool) -> int:
        return (
            write_activities(self._connection, change.instance.id, change.activities, change.now, seq, new=new)
            if change.activities
            else seq
        )

    def _write_rest(self, change: InstanceChange) -> None:
        connection, instance_id = self._connection, change.instance.id
        if change.closed_tasks or change.opened_tasks or change.released_tasks or change.renamed:
            self._writing.tasks.pop(instance_id, None)
        close_tasks(connection, instance_id, change.closed_tasks)
        open_tasks(connection, change.opened_tasks)
        release_tasks(connection, change.released_tasks)
        if change.resolved_incidents:
            resolve_incidents(connection, change.resolved_incidents, change.now)
        write_external_tasks(connection, change)
        rearm_timers(connection, instance_id, change.cancelled_timers, change.armed_timers)
        resubscribe(connection, instance_id, change.unsubscribed, change.subscribed)
        if change.decisions:
            connection.execute(
                RECORD_DECISIONS,
                [
                    {
                        "id": new_id(),
                        "process_instance_id": instance_id,
                        "element_id": taken.element_id,
                        "decision_key": taken.decision_key,
                        "version": taken.version,
                        "evaluated_at": change.now,
                        "record": object_text(taken.record),
                        "variables": None if taken.variables is None else object_text(taken.variables),
                    }
                    for taken in change.decisions
                ],
            )
        rename_open(connection, instance_id, change.renamed)
        append_events(connection, change.audit)
        _send(connection, instance_id, change.outbox, change.now)
        if change.thrown and throw_events(connection, change.thrown, change.now + HANDOVER_MS):
            self._writing.thrown.extend(event.id for event in change.thrown)
        if change.precedents:
            put_precedents(connection, change.precedents)
        for incident in change.opened_incidents:
            put_incident(connection, incident)
        for box_id in change.voided_boxes:
            empty_box(connection, box_id)

    def _end(self, instance: ProcessInstance, now: int) -> None:
        self._writing.tasks.pop(instance.id, None)
        cancel_open_tasks(self._connection, instance.id, now)
        cancel_activities(self._connection, instance.id, now)
        drop_all_waiting(self._connection, instance.id)
        drop_external_tasks(self._connection, instance.id)
        if instance.correlation is not None:
            self._connection.execute(CLOSE_CASE, {"instance": instance.id})


def _values(instance: ProcessInstance) -> dict[str, object]:
    return {
        "id": instance.id,
        "definition_id": instance.definition_id,
        "definition_key": instance.definition_key,
        "definition_version": instance.definition_version,
        "business_key": instance.business_key,
        "jurisdiction": instance.jurisdiction,
        "jurisdiction_path": instance.jurisdiction_path,
        "state": instance.state,
        "started_at": instance.started_at,
        "started_by": instance.started_by,
        "law": instance.law,
        "ended_at": instance.ended_at,
        "end_reason": instance.end_reason,
        "correlation": instance.correlation,
        "state_data": instance.state_data,
        "version": instance.version,
        "audit_seq": instance.audit_seq,
        "audit_head": instance.audit_head,
    }


def _send(connection: Connection, instance_id: str, messages: list[tuple[str, str, Mapping[str, Json]]], now: int) -> None:
    if messages:
        connection.execute(
            SEND,
            [
                {"id": identifier, "process_instance_id": instance_id, "type": kind, "payload": object_text(payload), "created_at": now}
                for identifier, kind, payload in messages
            ],
        )
