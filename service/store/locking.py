"""Loading an instance under its lock: the one writer of an instance is the transaction that holds its row."""

from sqlalchemy import Connection, bindparam, select

from service.domain.instance import ProcessInstance
from service.store.columns import AnyRow
from service.store.tables import process_instance, task
from service.store.writing import LoadedInstance, Writing

COLUMNS = process_instance.c
FIELDS = (
    COLUMNS.id,
    COLUMNS.definition_id,
    COLUMNS.definition_key,
    COLUMNS.definition_version,
    COLUMNS.business_key,
    COLUMNS.jurisdiction,
    COLUMNS.jurisdiction_path,
    COLUMNS.state,
    COLUMNS.started_at,
    COLUMNS.started_by,
    COLUMNS.law,
    COLUMNS.ended_at,
    COLUMNS.end_reason,
    COLUMNS.correlation,
    COLUMNS.state_data,
    COLUMNS.version,
    COLUMNS.audit_seq,
    COLUMNS.audit_head,
)
UNLOCKED = select(*FIELDS).where(COLUMNS.id == bindparam("wanted"))
LOCK = select(*FIELDS, COLUMNS.activity_seq, COLUMNS.variables).with_for_update()
LOCK_ONE = LOCK.where(COLUMNS.id == bindparam("wanted"))
LOCK_OF_TASK = LOCK.where(COLUMNS.id == select(task.c.process_instance_id).where(task.c.id == bindparam("wanted")).scalar_subquery())


def _read(row: AnyRow) -> LoadedInstance:
    *fields, activity_seq, variables = row
    return LoadedInstance(ProcessInstance(*fields), activity_seq, variables)


def find_instance(connection: Connection, instance_id: str) -> ProcessInstance | None:
    """The instance, without any lock."""
    row = connection.execute(UNLOCKED, {"wanted": instance_id}).first()
    return None if row is None else ProcessInstance(*row)


def keep(writing: Writing, loaded: LoadedInstance) -> LoadedInstance:
    """Remember an instance this transaction has locked."""
    writing.loaded[loaded.instance.id] = loaded
    return loaded


def lock_instance(writing: Writing, instance_id: str) -> LoadedInstance | None:
    """The instance, locked until the transaction ends; read once per transaction."""
    known = writing.loaded.get(instance_id)
    if known is not None:
        return known
    row = writing.connection.execute(LOCK_ONE, {"wanted": instance_id}).first()
    return None if row is None else keep(writing, _read(row))


def lock_instance_of_task(writing: Writing, task_id: str) -> LoadedInstance | None:
    """The instance a task belongs to, locked; None when there is no such task."""
    row = writing.connection.execute(LOCK_OF_TASK, {"wanted": task_id}).first()
    if row is None:
        return None
    return writing.loaded.get(row.id) or keep(writing, _read(row))
