"""Reading files as a deployment would."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath

from service.actions.deployments.deployment_files import read_files
from service.actions.deployments.law_findings import law_findings
from service.actions.deployments.load_builtin import deployable
from service.actions.deployments.reference_findings import hinted, nothing_is_deployed, reference_findings
from service.actions.yaml_values import YamlFault, read_yaml
from service.cli.client import CommandError
from service.domain.definition import KIND_JURISDICTION
from service.domain.errors import Finding
from service.domain.json_values import Json
from service.engine import SpiffEngine
from service.settings import procedures_root


def given_files(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    """(name as given, content) of the files, of a folder those that a deployment takes; CommandError names what cannot be read."""
    try:
        inside = [(path, sorted(deployable(path)) if path.is_dir() else [path]) for path in paths]
        empty = next((path for path, found in inside if not found), None)
        if empty is not None:
            raise CommandError(f"{empty} holds no .bpmn, .dmn, .form, .docx, .cases.yaml, precedents.yaml or jurisdiction.yaml")
        given = dict.fromkeys(path for _, found in inside for path in found)
        return [(str(path), path.read_bytes()) for path in given]
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from None


def lint_files(files: Sequence[tuple[str, bytes]]) -> list[Finding]:
    """All findings of all files, the same as a deployment of them to a service on which nothing is deployed yet.

    What a diagram asks of its place is judged when the jurisdiction.yaml of its folder is among the files; those of the places above and
    of `common` are taken from the procedures that come with the service where they are not given.
    """
    read = read_files(SpiffEngine(), files)
    findings = [finding for file in read for finding in file.findings]
    findings += reference_findings(read, nothing_is_deployed)
    places = {str(file.document["id"]): file.document for file in read if file.kind == KIND_JURISDICTION and file.document is not None}
    homes = {PurePath(file.file_name).parent: place for file in read for place in places if file.document is places[place]}
    findings += law_findings(read, lambda file: homes.get(PurePath(file.file_name).parent), partial(_document, places))
    return [hinted(finding) for finding in findings]


def _document(given: Mapping[str, Mapping[str, Json]], place: str) -> Mapping[str, Json] | None:
    if place in given:
        return given[place]
    shipped = procedures_root() / "bpmn" / place / "jurisdiction.yaml"
    try:
        document = read_yaml(shipped.read_bytes())
    except (OSError, YamlFault):
        return None
    return document if isinstance(document, dict) else None
