"""Asks a decision what is still open when its inputs are known only in part."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from service.dmn.findings import DecisionFailure
from service.dmn.model import Clock, Model
from service.dmn.nodes import DecisionNode
from service.dmn.prospects.answer import Prospects
from service.dmn.prospects.asked import Question, asked
from service.dmn.prospects.facts import Facts
from service.dmn.prospects.frames import AskedFrame
from service.dmn.prospects.inquiry import Inquiry, Learnt
from service.dmn.prospects.limits import Exhausted, ProspectLimits, Undecided
from service.dmn.prospects.reading import Reading, coarse
from service.dmn.prospects.walk import Walk

_MOST_PASSES = 12


def prospects(
    model: Model,
    decision_id: str,
    variables: Mapping[str, Any],
    *,
    outputs: Sequence[str] | None = None,
    limits: ProspectLimits | None = None,
    clock: Clock | None = None,
) -> Prospects:
    """What outcomes of a decision remain possible, and which unknown inputs they depend on.

    `variables` are those of `Model.evaluate`, known only in part. A key that is absent is not known yet: it may become null
    or any value its type admits. A null is known: that input is unknown and stays so. Inputs without a declared type are
    taken to be of the type of the table columns they stand in.

    `outputs` are the columns of the asked table the question is about; by default those that every rule states as plain
    values, or all where there are none. `clock` is read once. Raises `DecisionFailure` (`unknown-decision`,
    `input-refused`, `unknown-output`) when nothing can be asked.
    """
    problems = model.check_input(decision_id, variables)
    if problems:
        raise DecisionFailure("input-refused", "; ".join(problem.message for problem in problems), decision_id, None, problems)
    node = model.graph.nodes[f"{model.definitions.namespace}#{decision_id}"]
    assert isinstance(node, DecisionNode)
    question = asked(node, outputs, Facts(model.graph, node.key, variables))
    bounds = limits or ProspectLimits()
    deadline = time.monotonic() + bounds.seconds
    moment = (clock or _utc_now)()
    learnt = Learnt()
    left = _MOST_PASSES

    def again() -> bool:
        return learnt.changed and left > 0 and time.monotonic() <= deadline

    while True:
        left -= 1
        learnt.changed = False
        answer = _pass(model, question, Inquiry(bounds, deadline, learnt, moment), lambda: moment, again)
        if answer is not None and not again():
            return answer


def _pass(model: Model, question: Question, inquiry: Inquiry, clock: Clock, again: Callable[[], bool]) -> Prospects | None:
    try:
        return Reading(question, inquiry, Walk(model, inquiry, AskedFrame(question.facts, inquiry), clock, [])).answer(again)
    except Exhausted as reason:
        return coarse(question, f"the budget of {reason.limit} ended")
    except Undecided as reason:
        return coarse(question, str(reason))
    except RecursionError:
        # Diagrams are as deep as there are unknowns.
        return coarse(question, "too many inputs are unknown at once")


def _utc_now() -> datetime:
    return datetime.now(UTC)
