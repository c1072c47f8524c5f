"""Reading the DMN files of one deployment: each after those it imports, each checked and its tables analysed."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from service.actions.deployments.question_findings import question_findings
from service.dmn import Analysis, AnalysisLimits, DmnRefused, Model, ModelHeader, analyse, read_header, read_model
from service.dmn import Finding as DmnFinding
from service.domain.errors import Conflict, Finding

Checks = Literal["strict", "warn"]
"""How a decision file is judged. warn: unknown names and what the analysis calls an error are warnings."""

MAX_IMPORT_DEPTH = 20
"""How deep imports nest: a file that imports nothing has 1."""
TOO_DEEP = f"imports nest deeper than {MAX_IMPORT_DEPTH} files"
MAX_TOLD_OF_A_KIND = 100
"""Findings of one code told of one file; the others are counted."""

STEPS_OF_A_FILE = 20_000_000
"""What the analysis of the tables of one file may use together."""
ANALYSIS_SECONDS = 20.0
MIN_STEPS = 10_000
MIN_SECONDS = 0.5
"""When the files together have been analysed for so long, each further table gets only so many steps and each file so much time;
the analysis says what it left open."""


@dataclass(frozen=True, slots=True)
class DeployedModel:
    """A model that an import can mean because it is deployed. `depth`: 1, or one more than that of its imports.

    `load` compiles it; Conflict when this version of the program cannot.
    """

    resource_id: str
    file_name: str
    jurisdiction: str | None
    depth: int
    load: Callable[[], Model]


Library = Callable[[str], Sequence[DeployedModel]]
"""The deployed models of a namespace: of each jurisdiction those of its last deployment that brought any."""


def nothing_deployed(_namespace: str) -> Sequence[DeployedModel]:
    """The library where there is no service: only the files given count."""
    return ()


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """One file as read. `model` is None when it cannot be executed, `analysis` when its tables cannot be looked at either.

    `imports` maps a namespace to the position of the file among those given, or to the id of the deployed resource.
    """

    model: Model | None
    findings: tuple[Finding, ...]
    namespace: str | None = None
    imports: Mapping[str, int | str] = field(default_factory=dict)
    analysis: Analysis | None = None
    depth: int = 1


def read_decision_files(
    files: Mapping[int, tuple[str, bytes]], library: Library = nothing_deployed, checks: Checks = "strict"
) -> dict[int, DecisionFile]:
    """The files (position → file name, content), read. An import means one of them, else the deployed model of its namespace."""
    reader = _Reader(files, library, checks)
    return {position: reader.read(position) for position in files}


def told(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with at most `MAX_TOLD_OF_A_KIND` of each code; one more finding says how many others there are."""
    seen: Counter[tuple[str, str]] = Counter()
    shown: list[Finding] = []
    last: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        kind = (finding.code, finding.severity)
        seen[kind] += 1
        if seen[kind] <= MAX_TOLD_OF_A_KIND:
            shown.append(finding)
        last[kind] = finding
    for kind, count in seen.items():
        if count > MAX_TOLD_OF_A_KIND:
            message = f"{count - MAX_TOLD_OF_A_KIND} more findings of this kind; an analysis of the file lists them all"
            shown.append(replace(last[kind], element_id=None, line=None, message=message))
    return shown


