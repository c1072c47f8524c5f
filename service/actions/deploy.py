"""Deploy files: all go in together or none does; every finding of every file is told at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, recall, remember
from service.actions.case_law import library, version_or_latest
from service.actions.decision_files import Checks
from service.actions.deployment_files import ReadFile, read_files
from service.actions.deployment_versions import versions
from service.actions.names import is_place
from service.actions.ports import Group, Reference, Services, Transaction
from service.actions.presentation import finding_json, timestamp
from service.domain.access import require_may
from service.domain.definition import (
    KIND_DECISION,
    KIND_JURISDICTION,
    KIND_PROCESS,
    TYPE_DECISION_SERVICE,
    Definition,
    Deployment,
    Jurisdiction,
)
from service.domain.errors import Conflict, FieldError, Finding, Invalid, Refused
from service.domain.identifiers import new_id
from service.domain.json_values import Json
from service.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class Deploy:
    """`files` are (file name, bytes); `jurisdiction` the folder name, taken from jurisdiction.yaml when that is among the files.

    With `checks="warn"` decision files come in with their findings recorded as warnings, as far as they can be executed at all.
    """

    name: str
    jurisdiction: str | None
    files: tuple[tuple[str, bytes], ...]
    dry_run: bool = False
    checks: Checks = "strict"
    repeat: Repeat = NO_REPEAT


def deploy(services: Services, principal: Principal, command: Deploy) -> Answer:
    """201 with what was deployed (200 for a dry run, which stores nothing). Raises Refused with all findings."""
    require_may(principal, "deploy")
    if not command.files:
        raise Invalid("a deployment has files", [FieldError("/files", "required", "no file was given")])
    if command.jurisdiction is not None and not is_place(command.jurisdiction):
        message = "a jurisdiction is a folder's name: ASCII letters, digits, _ . -, at most 64 characters"
        raise Invalid("the jurisdiction's id cannot be used", [FieldError("/jurisdiction", "bad-id", message)])
    # Reading is much work: a request that was answered already is not read again.
    if command.repeat.key is not None:
        with services.store.begin() as tx:
            answered = recall(tx, principal, command.repeat)
        if answered is not None:
            return answered
    read = read_files(services.engine, command.files, library(services), command.checks)
    now = services.clock()
    with services.store.begin() as tx:
        seq = tx.lock_deployments()
        answered = recall(tx, principal, command.repeat)
        if answered is not None:
            return answered
        _require_latest_imports(tx, read)
        jurisdiction, place_findings = _jurisdiction(tx, command, read)
        findings = [finding for file in read for finding in file.findings] + place_findings
        findings += _reference_findings(tx, read) + _key_findings(tx, read, jurisdiction) + _namespace_findings(tx, read, jurisdiction)
        findings += _call_findings(tx, read)
        if any(finding.severity == "error" for finding in findings):
            raise Refused(findings)
        warnings = [finding_json(finding) for finding in findings]
        deployment = Deployment(new_id(), seq, command.name, jurisdiction, now, principal.actor, tuple(warnings))
        resources, definitions, shown = versions(tx, read, deployment)
        places, groups = _places(tx, read, deployment)
        earlier = [tx.jurisdiction(place.id) for place in places]
        body: dict[str, Json] = {
            "id": None if command.dry_run else deployment.id,
            "name": deployment.name,
            "jurisdiction": jurisdiction,
            "deployedAt": timestamp(now),
            "deployedBy": principal.actor,
            "resources": shown,
            "warnings": list(warnings),
        }
        if command.dry_run:
            return answer(200, body)
        tx.insert_deployment(deployment, resources, definitions, places)
        for place, before in zip(places, earlier, strict=True):
            if before is not None and before.path != place.path:
                tx.move_jurisdiction(before.path, place.path, seq)
        for group in groups:
            tx.put_group(group)
        event: dict[str, Json] = {
            "deploymentId": deployment.id,
            "name": deployment.name,
            "jurisdiction": jurisdiction,
            "definitions": [f"{definition.kind}:{definition.id}" for definition in definitions],
            "digests": {resource.file_name: resource.digest for resource in resources},
        }
        tx.append_service_event(now, principal.actor, "deployment.created", event)
        given = answer(201, body)
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given


def _jurisdiction(tx: Transaction, command: Deploy, read: Sequence[ReadFile]) -> tuple[str | None, list[Finding]]:
    described = [(file, declared.key) for file in read for declared in file.declared if declared.kind == KIND_JURISDICTION]
    if not described:
        return command.jurisdiction, []
    file, key = described[0]
    if command.jurisdiction is not None and command.jurisdiction != key:
        message = f"the deployment is for {command.jurisdiction!r}, jurisdiction.yaml describes {key!r}"
        return key, [Finding(file.file_name, "id", None, "jurisdiction-differs", message)]
    parent = None if file.document is None else file.document.get("parent")
    above = None if parent is None else tx.jurisdiction(str(parent))
    if parent is not None and above is None:
        return key, [Finding(file.file_name, "parent", None, "unknown-parent", f"no jurisdiction {parent!r} is deployed")]
    if above is not None and key in above.path.split("/"):
        return key, [Finding(file.file_name, "parent", None, "parent-cycle", f"{parent!r} is {key!r} itself or lies below it")]
    return key, []


def _require_latest_imports(tx: Transaction, read: Sequence[ReadFile]) -> None:
    """The files were read before this transaction: what they import must still be what is deployed."""
    for file in read:
        for namespace, meant in file.imports.items():
            if isinstance(meant, str) and [model.id for model in tx.decision_models(namespace)] != [meant]:
                raise Conflict(f"the imported model {namespace} was deployed anew at this moment; try again", "stale")


def _reference_findings(tx: Transaction, read: Sequence[ReadFile]) -> list[Finding]:
    given = {(declared.kind, declared.key): declared.detail for file in read for declared in file.declared}
    # A file that could not be read may well hold what is referred to: its own findings say what is wrong.
    unreadable = {file.kind for file in read if not file.declared and any(finding.severity == "error" for finding in file.findings)}
    findings = []
    for file in read:
        for declared in file.declared:
            for reference in declared.references:
                if reference.kind in unreadable:
                    continue
                detail = given.get((reference.kind, reference.key)) if reference.binding != "version" else None
                if detail is None:
                    found = _referred_to(tx, reference)
                    detail = None if found is None else found.detail
                if detail is None:
                    code = f"missing-{reference.kind}-reference"
                    message = f"{reference.kind} {reference.key!r} is neither in this deployment nor deployed already"
                    findings.append(Finding(file.file_name, reference.element_id, reference.line, code, message))
                elif reference.kind == KIND_DECISION and detail.get("type") == TYPE_DECISION_SERVICE:
                    message = f"{reference.key!r} is a decision service; a business rule task takes a decision"
                    findings.append(Finding(file.file_name, reference.element_id, reference.line, "not-a-decision", message))
    return findings


def _referred_to(tx: Transaction, reference: Reference) -> Definition | None:
    """What the reference means among what is deployed already."""
    return version_or_latest(tx, reference.kind, reference.key, (reference.version or 0) if reference.binding == "version" else None)


def _call_findings(tx: Transaction, read: Sequence[ReadFile]) -> list[Finding]:
    """A process is called at its start event without a message, so one that is called has it."""
    given = {declared.key: declared.detail for file in read for declared in file.declared if declared.kind == KIND_PROCESS}
    findings = []
    for file in read:
        for reference in (reference for declared in file.declared for reference in declared.references if reference.kind == KIND_PROCESS):
            if reference.binding != "version" and reference.key in given:
                detail: Mapping[str, Json] = given[reference.key]
            else:
                found = _referred_to(tx, reference)
                if found is None:
                    continue  # The missing reference is told already.
                detail = found.detail
            starts = detail.get("starts")
            if not any(
                isinstance(start, dict) and start.get("messageName") is None for start in (starts if isinstance(starts, list) else [])
            ):
                message = f"process {reference.key!r} cannot be called: all its start events wait for messages"
                findings.append(Finding(file.file_name, reference.element_id, reference.line, "no-plain-start", message))
    return findings


def _key_findings(tx: Transaction, read: Sequence[ReadFile], jurisdiction: str | None) -> list[Finding]:
    """A key belongs to one jurisdiction: a second one under the same key would mix two places' law."""
    findings = []
    for file in read:
        for declared in file.declared:
            latest = None if declared.kind == KIND_JURISDICTION else tx.latest_definition(declared.kind, declared.key)
            if latest is not None and latest.jurisdiction != jurisdiction:
                message = f"{declared.kind} {declared.key!r} belongs to jurisdiction {latest.jurisdiction!r}"
                findings.append(Finding(file.file_name, declared.key, None, "key-taken", message))
    return findings


