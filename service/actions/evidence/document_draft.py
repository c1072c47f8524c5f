"""A document before it is one: the case as it stands is read, the document is made of it, and no transaction waits for that."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.actions.evidence.add_attachment import require_task_of
from service.actions.evidence.document_context import Labels, case_context
from service.actions.evidence.document_faults import document_faults
from service.actions.evidence.document_occurrence import Occurrence, occurrence_of
from service.actions.evidence.document_subject import Registered, SubjectTold, registered, source_labels, subject_told
from service.actions.evidence.document_templates import template_in_force
from service.actions.instances.advance import law_of
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.instance_operation import Operation
from service.actions.instances.published import UNREADABLE
from service.actions.ports import Services
from service.actions.presentation import timestamp
from service.documents import FieldsMissing, TemplateFault, render
from service.domain.china_time import moment
from service.domain.definition import Definition
from service.domain.errors import Conflict, Invalid, NotFound, StepFailed
from service.domain.instance import require_not_cancelled
from service.domain.json_values import Json
from service.domain.subject import SUBJECT_ID
from service.domain.task import Task

NUMBER_SETTING = "documentNumber"
DEFAULT_NUMBER = "〔{year}〕{number}号"
"""缺省 [D]: no source gives the form of numbers; `settings.documentNumber` of a jurisdiction.yaml does ({place}, {year}, {number})."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """Which template, for which task of the instance, and what the caller adds as `fields`."""

    template: str
    task_id: str | None = None
    fields: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a document says and others may change meanwhile. `sequence` is the new number (None: it has one already), `day` the date."""

    instance_version: int
    task: Task | None
    author: str
    register: Registered
    occurrence: Occurrence
    sequence: int | None
    day: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The bytes of the document, what they were made from, and whom they are about (`subject_id`: as the case names it)."""

    content: bytes
    basis: Basis
    template: Definition
    number: str
    version: int
    subject_id: Json
    subject: SubjectTold


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Everything that is read; the document is made when the reading is over."""

    basis: Basis
    template: Definition
    source: bytes
    number: str
    version: int
    subject_id: Json
    subject: SubjectTold
    context: Mapping[str, Json]
    labels: Labels
    origins: Mapping[str, str]


def draft_document(services: Services, operation: Operation, wanted: NewDocument) -> Draft:
    """The document as the case stands now. NotFound, Conflict when the instance was cancelled, Invalid with every missing field."""
    try:
        gathered = _gathered(services, operation, wanted)
    except StepFailed as failure:
        raise Conflict(failure.message, UNREADABLE) from failure
    content = _rendered(gathered)
    return Draft(content, gathered.basis, gathered.template, gathered.number, gathered.version, gathered.subject_id, gathered.subject)


def day_of(at: int) -> str:
    """The day in China, an ISO date."""
    return moment(at).date().isoformat()


def _gathered(services: Services, operation: Operation, wanted: NewDocument) -> _Gathered:
    now = services.clock()
    day = day_of(now)
    with services.store.read() as questions:
        instance = questions.instance(operation.process_instance_id)
        if instance is None:
            raise NotFound("process instance", operation.process_instance_id)
        require_not_cancelled(instance)
        task = require_task_of(questions.task, instance.id, wanted.task_id)
        law = law_of(services, questions, instance)
        template = template_in_force(law, questions, wanted.template)
        resource = questions.resource(template.resource_id)
        if resource is None:
            raise NotFound("file of the template", template.id)
        case, labels, origins = case_context(services, questions, instance, task)
        variables = case["variables"] if isinstance(case["variables"], dict) else {}
        subject_id = variables.get(SUBJECT_ID)
        register = registered(questions, subject_id)
        subject = subject_told(register, variables, wanted.fields, day)
        person = questions.person(operation.principal.actor)
        author = operation.principal.actor if person is None else person.name
        occurrence = occurrence_of(questions, instance.id, template.key, task)
        before = occurrence.before
        sequence = None if before is not None else questions.last_document_number(instance.jurisdiction, moment(now).year) + 1
        number = before.number if before is not None else _number(law, case, moment(now).year, sequence)
    version = 1 if before is None else before.version + 1
    context: dict[str, Json] = {
        **case,
        "document": {"number": number, "version": version, "title": template.name, "date": timestamp(now)},
        "author": {"id": operation.principal.actor, "name": author},
        "subject": subject.context,
        "fields": dict(wanted.fields),
    }
    basis = Basis(instance.version, task, author, register, occurrence, sequence, day)
    labels = {**source_labels(subject), **labels}
    return _Gathered(basis, template, resource.content, number, version, subject_id, subject, context, labels, origins)


def _number(law: CaseLaw, case: Mapping[str, Json], year: int, number: int | None) -> str:
    try:
        setting = law.setting(law.definition.key, NUMBER_SETTING)
    except StepFailed:
        setting = None  # Nobody configured it.
    form = setting if isinstance(setting, str) and "{number}" in setting else DEFAULT_NUMBER
    place = case.get("place")
    name = str(place.get("name")) if isinstance(place, dict) else ""
    return form.replace("{place}", name).replace("{year}", str(year)).replace("{number}", str(number))


def _rendered(gathered: _Gathered) -> bytes:
    try:
        return render(gathered.source, gathered.context, gathered.labels)
    except FieldsMissing as refused:
        faults = document_faults(gathered.template, refused, gathered.origins)
        raise Invalid(
            f"{gathered.template.name} ({gathered.template.id}) cannot be made, for {len(faults)} reason(s); nothing was written",
            faults,
            "document-fields",
        ) from refused
    except TemplateFault as fault:
        raise Conflict(f"the template {gathered.template.id} cannot be filled: {fault}", "template-fault") from fault
