"""Judging one process before anything runs: structure, soundness, single elements, our own rules. All findings, none of them guessed."""

from functools import partial

from service.engine.compiled import reach
from service.engine.findings import Report
from service.engine.lint.compensation_rules import check_compensation
from service.engine.lint.elements import ElementLinter
from service.engine.lint.flow_rules import check_flows
from service.engine.lint.gateway_rules import check_gateways
from service.engine.lint.level_rules import check_levels
from service.engine.lint.own_rules import check_own_rules
from service.engine.lint.repetition_rules import check_repetition
from service.engine.lint.soundness import check_soundness
from service.engine.lint.start_rules import check_starts
from service.engine.lint.structure import Structure
from service.engine.lint.variable_names import check_variable_names
from service.engine.lint.voting_rules import check_votes
from service.engine.reading.diagram import ProcessDiagram

CONNECTION_FAULTS = frozenset(
    {
        "compensation-handler",
        "dangling-flow",
        "dead-end",
        "duplicate-id",
        "empty-scope",
        "event-sub-process",
        "flow-crosses-scope",
        "incoming-not-allowed",
        "no-start",
        "outgoing-not-allowed",
        "unreachable",
    }
)
"""What is not connected as it should be is told as that; its tokens need not be followed as well."""


def lint(process: ProcessDiagram, report: Report) -> None:
    """Put everything that is wrong with `process` into `report`."""
    # Where an id means two elements, nothing can be said of how they are connected.
    if not any(finding.code == "duplicate-id" for finding in report.findings):
        _connections(Structure(process), report)
    elements = ElementLinter(process, report)
    for node in process.nodes:
        elements.check(node)
    check_variable_names(process, report)
    check_own_rules(process, report)
    check_votes(process, report)


def _connections(structure: Structure, report: Report) -> None:
    for check in (check_flows, check_levels, check_starts, check_gateways, check_repetition, check_compensation):
        check(structure, report)
    if not any(finding.code in CONNECTION_FAULTS for finding in report.findings):
        check_soundness(structure, partial(reach, structure.process), report)
