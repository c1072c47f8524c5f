"""Check decision files without deploying them: what is wrong in them, and what their tables leave open or decide twice."""

from collections.abc import Sequence
from typing import Any

from service.actions.answer import Answer, answer
from service.actions.decisions.decision_models import library
from service.actions.deployments.decision_files import Checks, Library, nothing_deployed, read_decision_files
from service.actions.deployments.deployment_files import kind_of
from service.actions.ports import Services
from service.actions.presentation import finding_json
from service.domain.access import require_may
from service.domain.definition import KIND_DECISION
from service.domain.errors import FieldError, Finding, Invalid
from service.domain.json_values import Json
from service.domain.principal import Principal


def analyse_decisions(services: Services, principal: Principal, files: Sequence[tuple[str, bytes]], checks: Checks) -> Answer:
    """200 with tables and findings per file, whatever is found; nothing is stored. Imports may mean deployed models."""
    require_may(principal, "read")
    if not files:
        raise Invalid("an analysis has files", [FieldError("/files", "required", "no file was given")])
    return answer(200, analysis_of(files, library(services), checks))


def analysis_of(files: Sequence[tuple[str, bytes]], known: Library = nothing_deployed, checks: Checks = "strict") -> dict[str, Json]:
    """The analysis of the files (file name, content) as the API shows it; a file that is no DMN has findings that say so."""
    decisions = {position: file for position, file in enumerate(files) if kind_of(file[0]) == KIND_DECISION}
    read = read_decision_files(decisions, known, checks)
    shown: list[Json] = []
    counts = {"error": 0, "warning": 0, "info": 0}
    for position, (name, _) in enumerate(files):
        file = read.get(position)
        findings = (
            (Finding(name, None, None, "unknown-kind", "an analysis reads decision files (.dmn)"),) if file is None else file.findings
        )
        for finding in findings:
            counts[finding.severity] += 1
        tables = [] if file is None or file.analysis is None else file.analysis.record()["tables"]
        if checks == "warn":
            _ease(tables)
        shown.append({"fileName": name, "tables": tables, "findings": [finding_json(finding) for finding in findings]})
    return {"files": shown, "errors": counts["error"], "warnings": counts["warning"]}


def _ease(tables: Sequence[dict[str, Any]]) -> None:
    """With `checks="warn"` what the analysis calls an error is a warning."""
    for finding in (finding for table in tables for finding in table["findings"]):
        if finding["severity"] == "error":
            finding["severity"] = "warning"
