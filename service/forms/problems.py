"""What this library says about a form file (findings) and about submitted data (problems)."""

from __future__ import annotations

from dataclasses import dataclass

from service.forms.json_values import Json


@dataclass(frozen=True, slots=True)
class FormFinding:
    """One remark on a form file.

    `component_id` and `key` name the component where there is one; `line` counts from 1 and is None where the place is the
    whole file; `code` is a stable word; `severity` is "error" (the form is refused) or "warning".
    """

    component_id: str | None
    key: str | None
    line: int | None
    code: str
    message: str
    severity: str = "error"


class FormRefused(Exception):
    """The file is no form this library can enforce faithfully. `findings` holds all errors and warnings of the file."""

    def __init__(self, file_name: str, findings: tuple[FormFinding, ...]) -> None:
        errors = sum(1 for finding in findings if finding.severity == "error")
        super().__init__(f"{file_name}: {errors} error(s) in the form")
        self.file_name = file_name
        self.findings = findings


@dataclass(frozen=True, slots=True)
class FormProblem:
    """One fault in submitted data.

    `pointer` is an RFC 6901 JSON pointer relative to the variables object, with the keys as they were sent; for a missing value
    it is where the value belongs. `code` is a stable word (the list is in README.md), `message` is for people.
    """

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What a form makes of submitted data.

    `values` are (path, value) pairs to set, in form order, null meaning "clear"; empty when there are problems.
    `problems` are in form order, keys that are none of the form's last.
    """

    values: tuple[tuple[tuple[str, ...], Json], ...]
    problems: tuple[FormProblem, ...]
