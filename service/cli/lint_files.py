"""Reading files as a deployment would."""

from collections.abc import Sequence
from pathlib import Path

from service.actions.deployment_files import read_files
from service.actions.reference_findings import hinted, nothing_is_deployed, reference_findings
from service.cli.client import CommandError
from service.domain.errors import Finding
from service.engine import SpiffEngine


def given_files(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    """(name as given, content) of the files; CommandError names one that cannot be read."""
    try:
        return [(str(path), path.read_bytes()) for path in paths]
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from None


def lint_files(paths: Sequence[Path]) -> list[Finding]:
    """All findings of all files, the same as a deployment of them to a service on which nothing is deployed yet."""
    read = read_files(SpiffEngine(), given_files(paths))
    findings = [finding for file in read for finding in file.findings]
    return [hinted(finding) for finding in findings + reference_findings(read, nothing_is_deployed)]