def _namespace_findings(tx: Transaction, read: Sequence[ReadFile], jurisdiction: str | None) -> list[Finding]:
    """A library without decisions is known by its namespace only, which belongs to one jurisdiction as a key does."""
    findings = []
    for file in read:
        if file.namespace is None or any(finding.severity == "error" for finding in file.findings):
            continue
        holders = tx.decision_models(file.namespace)
        if any(holder.jurisdiction == jurisdiction for holder in holders):
            continue
        for holder in holders:
            if not file.declared or not tx.definitions_in(holder.id):
                owner = "no jurisdiction" if holder.jurisdiction is None else f"jurisdiction {holder.jurisdiction!r}"
                message = f"the namespace {file.namespace} belongs to {holder.file_name} of {owner}"
                findings.append(Finding(file.file_name, None, None, "namespace-taken", message))
                break
    return findings


def _places(tx: Transaction, read: Sequence[ReadFile], deployment: Deployment) -> tuple[list[Jurisdiction], list[Group]]:
    """The jurisdiction as of this deployment, and its groups that are not known yet."""
    if deployment.jurisdiction is None:
        return [], []
    known = tx.jurisdiction(deployment.jurisdiction)
    document = next((file.document for file in read if file.document is not None), None)
    if document is None:
        if known is not None:
            return [], []
        document = {"id": deployment.jurisdiction, "name": deployment.jurisdiction, "parent": None}
    if known is not None and dict(known.document) == dict(document):
        return [], []
    parent_id = document.get("parent")
    parent = None if parent_id is None else tx.jurisdiction(str(parent_id))
    path = str(document["id"]) if parent is None else f"{parent.path}/{document['id']}"
    place = Jurisdiction(
        str(document["id"]), str(document["name"]), path, None if parent is None else parent.id, dict(document), deployment.seq
    )
    return [place], _new_groups(tx, document, deployment.deployed_at)


def _new_groups(tx: Transaction, document: Mapping[str, Json], now: int) -> list[Group]:
    listed = document.get("groups")
    groups = []
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and tx.group(str(entry["id"])) is None:
            source = entry.get("source")
            groups.append(Group(str(entry["id"]), str(entry["name"]), None if source is None else str(source), now))
    return groups
