"""`rongjiu lint` takes folders as `rongjiu deploy` does."""

from pathlib import Path

import pytest

from service.cli.client import CommandError
from service.cli.lint_files import given_files


def test_a_folder_is_the_files_that_a_deployment_takes(tmp_path: Path) -> None:
    folder = tmp_path / "park"
    (folder / "documents").mkdir(parents=True)
    for name in ("a.bpmn", "jurisdiction.yaml", "README.md", "~$open.docx", "documents/letter.docx", "documents/other.txt"):
        (folder / name).write_text(name)

    given = given_files([folder / "a.bpmn", folder])

    assert [name for name, _ in given] == [str(folder / name) for name in ("a.bpmn", "documents/letter.docx", "jurisdiction.yaml")]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no_such"):
        given_files([tmp_path / "no_such.bpmn"])
    with pytest.raises(CommandError, match=r"holds no \.bpmn"):
        given_files([tmp_path])
