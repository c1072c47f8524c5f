"""The static analysis of a file."""

from __future__ import annotations

import time

from service.dmn.analysis.limits import AnalysisLimits
from service.dmn.analysis.report import Analysis
from service.dmn.analysis.table_analysis import analyse_table
from service.dmn.model import Model
from service.dmn.nodes import InputNode
from service.dmn.reading.syntax import DecisionElement, KnowledgeModel

_DEFAULT_LIMITS = AnalysisLimits()


def analyse(model: Model, limits: AnalysisLimits = _DEFAULT_LIMITS) -> Analysis:
    """Check every decision table of a file, also those of knowledge models and inside boxed expressions.

    The answers agree with what the model evaluates to. What cannot be decided, because a cell reads other variables or a
    budget of `limits` ends, is said and never guessed.
    """
    inputs = {node.name for node in model.graph.nodes.values() if isinstance(node, InputNode)}
    names = frozenset(name for _, table in model.tables for name in table.names)
    # Input data is data; any other name in scope may stand for a function and hide a built-in one.
    functions = names - inputs
    owners: tuple[DecisionElement | KnowledgeModel, ...] = (*model.definitions.decisions, *model.definitions.knowledge)
    titles = {owner.id: owner.name for owner in owners}
    deadline = time.monotonic() + limits.seconds
    found = [analyse_table(owner, titles[owner], table, functions, limits, deadline) for owner, table in model.tables]
    return Analysis(tuple(sorted(found, key=lambda table: table.line)))
