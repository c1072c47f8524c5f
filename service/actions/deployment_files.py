"""Reading deployed files: each kind by the room that knows it, all findings kept, nothing stored."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from service.actions.deadlines import fault_of
from service.actions.names import MAX_ID, is_key, is_place
from service.actions.ports import Engine, ProcessDescription, Reference
from service.actions.yaml_values import YamlFault, read_yaml
from service.dmn import DmnRefused, read_model
from service.domain.definition import KIND_CASES, KIND_DECISION, KIND_FORM, KIND_JURISDICTION, KIND_PROCESS
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
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file as read: what it is, what it declares, and what was found. `document` only for jurisdiction.yaml."""

    file_name: str
    kind: str
    content: bytes
    digest: str
    declared: tuple[Declared, ...] = ()
    findings: tuple[Finding, ...] = ()
    document: Mapping[str, Json] | None = None


def kind_of(file_name: str) -> str | None:
    """The kind a file's name promises, None for names that are not deployed."""
    name = file_name.rsplit("/", 1)[-1]
    if name == "jurisdiction.yaml":
        return KIND_JURISDICTION
    for ending, kind in (
        (".cases.yaml", KIND_CASES),
        (".bpmn", KIND_PROCESS),
        (".bpmn20.xml", KIND_PROCESS),
        (".dmn", KIND_DECISION),
        (".form", KIND_FORM),
    ):
        if name.endswith(ending):
            return kind
    return None


def read_files(engine: Engine, files: Sequence[tuple[str, bytes]]) -> list[ReadFile]:
    """Read every file; findings of all of them are collected, with doubles among names and keys."""
    read = [_read(engine, file_name, content) for file_name, content in files]
    seen: dict[tuple[str, str], str] = {}
    doubles: list[ReadFile] = []
    for index, file in enumerate(read):
        found = _key_faults(file)
        for kind, key in [("file", file.file_name), *((declared.kind, declared.key) for declared in file.declared)]:
            other = seen.setdefault((kind, key), file.file_name)
            if other != file.file_name or (kind == "file" and any(earlier.file_name == key for earlier in read[:index])):
                found.append(Finding(file.file_name, key if kind != "file" else None, None, "duplicate", f"{kind} {key!r} is given twice"))
        doubles.append(_with(file, found))
    return doubles


def _key_faults(file: ReadFile) -> list[Finding]:
    """Keys that could not be stored, found again, or written into a URL; a jurisdiction's id is judged with its file."""
    found = []
    for declared in file.declared:
        if declared.kind != KIND_JURISDICTION and not is_key(declared.key):
            message = f"the id {declared.key[:80]!r} is no name: a letter or _, then letters, digits, . - _, at most {MAX_ID} characters"
            found.append(Finding(file.file_name, declared.key[:MAX_ID], None, "bad-id", message))
    return found


def _with(file: ReadFile, findings: Sequence[Finding]) -> ReadFile:
    return ReadFile(file.file_name, file.kind, file.content, file.digest, file.declared, (*file.findings, *findings), file.document)


def _read(engine: Engine, file_name: str, content: bytes) -> ReadFile:
    kind, digest = kind_of(file_name), hashlib.sha256(content).hexdigest()
    if kind is None:
        message = "not a kind of file that is deployed (.bpmn, .dmn, .form, .cases.yaml, jurisdiction.yaml)"
        return ReadFile(file_name, "unknown", content, digest, findings=(Finding(file_name, None, None, "unknown-kind", message),))
    if len(content) > MAX_FILE_BYTES:
        finding = Finding(file_name, None, None, "too-large", f"the file is larger than {MAX_FILE_BYTES} bytes")
        return ReadFile(file_name, kind, b"", digest, findings=(finding,))
    readers: dict[str, Callable[[], tuple[Sequence[Declared], Sequence[Finding], Mapping[str, Json] | None]]] = {
        KIND_PROCESS: lambda: _read_process(engine, file_name, content),
        KIND_DECISION: lambda: _read_decisions(file_name, content),
        KIND_FORM: lambda: _read_form(file_name, content),
        KIND_CASES: lambda: _read_cases(file_name, content),
        KIND_JURISDICTION: lambda: _read_jurisdiction(file_name, content),
    }
    declared, findings, document = readers[kind]()
    return ReadFile(file_name, kind, content, digest, tuple(declared), tuple(findings), document)


def _read_process(engine: Engine, file_name: str, content: bytes) -> tuple[Sequence[Declared], Sequence[Finding], None]:
    inspection = engine.inspect(file_name, content)
    return [_declared(process) for process in inspection.processes], inspection.findings, None