class _Reader:
    def __init__(self, files: Mapping[int, tuple[str, bytes]], library: Library, checks: Checks) -> None:
        self._files = files
        self._library = library
        # Asked once, so that all files mean the same one.
        self._found: dict[str, Sequence[DeployedModel]] = {}
        self._checks = checks
        self._headers = {position: read_header(content) for position, (_, content) in files.items()}
        self._read: dict[int, DecisionFile] = {}
        self._open: list[int] = []
        self._deadline = time.monotonic() + ANALYSIS_SECONDS

    def read(self, position: int) -> DecisionFile:
        """The file, after those it imports."""
        if position not in self._read:
            self._open.append(position)
            self._read[position] = self._examined(position, self._headers[position] or ModelHeader("", {}))
            self._open.pop()
        return self._read[position]

    def _examined(self, position: int, header: ModelHeader) -> DecisionFile:
        name, content = self._files[position]
        imports: dict[str, int | str] = {}
        models: list[Model] = []
        faults: list[Finding] = []
        depth = 1
        for namespace, line in header.imports.items():
            try:
                found = self._imported(namespace)
            except _NotImported as fault:
                faults.append(Finding(name, None, line, fault.code, fault.message))
                continue
            if found is not None:
                imports[namespace] = found.meant
                models.append(found.model)
                depth = max(depth, found.depth + 1)
        if faults:
            return DecisionFile(None, tuple(faults), header.namespace or None)
        model, findings = _compiled(name, content, models, self._checks)
        analysis = self._analysed(name, content, models, model)
        if analysis is not None:
            findings = _joined(findings, (_of_dmn(name, found) for found in analysis.findings))
        if model is not None:
            findings = _joined(findings, question_findings(name, model))
        if self._checks == "warn" and model is not None:
            findings = [replace(found, severity="warning") if found.severity == "error" else found for found in findings]
        return DecisionFile(model, tuple(findings), header.namespace or None, imports, analysis, depth)

    def _analysed(self, name: str, content: bytes, imports: Sequence[Model], model: Model | None) -> Analysis | None:
        if model is None and self._checks == "strict":
            # What else is wrong with the tables is told as well, if they can be read at all.
            model, _ = _compiled(name, content, imports, "warn")
        if model is None:
            return None
        left = self._deadline - time.monotonic()
        steps = MIN_STEPS if left < 0 else max(MIN_STEPS, STEPS_OF_A_FILE // max(1, len(model.tables)))
        limits = AnalysisLimits()
        return analyse(model, replace(limits, steps=min(limits.steps, steps), seconds=max(MIN_SECONDS, left)))

    def _imported(self, namespace: str) -> "_Imported | None":
        """Which model is meant; None when there is none (reading the file reports it). Raises _NotImported."""
        found = self._meant(namespace)
        if found is not None and found.depth >= MAX_IMPORT_DEPTH:
            raise _NotImported("too-deep", TOO_DEEP)
        return found

    def _meant(self, namespace: str) -> "_Imported | None":
        given = [position for position, header in self._headers.items() if header is not None and header.namespace == namespace]
        if len(given) > 1:
            names = ", ".join(self._files[position][0] for position in given)
            raise _NotImported("ambiguous-import", f"several files have the imported namespace {namespace}: {names}")
        for position in given:
            if position in self._open:
                circle = [self._files[inner][0] for inner in (*self._open[self._open.index(position) :], position)]
                raise _NotImported("import-cycle", f"the files import one another in a circle: {' → '.join(circle)}")
            if len(self._open) == MAX_IMPORT_DEPTH:
                raise _NotImported("too-deep", TOO_DEEP)
            read = self.read(position)
            if read.model is None:
                raise _NotImported("import-refused", f"the imported file {self._files[position][0]} has errors")
            return _Imported(position, read.model, read.depth)
        return self._deployed(namespace)

    def _deployed(self, namespace: str) -> "_Imported | None":
        if namespace not in self._found:
            self._found[namespace] = self._library(namespace)
        found = self._found[namespace]
        if len(found) > 1:
            names = ", ".join(f"{one.file_name} of {one.jurisdiction or 'no jurisdiction'}" for one in found)
            message = f"several deployed files have the imported namespace {namespace} ({names}): deploy the one meant with this file"
            raise _NotImported("ambiguous-import", message)
        for one in found:
            try:
                return _Imported(one.resource_id, one.load(), one.depth)
            except Conflict as unreadable:
                raise _NotImported("import-unreadable", unreadable.message) from unreadable
        return None


@dataclass(frozen=True, slots=True)
class _Imported:
    meant: int | str
    model: Model
    depth: int


class _NotImported(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _compiled(name: str, content: bytes, imports: Sequence[Model], checks: Checks) -> tuple[Model | None, list[Finding]]:
    try:
        model = read_model(content, name, imports=imports, checks=checks)
    except DmnRefused as refused:
        return None, [_of_dmn(name, found) for found in refused.findings]
    return model, [_of_dmn(name, found) for found in model.findings]


def _of_dmn(name: str, found: DmnFinding) -> Finding:
    return Finding(name, found.element_id, found.line or None, found.code, found.message, found.severity)


def _joined(first: Sequence[Finding], second: Iterable[Finding]) -> list[Finding]:
    """Both in the order of the file, without what the second tells again."""
    told_already = {(found.element_id, found.line, found.code, found.message) for found in first}
    joined = [*first, *(found for found in second if (found.element_id, found.line, found.code, found.message) not in told_already)]
    return sorted(joined, key=lambda found: found.line or 0)
