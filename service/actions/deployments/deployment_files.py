"""Reading deployed files: each kind by the room that knows it, all findings kept, nothing stored."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.actions.deployments.decision_cases import CaseFault, decision_cases
from service.actions.deployments.decision_files import Checks, DecisionFile, Library, nothing_deployed, read_decision_files, told
from service.actions.deployments.jurisdiction_files import jurisdiction_faults
from service.actions.instances.process_starts import route_json, start_json
from service.actions.names import MAX_ID, is_key, is_line
from service.actions.ports import Engine, LawQuestion, ProcessDescription, Reference
from service.actions.precedents.precedent_files import FILE_NAME as PRECEDENTS
from service.actions.precedents.precedent_files import read_precedents
from service.actions.yaml_values import YamlFault, read_yaml
from service.dmn import Model
from service.documents import PackageRefused, read_template
from service.domain.definition import (
    KIND_CASES,
    KIND_DECISION,
    KIND_DOCUMENT,
    KIND_FORM,
    KIND_JURISDICTION,
    KIND_PRECEDENT,
    KIND_PROCESS,
    TYPE_DECISION,
    TYPE_DECISION_SERVICE,
)
from service.domain.errors import Finding
from service.domain.json_values import Json
from service.forms import FormRefused, read_form

MAX_FILE_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Declared:
    """One definition a file declares."""

    kind: str
    key: str
    name: str
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file as read: what it is, what it declares, and what was found. `document` only for jurisdiction.yaml.

    `references` and `questions` are those of a diagram, also a refused one. `namespace` and `imports` only for decision models: each
    imported namespace with the position of the file that is meant among those given, or the id of the deployed resource.
    """

    file_name: str
    kind: str
    content: bytes
    digest: str
    declared: tuple[Declared, ...] = ()
    findings: tuple[Finding, ...] = ()
    document: Mapping[str, Json] | None = None
    namespace: str | None = None
    imports: Mapping[str, int | str] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    questions: tuple[LawQuestion, ...] = ()


def kind_of(file_name: str) -> str | None:
    """The kind a file's name promises, None for names that are not deployed."""
    name = file_name.rsplit("/", 1)[-1]
    if name == "jurisdiction.yaml":
        return KIND_JURISDICTION
    if name == PRECEDENTS:
        return KIND_PRECEDENT
    for ending, kind in (
        (".cases.yaml", KIND_CASES),
        (".bpmn", KIND_PROCESS),
        (".bpmn20.xml", KIND_PROCESS),
        (".dmn", KIND_DECISION),
        (".form", KIND_FORM),
        (".docx", KIND_DOCUMENT),
    ):
        if name.endswith(ending):
            return kind
    return None


def read_files(
    engine: Engine, files: Sequence[tuple[str, bytes]], library: Library = nothing_deployed, checks: Checks = "strict"
) -> list[ReadFile]:
    """Read every file; findings of all of them are collected, with doubles among names and keys.

    `library` gives the deployed decision models that the files may import; `checks` is how decision files are judged.
    """
    models = {index: file for index, file in enumerate(files) if kind_of(file[0]) == KIND_DECISION and len(file[1]) <= MAX_FILE_BYTES}
    decisions = read_decision_files(models, library, checks)
    beside = {one.namespace: one.model for one in decisions.values() if one.namespace is not None and one.model is not None}
    read = [_read(engine, file_name, content, decisions.get(index), library, beside) for index, (file_name, content) in enumerate(files)]
    seen: dict[tuple[str, str], str] = {}
    doubles: list[ReadFile] = []
    for index, file in enumerate(read):
        found = _key_faults(file, checks)
        for kind, key in [("file", file.file_name), *((declared.kind, declared.key) for declared in file.declared)]:
            other = seen.setdefault((kind, key), file.file_name)
            if other != file.file_name or (kind == "file" and any(earlier.file_name == key for earlier in read[:index])):
                found.append(Finding(file.file_name, key if kind != "file" else None, None, "duplicate", f"{kind} {key!r} is given twice"))
        doubles.append(replace(file, findings=(*file.findings, *found)))
    return doubles


