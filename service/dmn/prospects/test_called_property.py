"""Random calls of decision services and knowledge models, of the file or imported: the answer against every completion."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from service.dmn import DecisionFailure, Model, read_model
from service.dmn.prospects import ANYTHING, Given, Outcome, prospects
from service.feel import compile_unary_tests

_NUMBERS = [None, *(Decimal(text) for text in ("-1", "0", "0.5", "1", "1.5", "2", "3"))]
_SAMPLES: dict[tuple[str, ...], list[Any]] = {
    ("n",): _NUMBERS,
    ("m",): _NUMBERS,
    ("b",): [None, True, False],
    ("s",): [None, "A", "B"],
    ("c", "k"): [None, True, False],
    ("c", "v"): _NUMBERS,
}
_TYPES = {"n": "number", "m": "number", "b": "boolean", "s": "tLetter", "c": "tParts"}
_ITEMS = """<itemDefinition name="tParts"><itemComponent name="k"><typeRef>boolean</typeRef></itemComponent>
<itemComponent name="v"><typeRef>number</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tLetter"><typeRef>string</typeRef><allowedValues><text>"A", "B"</text></allowedValues></itemDefinition>"""
_CELLS = {
    "number": ["-", "1", "< 2", ">= 1", "null", "not(1)"],
    "boolean": ["-", "true", "false", "null"],
    "any": ["-", "true", "1", '"A"', "null", "not(null)", "> 1"],
}
_CALLS = [
    "rate(n, c)",
    "rate(m, c)",
    "rate(c.v, {k: b, v: m})",
    "rate(held: c, amount: m)",
    "rate(s, c)",
    "rate(n, null)",
    "rate(2, c)",
    "grade(n, b)",
    "grade(y: c.k, x: m)",
    "grade(s, b)",
    "grade(1, b)",
    "grade(low(n), b)",
    "low(n)",
    "low(grade(n, b))",
    "low(rate(n, c))",
]
_FORMS = [
    "{0}",
    "{0}",
    "{0} = {1}",
    "if b then {0} else {1}",
    "if {0} = 1 then {1} else 2",
    "b and {0} = 1",
    "{0} = 1 or b",
    "{0} = 1 and {1} = 1",
    "count([{0}, 1])",
    "[{0}, 1][1]",
    "[1, {0}][1]",
    "{{p: {0}, q: 1}}.q",
    "some x in [n, 1] satisfies grade(x, b) = 1",
    "every x in [b, c.k] satisfies grade(n, x) != 1",
    "for x in [n, 2] return grade(x, b)",
    "count(for x in [n, 2] return grade(x, b))",
    "string length({0})",
    "[n, m][grade(item, b) = 1]",
    "{{p: m, q: {0}}}",
    "if c = null then 3 else {0}",
    'get value(c, "k") = {0}',
    "list contains([n, 1, {0}], 2)",
    "[1, m][list contains([item, s], {0})]",
    "if {0} = null then m else {1} != null",
]
_LOW = ["z", "if z = 1 then 2 else z", "z = null", "not(z)", "[z, 1]", "{p: z}", "z * 2", "z > 1 and z < 3", "1"]
_OUTPUTS = ["1", "2", '"A"', "null", "true"]


@dataclass(frozen=True)
class _Case:
    model: Model
    source: str
    known: dict[tuple[str, ...], Any]


def _table(policy: str, columns: Mapping[str, str | None], rows: list[tuple[list[str], str]], default: str | None) -> str:
    inputs = "".join(
        f"<input><inputExpression{_type(kind)}><text>{name}</text></inputExpression></input>" for name, kind in columns.items()
    )
    written = "".join(
        f"<rule>{''.join(f'<inputEntry><text>{escape(cell)}</text></inputEntry>' for cell in cells)}"
        f"<outputEntry><text>{escape(output)}</text></outputEntry></rule>"
        for cells, output in rows
    )
    otherwise = f"<defaultOutputEntry><text>{default}</text></defaultOutputEntry>" if default is not None else ""
    return f'<decisionTable hitPolicy="{policy}">{inputs}<output name="v">{otherwise}</output>{written}</decisionTable>'


def _type(kind: str | None) -> str:
    return "" if kind is None else f' typeRef="{kind}"'


def _data(name: str, kind: str | None) -> str:
    return f'<inputData id="{name}" name="{name}"><variable name="{name}"{_type(kind)}/></inputData>'


