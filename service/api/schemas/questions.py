"""Shapes of questioning a decision with facts known only in part."""

from typing import Annotated, Any

from pydantic import Field

from service.api.schemas.comparison import FACTS
from service.api.schemas.model import AnswerModel, AnyJson, Name, RequestModel, Variables, WholeNumber, shown

POSSIBLE_RULE: dict[str, Any] = {"ruleId": "S1", "index": 1, "description": "鄂办发〔2018〕…"}
FAILURE: dict[str, Any] = {"code": "hit-policy", "decisionKey": "hubei_outcome", "elementId": "hubei_outcome_table"}
ORIGIN: dict[str, Any] = {"row": 0, "output": "months", "paths": [["sanction", "months"]], "test": "not(null)"}
OUTCOME: dict[str, Any] = {
    "outputs": {"outcome": "NOT_TOLERATED"},
    "open": [],
    "origins": [],
    "rules": [POSSIBLE_RULE],
    "withoutRule": False,
    "failure": None,
}
ASKER: dict[str, Any] = {"decisionKey": "hubei_negative_list", "rules": ["N1", "N2"]}
DISTINCTION: dict[str, Any] = {"test": "true", "outcomes": [0]}
OPEN_INPUT: dict[str, Any] = {"path": ["facts", "personalGain"], "certain": True, "distinctions": [DISTINCTION], "askedBy": [ASKER]}
PATH: list[str] = ["facts", "riskFiling"]

Outputs = Annotated[list[Name], Field(min_length=1, max_length=100)]


class QuestionRequest(RequestModel):
    """What is known of the facts. What is left out is not known yet; null says that it is unknown and will stay so."""

    model_config = shown({"facts": {"personalGain": False}}, {"variables": {"facts": {"personalGain": False}}, "outputs": ["outcome"]})

    facts: Variables = Field(default_factory=dict, description=FACTS)
    variables: Variables = Field(
        default_factory=dict, description="Values by the names of the input data, as for an evaluation; they go before `facts`."
    )
    version: WholeNumber | None = Field(None, description="The latest version when not given.")
    outputs: Outputs | None = Field(
        None,
        description="The outputs that the question is about. Not given: those that every rule states as a plain value; where there are "
        "none, those whose values are limited.",
    )


class PossibleRule(AnswerModel):
    """A rule that can give the outcome, with its basis."""

    model_config = shown(POSSIBLE_RULE)

    rule_id: str | None
    index: int = Field(description="Position in the table, from 1.")
    description: str | None


class PossibleFailure(AnswerModel):
    """How the evaluation can fail."""

    model_config = shown(FAILURE)

    code: str
    decision_key: str
    element_id: str | None


class OutputOrigin(AnswerModel):
    """Where an open output comes from."""

    model_config = shown(ORIGIN)

    row: int = Field(description="Place of the row in `outputs`, from 0; 0 where there is one row.")
    output: str
    paths: list[list[str]] = Field(description="The inputs, not known yet, that it is or is computed from.")
    test: str | None = Field(
        description="FEEL of a cell: the output is the value of the only input in `paths`, which may be any value that passes. "
        "null: it is computed from the inputs."
    )


class PossibleOutcome(AnswerModel):
    """An outcome that is still possible."""

    model_config = shown(OUTCOME)

    outputs: AnyJson = Field(description="A map by output name, or a list of maps where several rules count; null when there is a failure.")
    open: list[str] = Field(description="Outputs that are null above because they are, or are computed from, what is not known.")
    origins: list[OutputOrigin] = Field(description="Of each open output, what it comes from.")
    rules: list[PossibleRule]
    without_rule: bool = Field(description="Whether it also comes about when no rule applies.")
    failure: PossibleFailure | None


class InputDistinction(AnswerModel):
    """Values of an input that make no difference among each other."""

    model_config = shown(DISTINCTION)

    test: str = Field(description="FEEL that these values pass in a cell.")
    outcomes: list[int] = Field(description="Places in `outcomes`, from 0, of those that stay possible with such a value.")


class InputAsker(AnswerModel):
    """A decision that asks for an input, and its rules that do."""

    model_config = shown(ASKER)

    decision_key: str
    rules: list[str] = Field(description="Ids of the rules, else their positions from 1.")


class OpenInput(AnswerModel):
    """An input that is not known and still matters."""

    model_config = shown(OPEN_INPUT)

    path: list[str]
    certain: bool = Field(description="false: it may matter, or may not.")
    distinctions: list[InputDistinction] = Field(description="Empty where the input is only computed with.")
    asked_by: list[InputAsker]


class Question(AnswerModel):
    """What remains possible. An outcome that is not listed is impossible; an irrelevant input changes nothing."""

    model_config = shown(
        {
            "decisionKey": "hubei_outcome",
            "version": 1,
            "outputs": ["outcome"],
            "otherOutputs": ["reasons"],
            "settled": False,
            "complete": True,
            "reasons": [],
            "outcomes": [OUTCOME],
            "openInputs": [OPEN_INPUT],
            "irrelevantInputs": [PATH],
        }
    )

    decision_key: str
    version: int
    outputs: list[str] = Field(description="The outputs that the answer is about.")
    other_outputs: list[str] = Field(description="Outputs of the decision that it is not about.")
    settled: bool = Field(description="Whether only one outcome is possible, whatever the inputs not known are.")
    complete: bool = Field(description="false: some of the outcomes listed may turn out impossible, for the `reasons` given.")
    reasons: list[str]
    outcomes: list[PossibleOutcome]
    open_inputs: list[OpenInput]
    irrelevant_inputs: list[list[str]]
