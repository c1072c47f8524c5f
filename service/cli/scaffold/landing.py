"""The copy judged as a deployment would, and written whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from service.actions.deployments.load_builtin import deployable
from service.cli.client import CommandError
from service.cli.lint_files import lint_files
from service.cli.scaffold.models import Models
from service.cli.scaffold.naming import Naming
from service.cli.scaffold.tree import ABOUT, KINDS, REGISTER
from service.domain.errors import Finding


def judged(root: Path, files: Mapping[Path, bytes], naming: Naming) -> list[str]:
    """The warnings on the new files that the source's do not have, as a deployment judges; CommandError when one would be refused."""
    dmn = {path.relative_to(root): path.read_bytes() for path in sorted((root / "dmn").rglob("*.dmn"))}
    models = Models(dmn | {path: content for path, content in files.items() if path.suffix == ".dmn"})
    own = {path: content for path, content in files.items() if path.parts[1] == naming.new and path.suffix != ".md"}
    sources = [path for kind in KINDS if (root / kind / naming.source).is_dir() for path in deployable(root / kind / naming.source)]
    theirs = {path.relative_to(root): path.read_bytes() for path in sources}
    places = {path.relative_to(root): path.read_bytes() for path in sorted((root / "bpmn").glob(f"*/{ABOUT}"))}
    given = models.needed_by([*own, *theirs]) | places | theirs | own
    findings = lint_files([(str(path), content) for path, content in given.items()])
    # What a diagram calls elsewhere is not among the files; the source calls the same.
    known = {naming.renamed(_told(finding)) for finding in findings if Path(finding.file) in theirs}
    new = [finding for finding in findings if Path(finding.file) in own and _told(finding) not in known]
    wrong = [_told(finding) for finding in new if finding.severity == "error"]
    if wrong:
        raise CommandError("\n".join(["the copy would be refused; nothing was written", *wrong]))
    return [_told(finding) for finding in new]


def _told(finding: Finding) -> str:
    return f"{finding.file}: <{finding.element_id}> {finding.message} [{finding.code}]"


def write(root: Path, files: Mapping[Path, bytes]) -> None:
    """Write beside the folders first, then move: what fails leaves nothing behind."""
    staged = Path(tempfile.mkdtemp(prefix=".new-jurisdiction-", dir=root))
    moved: list[Path] = []
    try:
        for path, content in files.items():
            (staged / path).parent.mkdir(parents=True, exist_ok=True)
            (staged / path).write_bytes(content)
        for target in _targets(files):
            (root / target).parent.mkdir(parents=True, exist_ok=True)
            if not (root / target).exists():
                moved.append(target)
            os.replace(staged / target, root / target)
    except OSError as error:
        for target in moved:
            shutil.rmtree(root / target, ignore_errors=True) if (root / target).is_dir() else (root / target).unlink(missing_ok=True)
        raise CommandError(f"{error.filename}: {error.strerror}; nothing was written") from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _targets(files: Iterable[Path]) -> list[Path]:
    """What is moved: the new folders whole, other files one by one, those that were there before last."""
    found = dict.fromkeys(Path(*path.parts[:2]) if path.parts[0] in KINDS and path != REGISTER else path for path in files)
    return sorted(found, key=lambda path: path == REGISTER)
