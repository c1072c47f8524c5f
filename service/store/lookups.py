"""Looking up published things, the same through both doors."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from service.domain.definition import KIND_PROCESS, Definition, FileInForce, Jurisdiction, ModelResource, Resource
from service.domain.evidence import Document
from service.domain.json_values import Json
from service.domain.law import TimeLimit
from service.domain.precedent import Precedent, PrecedentOutline
from service.domain.recusal import Recusal
from service.domain.signature import Signature
from service.domain.subject import Named, Subject
from service.domain.task import Task
from service.domain.working_days import WorkingYears
from service.store.ballots import find_ballots
from service.store.columns import AnyRow, read_object
from service.store.evidence import find_completion, find_documents_of, find_last_number, find_tasks_of_step
from service.store.precedents import find_precedents, precedents_beside
from service.store.recorded_facts import RecordedFacts
from service.store.recusals import find_named, find_recusals_about, find_recusals_of_case
from service.store.signature_questions import find_signatures
from service.store.stopped_limits import find_stopped_limit
from service.store.subjects import find_subject
from service.store.tables import definition, definition_start, deployment, jurisdiction, resource, user_account
from service.store.tasks import find_held_tasks
from service.store.working_days import find_working_years

COLUMNS = definition.c
FIELDS = (
    COLUMNS.id,
    COLUMNS.kind,
    COLUMNS.key,
    COLUMNS.version,
    COLUMNS.name,
    COLUMNS.jurisdiction,
    COLUMNS.deployment_id,
    COLUMNS.deployment_seq,
    COLUMNS.resource_id,
    COLUMNS.file_name,
    COLUMNS.digest,
    COLUMNS.deployed_at,
    COLUMNS.detail,
)
OF_KEY = select(*FIELDS).where(COLUMNS.kind == bindparam("kind"), COLUMNS.key == bindparam("key")).order_by(COLUMNS.version.desc()).limit(1)
LATEST_UP_TO = OF_KEY.where(COLUMNS.deployment_seq <= bindparam("up_to"))
OF_VERSION = OF_KEY.where(COLUMNS.version == bindparam("version"))
OF_ID = select(*FIELDS).where(COLUMNS.kind == bindparam("kind"), COLUMNS.id == bindparam("wanted"))
IN_RESOURCE = select(*FIELDS).where(COLUMNS.resource_id == bindparam("resource")).order_by(COLUMNS.key)
_newest = definition.alias("newest")
STARTED_BY = (
    select(*FIELDS)
    .join(
        definition_start,
        (definition_start.c.key == COLUMNS.key) & (definition_start.c.version == COLUMNS.version) & (COLUMNS.kind == KIND_PROCESS),
    )
    .where(
        definition_start.c.kind == bindparam("start"),
        definition_start.c.name == bindparam("name"),
        COLUMNS.version
        == select(func.max(_newest.c.version)).where(_newest.c.kind == KIND_PROCESS, _newest.c.key == COLUMNS.key).scalar_subquery(),
    )
    .order_by(COLUMNS.key)
)
RESOURCE = select(
    resource.c.id, resource.c.file_name, resource.c.kind, resource.c.digest, resource.c.content, resource.c.namespace, resource.c.imports
)
RESOURCE_OF_ID = RESOURCE.where(resource.c.id == bindparam("wanted"))
MODEL = select(
    resource.c.id, resource.c.file_name, resource.c.digest, resource.c.imports, deployment.c.jurisdiction, resource.c.deployment_id
).join(deployment, deployment.c.id == resource.c.deployment_id)
MODEL_OF_ID = MODEL.where(resource.c.id == bindparam("wanted"))
_last = (
    select(func.max(deployment.c.seq))
    .join(resource, deployment.c.id == resource.c.deployment_id)
    .where(resource.c.namespace == bindparam("namespace"))
    .group_by(deployment.c.jurisdiction)
)
MODELS_OF_NAMESPACE = MODEL.where(resource.c.namespace == bindparam("namespace"), deployment.c.seq.in_(_last)).order_by(
    resource.c.file_name, deployment.c.seq
)
FILES_BY_DEPLOYMENT = MODEL.order_by(deployment.c.seq, resource.c.id)
_later = select(definition.c.kind, definition.c.key, func.max(definition.c.version).label("version")).group_by(
    definition.c.kind, definition.c.key
)
_last_version = _later.subquery()
SUPERSEDED = (
    select(COLUMNS.resource_id)
    .join(_last_version, (_last_version.c.kind == COLUMNS.kind) & (_last_version.c.key == COLUMNS.key))
    .where(COLUMNS.version < _last_version.c.version)
)
KEYS_OF_OTHERS = (
    select(COLUMNS.kind, COLUMNS.key)
    .join(_last_version, (_last_version.c.kind == COLUMNS.kind) & (_last_version.c.key == COLUMNS.key))
    .join(deployment, deployment.c.id == COLUMNS.deployment_id)
    .where(COLUMNS.version == _last_version.c.version, deployment.c.deployed_by != bindparam("deployer"))
)
DEPLOYERS_OF_FILES = (
    select(deployment.c.jurisdiction, resource.c.file_name, deployment.c.deployed_by)
    .join(resource, resource.c.deployment_id == deployment.c.id)
    .order_by(deployment.c.seq)
)
PLACE = (
    select(
        jurisdiction.c.id,
        jurisdiction.c.name,
        jurisdiction.c.path,
        jurisdiction.c.parent,
        jurisdiction.c.document,
        jurisdiction.c.deployment_seq,
    )
    .where(jurisdiction.c.id == bindparam("wanted"))
    .order_by(jurisdiction.c.deployment_seq.desc())
    .limit(1)
)
PLACE_UP_TO = PLACE.where(jurisdiction.c.deployment_seq <= bindparam("up_to"))


LATEST_SEQ = select(func.coalesce(func.max(deployment.c.seq), 0))


def read_definition(row: AnyRow) -> Definition:
    """The definition of a row with FIELDS."""
    return Definition(*(*row[:-1], read_object(row.detail)))


def read_resource(row: AnyRow) -> Resource:
    """The resource of a row of RESOURCE."""
    identifier, file_name, kind, digest, content, namespace, imports = row
    return Resource(identifier, file_name, kind, digest, bytes(content), namespace, _imports(imports))


def read_model_resource(row: AnyRow) -> ModelResource:
    """The decision file of a row of MODEL."""
    return ModelResource(row.id, row.file_name, row.digest, _imports(row.imports), row.jurisdiction, row.deployment_id)


def _imports(text: str | None) -> dict[str, str]:
    return {name: str(meant) for name, meant in read_object(text).items()} if text else {}


class DefinitionLookups(RecordedFacts):
    """Implements the port Lookups on a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def named_in_case(self, process_instance_id: str) -> Named | None:
        """The subject and the matter that the case names, as it is written; None: there is no such case yet."""
        return find_named(self._connection, process_instance_id)

    def held_tasks(self, process_instance_id: str) -> Sequence[Task]:
        """The open tasks of the case that somebody has."""
        return find_held_tasks(self._connection, process_instance_id)

    def recusals_of_case(self, process_instance_id: str) -> Sequence[Recusal]:
        """Those declared or ordered that are about the case, whatever their days."""
        return find_recusals_of_case(self._connection, process_instance_id)

    def recusals_about(self, process_instance_id: str, subject_id: str | None, matter_id: str | None) -> Sequence[Recusal]:
        """The same for a case with that subject and matter, written or not."""
        return find_recusals_about(self._connection, process_instance_id, subject_id, matter_id)

    def ballots(self, box_id: str) -> Sequence[tuple[str, str]]:
        """(id, choice) of the ballots in the box."""
        return find_ballots(self._connection, box_id)

    def unknown_users(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of the ids that no user has."""
        known = self._connection.execute(select(user_account.c.id).where(user_account.c.id.in_(ids))).scalars()
        return frozenset(ids) - frozenset(known)

    def signatures(self, process_instance_id: str) -> Sequence[Signature]:
        """The signatures given in the instance, in their order."""
        return find_signatures(self._connection, process_instance_id)

    def subject(self, subject_id: str) -> Subject | None:
        """The person or unit, or None when it is not registered."""
        return find_subject(self._connection, subject_id)

    def documents_of(self, process_instance_id: str, template: str) -> tuple[Document, ...]:
        """All versions of all documents that the template has made in the instance, the oldest first."""
        return find_documents_of(self._connection, process_instance_id, template)

    def tasks_of_step(self, process_instance_id: str, task_definition_key: str) -> Sequence[tuple[str, int]]:
        """(id, created at) of all tasks that the step has had in the instance."""
        return find_tasks_of_step(self._connection, process_instance_id, task_definition_key)

    def completion_of(self, process_instance_id: str, task_id: str) -> Mapping[str, Json] | None:
        """What the audit trail tells of the completion of the task; None: it was not completed."""
        return find_completion(self._connection, process_instance_id, task_id)

    def last_document_number(self, place: str | None, year: int) -> int:
        """The last number that was given in the place and the year, 0 when none was."""
        return find_last_number(self._connection, place, year)

    def precedents_beside(self, case_path: str | None) -> Sequence[PrecedentOutline]:
        """All precedents that are shown beside cases of the place with that path, by id."""
        return precedents_beside(self._connection, case_path)

    def precedents(self, ids: Sequence[str]) -> Sequence[Precedent]:
        """Those of the ids, whole, by id."""
        return find_precedents(self._connection, ids)

    def latest_definition(self, kind: str, key: str, up_to_seq: int | None = None) -> Definition | None:
        """The highest version, of the deployments up to that number when given."""
        if up_to_seq is None:
            return self._find(OF_KEY, {"kind": kind, "key": key})
        return self._find(LATEST_UP_TO, {"kind": kind, "key": key, "up_to": up_to_seq})

    def definition_version(self, kind: str, key: str, version: int) -> Definition | None:
        """That version of the key."""
        return self._find(OF_VERSION, {"kind": kind, "key": key, "version": version})

    def process_definition(self, definition_id: str) -> Definition | None:
        """The process definition with that id."""
        return self._find(OF_ID, {"kind": KIND_PROCESS, "wanted": definition_id})

    def start_definitions(self, kind: str, name: str) -> Sequence[Definition]:
        """The latest versions of the processes that start with the message or signal of that name, by key."""
        return [read_definition(row) for row in self._connection.execute(STARTED_BY, {"start": kind, "name": name})]

    def stopped_limit(self, process_instance_id: str, element_id: str, stoppers: Sequence[str]) -> tuple[TimeLimit, int, str] | None:
        """The limit of the last ended task at the element, when one of `stoppers` was opened after it, and which of them."""
        return find_stopped_limit(self._connection, process_instance_id, element_id, stoppers)

    def working_years(self) -> WorkingYears:
        """The tables of working days that were set here."""
        return find_working_years(self._connection)

    def resource(self, resource_id: str) -> Resource | None:
        """The deployed file."""
        row = self._connection.execute(RESOURCE_OF_ID, {"wanted": resource_id}).first()
        return None if row is None else read_resource(row)

    def definitions_in(self, resource_id: str) -> Sequence[Definition]:
        """What the file declares, by key."""
        return [read_definition(row) for row in self._connection.execute(IN_RESOURCE, {"resource": resource_id})]

    def decision_models(self, namespace: str) -> Sequence[ModelResource]:
        """The decision models of that namespace, by file name: of each jurisdiction those of its last deployment that brought any."""
        return [read_model_resource(row) for row in self._connection.execute(MODELS_OF_NAMESPACE, {"namespace": namespace})]

    def model_resource(self, resource_id: str) -> ModelResource | None:
        """The deployed decision file, without its bytes."""
        row = self._connection.execute(MODEL_OF_ID, {"wanted": resource_id}).first()
        return None if row is None else read_model_resource(row)

    def files_in_force(self) -> Sequence[FileInForce]:
        """Of each jurisdiction and file name what was deployed last, unless another file declares something of it anew."""
        last: dict[tuple[str | None, str], FileInForce] = {}
        for row in self._connection.execute(FILES_BY_DEPLOYMENT):
            found = FileInForce(row.id, row.jurisdiction, row.file_name, row.digest, _imports(row.imports))
            last[found.jurisdiction, found.file_name] = found
        superseded = set(self._connection.execute(SUPERSEDED).scalars())
        return [found for found in last.values() if found.id not in superseded]

    def keys_of_others(self, deployer: str) -> Set[tuple[str, str]]:
        """Kind and key of what somebody else deployed last."""
        return {(row.kind, row.key) for row in self._connection.execute(KEYS_OF_OTHERS, {"deployer": deployer})}

    def files_of_others(self, deployer: str) -> Set[tuple[str | None, str]]:
        """Jurisdiction and file name of what somebody else deployed last."""
        last = {(row.jurisdiction, row.file_name): row.deployed_by for row in self._connection.execute(DEPLOYERS_OF_FILES)}
        return {name for name, by in last.items() if by != deployer}

    def jurisdiction(self, jurisdiction_id: str, up_to_seq: int | None = None) -> Jurisdiction | None:
        """The place as last deployed, up to that deployment number when given."""
        statement = PLACE if up_to_seq is None else PLACE_UP_TO
        row = self._connection.execute(statement, {"wanted": jurisdiction_id, "up_to": up_to_seq}).first()
        if row is None:
            return None
        return Jurisdiction(row.id, row.name, row.path, row.parent, read_object(row.document), row.deployment_seq)

    def latest_deployment_seq(self) -> int:
        """The number of the last deployment, 0 before the first."""
        seq: int = self._connection.execute(LATEST_SEQ).scalar_one()
        return seq

    def _find(self, statement: Select[*tuple[Any, ...]], values: dict[str, object]) -> Definition | None:
        row = self._connection.execute(statement, values).first()
        return None if row is None else read_definition(row)