def _declared(process: ProcessDescription) -> Declared:
    detail: dict[str, Json] = {
        "starts": [
            {
                "elementId": start.element_id,
                "name": start.name,
                "messageName": start.message_name,
                "correlationKeys": list(start.correlation_keys),
                "reservedVariables": list(start.reserved_variables),
            }
            for start in process.starts
        ],
        "decisions": [
            {"key": reference.key, "binding": reference.binding, "version": reference.version}
            for reference in process.references
            if reference.kind == KIND_DECISION
        ],
        "candidateGroups": list(process.candidate_groups),
    }
    return Declared(KIND_PROCESS, process.key, process.name, detail, process.references)


def _read_decisions(file_name: str, content: bytes) -> tuple[Sequence[Declared], Sequence[Finding], None]:
    try:
        model = read_model(content, file_name)
    except DmnRefused as refused:
        return [], [_of_dmn(file_name, finding) for finding in refused.findings], None
    declared = [Declared(KIND_DECISION, decision.id, decision.name) for decision in model.decisions.values()]
    return declared, [_of_dmn(file_name, finding) for finding in model.findings], None


def _of_dmn(file_name: str, finding: "object") -> Finding:
    found = cast(Finding, finding)
    return Finding(file_name, found.element_id, found.line, found.code, found.message, found.severity)


def _read_form(file_name: str, content: bytes) -> tuple[Sequence[Declared], Sequence[Finding], None]:
    try:
        form = read_form(content, file_name)
    except FormRefused as refused:
        found = [Finding(file_name, f.component_id or f.key, f.line, f.code, f.message, f.severity) for f in refused.findings]
        return [], found, None
    warnings = [Finding(file_name, f.component_id or f.key, f.line, f.code, f.message, f.severity) for f in form.findings]
    return [Declared(KIND_FORM, form.id, form.id)], warnings, None


def _read_cases(file_name: str, content: bytes) -> tuple[Sequence[Declared], Sequence[Finding], None]:
    try:
        document = read_yaml(content)
    except YamlFault as fault:
        return [], [Finding(file_name, None, fault.line, "yaml", fault.message)], None
    if not isinstance(document, dict) or not (isinstance(document.get("cases"), list) or isinstance(document.get("decisions"), list)):
        return [], [Finding(file_name, None, None, "cases", "a cases file is a mapping with a list `cases` or `decisions`")], None
    return [], [], None


def _read_jurisdiction(file_name: str, content: bytes) -> tuple[Sequence[Declared], Sequence[Finding], Mapping[str, Json] | None]:
    try:
        document = read_yaml(content)
    except YamlFault as fault:
        return [], [Finding(file_name, None, fault.line, "yaml", fault.message)], None
    if not isinstance(document, dict):
        return [], [Finding(file_name, None, None, "jurisdiction", "a jurisdiction is a mapping")], None
    faults = list(_jurisdiction_faults(document))
    findings = [Finding(file_name, where, None, "jurisdiction", message) for where, message in faults]
    if findings:
        return [], findings, None
    return [Declared(KIND_JURISDICTION, str(document["id"]), str(document["name"]))], [], document


def _jurisdiction_faults(document: Mapping[str, Json]) -> Sequence[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    for key in ("id", "name"):
        value = document.get(key)
        if not isinstance(value, str) or not value:
            faults.append((key, f"{key} is required and is text"))
    if not is_place(str(document.get("id", ""))):
        faults.append(("id", "an id is a folder's name: ASCII letters, digits, _ . -, at most 64 characters"))
    parent = document.get("parent")
    if parent is not None and not isinstance(parent, str):
        faults.append(("parent", "parent is the id of another jurisdiction or null"))
    for section in ("settings", "deadlines"):
        entries = document.get(section) or {}
        if not isinstance(entries, dict):
            faults.append((section, f"{section} is a mapping"))
            continue
        for name, entry in entries.items():
            if section == "deadlines":
                fault = fault_of(entry)
            else:
                fault = None if isinstance(entry, dict) and "value" in entry and "basis" in entry else "a setting has value and basis"
            if fault is not None:
                faults.append((f"{section}.{name}", fault))
    groups = document.get("groups") or []
    if not isinstance(groups, list):
        return [*faults, ("groups", "groups is a list")]
    for index, group in enumerate(groups):
        if not isinstance(group, dict) or not isinstance(group.get("id"), str) or not isinstance(group.get("name"), str):
            faults.append((f"groups[{index}]", "a group has id and name"))
    return faults
