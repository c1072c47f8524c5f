"""DMN 1.1–1.5: read a decision model once, evaluate and explain its decisions. See README.md."""

from service.dmn.analysis import Analysis, AnalysisLimits, TableAnalysis, analyse
from service.dmn.dependence import given_inputs, input_paths, read_paths
from service.dmn.evaluation import Evaluation, ServiceEvaluation
from service.dmn.findings import DecisionFailure, DmnError, DmnRefused, Finding, InputProblem
from service.dmn.model import Decision, Model, Service, read_model
from service.dmn.path_set import PathSet
from service.dmn.prospects import ProspectLimits, Prospects, prospects
from service.dmn.reading.header import ModelHeader, read_header
from service.dmn.run import MatchedRule, RunWarning
from service.dmn.unasked import Unasked, unasked

__all__ = [
    "Analysis",
    "AnalysisLimits",
    "Decision",
    "DecisionFailure",
    "DmnError",
    "DmnRefused",
    "Evaluation",
    "Finding",
    "InputProblem",
    "MatchedRule",
    "Model",
    "ModelHeader",
    "PathSet",
    "ProspectLimits",
    "Prospects",
    "RunWarning",
    "Service",
    "ServiceEvaluation",
    "TableAnalysis",
    "Unasked",
    "analyse",
    "given_inputs",
    "input_paths",
    "prospects",
    "read_header",
    "read_model",
    "read_paths",
    "unasked",
]
