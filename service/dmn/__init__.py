"""DMN 1.1–1.5: read a decision model once, evaluate and explain its decisions. See README.md."""

from service.dmn.evaluation import Evaluation
from service.dmn.findings import DecisionFailure, DmnError, DmnRefused, Finding, InputProblem
from service.dmn.model import Decision, Model, read_model
from service.dmn.run import MatchedRule, RunWarning

__all__ = [
    "Decision",
    "DecisionFailure",
    "DmnError",
    "DmnRefused",
    "Evaluation",
    "Finding",
    "InputProblem",
    "MatchedRule",
    "Model",
    "RunWarning",
    "read_model",
]
