"""Make a document (文书) of a case from the template in force: numbered, kept by its digest, told in the audit trail."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.actions.add_attachment import require_task_of
from service.actions.advance import law_of, put_events
from service.actions.answer import Answer, answer
from service.actions.case_law import UNREADABLE, CaseLaw
from service.actions.contents import measured, pieces
from service.actions.document_context import Labels, case_context, task_context
from service.actions.instance_operation import Operated, Operation, operate
from service.actions.ports import InstanceChange, Lookups, Services
from service.actions.presentation import document_json, timestamp
from service.documents import FieldsMissing, TemplateFault, render
from service.domain.access import require_may
from service.domain.china_time import moment
from service.domain.definition import COMMON, KIND_DOCUMENT, Definition
from service.domain.errors import Conflict, FieldError, Invalid, NotFound, StepFailed
from service.domain.evidence import DOCUMENT_GENERATED, Document
from service.domain.identifiers import new_id
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json

NUMBER_SETTING = "documentNumber"
DEFAULT_NUMBER = "〔{year}〕{number}号"
"""缺省 [D]: no source gives the form of numbers; `settings.documentNumber` of a jurisdiction.yaml does ({place}, {year}, {number})."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """Which template, for which task of the instance, and what the caller adds as `fields`."""

    template: str
    task_id: str | None = None
    fields: Mapping[str, Json] = field(default_factory=dict)


def generate_document(services: Services, operation: Operation, wanted: NewDocument) -> Answer:
    """201 with a new version of the document. Its number is given once and stays from version to version.

    Invalid names every field that the template needs and the case does not have; then nothing is written, no number is used.
    Conflict when the instance has ended, or was changed while the document was made.
    """
    require_may(operation.principal, "work")
    with services.store.read() as questions:
        instance = questions.instance(operation.process_instance_id)
        context: dict[str, Json] = {}
        labels: Labels = {}
        if instance is not None:
            try:
                context, labels = case_context(services, questions, instance, wanted.task_id)
            except StepFailed as failure:
                raise Conflict(failure.message, UNREADABLE) from failure
    version = -1 if instance is None else instance.version
    return operate(services, "work", operation, lambda operated: _generate(operated, wanted, context, labels, version))


def template_in_force(law: CaseLaw, lookups: Lookups, key: str) -> Definition:
    """The template that was in force when the instance started, of its place, one above it, or common. Raises Invalid."""
    found = law.find(KIND_DOCUMENT, key, None, None)
    if found is None:
        fault = FieldError("/template", "unknown-template", f"no template {key!r} was in force when the process instance started")
        raise Invalid("there is no such template", [fault])
    if found.jurisdiction not in (None, COMMON, law.definition.jurisdiction, *_places(law, lookups)):
        fault = FieldError(
            "/template", "other-place", f"the template belongs to {found.jurisdiction!r}, and this case to {law.jurisdiction!r}"
        )
        raise Invalid("the template belongs to another place", [fault])
    return found


def _places(law: CaseLaw, lookups: Lookups) -> list[str]:
    found = None if law.jurisdiction is None else lookups.jurisdiction(law.jurisdiction, law.seq)
    return [] if found is None else found.path.split("/")


def _generate(operated: Operated, wanted: NewDocument, case: Mapping[str, Json], labels: Labels, seen: int) -> Answer:
    instance, tx, now = operated.instance, operated.tx, operated.now
    if instance.version != seen:
        raise Conflict("the process instance was changed while the document was made; try again", "stale")
    require_task_of(tx, instance.id, wanted.task_id)
    law = law_of(operated.services, tx, instance)
    template = template_in_force(law, tx, wanted.template)
    before = tx.latest_document(instance.id, template.key)
    version = 1 if before is None else before.version + 1
    number = before.number if before is not None else _number(operated, law, instance, case)
    task = None if wanted.task_id is None else tx.load_task(wanted.task_id)
    author = tx.user(operated.actor)
    content = _rendered(
        tx,
        template,
        {
            **case,
            "document": {"number": number, "version": version, "title": template.name, "date": timestamp(now)},
            "task": None if task is None else task_context(task),
            "author": {"id": operated.actor, "name": operated.actor if author is None else author.name},
            "fields": dict(wanted.fields),
        },
        labels,
    )
    kept = measured(io.BytesIO(content))
    made = Document(
        new_id(),
        instance.id,
        wanted.task_id,
        template.key,
        template.version,
        template.name,
        version,
        number,
        kept.size,
        kept.digest,
        now,
        operated.actor,
        instance.audit_seq + 1,
    )
    change = InstanceChange(instance, instance.version, now)
    instance.version += 1
    told = {
        "documentId": made.id,
        "taskId": made.task_id,
        "template": template.id,
        "templateDigest": template.digest,
        "number": number,
        "version": version,
        "size": made.size,
        "digest": made.digest,
    }
    put_events(change, operated.actor, [(DOCUMENT_GENERATED, told)])
    tx.keep_content(kept, pieces(io.BytesIO(content)))
    tx.insert_document(made)
    tx.save_instance(change)
    return answer(201, document_json(made))


def _rendered(lookups: Lookups, template: Definition, context: Mapping[str, Json], labels: Labels) -> bytes:
    resource = lookups.resource(template.resource_id)
    if resource is None:
        raise NotFound("file of the template", template.id)
    try:
        return render(resource.content, context, labels)
    except FieldsMissing as refused:
        faults = [FieldError(_pointer(path), "missing-field", f"the template needs {path}, which is not there") for path in refused.missing]
        faults += [FieldError(_pointer(path), "unfit-field", f"{path} cannot be written where it stands") for path in refused.unfit]
        raise Invalid(
            f"{len(faults)} field(s) of the document are missing or unfit; nothing was made", faults, "document-fields"
        ) from refused
    except TemplateFault as fault:
        raise Conflict(f"the template {template.id} cannot be filled: {fault}", "template-fault") from fault


def _pointer(path: str) -> str:
    """What the caller may give is pointed to in the body; everything else is a path into the case."""
    return "/" + path.replace("[", ".").replace("]", "").replace(".", "/")


def _number(operated: Operated, law: CaseLaw, instance: ProcessInstance, case: Mapping[str, Json]) -> str:
    year = moment(operated.now).year
    number = operated.tx.next_document_number(instance.jurisdiction, year)
    try:
        setting = law.setting(law.definition.key, NUMBER_SETTING)
    except StepFailed:
        setting = None  # Nobody configured it.
    form = setting if isinstance(setting, str) and "{number}" in setting else DEFAULT_NUMBER
    place = case.get("place")
    name = str(place.get("name")) if isinstance(place, dict) else ""
    return form.replace("{place}", name).replace("{year}", str(year)).replace("{number}", str(number))
