"""Shapes of the analysis of decision files."""

from typing import Any, Literal

from pydantic import Field

from service.api.schemas.model import AnswerModel, AnyJson, shown

FINDING: dict[str, Any] = {
    "file": "fees.dmn",
    "elementId": "fee_table",
    "line": 12,
    "code": "gap",
    "message": 'no rule applies where amount is (100..200] and kind is "B"',
    "severity": "warning",
}
RULE: dict[str, Any] = {"index": 2, "ruleId": "Rule_2"}
OTHER_RULE: dict[str, Any] = {"index": 1, "ruleId": "Rule_1"}
BOX = {"amount": "(100..200]", "kind": '"B"'}
TABLE_FINDING: dict[str, Any] = {name: value for name, value in FINDING.items() if name != "file"}
TABLE: dict[str, Any] = {
    "decisionId": "fee",
    "elementId": "fee_table",
    "name": "fee",
    "line": 12,
    "hitPolicy": "UNIQUE",
    "aggregation": None,
    "ruleCount": 2,
    "inputs": [{"label": "Amount", "expression": "amount"}, {"label": None, "expression": "kind"}],
    "complete": False,
    "gaps": [{"box": BOX}],
    "nullGaps": [],
    "overlaps": [],
    "overlapCount": 0,
    "shadowed": [],
    "duplicates": [],
    "unreachableRules": [],
    "unreachableOutputs": [],
    "undecided": [],
    "findings": [TABLE_FINDING],
}
FILE: dict[str, Any] = {"fileName": "fees.dmn", "tables": [TABLE], "findings": [FINDING]}


class AnalysisFinding(AnswerModel):
    """One remark: an error refuses a deployment, a warning is recorded with it, the rest is for whoever asks."""

    model_config = shown(FINDING)

    file: str
    element_id: str | None
    line: int | None
    code: str = Field(description="Stable; listed in service/dmn/README.md.")
    message: str
    severity: Literal["error", "warning", "info"]


class TableFinding(AnswerModel):
    """One remark on a table; the file's findings tell it too."""

    model_config = shown(TABLE_FINDING)

    element_id: str | None
    line: int | None
    code: str
    message: str
    severity: Literal["error", "warning", "info"]


class AnalysedInput(AnswerModel):
    """An input column."""

    model_config = shown({"label": "Amount", "expression": "amount"})

    label: str | None
    expression: str


class RuleReference(AnswerModel):
    """A rule of the table."""

    model_config = shown(RULE)

    index: int = Field(description="Position in the table, from 1.")
    rule_id: str | None


class Gap(AnswerModel):
    """Combinations that no rule covers."""

    model_config = shown({"box": BOX})

    box: dict[str, str] = Field(description="For each input expression a FEEL unary test; `-` where the value does not matter.")


class Overlap(AnswerModel):
    """Two rules that apply together."""

    model_config = shown({"rules": [OTHER_RULE, RULE], "box": BOX, "kind": "different-outputs", "allowed": False})

    rules: list[RuleReference]
    box: dict[str, str]
    kind: Literal["equal-outputs", "different-outputs", "computed-outputs"]
    allowed: bool = Field(description="Whether the hit policy says what happens then.")


class ShadowedRule(AnswerModel):
    """A rule that never decides, and those that go before it."""

    model_config = shown({"rule": RULE, "by": [OTHER_RULE]})

    rule: RuleReference
    by: list[RuleReference]


class DuplicateRule(AnswerModel):
    """A rule with the conditions of an earlier one."""

    model_config = shown({"rule": RULE, "of": OTHER_RULE, "kind": "equal-outputs"})

    rule: RuleReference
    of: RuleReference
    kind: Literal["equal-outputs", "different-outputs", "computed-outputs"]


class UnreachableOutput(AnswerModel):
    """A declared output value that no rule gives."""

    model_config = shown({"output": "outcome", "value": "REDUCE"})

    output: str
    value: AnyJson


class Undecided(AnswerModel):
    """What could not be decided, and why."""

    model_config = shown({"elementId": "Rule_1", "reason": "the cell reads other variables"})

    element_id: str | None
    reason: str


class AnalysedTable(AnswerModel):
    """One decision table of a decision or a knowledge model."""

    model_config = shown(TABLE)

    decision_id: str
    element_id: str | None
    name: str
    line: int
    hit_policy: str
    aggregation: str | None
    rule_count: int
    inputs: list[AnalysedInput]
    complete: bool | None = Field(description="Whether some rule applies whatever is given (but null); null when that is not decided.")
    gaps: list[Gap]
    null_gaps: list[Gap] = Field(description="What no rule covers because an input is null.")
    overlaps: list[Overlap]
    overlap_count: int | None = Field(description="How many there are, also where not all are listed; null when not decided.")
    shadowed: list[ShadowedRule]
    duplicates: list[DuplicateRule]
    unreachable_rules: list[RuleReference]
    unreachable_outputs: list[UnreachableOutput]
    undecided: list[Undecided]
    findings: list[TableFinding]


class AnalysedFile(AnswerModel):
    """One file with its decision tables and all findings about it."""

    model_config = shown(FILE)

    file_name: str
    tables: list[AnalysedTable] = Field(description="Empty when the file cannot be read.")
    findings: list[AnalysisFinding]


class Analysis(AnswerModel):
    """What was found in the files, in the order given."""

    model_config = shown({"files": [FILE], "errors": 0, "warnings": 1})

    files: list[AnalysedFile]
    errors: int = Field(description="A deployment of these files is refused when there are any.")
    warnings: int
