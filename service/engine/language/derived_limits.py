"""Time limits behind the moments that expressions give: from which limit a due date comes, and working it out again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from service.actions.ports import Circumstances, Law
from service.domain.china_time import moment
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.law import Derivation, DueDate, TimeLimit
from service.engine.language import timers
from service.engine.language.diagram_functions import DEADLINE, FEEL_FUNCTIONS, SETTING, WORKING_DAYS
from service.engine.language.expressions import Formula, compile_text
from service.engine.language.inquiry import Inquiry
from service.engine.language.juel_words import FUNCTIONS
from service.feel.tree import Call, Name, Node, Path, walk

DUE = "due"
"""Kind of a value that is a due date of a task; the others are those of timers."""

PICKING = frozenset({"min", "max"})
"""Functions that choose one of several moments."""

ACTOR = "working-days"


def limit_of(formula: Formula, inquiry: Inquiry, due: int, kind: str, repeating: bool = False) -> TimeLimit | None:
    """The time limit from which the value just evaluated, the moment `due` (epoch milliseconds), comes; None: from none.

    A limit handed on as it is can be counted again, and so can one with a fixed time added. What was worked out from several limits, or
    from one and other data of the case, or is the smaller or larger of several moments, is derived, and has its derivation with it.
    """
    if not inquiry.limits:
        return None
    found = _plain(formula, inquiry, due) or _derived(formula, inquiry, due, kind)
    return replace(found, repeating=repeating)


def worked_out_again(element_id: str, limit: TimeLimit, law: Law) -> DueDate:
    """A derived moment by what its derivation's limits come to now. Raises StepFailed when it can no longer be worked out."""
    derivation = limit.derivation
    assert derivation is not None, "only what has a derivation is worked out again"
    formula = compile_text(derivation.expression)
    inquiry = Inquiry(element_id, derivation.values, Circumstances(derivation.now, law, ACTOR))
    inquiry.known = {one.key: one for one in derivation.limits if one.key != WORKING_DAYS}
    value = formula.evaluate(inquiry)
    at = moment(derivation.now)
    try:
        if derivation.kind != DUE:
            due = timers.schedule(derivation.kind, value, at).due
        elif isinstance(value, str):
            due = timers.due_moment(value.strip(), at, end_of_day=True)
        else:
            raise timers.TimerFault(f"{timers.describe(value)} is not a date")
    except timers.TimerFault as fault:
        raise StepFailed(element_id, "expression", f"{derivation.expression}: {fault}") from None
    found = _derived(formula, inquiry, timers.milliseconds(due), derivation.kind)
    again = replace(found, shift=limit.shift, repeating=limit.repeating)
    assert again.derivation is not None, "the same expression asks for the same"
    return DueDate(due, replace(again, derivation=replace(again.derivation, values=derivation.values)))


def _plain(formula: Formula, inquiry: Inquiry, due: int) -> TimeLimit | None:
    # Several were compared, or counted from one another: which of them it is has to be found out anew.
    if len(inquiry.limits) != 1 or PICKING & _called(formula):
        return None
    asked = inquiry.limits[0]
    if asked.milliseconds == due:
        return asked.limit
    if all(piece.names <= FEEL_FUNCTIONS for piece in formula.pieces):
        return replace(asked.limit, shift=due - asked.milliseconds)
    return None


def _derived(formula: Formula, inquiry: Inquiry, due: int, kind: str) -> TimeLimit:
    asked = [one.limit for one in inquiry.limits]
    shown = next((one.limit for one in inquiry.limits if one.milliseconds == due), asked[-1])
    impure = inquiry.functions.keys() - {DEADLINE, SETTING, WORKING_DAYS} - FUNCTIONS.keys()
    if impure & _called(formula):
        # What other cases have recorded, or who acts, may be another answer by then: the moment stays.
        return replace(shown, derived=True, counted_year=None)
    text = formula.text if formula.strict else f"={formula.text}"
    values = _seen(formula, inquiry.variables)
    counted = [one for one in asked if one.counted_year is not None]
    return replace(
        shown,
        derived=True,
        derivation=Derivation(text, kind, inquiry.circumstances.now, values, tuple(asked)),
        provisional=any(one.provisional for one in asked),
        counted_year=max((one.counted_year for one in counted if one.counted_year is not None), default=None),
        counted_version=min((one.counted_version for one in counted), default=0),
    )


def _called(formula: Formula) -> frozenset[str]:
    return frozenset(node.function.name for node in _nodes(formula) if isinstance(node, Call) and isinstance(node.function, Name))


def _nodes(formula: Formula) -> Iterator[Node]:
    for piece in formula.pieces:
        yield from walk(piece.tree)


def dotted(node: Node) -> tuple[str, ...]:
    """The names of `a.b.c`; empty for anything else."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Path):
        source = dotted(node.source)
        return (*source, node.name) if source else ()
    return ()


def _seen(formula: Formula, variables: Mapping[str, Json]) -> dict[str, Json]:
    """What of the variables the formula looks at."""
    nodes = list(_nodes(formula))
    inside = {id(node.source) for node in nodes if isinstance(node, Path)}
    seen: dict[str, Json] = {}
    for path in sorted({dotted(node) for node in nodes if id(node) not in inside}):
        if path and path[0] in variables:
            _put(seen, variables, path)
    return seen


def _put(into: dict[str, Json], source: Mapping[str, Json], path: Iterable[str]) -> None:
    """Copy what stands at the path. Paths come in their order, so the whole of a context before its members."""
    name, *rest = path
    if name not in source or (name in into and into[name] is source[name]):
        return
    value = source[name]
    if not rest or not isinstance(value, dict):
        into[name] = value
        return
    below = into.setdefault(name, {})
    assert isinstance(below, dict), "members come after what is around them"
    _put(below, value, rest)
