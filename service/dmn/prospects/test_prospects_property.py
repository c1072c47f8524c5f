"""Random small models: the answer against every completion of what is not known."""

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
from service.dmn.prospects import ANYTHING, Given, Outcome, ProspectLimits, Prospects, prospects
from service.feel import compile_expression, compile_unary_tests

_NUMBERS = [None, *(Decimal(text) for text in ("-3", "0", "0.5", "1", "1.5", "2", "2.5", "3", "7"))]
_SAMPLES: dict[str, list[Any]] = {
    "c.k": [None, True, False],
    "c.v": _NUMBERS,
    "t": [
        None,
        "2025-06-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.5Z",
        "2026-01-01T08:00:00+08:00",
        "2026-01-01T00:00:01Z",
        "2026-02-01T00:00:00Z",
        "2026-03-01T00:00:00Z",
        "2026-03-01T00:00:00.5Z",
        "2026-06-01T00:00:00Z",
        "2026-01-01T00:00:00",
    ],
    "u": [None, "A", "B", "q"],
    "h": [None, "08:00:00", "09:30:00", "10:00:00", "09:30:00Z"],
    "n": _NUMBERS,
    "m": [value for value in _NUMBERS if value is None or value >= 0],
    "b": [None, True, False],
    "s": [None, "A", "B", "C"],
    "f": [None, "", "A", "AA", "B", "C", "Z", "a"],
    "d": [None, "2025-12-31", "2026-01-01", "2026-01-15", "2026-01-31", "2026-02-01", "2027-01-01"],
}
_KNOWN = {"m": [None, *map(Decimal, range(4))]}
"""What is compared with another input when known, so that the samples of that one lie on both sides and between."""
_TYPES = {
    "c.k": "boolean",
    "c.v": "number",
    "t": "date and time",
    "u": None,
    "h": "time",
    "n": "number",
    "m": "tPositive",
    "b": "boolean",
    "s": "tLetter",
    "f": "string",
    "d": "date",
}
_ITEMS = """<itemDefinition name="tParts"><itemComponent name="k"><typeRef>boolean</typeRef></itemComponent>
<itemComponent name="v"><typeRef>number</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tPositive"><typeRef>number</typeRef><allowedValues><text>&gt;= 0</text></allowedValues></itemDefinition>
<itemDefinition name="tLetter"><typeRef>string</typeRef><allowedValues><text>"A", "B", "C"</text></allowedValues></itemDefinition>"""
_NUMBER_CELLS = [
    "-",
    "1",
    "2, 3",
    "< 2",
    ">= 1",
    "[1..3)",
    "(0..2]",
    "not(1)",
    "not(> 1)",
    "null",
    "? != null and ? > 1",
    "? < 1 or ? = 3",
    "? + 1 > 3",
]
_CELLS = {
    "c.k": ["-", "true", "null", "? = b"],
    "c.v": _NUMBER_CELLS,
    "t": ["-", '@"2026-01-01T00:00:00Z"', '> @"2026-01-01T00:00:00Z"', "null", '[@"2026-01-01T00:00:00Z"..@"2026-03-01T00:00:00Z"]'],
    "h": ["-", '@"09:30:00"', '> @"09:00:00"', "null"],
    "u": ["-", '"A"', 'not("A")', "null"],
    "n": [*_NUMBER_CELLS, "> m", "m"],
    "m": _NUMBER_CELLS,
    "b": ["-", "true", "false", "null", "not(true)"],
    "s": ["-", '"A"', '"A", "B"', 'not("C")', "null", 'null, "B"'],
    "f": ["-", '"A"', 'not("A", "B")', '> "A"', '["A".."B"]', "null", "string length(?) > 1", '? in ("A", "Z")'],
    "d": ["-", '@"2026-01-01"', '[@"2026-01-01"..@"2026-01-31"]', '> date("2026-01-31")', "null", '? < @"2026-01-01"'],
}
_OUTPUTS = ['"x"', '"y"', '"z"', "1", "2", "null", "s", "if b then 1 else 2", "n", "n * 2", "c.k", "grade(b)"]
_POLICIES = ["UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT", "COLLECT SUM", "COLLECT COUNT", "COLLECT MAX"]
_EXPRESSIONS = {
    "several": [
        "count(first)",
        "count(first) > 1",
        "first[1]",
        "first[item = 1]",
        "for x in first return x",
        "some x in first satisfies x = 2",
    ],
    "one": [
        "first",
        'if first = "x" then s else first',
        "first = 1",
        "{v: first, w: b}",
        "[first, b]",
        "first in (1, 2)",
        "not(first = 1)",
    ],
}
_TEMPORAL = {"d": "date", "h": "time", "t": "date and time"}
_DATES = {name: compile_expression(f"{kind}(text)", names=["text"]) for name, kind in _TEMPORAL.items()}
_INPUTS = {**{name: kind for name, kind in _TYPES.items() if "." not in name}, "c": "tParts"}
_GRADE = """<businessKnowledgeModel id="grade" name="grade"><encapsulatedLogic><formalParameter name="x"/>
<decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>x</text></inputExpression></input><output name="g"/>
<rule><inputEntry><text>true</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
<rule><inputEntry><text>false, true</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>
</decisionTable></encapsulatedLogic></businessKnowledgeModel>"""
_HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="file" name="test" namespace="urn:test">'