def _requires(*, inputs: list[str], decisions: list[str], functions: list[str]) -> str:
    return "".join(
        [f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>' for name in inputs]
        + [f'<informationRequirement><requiredDecision href="#{name}"/></informationRequirement>' for name in decisions]
        + [f'<knowledgeRequirement><requiredKnowledge href="{name}"/></knowledgeRequirement>' for name in functions]
    )


def _file(namespace: str, body: str) -> str:
    head = f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f" namespace="{namespace}">'
    return f"{head}{body}</definitions>"


@st.composite
def _tables(draw: st.DrawFn, columns: dict[str, str | None], outputs: list[str]) -> str:
    cells = st.tuples(*(st.sampled_from(_CELLS[kind or "any"]) for kind in columns.values())).map(list)
    rows = draw(st.lists(st.tuples(cells, st.sampled_from(outputs)), min_size=1, max_size=3))
    policy = draw(st.sampled_from(["FIRST", "UNIQUE", "ANY", "COLLECT"]))
    return _table(policy, columns, rows, draw(st.sampled_from([None, None, "7"])))


@st.composite
def _libraries(draw: st.DrawFn) -> str:
    """A knowledge model of a table, one of an expression, and a service of two decisions that also reads `b`."""
    kind = draw(st.sampled_from([None, "number"]))
    grade = draw(_tables({"x": kind, "y": "boolean"}, [*_OUTPUTS, "x", "low(x)", "x * 2"]))
    low = f"<literalExpression><text>{escape(draw(st.sampled_from(_LOW)))}</text></literalExpression>"
    inner = draw(_tables({"amount": "number", "held.k": "boolean", "b": "boolean"}, [*_OUTPUTS, "held.v", "grade(amount, b)"]))
    rated = draw(_tables({"inner": None, "held.v": "number"}, [*_OUTPUTS, "inner", "low(inner)"]))
    served = draw(st.sampled_from(["<outputDecision href='#rated'/>", "<outputDecision href='#rated'/><outputDecision href='#inner'/>"]))
    parameter = draw(st.sampled_from([None, "tParts"]))
    return f"""{_data("amount", "number")}{_data("held", parameter)}
<businessKnowledgeModel id="low" name="low"><encapsulatedLogic{_type(draw(st.sampled_from([None, None, "number"])))}>
<formalParameter name="z"/>{low}</encapsulatedLogic></businessKnowledgeModel>
<businessKnowledgeModel id="grade" name="grade"><encapsulatedLogic><formalParameter name="x"{_type(kind)}/>
<formalParameter name="y" typeRef="boolean"/>{grade}</encapsulatedLogic>{_requires(inputs=[], decisions=[], functions=["#low"])}
</businessKnowledgeModel>
<decision id="inner" name="inner">{_requires(inputs=["amount", "held", "b"], decisions=[], functions=["#grade"])}{inner}</decision>
<decision id="rated" name="rated">{_requires(inputs=["held"], decisions=["inner"], functions=["#low"])}{rated}</decision>
<decisionService id="rate" name="rate">{served}<inputData href="#amount"/><inputData href="#held"/></decisionService>"""


@st.composite
def _cases(draw: st.DrawFn) -> _Case:
    library = draw(_libraries())
    imported = draw(st.booleans())
    prefix = "lib." if imported else ""
    text = draw(st.sampled_from(_FORMS)).format(draw(st.sampled_from(_CALLS)), draw(st.sampled_from(_CALLS)))
    for name in ("rate", "grade", "low"):
        text = text.replace(f"{name}(", f"{prefix}{name}(")
    functions = [f"{'urn:lib' if imported else ''}#{name}" for name in ("rate", "grade", "low")]
    needed = _requires(inputs=list(_TYPES), decisions=[], functions=functions)
    logic = f"<literalExpression><text>{escape(text)}</text></literalExpression>"
    form = draw(st.sampled_from(["literal", "literal", "table", "boxed"]))
    if form == "table":
        logic = _table("FIRST", {escape(text): None}, [(["1"], "1"), (["-"], "2")], None)
    elif form == "boxed":
        bindings = "".join(
            f'<binding><parameter name="{name}"/><literalExpression><text>{value}</text></literalExpression></binding>'
            for name, value in (("amount", "n"), ("held", "c"))
        )
        logic = f"<invocation><literalExpression><text>{prefix}rate</text></literalExpression>{bindings}</invocation>"
    inputs = "".join(_data(name, kind) for name, kind in _TYPES.items())
    decision = f'<decision id="asked" name="asked">{needed}{logic}</decision>'
    if imported:
        library = _file("urn:lib", f"{_ITEMS}{_data('b', 'boolean')}{library}")
        link = '<import name="lib" namespace="urn:lib" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        source = _file("urn:asking", f"{link}{_ITEMS}{inputs}{decision}")
        model = read_model(source.encode(), imports=[read_model(library.encode())])
    else:
        source = _file("urn:asking", f"{_ITEMS}{inputs}{library}{decision}")
        model = read_model(source.encode())
    # What an imported file calls `b` can also be given to it alone, so it is not the same unknown.
    open_ = [name for name in _SAMPLES if not imported or name != ("b",)]
    unknown = draw(st.lists(st.sampled_from(open_), min_size=1, max_size=3, unique=True))
    known = {name: draw(st.sampled_from(samples)) for name, samples in _SAMPLES.items() if name not in unknown}
    return _Case(model, f"{library}\n{source}" if imported else source, known)


def _nested(flat: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"c": {}}
    for (*outer, name), value in flat.items():
        (found["c"] if outer else found)[name] = value
    return found


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(sorted((key, _frozen(inner)) for key, inner in value.items()))
    if isinstance(value, list | tuple):
        return ("list", *map(_frozen, value))
    return (type(value).__name__, value)


def _happens(case: _Case, completion: dict[tuple[str, ...], Any]) -> Any:
    try:
        outputs = case.model.evaluate("asked", _nested({**case.known, **completion})).record()["outputs"]
    except DecisionFailure as failure:
        return ("failure", failure.code, failure.element_id)
    return _frozen(outputs if isinstance(outputs, list) else [outputs])


def _listed(outcome: Outcome, completion: Mapping[tuple[str, ...], Any]) -> Any:
    """An outcome as it happens with these values of what was not known; None where it cannot."""
    if outcome.failure is not None:
        return ("failure", outcome.failure.code, outcome.failure.element_id)
    rows = []
    for row in outcome.rows:
        given = [value for value in row.values() if isinstance(value, Given)]
        if any(compile_unary_tests(value.test).evaluate(completion[value.path]).value is not True for value in given):
            return None
        rows.append({name: completion[value.path] if isinstance(value, Given) else value for name, value in row.items()})
    return _frozen(rows)


def _covers(outcome: Outcome, happened: Any, completion: Mapping[tuple[str, ...], Any]) -> bool:
    """Whether an outcome, open ones too, stands for what happened."""
    if happened[0] == "failure":
        return outcome.failure is not None and outcome.failure.code in (happened[1], "undecided")
    opened = outcome.failure is None and len(outcome.rows) == 1 and all(value is ANYTHING for value in outcome.rows[0].values())
    return opened or _partly_open(outcome, happened, completion) or _listed(outcome, completion) == happened


def _partly_open(outcome: Outcome, happened: Any, completion: Mapping[tuple[str, ...], Any]) -> bool:
    """Whether it says what happened but for outputs it leaves open."""
    if outcome.failure is not None or len(outcome.rows) != 1 or ANYTHING not in outcome.rows[0].values():
        return False
    values = dict(happened[1])
    told = {name: completion[value.path] if isinstance(value, Given) else value for name, value in outcome.rows[0].items()}
    return told.keys() == values.keys() and all(value is ANYTHING or _frozen(value) == values[name] for name, value in told.items())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(_cases())
def test_what_is_called_is_answered_as_it_happens(case: _Case) -> None:
    unknown = [name for name in _SAMPLES if name not in case.known]
    answer = prospects(case.model, "asked", _nested(case.known))
    happened = {
        values: _happens(case, dict(zip(unknown, values, strict=True)))
        for values in itertools.product(*(_SAMPLES[name] for name in unknown))
    }
    event(f"complete={answer.complete}, outcomes: {min(len(answer.outcomes), 3)}")
    for values, found in happened.items():
        completion = dict(zip(unknown, values, strict=True))
        assert any(_covers(outcome, found, completion) for outcome in answer.outcomes), (case.source, case.known, values, found)
    matter = {name for place, name in enumerate(unknown) if _matters(place, happened)}
    opened = {found.path for found in answer.open_inputs}
    assert not matter & set(answer.irrelevant), (case.source, case.known)
    assert {*answer.irrelevant, *opened} == {*unknown}, (case.source, case.known)
    if answer.settled:
        assert len(set(happened.values())) == 1, (case.source, case.known)
    if answer.complete:
        met = [
            {place for place, outcome in enumerate(answer.outcomes) if _listed(outcome, dict(zip(unknown, values, strict=True))) == found}
            for values, found in happened.items()
        ]
        assert all(met), (case.source, case.known)
        assert set().union(*met) == set(range(len(answer.outcomes))), (case.source, case.known)
        assert opened == matter, (case.source, case.known)


def _matters(place: int, happened: Mapping[tuple[Any, ...], Any]) -> bool:
    seen: dict[tuple[Any, ...], Any] = {}
    return any(seen.setdefault(values[:place] + values[place + 1 :], found) != found for values, found in happened.items())
