"""Shapes of assessing what a candidate version of a decision would change."""

from typing import Any, Literal

from pydantic import Field

from service.actions.decisions.assess_impact import MAX_REPLAYED
from service.api.paging import Moment
from service.api.schemas.analysis import FINDING, AnalysisFinding
from service.api.schemas.comparison import RULE, RuleBehind
from service.api.schemas.decisions import EvaluationWarning
from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, AnyJson, Count, Name, Problem, RequestModel, Timestamp, shown

SOURCE: dict[str, Any] = {
    "kind": "evaluation",
    "id": EXAMPLE_ID,
    "processInstanceId": EXAMPLE_ID,
    "elementId": "advice",
    "at": EXAMPLE_TIME,
}
CASE: dict[str, Any] = {"kind": "case", "fileName": "hubei_tolerance.cases.yaml", "name": "C01", "basis": "S3「…」"}
BEFORE: dict[str, Any] = {
    "version": 1,
    "result": {"outcome": "TOLERATE"},
    "outputs": {"outcome": "TOLERATE"},
    "matchedRules": [RULE],
    "warnings": [],
    "problem": None,
}
AFTER: dict[str, Any] = {**BEFORE, "version": None, "result": {"outcome": "MANUAL"}, "outputs": {"outcome": "MANUAL"}}
CHANGE: dict[str, Any] = {"source": SOURCE, "before": BEFORE, "after": AFTER, "inForce": None}
NOT_REPLAYED: dict[str, Any] = {"source": SOURCE, "reason": "not-recorded", "message": "what it was evaluated with was not recorded then"}
COUNTS: dict[str, Any] = {"replayed": 1, "unchanged": 0, "changed": 1, "sameOutcomeOtherRules": 0, "failed": 0, "notReplayed": 1}
UNREAD: dict[str, Any] = {"fileName": "old.cases.yaml", "message": "decisions is a list of mappings"}


class ImpactRequest(RequestModel):
    """A candidate version, and what to decide again with it."""

    model_config = shown({"xml": "<definitions …>…</definitions>", "from": "2026-01-01T00:00:00+08:00", "limit": 200})

    xml: str = Field(min_length=1, description="The DMN file of the candidate, as text.")
    file_name: Name = Field("candidate.dmn", description="How findings name the file.")
    since: Moment | None = Field(None, alias="from", description="Evaluations at this moment or later.")
    before: Moment | None = Field(None, alias="to", description="Evaluations before this moment.")
    limit: Count = Field(200, ge=0, le=MAX_REPLAYED, description="At most so many recorded evaluations, the newest of the window.")
    cases: str | None = Field(
        None, description="Text of a cases file whose examples are used instead of those deployed with the decision or later."
    )


class ReplaySource(AnswerModel):
    """What was decided again: an evaluation in a process instance, or an example of a cases file."""

    model_config = shown(SOURCE, CASE)

    kind: Literal["evaluation", "case"]
    id: str | None = Field(None, description="Of the recorded evaluation.")
    process_instance_id: str | None = None
    element_id: str | None = None
    at: Timestamp | None = Field(None, description="When it was decided; now() and today() are as then.")
    file_name: str | None = Field(None, description="The cases file; null when its text came with the request.")
    name: str | None = Field(None, description="Of the example.")
    basis: str | None = Field(None, description="The source that the example names.")


class ReplayedOutcome(AnswerModel):
    """What one version says. `version` null: the candidate."""

    model_config = shown(BEFORE)

    version: int | None
    result: AnyJson
    outputs: AnyJson
    matched_rules: list[RuleBehind] = Field(description="Of the decision itself, then of those it required.")
    warnings: list[EvaluationWarning]
    problem: Problem | None = Field(description="Why there is no outcome.")


class ReplayedDecision(AnswerModel):
    """Something decided again, before and after."""

    model_config = shown(CHANGE)

    source: ReplaySource
    before: ReplayedOutcome = Field(description="What was recorded then; of an example what the version in force says.")
    after: ReplayedOutcome
    in_force: ReplayedOutcome | None = Field(
        description="What the version in force says, where the outcome changed and an older one was recorded."
    )


class NotReplayed(AnswerModel):
    """Something that could not be decided again, and why."""

    model_config = shown(NOT_REPLAYED)

    source: ReplaySource
    reason: Literal["not-recorded", "input-not-recorded", "limit-exceeded"]
    message: str


class UnreadCases(AnswerModel):
    """A cases file that cannot be read."""

    model_config = shown(UNREAD)

    file_name: str
    message: str


class ImpactCounts(AnswerModel):
    """How many of each; `replayed` is the sum of the four that follow it."""

    model_config = shown(COUNTS)

    replayed: int
    unchanged: int
    changed: int
    same_outcome_other_rules: int
    failed: int
    not_replayed: int


class Impact(AnswerModel):
    """What a candidate version would change."""

    model_config = shown(
        {
            "decisionKey": "hubei_outcome",
            "version": 1,
            "evaluatedAt": EXAMPLE_TIME,
            "findings": [FINDING],
            "counts": COUNTS,
            "moreEvaluations": False,
            "changed": [CHANGE],
            "sameOutcomeOtherRules": [],
            "failed": [],
            "notReplayed": [NOT_REPLAYED],
            "unreadCases": [UNREAD],
        }
    )

    decision_key: str
    version: int = Field(description="The version in force.")
    evaluated_at: Timestamp
    findings: list[AnalysisFinding] = Field(description="What reading and analysing the candidate found, as at a deployment.")
    counts: ImpactCounts
    more_evaluations: bool = Field(description="Whether the window holds more recorded evaluations than `limit`.")
    changed: list[ReplayedDecision] = Field(description="The outcome would be another.")
    same_outcome_other_rules: list[ReplayedDecision] = Field(description="The same outcome by other rules, or on another basis.")
    failed: list[ReplayedDecision] = Field(description="The candidate has no outcome.")
    not_replayed: list[NotReplayed]
    unread_cases: list[UnreadCases]
