"""Collecting what is wrong with a file: everything, not only the first."""

from dataclasses import dataclass, field

from service.domain.errors import Finding


@dataclass(slots=True)
class Report:
    """The findings on one file, in the order they were made."""

    file: str
    findings: list[Finding] = field(default_factory=list)

    def error(self, element_id: str | None, line: int | None, code: str, message: str) -> None:
        """Something that keeps the diagram from running as drawn."""
        self.findings.append(Finding(self.file, element_id, line, code, message))

    def warn(self, element_id: str | None, line: int | None, code: str, message: str) -> None:
        """Something to know that changes nothing."""
        self.findings.append(Finding(self.file, element_id, line, code, message, "warning"))

    @property
    def has_errors(self) -> bool:
        """True when the file must be refused."""
        return any(finding.severity == "error" for finding in self.findings)