def _key_faults(file: ReadFile, checks: Checks) -> list[Finding]:
    """Keys that could not be stored, found again, or written into a URL; a jurisdiction's id is judged with its file."""
    found = []
    for declared in file.declared:
        if declared.kind != KIND_JURISDICTION and not is_key(declared.key):
            message = f"the id {declared.key[:80]!r} is no name: a letter or _, then letters, digits, . - _, at most {MAX_ID} characters"
            bearable = checks == "warn" and declared.kind == KIND_DECISION and is_line(declared.key)
            severity = "warning" if bearable else "error"
            found.append(Finding(file.file_name, declared.key[:MAX_ID], None, "bad-id", message, severity))
    return found


def _read(
    engine: Engine, file_name: str, content: bytes, decisions: DecisionFile | None, library: Library, beside: Mapping[str, Model]
) -> ReadFile:
    kind, digest = kind_of(file_name), hashlib.sha256(content).hexdigest()
    if kind is None:
        message = "not a kind of file that is deployed (.bpmn, .dmn, .form, .docx, .cases.yaml, jurisdiction.yaml, precedents.yaml)"
        return ReadFile(file_name, "unknown", content, digest, findings=(Finding(file_name, None, None, "unknown-kind", message),))
    if len(content) > MAX_FILE_BYTES:
        finding = Finding(file_name, None, None, "too-large", f"the file is larger than {MAX_FILE_BYTES} bytes")
        return ReadFile(file_name, kind, b"", digest, findings=(finding,))
    if decisions is not None:
        shown = tuple(told(finding for finding in decisions.findings if finding.severity != "info"))
        inside = () if decisions.model is None else tuple(_declared_by(decisions.model))
        return ReadFile(file_name, kind, content, digest, inside, shown, None, decisions.namespace, decisions.imports)
    if kind == KIND_PROCESS:
        return _read_process(engine, file_name, content, digest)
    readers: dict[str, Callable[[], tuple[Sequence[Declared], Sequence[Finding], Mapping[str, Json] | None]]] = {
        KIND_FORM: lambda: _read_form(file_name, content),
        KIND_DOCUMENT: lambda: _read_template(file_name, content),
        KIND_CASES: lambda: _read_cases(file_name, content),
        KIND_JURISDICTION: lambda: _read_jurisdiction(file_name, content),
        KIND_PRECEDENT: lambda: _read_precedents(file_name, content, library, beside),
    }
    declared, findings, document = readers[kind]()
    return ReadFile(file_name, kind, content, digest, tuple(declared), tuple(findings), document)


def _read_process(engine: Engine, file_name: str, content: bytes, digest: str) -> ReadFile:
    inspection = engine.inspect(file_name, content)
    declared = [_declared(process) for process in inspection.processes]
    forms = [Declared(KIND_FORM, key, key, {SCHEMA: schema}) for process in inspection.processes for key, schema in process.forms]
    return ReadFile(
        file_name,
        KIND_PROCESS,
        content,
        digest,
        (*declared, *forms),
        inspection.findings,
        references=inspection.references,
        questions=inspection.questions,
    )


PRECEDENT = "precedent"
"""Entry of a process definition's detail: the variable whose value becomes a precedent when a case of it ends."""
CHOICES = "choices"
"""Entry of a form definition's detail: the answers of a form that asks for one thing and lists them."""
SCHEMA = "schema"
"""Entry of a form definition's detail: its schema as JSON text, where the form is written into a diagram."""


def _declared(process: ProcessDescription) -> Declared:
    detail: dict[str, Json] = {
        "starts": [start_json(start) for start in process.starts],
        "routes": [route_json(route) for route in process.routes],
        "decisions": [
            {"key": reference.key, "binding": reference.binding, "version": reference.version, **tagged(reference.version_tag)}
            for reference in process.references
            if reference.kind == KIND_DECISION
        ],
        "candidateGroups": list(process.candidate_groups),
        **({} if process.precedent is None else {PRECEDENT: process.precedent}),
        "documents": [
            {"elementId": reference.element_id, "template": reference.key}
            for reference in process.references
            if reference.kind == KIND_DOCUMENT
        ],
        **tagged(process.version_tag),
    }
    return Declared(KIND_PROCESS, process.key, process.name, detail)


