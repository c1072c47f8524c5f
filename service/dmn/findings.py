"""What reading or evaluating a decision model can complain about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from service.dmn.reading.syntax import Place

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about a model; `line` counts from 1, 0 when the place has none.

    `code` is stable and machine-readable (`unknown-name`, `cycle`, …); `message` is for people.
    """

    element_id: str | None
    line: int
    code: str
    message: str
    severity: Severity


class DmnError(Exception):
    """Any failure of this library."""


class DmnRefused(DmnError):
    """The file cannot be executed faithfully; `findings` holds all of its errors and warnings."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding.message for finding in self.findings if finding.severity == "error"]
        super().__init__("; ".join(errors[:3]) + (f" (and {len(errors) - 3} more)" if len(errors) > 3 else ""))


@dataclass(frozen=True, slots=True)
class InputProblem:
    """Why an input was refused; `path` begins with the name of the input data, list positions count from 0.

    `code` is `unknown-key`, `not-allowed` or `wrong-type`.
    """

    path: tuple[str | int, ...]
    code: str
    message: str


class DecisionFailure(DmnError):
    """An evaluation that has no answer: refused input, violated hit policy, exhausted budget."""

    def __init__(
        self,
        code: str,
        message: str,
        decision_id: str,
        element_id: str | None = None,
        problems: tuple[InputProblem, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.decision_id = decision_id
        self.element_id = element_id
        self.problems = problems


class Findings:
    """Collects every finding of one file instead of stopping at the first. `reports` counts them, repeated ones too."""

    def __init__(self) -> None:
        self.reports = 0
        # A dictionary for its order: each finding counts once.
        self._found: dict[Finding, None] = {}

    def error(self, place: Place, code: str, message: str) -> None:
        """Record what makes the file unusable."""
        self._add(place, code, message, "error")

    def warning(self, place: Place, code: str, message: str) -> None:
        """Record what deserves attention but can be executed."""
        self._add(place, code, message, "warning")

    def _add(self, place: Place, code: str, message: str, severity: Severity) -> None:
        self.reports += 1
        self._found[Finding(place.element_id, place.line, code, message, severity)] = None

    @property
    def has_errors(self) -> bool:
        """Whether the file must be refused."""
        return any(finding.severity == "error" for finding in self._found)

    def all(self) -> tuple[Finding, ...]:
        """Everything found, in the order of the file."""
        return tuple(sorted(self._found, key=lambda finding: finding.line))
