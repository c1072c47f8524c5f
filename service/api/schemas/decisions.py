"""Shapes of decision evaluations."""

from pydantic import Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, AnyJson, RequestModel, Timestamp, Variables, WholeNumber, shown

RECORD = {
    "decisionKey": "hubei_admissibility",
    "version": 1,
    "result": {"admissible": True},
    "outputs": {"admissible": True},
    "inputs": [{"expression": "facts.channel", "value": "ORGAN"}],
    "matchedRules": [{"ruleId": "Rule_1", "index": 1, "description": "鄂办发〔2018〕…", "outputs": {"admissible": True}}],
    "requiredDecisions": [],
    "warnings": [],
    "durationMicros": 38,
}


class EvaluationRequest(RequestModel):
    """Input of a decision."""

    model_config = shown({"variables": {"facts": {"nature": "EXPLORATORY_ERROR"}}})

    variables: Variables = Field(default_factory=dict)
    version: WholeNumber | None = Field(None, description="The latest version when not given.")


class EvaluatedInput(AnswerModel):
    """One input expression and the value it had."""

    model_config = shown({"expression": "facts.channel", "value": "ORGAN"})

    expression: str
    value: AnyJson


class MatchedRule(AnswerModel):
    """A rule that matched; its description quotes the basis."""

    model_config = shown({"ruleId": "Rule_1", "index": 1, "description": "鄂办发〔2018〕…", "outputs": {"outcome": "EXEMPT"}})

    rule_id: str | None
    index: int = Field(description="Position in the table, from 1.")
    description: str | None
    outputs: AnyJson


class EvaluationWarning(AnswerModel):
    """Something the evaluation had to say about a value or an expression."""

    model_config = shown({"kind": "missing", "message": "facts.motive is not given", "elementId": None})

    kind: str
    message: str
    element_id: str | None


class Evaluation(AnswerModel):
    """A decision with its reasons: which inputs, which rules, which decisions it required."""

    model_config = shown(RECORD)

    decision_key: str
    version: int | None = None
    result: AnyJson = Field(description="The FEEL value under the hit policy.")
    outputs: AnyJson = Field(description="A map by output name, or a list of maps where several rules count.")
    inputs: list[EvaluatedInput]
    matched_rules: list[MatchedRule]
    required_decisions: list["Evaluation"]
    warnings: list[EvaluationWarning]
    duration_micros: int


class RecordedEvaluation(Evaluation):
    """A decision as it was taken in a process instance."""

    model_config = shown({**RECORD, "id": EXAMPLE_ID, "processInstanceId": EXAMPLE_ID, "elementId": "admissibility", "at": EXAMPLE_TIME})

    id: str
    process_instance_id: str
    element_id: str
    at: Timestamp


class RecordedEvaluationPage(AnswerModel):
    """One page of recorded evaluations."""

    model_config = shown({"items": [], "nextCursor": None})

    items: list[RecordedEvaluation]
    next_cursor: str | None
