"""Deploy files: all go in together or none does; every finding of every file is told at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, recall, remember
from service.actions.decisions.decision_models import library
from service.actions.deployments.decision_files import Checks
from service.actions.deployments.deployment_files import ReadFile, read_files
from service.actions.deployments.deployment_versions import versions
from service.actions.deployments.fact_findings import fact_findings
from service.actions.deployments.law_findings import law_findings
from service.actions.deployments.reference_findings import hinted, reference_findings, referred_to
from service.actions.events.start_by_timer import rearmed_starts, start_timers_of
from service.actions.names import is_place
from service.actions.ports import Group, Services, Transaction
from service.actions.precedents.precedent_files import deployed_precedents, place_findings
from service.actions.precedents.precedent_views import told_digest
from service.actions.presentation import file_finding_json, timestamp
from service.domain.access import require_may
from service.domain.definition import (
    KIND_JURISDICTION,
    KIND_PRECEDENT,
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
        findings += reference_findings(read, partial(referred_to, tx))
        findings += fact_findings(services.engine, tx, read)
        findings += law_findings(read, lambda file: jurisdiction, partial(_document, tx, read))
        findings += _precedent_findings(read, jurisdiction)
        findings += _key_findings(tx, read, jurisdiction) + _namespace_findings(tx, read, jurisdiction)
        findings = [hinted(finding) for finding in findings]
        if any(finding.severity == "error" for finding in findings):
            raise Refused(findings)
        warnings = [file_finding_json(finding) for finding in findings]
        deployment = Deployment(new_id(), seq, command.name, jurisdiction, now, principal.actor, tuple(warnings))
        resources, definitions, shown = versions(tx, read, deployment)
        places, groups = _places(tx, read, deployment)
        earlier = [tx.jurisdiction(place.id) for place in places]
        starts = start_timers_of(services, tx, read, definitions, places, now)
        rearmed = rearmed_starts(services, tx, definitions, places)
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
        for definition in definitions:
            if definition.id in starts:
                tx.arm_starts(definition.key, definition.id, starts[definition.id])
        for start_id, timer in rearmed.items():
            tx.rearm_start(start_id, timer)
        path = places[0].path if places else _path(tx, jurisdiction)
        precedents = deployed_precedents(definitions, path, principal.actor)
        tx.put_precedents(precedents)
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
            "rearmedStartTimers": [{"startTimerId": one, "dueAt": timestamp(timer.due_at)} for one, timer in rearmed.items()],
        }
        if precedents:
            event["precedents"] = {one.id: told_digest(one) for one in precedents}
        tx.append_service_event(now, principal.actor, "deployment.created", event)
        given = answer(201, body)
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given


def _precedent_findings(read: Sequence[ReadFile], jurisdiction: str | None) -> list[Finding]:
    listed = {file.file_name: [one.detail for one in file.declared] for file in read if file.kind == KIND_PRECEDENT}
    return [finding for file_name, entries in listed.items() for finding in place_findings(file_name, entries, jurisdiction)]


def _document(tx: Transaction, read: Sequence[ReadFile], place: str) -> Mapping[str, Json] | None:
    """The jurisdiction.yaml of the place as this deployment leaves it; None where there is none, or it cannot be read."""
    for file in read:
        if file.kind == KIND_JURISDICTION and (file.document is None or file.document["id"] == place):
            return file.document
    known = tx.jurisdiction(place)
    return None if known is None else known.document


def _path(tx: Transaction, jurisdiction: str | None) -> str | None:
    place = None if jurisdiction is None else tx.jurisdiction(jurisdiction)
    return None if place is None else place.path


def _jurisdiction(tx: Transaction, command: Deploy, read: Sequence[ReadFile]) -> tuple[str | None, list[Finding]]:
    described = [(file, declared.key) for file in read for declared in file.declared if declared.kind == KIND_JURISDICTION]
    if not described:
        return command.jurisdiction, _unknown_place(tx, command.jurisdiction)
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


def _unknown_place(tx: Transaction, jurisdiction: str | None) -> list[Finding]:
    """Mostly a slip of the pen. A place that nobody described is made all the same: its jurisdiction.yaml may come later."""
    if jurisdiction is None or tx.jurisdiction(jurisdiction) is not None:
        return []
    message = f"no jurisdiction {jurisdiction!r} is deployed: it is made without a name of its own and with none above it"
    return [Finding("jurisdiction.yaml", None, None, "unknown-jurisdiction", message, "warning")]


def _require_latest_imports(tx: Transaction, read: Sequence[ReadFile]) -> None:
    """The files were read before this transaction: what they import must still be what is deployed."""
    for file in read:
        for namespace, meant in file.imports.items():
            if isinstance(meant, str) and [model.id for model in tx.decision_models(namespace)] != [meant]:
                raise Conflict(f"the imported model {namespace} was deployed anew at this moment; try again", "stale")


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
