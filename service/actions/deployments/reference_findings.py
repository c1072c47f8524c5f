"""What a deployment refers to: decisions, forms and called processes that are neither given nor deployed, or cannot be used so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from service.actions.deployments.deployment_files import CHOICES, ReadFile
from service.actions.instances.process_starts import PLAIN
from service.actions.instances.published import tagged_definition, version_or_latest
from service.actions.ports import Reference, Transaction
from service.domain.definition import KIND_DECISION, KIND_PROCESS, PLACE_IN_KEY, TYPE_DECISION_SERVICE, Definition
from service.domain.errors import Finding
from service.domain.finding_codes import hint_for
from service.domain.json_values import Json

Find = Callable[[Reference], Definition | None]
"""What a reference means among what is deployed already; None when nothing of it is."""


def reference_findings(read: Sequence[ReadFile], find: Find) -> list[Finding]:
    """Everything that is wrong with the references of these files, in the order of the files."""
    return _missing(read, find) + _uncallable(read, find)


def nothing_is_deployed(reference: Reference) -> Definition | None:
    """For files judged alone: only they are there."""
    return None


def hinted(finding: Finding) -> Finding:
    """The finding with the hint of its code; decision tables, forms and templates have codes and words of their own."""
    if finding.hint is not None or finding.file.endswith((".dmn", ".form", ".docx")):
        return finding
    return replace(finding, hint=hint_for(finding.code))


def _missing(read: Sequence[ReadFile], find: Find) -> list[Finding]:
    given = {(declared.kind, declared.key): declared.detail for file in read for declared in file.declared}
    # A file that could not be read may well hold what is referred to: its own findings say what is wrong.
    unreadable = {file.kind for file in read if not file.declared and any(finding.severity == "error" for finding in file.findings)}
    findings = []
    for file in read:
        for reference in file.references:
            # Which decision is meant at a place is known when a case is there.
            if reference.kind in unreadable or PLACE_IN_KEY in reference.key:
                continue
            detail = given.get((reference.kind, reference.key))
            if not _may_mean(reference, detail):
                detail = None
            if detail is None:
                found = find(reference)
                detail = None if found is None else found.detail
            if detail is None:
                code = f"missing-{reference.kind}-reference"
                message = f"{reference.kind} {reference.key!r} is neither in this deployment nor deployed already"
                findings.append(Finding(file.file_name, reference.element_id, reference.line, code, message))
            elif reference.kind == KIND_DECISION and detail.get("type") == TYPE_DECISION_SERVICE:
                message = f"{reference.key!r} is a decision service; a business rule task takes a decision"
                findings.append(Finding(file.file_name, reference.element_id, reference.line, "not-a-decision", message))
            elif reference.secret_ballot and not detail.get(CHOICES):
                message = f"the form {reference.key!r} cannot be that of a secret ballot: it must ask for one thing and list the answers"
                findings.append(Finding(file.file_name, reference.element_id, reference.line, "ballot-form", message))
    return findings


def _may_mean(reference: Reference, detail: Mapping[str, Json] | None) -> bool:
    """Whether the reference means what comes with this deployment: not with a number, and with a tag when it is that one."""
    if reference.binding == "versionTag":
        return detail is not None and detail.get("versionTag") == reference.version_tag
    return reference.binding != "version"


def referred_to(tx: Transaction, reference: Reference) -> Definition | None:
    """What the reference means among what is deployed already."""
    if reference.binding == "versionTag":
        return tagged_definition(tx, reference.kind, reference.key, reference.version_tag)
    return version_or_latest(tx, reference.kind, reference.key, (reference.version or 0) if reference.binding == "version" else None)


def _uncallable(read: Sequence[ReadFile], find: Find) -> list[Finding]:
    """A process is called at its plain start event, so one that is called has it."""
    given = {declared.key: declared.detail for file in read for declared in file.declared if declared.kind == KIND_PROCESS}
    findings = []
    for file in read:
        for reference in (one for one in file.references if one.kind == KIND_PROCESS):
            if reference.key in given and _may_mean(reference, given[reference.key]):
                detail: Mapping[str, Json] = given[reference.key]
            else:
                found = find(reference)
                if found is None:
                    continue  # The missing reference is told already.
                detail = found.detail
            starts = detail.get("starts")
            if not any(
                isinstance(start, dict) and start.get("eventKind") in (None, PLAIN) and start.get("messageName") is None
                for start in (starts if isinstance(starts, list) else [])
            ):
                message = f"process {reference.key!r} cannot be called: all its start events wait for messages, signals or timers"
                findings.append(Finding(file.file_name, reference.element_id, reference.line, "no-plain-start", message))
    return findings
