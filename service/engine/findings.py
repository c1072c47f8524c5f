"""Collecting what is wrong with a file: everything, not only the first."""

from dataclasses import dataclass, field

from service.domain.errors import Finding
from service.domain.finding_codes import hint_for


@dataclass(slots=True)
class Report:
    """The findings on one file, in the order they were made; one that was told is not told again."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    _told: set[Finding] = field(default_factory=set)

    def error(self, element_id: str | None, line: int | None, code: str, message: str, column: int | None = None) -> None:
        """Something that keeps the diagram from running as drawn."""
        self._add(Finding(self.file, element_id, line, code, message, "error", hint_for(code), column))

    def warn(self, element_id: str | None, line: int | None, code: str, message: str) -> None:
        """Something to know that changes nothing."""
        self._add(Finding(self.file, element_id, line, code, message, "warning", hint_for(code)))

    def _add(self, finding: Finding) -> None:
        if finding not in self._told:
            self._told.add(finding)
            self.findings.append(finding)

    @property
    def has_errors(self) -> bool:
        """True when the file must be refused."""
        return any(finding.severity == "error" for finding in self.findings)
