"""What an analysis found, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from service.dmn.findings import Finding
from service.dmn.reading.syntax import Aggregation, HitPolicy

OutputKind = Literal["equal-outputs", "different-outputs", "computed-outputs"]


@dataclass(frozen=True, slots=True)
class RuleReference:
    """A rule by its number, counted from 1, and its id."""

    index: int
    rule_id: str | None

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"index": self.index, "ruleId": self.rule_id}

    def __str__(self) -> str:
        return f"{self.index} ({self.rule_id})" if self.rule_id else str(self.index)


@dataclass(frozen=True, slots=True)
class Gap:
    """Combinations no rule covers: for each input expression a unary test, `-` where the value does not matter."""

    box: Mapping[str, str]

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"box": dict(self.box)}


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules that apply together in `box`. `allowed`: the hit policy says what happens then."""

    rules: tuple[RuleReference, RuleReference]
    box: Mapping[str, str]
    kind: OutputKind
    allowed: bool

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"rules": [rule.record() for rule in self.rules], "box": dict(self.box), "kind": self.kind, "allowed": self.allowed}


@dataclass(frozen=True, slots=True)
class Shadowed:
    """A rule that never decides anything, because of the rules `by` that go before it."""

    rule: RuleReference
    by: tuple[RuleReference, ...]

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"rule": self.rule.record(), "by": [rule.record() for rule in self.by]}


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A rule with the conditions of an earlier one."""

    rule: RuleReference
    of: RuleReference
    kind: OutputKind

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"rule": self.rule.record(), "of": self.of.record(), "kind": self.kind}


@dataclass(frozen=True, slots=True)
class UnreachableOutput:
    """An output value that is declared, but no rule gives."""

    output: str
    value: Any

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"output": self.output, "value": self.value}


@dataclass(frozen=True, slots=True)
class Undecided:
    """What could not be decided, and why."""

    element_id: str | None
    reason: str

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"elementId": self.element_id, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Input:
    """An input column."""

    label: str | None
    expression: str

    def record(self) -> dict[str, Any]:
        """JSON-able."""
        return {"label": self.label, "expression": self.expression}


@dataclass(frozen=True, slots=True)
class TableAnalysis:
    """One decision table. `decision_id` and `name` are those of the decision or knowledge model it belongs to.

    `complete` tells whether some rule applies to every combination of values other than null; None when that is not
    decided, `undecided` then says why. `gaps` and `overlaps` list no more than the limits allow; `overlap_count` counts all
    (None when that is not decided). `null_gaps` are combinations without a rule because an input is null.
    """

    decision_id: str
    element_id: str | None
    name: str
    line: int
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    rule_count: int
    inputs: tuple[Input, ...]
    complete: bool | None
    gaps: tuple[Gap, ...]
    null_gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]
    overlap_count: int | None
    shadowed: tuple[Shadowed, ...]
    duplicates: tuple[Duplicate, ...]
    unreachable_rules: tuple[RuleReference, ...]
    unreachable_outputs: tuple[UnreachableOutput, ...]
    undecided: tuple[Undecided, ...]
    findings: tuple[Finding, ...]

    def record(self) -> dict[str, Any]:
        """JSON-able, camelCase."""
        return {
            "decisionId": self.decision_id,
            "elementId": self.element_id,
            "name": self.name,
            "line": self.line,
            "hitPolicy": self.hit_policy,
            "aggregation": self.aggregation,
            "ruleCount": self.rule_count,
            "inputs": [found.record() for found in self.inputs],
            "complete": self.complete,
            "gaps": [found.record() for found in self.gaps],
            "nullGaps": [found.record() for found in self.null_gaps],
            "overlaps": [found.record() for found in self.overlaps],
            "overlapCount": self.overlap_count,
            "shadowed": [found.record() for found in self.shadowed],
            "duplicates": [found.record() for found in self.duplicates],
            "unreachableRules": [found.record() for found in self.unreachable_rules],
            "unreachableOutputs": [found.record() for found in self.unreachable_outputs],
            "undecided": [found.record() for found in self.undecided],
            "findings": [finding_record(found) for found in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Analysis:
    """All decision tables of a file, in its order."""

    tables: tuple[TableAnalysis, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of all tables."""
        return tuple(found for table in self.tables for found in table.findings)

    def record(self) -> dict[str, Any]:
        """JSON-able, camelCase."""
        return {
            "tables": [table.record() for table in self.tables],
            "findings": [finding_record(found) for found in self.findings],
        }


def finding_record(finding: Finding) -> dict[str, Any]:
    """A finding in JSON."""
    return {
        "elementId": finding.element_id,
        "line": finding.line,
        "code": finding.code,
        "message": finding.message,
        "severity": finding.severity,
    }
