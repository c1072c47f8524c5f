"""Facts of jurisdiction.yaml that name processes or elements nobody has: they would count nothing, and nobody would see why."""

from collections.abc import Iterator, Mapping, Sequence

from service.actions.deployments.deployment_files import ReadFile
from service.actions.ports import Engine, Lookups, ProcessSource
from service.actions.subjects.recorded_facts import FACTS, targets_of
from service.domain.definition import KIND_JURISDICTION, KIND_PROCESS
from service.domain.errors import Finding, StepFailed
from service.domain.json_values import Json


def fact_findings(engine: Engine, lookups: Lookups, read: Sequence[ReadFile]) -> list[Finding]:
    """Warnings, since an earlier version may have had the element, and a process may come later."""
    findings = []
    for file in read:
        if file.kind == KIND_JURISDICTION and file.document is not None:
            for name, process, element in _targets(file.document):
                what = _lacking(engine, _source(lookups, read, process), process, element)
                if what is not None:
                    findings.append(Finding(file.file_name, f"{FACTS}.{name}", None, "fact-counts-nothing", what, "warning"))
    return findings


def _targets(document: Mapping[str, Json]) -> Iterator[tuple[str, str, str | None]]:
    declared = document.get(FACTS)
    for name, entry in (declared if isinstance(declared, dict) else {}).items():
        if isinstance(entry, dict):
            yield from ((name, process, element) for process, element in targets_of(entry))


def _source(lookups: Lookups, read: Sequence[ReadFile], process: str) -> ProcessSource | None:
    """The process as it will be: of these files, else the latest deployed; None when there is none."""
    for file in read:
        if any(declared.kind == KIND_PROCESS and declared.key == process for declared in file.declared):
            return ProcessSource(process, 0, file.digest, file.content)
    latest = lookups.latest_definition(KIND_PROCESS, process)
    resource = None if latest is None else lookups.resource(latest.resource_id)
    return None if latest is None or resource is None else ProcessSource(process, latest.version, resource.digest, resource.content)


def _lacking(engine: Engine, source: ProcessSource | None, process: str, element: str | None) -> str | None:
    if source is None:
        return f"there is no process {process!r}: until it is deployed the fact counts nothing"
    try:
        known = element is None or element in engine.element_ids(source)
    except StepFailed:
        # A file with errors has findings of its own.
        return None
    return None if known else f"the process {process!r} has no element {element!r}: only visits of earlier versions can count"
