"""Checking decision tables before they are in force: gaps, overlaps, rules and outputs without effect. See `../README.md`."""

from service.dmn.analysis.analyse import analyse
from service.dmn.analysis.limits import AnalysisLimits
from service.dmn.analysis.report import Analysis, Duplicate, Gap, Overlap, RuleReference, Shadowed, TableAnalysis, Undecided

__all__ = [
    "Analysis",
    "AnalysisLimits",
    "Duplicate",
    "Gap",
    "Overlap",
    "RuleReference",
    "Shadowed",
    "TableAnalysis",
    "Undecided",
    "analyse",
]