@dataclass(frozen=True)
class _Case:
    model: Model
    source: str
    decision: str
    known: dict[str, Any]
    limits: ProspectLimits | None


def _table(policy: str, columns: list[str], types: list[str | None], rows: list[tuple[list[str], list[str]]], default: str | None) -> str:
    hit, _, aggregation = policy.partition(" ") if policy.startswith("COLLECT") else (policy, "", "")
    inputs = "".join(_input(column, kind) for column, kind in zip(columns, types, strict=True))
    ranked = hit in ("PRIORITY", "OUTPUT ORDER")
    values = '<outputValues><text>2, 1, "z", "y", "x", "A", "B", "C"</text></outputValues>' if ranked else ""
    rules = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells)
        + "".join(f"<outputEntry><text>{escape(entry)}</text></outputEntry>" for entry in entries)
        + "</rule>"
        for cells, entries in rows
    )
    given_default = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default is not None else ""
    attribute = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable hitPolicy="{hit}"{attribute}>{inputs}<output name="v">{values}{given_default}</output>{rules}</decisionTable>'


def _input(column: str, kind: str | None) -> str:
    return f"<input><inputExpression{_type(kind)}><text>{escape(column)}</text></inputExpression></input>"


def _type(kind: str | None) -> str:
    return "" if kind is None else f' typeRef="{kind}"'


def _decision(name: str, logic: str, requires: str) -> str:
    inputs = "".join(f'<informationRequirement><requiredInput href="#{source}"/></informationRequirement>' for source in _INPUTS)
    knowledge = '<knowledgeRequirement><requiredKnowledge href="#grade"/></knowledgeRequirement>'
    return f'<decision id="{name}" name="{name}">{requires}{inputs}{knowledge}{logic}</decision>'


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in flat.items():
        head, _, tail = name.partition(".")
        if tail:
            found.setdefault(head, {})[tail] = value
        else:
            found[head] = value
    return found


@st.composite
def _cases(draw: st.DrawFn) -> _Case:
    policy = draw(st.sampled_from(_POLICIES))
    used = draw(st.lists(st.sampled_from(sorted(_SAMPLES)), min_size=1, max_size=3, unique=True))
    constant = draw(st.booleans()) or policy in ("PRIORITY", "OUTPUT ORDER")
    entries = _OUTPUTS[:6] if constant else _OUTPUTS
    numbers = policy in ("COLLECT SUM", "COLLECT MAX")
    row = st.tuples(
        st.tuples(*(st.sampled_from(_CELLS[name]) for name in used)).map(list),
        st.tuples(st.sampled_from(["1", "2", "5"] if numbers else entries)).map(list),
    )
    rows = draw(st.lists(row, min_size=1, max_size=4))
    default = draw(st.sampled_from([None, None, '"x"'])) if not numbers else None
    first = _table(policy, used, [_TYPES[name] for name in used], rows, default)
    several = policy in ("RULE ORDER", "OUTPUT ORDER", "COLLECT")
    column = draw(st.sampled_from(_EXPRESSIONS["several" if several else "one"]))
    other = draw(st.sampled_from(sorted(_SAMPLES)))
    kind = draw(st.sampled_from(["", "literal", "table"]))
    chain = '<informationRequirement><requiredDecision href="#first"/></informationRequirement>'
    body = _decision("first", first, "")
    if kind == "literal":
        body += _decision("second", f"<literalExpression><text>{escape(column)}</text></literalExpression>", chain)
    elif kind == "table":
        cells = st.tuples(st.sampled_from(["-", "true", "false", "1", "> 1", '"x"', "null", "not(null)"]), st.sampled_from(_CELLS[other]))
        second = draw(st.lists(st.tuples(cells.map(list), st.sampled_from(entries).map(lambda entry: [entry])), min_size=1, max_size=3))
        table = _table(draw(st.sampled_from(["FIRST", "UNIQUE", "COLLECT"])), [column, other], [None, _TYPES[other]], second, None)
        body += _decision("second", table, chain)
    inputs = "".join(
        f'<inputData id="{name}" name="{name}"><variable name="{name}"{_type(kind)}/></inputData>' for name, kind in _INPUTS.items()
    )
    source = f"{_HEAD}{_ITEMS}{inputs}{_GRADE}{body}</definitions>"
    unknown = draw(st.lists(st.sampled_from(sorted({*used, other, "s", "b"})), min_size=1, max_size=4, unique=True))
    known = {name: draw(st.sampled_from(_KNOWN.get(name, samples))) for name, samples in _SAMPLES.items() if name not in unknown}
    limits = draw(st.sampled_from([None, None, None, ProspectLimits(outcomes=1), ProspectLimits(steps=40)]))
    return _Case(read_model(source.encode()), source, "second" if kind else "first", known, limits)


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(sorted((key, _frozen(inner)) for key, inner in value.items()))
    if isinstance(value, list | tuple):
        return ("list", *map(_frozen, value))
    return (type(value).__name__, value)


