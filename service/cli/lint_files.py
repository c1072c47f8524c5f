"""Reading files as a deployment would, with what is beside them counted as present."""

from collections.abc import Sequence
from pathlib import Path

from service.actions.deployment_files import read_files
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
    """All findings of all files; references to decisions and forms that are in none of them are warnings here, as they may be deployed."""
    read = read_files(SpiffEngine(), given_files(paths))
    findings = [finding for file in read for finding in file.findings]
    given = {(declared.kind, declared.key) for file in read for declared in file.declared}
    for file in read:
        for declared in file.declared:
            findings += [
                Finding(
                    file.file_name,
                    reference.element_id,
                    reference.line,
                    f"missing-{reference.kind}-reference",
                    f"{reference.kind} {reference.key!r} is not among these files; it must be deployed before or together",
                    "warning",
                )
                for reference in declared.references
                if (reference.kind, reference.key) not in given
            ]
    return findings
