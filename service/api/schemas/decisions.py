"""Shapes of decision evaluations."""

from pydantic import Field

from service.api.schemas.model import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    AnswerModel,
    AnyJson,
    Problem,
    RequestModel,
    Timestamp,
    Variables,
    WholeNumber,
    shown,
)

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


STRICT = "true: a fault that would be null plus a warning fails the evaluation (422 `evaluation-warned`)."
MAX_EVALUATIONS = 1_000


class EvaluationRequest(RequestModel):
    """Input of a decision."""

    model_config = shown({"variables": {"facts": {"nature": "EXPLORATORY_ERROR"}}})

    variables: Variables = Field(default_factory=dict)
    version: WholeNumber | None = Field(None, description="The latest version when not given.")
    strict: bool = Field(False, description=STRICT)


class EvaluationsRequest(RequestModel):
    """Inputs of a decision, for many evaluations."""

    model_config = shown({"variablesList": [{"facts": {"nature": "EXPLORATORY_ERROR"}}, {"facts": {}}]})

    variables_list: list[Variables] = Field(min_length=1, max_length=MAX_EVALUATIONS, description="The variables of each evaluation.")
    version: WholeNumber | None = Field(None, description="The latest version when not given.")
    strict: bool = Field(False, description=STRICT)


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


class CalledTable(AnswerModel):
    """A decision table that a cell reached through a function, with its own rules."""

    model_config = shown({"elementId": "severity_table", "inputs": [], "matchedRules": []})

    element_id: str | None
    inputs: list[EvaluatedInput]
    matched_rules: list[MatchedRule]


class EvaluationWarning(AnswerModel):
    """Something the evaluation had to say about a value or an expression."""

    model_config = shown(
        {"kind": "INVALID_TYPE", "message": "+ is not defined for string and number", "elementId": "Rule_1", "line": 1, "column": 8}
    )

    kind: str
    message: str
    element_id: str | None
    line: int | None = Field(None, description="Where in the expression, from 1.")
    column: int | None = Field(None, description="Where in the line, from 1.")


class Evaluation(AnswerModel):
    """A decision with its reasons: which inputs, which rules, which decisions it required."""

    model_config = shown(RECORD)

    decision_key: str
    version: int | None = None
    result: AnyJson = Field(description="The FEEL value under the hit policy: of one shape wherever decisions give the same.")
    outputs: AnyJson = Field(
        description="Of a table: a map by output name, or a list of maps where several rules count. Of other logic: the context it gives, "
        "or, as in Camunda, any other value (a list too) under the name of the decision's variable."
    )
    inputs: list[EvaluatedInput]
    matched_rules: list[MatchedRule]
    called_tables: list[CalledTable] | None = Field(
        None, description="Tables of knowledge models its cells called, the first 100; left out where there are none."
    )
    required_decisions: list["Evaluation"]
    warnings: list[EvaluationWarning]
    unused_variables: list[str] | None = Field(
        None,
        description="Names among the variables that are no input of the decision, the first 100; left out where there are none.",
    )
    duration_micros: int


class EvaluatedItem(AnswerModel):
    """One of many evaluations: either its evaluation or the problem that prevents it."""

    model_config = shown({"index": 0, "evaluation": RECORD, "problem": None})

    index: int = Field(description="Its place in `variablesList`, from 0.")
    evaluation: Evaluation | None
    problem: Problem | None


class Evaluations(AnswerModel):
    """The evaluations in the order in which their variables were given."""

    model_config = shown(
        {
            "decisionKey": "hubei_admissibility",
            "version": 1,
            "failed": 0,
            "evaluations": [{"index": 0, "evaluation": RECORD, "problem": None}],
        }
    )

    decision_key: str
    version: int
    failed: int = Field(description="How many have a problem.")
    evaluations: list[EvaluatedItem]


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