def _happens(case: _Case, completion: dict[str, Any]) -> Any:
    try:
        evaluation = case.model.evaluate(case.decision, _nested({**case.known, **completion}))
    except DecisionFailure as failure:
        return ("failure", failure.code, failure.decision_id.rpartition("#")[2], failure.element_id)
    outputs = evaluation.record()["outputs"]
    return _frozen(outputs if isinstance(outputs, list) else [outputs])


def _listed(outcome: Outcome, completion: Mapping[str, Any]) -> Any:
    """An outcome as it happens with these values of what was not known; None where it cannot."""
    if outcome.failure is not None:
        return ("failure", outcome.failure.code, outcome.failure.decision_id, outcome.failure.element_id)
    given = [value for row in outcome.rows for value in row.values() if isinstance(value, Given)]
    for value in given:
        name = _name(value.path)
        if compile_unary_tests(value.test).evaluate(_as_feel(name, completion[name])).value is not True:
            return None
    return _frozen([{name: _filled(value, completion) for name, value in row.items()} for row in outcome.rows])


def _filled(value: Any, completion: Mapping[str, Any]) -> Any:
    return completion[_name(value.path)] if isinstance(value, Given) else value


def _covers(outcome: Outcome, happened: Any, completion: Mapping[str, Any]) -> bool:
    """Whether an outcome that may have open parts stands for what happened."""
    if happened[0] == "failure":
        return outcome.failure is not None and outcome.failure.code in (happened[1], "undecided")
    if outcome.failure is not None:
        return False
    if _listed(outcome, completion) == happened:
        return True
    if len(outcome.rows) == 1 and all(value is ANYTHING for value in outcome.rows[0].values()):
        return True
    if len(outcome.rows) != len(happened) - 1:
        return False
    for row, found in zip(outcome.rows, happened[1:], strict=True):
        values = dict(found)
        if row.keys() != values.keys():
            return False
        if any(value is not ANYTHING and _frozen(_filled(value, completion)) != values[name] for name, value in row.items()):
            return False
    return True


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(_cases())
def test_the_answer_holds_for_every_completion(case: _Case) -> None:
    unknown = [name for name in _SAMPLES if name not in case.known]
    answer = prospects(case.model, case.decision, _nested(case.known), limits=case.limits)
    happened = {
        values: _happens(case, dict(zip(unknown, values, strict=True)))
        for values in itertools.product(*(_SAMPLES[name] for name in unknown))
    }
    event(f"complete={answer.complete}, outcomes: {min(len(answer.outcomes), 3)}")
    for values, found in happened.items():
        completion = dict(zip(unknown, values, strict=True))
        assert any(_covers(outcome, found, completion) for outcome in answer.outcomes), (case.source, case.known, values, found)
    matter = {name for place, name in enumerate(unknown) if _matters(place, happened)}
    assert not matter & {_name(path) for path in answer.irrelevant}, (case.source, case.known)
    assert {_name(path) for path in answer.irrelevant} | {_name(found.path) for found in answer.open_inputs} == set(unknown)
    if answer.settled:
        assert len(set(happened.values())) == 1
    if answer.complete:
        met = [
            {place for place, outcome in enumerate(answer.outcomes) if _listed(outcome, dict(zip(unknown, values, strict=True))) == found}
            for values, found in happened.items()
        ]
        assert all(met), (case.source, case.known)
        assert set().union(*met) == set(range(len(answer.outcomes))), (case.source, case.known)
        assert {_name(found.path) for found in answer.open_inputs} == matter, (case.source, case.known)
        assert all(found.certain for found in answer.open_inputs)
        _check_distinctions(answer, unknown, happened)


def _matters(place: int, happened: Mapping[tuple[Any, ...], Any]) -> bool:
    seen: dict[tuple[Any, ...], Any] = {}
    return any(seen.setdefault(values[:place] + values[place + 1 :], found) != found for values, found in happened.items())


def _check_distinctions(answer: Prospects, unknown: list[str], happened: Mapping[tuple[Any, ...], Any]) -> None:
    """Each value passes the tests of one distinction, and exactly the outcomes named there remain."""
    for found in answer.open_inputs:
        name = _name(found.path)
        place = unknown.index(name)
        for value in _SAMPLES[name]:
            tested = _as_feel(name, value)
            fitting = [part for part in found.distinctions if compile_unary_tests(part.test).evaluate(tested).value is True]
            assert len(fitting) == 1, (value, found)
            remaining = [
                (dict(zip(unknown, values, strict=True)), outcome)
                for values, outcome in happened.items()
                if values[place] == value and type(values[place]) is type(value)
            ]
            told = [answer.outcomes[number] for number in fitting[0].outcomes]
            assert all(any(_listed(outcome, completion) == found for outcome in told) for completion, found in remaining)
            assert all(any(_listed(outcome, completion) == found for completion, found in remaining) for outcome in told)


def _name(path: tuple[str, ...]) -> str:
    return ".".join(path)


def _as_feel(name: str, value: Any) -> Any:
    return _DATES[name].evaluate({"text": value}).value if name in _DATES and value is not None else value
