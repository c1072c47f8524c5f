"""Shapes of comparing decisions."""

from typing import Any

from pydantic import Field

from service.actions.decisions.compare_decisions import MAX_COMPARED
from service.api.schemas.decisions import EvaluatedInput, Evaluation, EvaluationWarning, MatchedRule
from service.api.schemas.model import (
    EXAMPLE_TIME,
    AnswerModel,
    AnyJson,
    Name,
    Names,
    Problem,
    RequestModel,
    Timestamp,
    Variables,
    WholeNumber,
    shown,
)

RULE: dict[str, Any] = {"decisionKey": "hubei_outcome", "ruleId": "outcome_1", "index": 1, "description": "鄂办发〔2018〕…"}
VALUE: dict[str, Any] = {
    "value": "NOT_TOLERATED",
    "decisions": [{"decisionKey": "hubei_outcome", "jurisdiction": "hubei", "rules": [RULE]}],
}
DIFFERENCE: dict[str, Any] = {
    "output": "outcome",
    "values": [VALUE, {"value": "TOLERATE", "decisions": [{"decisionKey": "siyang_outcome", "jurisdiction": "siyang", "rules": [RULE]}]}],
    "absentIn": [],
}
FACT: dict[str, Any] = {"fact": "riskFiling", "given": True, "readBy": ["siyang_outcome"], "notReadBy": ["hubei_outcome"]}
COMPARED: dict[str, Any] = {
    "decisionKey": "hubei_outcome",
    "version": 1,
    "jurisdiction": "hubei",
    "problem": None,
    "result": {"outcome": "NOT_TOLERATED"},
    "outputs": {"outcome": "NOT_TOLERATED"},
    "inputs": [{"expression": "facts.personalGain", "value": True}],
    "matchedRules": [{"ruleId": "outcome_1", "index": 1, "description": "鄂办发〔2018〕…", "outputs": {"outcome": "NOT_TOLERATED"}}],
    "requiredDecisions": [],
    "warnings": [],
    "usedFacts": ["personalGain"],
    "unusedFacts": ["riskFiling"],
    "missingFacts": ["motive"],
}
FACTS = "The facts: each decision takes what it needs. An input data called `facts` gets all of them, any other the fact of its own name."


class ComparisonRequest(RequestModel):
    """The same facts for several decisions, named by key or by jurisdiction, or for those of every place that has one."""

    model_config = shown(
        {"facts": {"personalGain": True}, "decisionKeys": ["hubei_outcome", "siyang_outcome"]},
        {"facts": {"personalGain": True}, "jurisdictions": ["hubei"]},
        {"facts": {"personalGain": True}},
    )

    facts: Variables = Field(default_factory=dict, description=f"{FACTS} What a decision does not know is left out for it and listed.")
    variables: Variables = Field(
        default_factory=dict, description="Further values by the names of the input data, as for an evaluation; they go before `facts`."
    )
    decision_keys: Names = Field(default_factory=list, max_length=MAX_COMPARED, description="Decisions to compare.")
    jurisdictions: Names = Field(
        default_factory=list,
        max_length=MAX_COMPARED,
        description="Places, those below them included; of each the decision `<place>_<decisionSuffix>`.",
    )
    decision_suffix: Name = Field("outcome", description="Which decision of each jurisdiction.")
    versions: dict[Name, WholeNumber] = Field(
        default_factory=dict, description="By decision key, where not the latest version is meant.", max_length=MAX_COMPARED
    )


class RuleBehind(AnswerModel):
    """A rule behind an outcome, with its basis; `decisionKey` names the decision whose table it is in."""

    model_config = shown(RULE)

    decision_key: str
    rule_id: str | None
    index: int = Field(description="Position in the table, from 1.")
    description: str | None


class ComparedDecision(AnswerModel):
    """What one decision gives for the facts, or the problem that it has with them."""

    model_config = shown(COMPARED)

    decision_key: str
    version: int | None
    jurisdiction: str | None
    problem: Problem | None = Field(description="Why it could not be evaluated; the other decisions stand.")
    result: AnyJson
    outputs: AnyJson
    inputs: list[EvaluatedInput]
    matched_rules: list[MatchedRule]
    required_decisions: list[Evaluation] = Field(
        description="Those of the required decisions in which a rule matched or a warning was given."
    )
    warnings: list[EvaluationWarning]
    used_facts: list[str] = Field(description="Facts given that the decision, or what it requires, reads.")
    unused_facts: list[str] = Field(description="Facts given that it does not read.")
    missing_facts: list[str] = Field(description="Facts that it reads and that were not given.")


class DecisionOnASide(AnswerModel):
    """A decision that gave a value, and the rules by which."""

    model_config = shown(VALUE["decisions"][0])

    decision_key: str
    jurisdiction: str | None
    rules: list[RuleBehind] = Field(
        description="The decision's own rules that matched; where it has no table of its own, those of the decisions it requires."
    )


class ValueOfSome(AnswerModel):
    """A value and the decisions that gave it."""

    model_config = shown(VALUE)

    value: AnyJson
    decisions: list[DecisionOnASide]


class OutputDifference(AnswerModel):
    """An output in which the decisions part."""

    model_config = shown(DIFFERENCE)

    output: str = Field(description="Its name; `result` when all decisions have a single output, whatever each calls it.")
    values: list[ValueOfSome]
    absent_in: list[str] = Field(description="Decisions that have no output of this name.")


class FactDifference(AnswerModel):
    """A fact that some of the decisions look at and others do not."""

    model_config = shown(FACT)

    fact: str
    given: bool
    read_by: list[str]
    not_read_by: list[str]


class Comparison(AnswerModel):
    """Several decisions side by side on the same facts."""

    model_config = shown(
        {
            "evaluatedAt": EXAMPLE_TIME,
            "agree": False,
            "decisions": [COMPARED],
            "differences": [DIFFERENCE],
            "factDifferences": [FACT],
            "withoutDecision": ["taizhou"],
        }
    )

    evaluated_at: Timestamp = Field(description="The moment that now() and today() had in all of them.")
    agree: bool | None = Field(
        description="Whether all give the same. null: none differ, but fewer than two or not all could be evaluated."
    )
    decisions: list[ComparedDecision]
    differences: list[OutputDifference]
    fact_differences: list[FactDifference]
    without_decision: list[str] = Field(
        description="Places looked at that have no such decision: all others where none was named, else those of the registry only."
    )