def tagged(version_tag: str | None) -> dict[str, Json]:
    """The entry of a definition's detail that holds its version tag; none when it has no tag."""
    return {} if version_tag is None else {"versionTag": version_tag}


def _declared_by(model: Model) -> Iterator[Declared]:
    """What can be asked of a decision file: its decisions, and its decision services (DMN 1.5, 6.3.9)."""
    for decision in model.decisions.values():
        yield Declared(
            KIND_DECISION,
            decision.id,
            decision.name,
            {"type": TYPE_DECISION, "inputs": list(decision.inputs), "outputs": list(decision.outputs), **tagged(decision.version_tag)},
        )
    for service in model.services.values():
        yield Declared(
            KIND_DECISION,
            service.id,
            service.name,
            {"type": TYPE_DECISION_SERVICE, "inputs": list(service.inputs), "outputs": list(service.outputs)},
        )


def _read_form(file_name: str, content: bytes) -> tuple[Sequence[Declared], Sequence[Finding], None]:
    try:
        form = read_form(content, file_name)
    except FormRefused as refused:
        found = [Finding(file_name, f.component_id or f.key, f.line, f.code, f.message, f.severity) for f in refused.findings]
        return [], found, None
    warnings = [Finding(file_name, f.component_id or f.key, f.line, f.code, f.message, f.severity) for f in form.findings]
    detail: dict[str, Json] = {CHOICES: list(form.choices)} if form.choices else {}
    return [Declared(KIND_FORM, form.id, form.id, detail)], warnings, None


def _read_template(file_name: str, content: bytes) -> tuple[Sequence[Declared], Sequence[Finding], None]:
    """A template of documents; its key is the file's name, its name the title in Word's properties."""
    try:
        template = read_template(content)
    except PackageRefused as refused:
        return [], [Finding(file_name, None, None, refused.code, refused.message)], None
    key = file_name.replace("\\", "/").rpartition("/")[2].removesuffix(".docx")
    return [Declared(KIND_DOCUMENT, key, (template.title or key)[:MAX_ID], {"fields": list(template.fields)})], [], None


def _read_cases(file_name: str, content: bytes) -> tuple[Sequence[Declared], Sequence[Finding], None]:
    try:
        document = read_yaml(content)
    except YamlFault as fault:
        return [], [Finding(file_name, None, fault.line, "yaml", fault.message)], None
    if not isinstance(document, dict) or not (isinstance(document.get("cases"), list) or isinstance(document.get("decisions"), list)):
        return [], [Finding(file_name, None, None, "cases", "a cases file is a mapping with a list `cases` or `decisions`")], None
    try:
        decision_cases(document)
    except CaseFault as fault:
        return [], [Finding(file_name, None, None, "cases", fault.message)], None
    return [], [], None


def _read_precedents(
    file_name: str, content: bytes, library: Library, beside: Mapping[str, Model]
) -> tuple[Sequence[Declared], Sequence[Finding], None]:
    entries, findings = read_precedents(file_name, content, library, beside)
    return [Declared(KIND_PRECEDENT, key, title, entry) for key, title, entry in entries], findings, None


def _read_jurisdiction(file_name: str, content: bytes) -> tuple[Sequence[Declared], Sequence[Finding], Mapping[str, Json] | None]:
    try:
        document = read_yaml(content)
    except YamlFault as fault:
        return [], [Finding(file_name, None, fault.line, "yaml", fault.message)], None
    if not isinstance(document, dict):
        return [], [Finding(file_name, None, None, "jurisdiction", "a jurisdiction is a mapping")], None
    faults = list(jurisdiction_faults(document))
    findings = [Finding(file_name, where, None, "jurisdiction", message) for where, message in faults]
    if findings:
        return [], findings, None
    return [Declared(KIND_JURISDICTION, str(document["id"]), str(document["name"]))], [], document
