"""The analysis says what the evaluator does: random tables, every boundary, points between and beyond, and null."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from service.dmn import DecisionFailure, Model, TableAnalysis, analyse, read_model
from service.dmn.analysis.report import Gap
from service.feel import compile_expression, compile_unary_tests

_HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="file" name="test" namespace="urn:test">'


@dataclass(frozen=True)
class Kind:
    """A type with the literals to write cells from, and values that tell any two such cells apart."""

    type_ref: str
    literals: tuple[str, ...]
    values: tuple[Any, ...]
    ordered: bool = True
    limits: tuple[str, ...] = ()


def _temporal(function: str, texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(f'{function}("{text}")' for text in texts)


_RANKS = '"high","middle","low"'
_DAYS = [f"2026-01-0{day}" for day in range(1, 7)]
_MOMENTS = [f"2026-01-01T10:00:0{second}{fraction}" for second in range(5) for fraction in ("", ".5", ".999999999")]
_NUMBERS = tuple(Decimal(step) / 4 for step in range(-8, 25))
NUMBER = Kind("number", ("0", "1", "2.5", "4"), _NUMBERS, limits=("[0..4]", ">= 0", "1, 2.5, 4", "< 0, > 1", "not(1)"))
KINDS = (
    Kind("boolean", ("true", "false"), (True, False), ordered=False),
    Kind("string", ('"A"', '"B"', '"C"'), ("A", "B", "C", "other", "", "Ab", "Bb", "Z"), limits=('"A","B"', '"A","B","C","Z"', 'not("C")')),
    NUMBER,
    Kind("integer", ("0", "1", "3", "4"), tuple(Decimal(step) for step in range(-3, 8)), limits=("[0..4]", "1, 3, 4")),
    Kind("date", _temporal("date", _DAYS[1:5]), (*_DAYS, "2025-01-01"), limits=('>= date("2026-01-03")',)),
    Kind("date and time", _temporal("date and time", _MOMENTS[1:9:2]), ("2026-01-01T09:00:00", *_MOMENTS)),
    Kind("time", _temporal("time", [moment[11:] for moment in _MOMENTS[1:9:2]]), ("09:00:00", *(moment[11:] for moment in _MOMENTS))),
    Kind(
        "days and time duration", _temporal("duration", ["PT0S", "PT1S", "P1D"]), ("-PT1S", "PT0S", "PT0.5S", "PT1S", "PT2S", "P1D", "P2D")
    ),
    Kind("years and months duration", _temporal("duration", ["P0M", "P1M", "P3M"]), ("-P1M", "P0M", "P1M", "P2M", "P3M", "P4M")),
)


@st.composite
def _cell(draw: st.DrawFn, kind: Kind) -> str:
    one = st.sampled_from(kind.literals)
    forms = [st.just("-"), one, st.just("null"), st.builds("not({})".format, one), st.builds("{}, {}".format, one, one)]
    forms += [
        st.builds("not({}, null)".format, one),
        st.builds("[{}, {}]".format, one, one),
        st.builds("? = {} or ? = {}".format, one, one),
    ]
    forms += [
        st.builds("list contains([{}, {}], ?)".format, one, one),
        st.builds("!= {}".format, one),
        st.builds("? in ({}, {})".format, one, one),
    ]
    if kind.ordered:
        operators = st.sampled_from(["<", "<=", ">", ">="])
        comparison = st.builds("{} {}".format, operators, one)
        interval = st.builds("{}{}..{}{}".format, st.sampled_from("[(]"), one, one, st.sampled_from("])["))
        forms += [comparison, comparison, interval, interval, st.builds("{}, {}".format, interval, comparison)]
        forms += [st.builds("not({})".format, interval), st.builds("? >= {} and ? < {}".format, one, one)]
        forms += [st.builds("? between {} and {}".format, one, one)]
    return draw(st.one_of(forms))


@dataclass(frozen=True)
class Written:
    """A table as drawn."""

    kinds: tuple[Kind, ...]
    limits: tuple[str | None, ...]
    expressions: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]
    ranks: tuple[str, ...] | None = None

    def model(self, policy: str) -> Model:
        """Compiled with a hit policy; outputs are the numbers of the rules."""
        items = "".join(
            f'<itemDefinition name="t{index}"><typeRef>{kind.type_ref}</typeRef>'
            + (f"<allowedValues><text>{escape(limit)}</text></allowedValues>" if limit else "")
            + "</itemDefinition>"
            for index, (kind, limit) in enumerate(zip(self.kinds, self.limits, strict=True))
        )
        data = "".join(
            f'<inputData id="x{index}" name="x{index}"><variable typeRef="t{index}"/></inputData>' for index in range(len(self.kinds))
        )
        needs = "".join(
            f'<informationRequirement><requiredInput href="#x{index}"/></informationRequirement>' for index in range(len(self.kinds))
        )
        columns = "".join(
            f'<input id="i{index}"><inputExpression typeRef="{self._kind(text).type_ref}"><text>{text}</text></inputExpression></input>'
            for index, text in enumerate(self.expressions)
        )
        rows = "".join(
            f'<rule id="r{number}"><description>basis</description>'
            + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells)
            + f"<outputEntry><text>{number}</text></outputEntry>{self._rank(number)}</rule>"
            for number, cells in enumerate(self.rules, start=1)
        )
        rank = f'<output id="k" name="rank"><outputValues><text>{_RANKS}</text></outputValues></output>' if self.ranks else ""
        table = f'<decisionTable id="t" hitPolicy="{policy}">{columns}<output id="o" name="out"/>{rank}{rows}</decisionTable>'
        data += '<inputData id="limit" name="limit"><variable typeRef="number"/></inputData>'
        needs += '<informationRequirement><requiredInput href="#limit"/></informationRequirement>'
        body = f'{items}{data}<decision id="d" name="d">{needs}{table}</decision>'
        return read_model(f"{_HEAD}{body}</definitions>".encode(), checks="warn")

    def _rank(self, number: int) -> str:
        return f"<outputEntry><text>{self.ranks[number - 1]}</text></outputEntry>" if self.ranks else ""

    def _kind(self, expression: str) -> Kind:
        return self.kinds[int(expression[1:])]


@st.composite
def _written(draw: st.DrawFn) -> Written:
    kinds = tuple(draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2)))
    if draw(st.booleans()):
        kinds = (*kinds, KINDS[0])
    limits = tuple(draw(st.none() | st.sampled_from(kind.limits)) if kind.limits else None for kind in kinds)
    expressions = [f"x{index}" for index in range(len(kinds))]
    if draw(st.booleans()):
        expressions.append(draw(st.sampled_from(expressions)))
    row = st.tuples(*(_cell(kinds[int(expression[1:])]) for expression in expressions))
    rules = tuple(draw(st.lists(row, min_size=1, max_size=6)))
    return Written(kinds, limits, tuple(expressions), rules)


@dataclass(frozen=True)
class Point:
    """Values of all inputs, and the rules that applied to them, counted from 0."""

    values: tuple[Any, ...]
    matched: tuple[int, ...]


def _points(written: Written, limit: Decimal | None = None) -> list[Point]:
    """Every combination of the sampled values that the evaluator admits, with a value of the variable `limit`."""
    model = written.model("COLLECT")
    samples = [_admitted(model, index, (*kind.values, None)) for index, kind in enumerate(written.kinds)]
    points = []
    for values in product(*samples):
        evaluation = model.evaluate("d", {"limit": limit, **{f"x{index}": value for index, value in enumerate(values)}})
        points.append(Point(values, tuple(rule.index - 1 for rule in evaluation.matched_rules)))
    return points


def _admitted(model: Model, index: int, values: Sequence[Any]) -> list[Any]:
    return [value for value in values if not model.check_input("d", {f"x{index}": value})]


_READERS = {"date": "date", "time": "time", "date and time": "date and time"}


def _feel(kind: Kind, value: Any) -> Any:
    """The value as the evaluator sees it."""
    if value is None or not isinstance(value, str) or kind.type_ref == "string":
        return value
    return compile_expression(f'{_READERS.get(kind.type_ref, "duration")}("{value}")').evaluate().value


def _inside(written: Written, box: dict[str, str], point: Point) -> bool:
    """Whether the texts of a box, pasted into cells, pass the point."""
    return all(
        compile_unary_tests(text).evaluate(_feel(written.kinds[int(name[1:])], point.values[int(name[1:])])).value is True
        for name, text in box.items()
    )


def _analysed(written: Written, policy: str) -> TableAnalysis:
    (table,) = analyse(written.model(policy)).tables
    assert table.undecided == ()
    return table


def _in_any(written: Written, gaps: Sequence[Gap], point: Point) -> bool:
    return any(_inside(written, dict(gap.box), point) for gap in gaps)


@settings(max_examples=60, deadline=None)
@given(_written())
def test_gaps_and_overlaps_are_those_of_the_evaluator(written: Written) -> None:
    table = _analysed(written, "COLLECT")
    points = _points(written)

    for point in points:
        reported = table.null_gaps if None in point.values else table.gaps
        assert _in_any(written, reported, point) is (not point.matched), point
    without_null = [point for point in points if None not in point.values]
    assert table.complete is all(point.matched for point in without_null)
    together = {(one, other) for point in points for one in point.matched for other in point.matched if one < other}
    assert {(found.rules[0].index - 1, found.rules[1].index - 1) for found in table.overlaps} == together
    assert table.overlap_count == len(together)
    for found in table.overlaps:
        pair = {rule.index - 1 for rule in found.rules}
        inside = [point for point in points if _inside(written, dict(found.box), point)]
        assert inside
        assert all(pair.issubset(point.matched) for point in inside)
    applied = {position for point in points for position in point.matched}
    assert {rule.index - 1 for rule in table.unreachable_rules} == set(range(len(written.rules))) - applied


@settings(max_examples=60, deadline=None)
@given(_written())
def test_shadowed_and_duplicate_rules_are_those_that_never_come_first(written: Written) -> None:
    table = _analysed(written, "FIRST")
    points = _points(written)

    applied = {position for point in points for position in point.matched}
    first = {point.matched[0] for point in points if point.matched}
    assert {found.rule.index - 1 for found in table.shadowed} == applied - first
    for found in table.shadowed:
        by = {rule.index - 1 for rule in found.by}
        assert all(by.intersection(point.matched) for point in points if found.rule.index - 1 in point.matched)
    reach = {position: tuple(point.values for point in points if position in point.matched) for position in range(len(written.rules))}
    repeated = {position for position in sorted(applied) if any(reach[position] == reach[other] for other in range(position))}
    assert {found.rule.index - 1 for found in table.duplicates} == repeated
    assert all(reach[found.rule.index - 1] == reach[found.of.index - 1] for found in table.duplicates)


@settings(max_examples=60, deadline=None)
@given(_written())
def test_a_unique_table_without_errors_never_fails(written: Written) -> None:
    table = _analysed(written, "UNIQUE")
    model = written.model("UNIQUE")

    failures = set()
    for point in _points(written):
        try:
            model.evaluate("d", {f"x{index}": value for index, value in enumerate(point.values)})
        except DecisionFailure as failure:
            failures.add(failure.code)
    assert failures <= {"hit-policy"}
    assert any(finding.severity == "error" for finding in table.findings) is bool(failures)


@st.composite
def _ranked(draw: st.DrawFn) -> Written:
    written = draw(_written())
    ranks = draw(st.tuples(*(st.sampled_from(_RANKS.split(",")) for _ in written.rules)))
    return replace(written, ranks=ranks)


@settings(max_examples=60, deadline=None)
@given(_ranked())
def test_priority_decides_what_is_shadowed(written: Written) -> None:
    table = _analysed(written, "PRIORITY")
    model = written.model("PRIORITY")
    points = _points(replace(written, ranks=None))

    deciding = set()
    for point in points:
        row = model.evaluate("d", {f"x{index}": value for index, value in enumerate(point.values)}).result
        if row is not None:
            deciding.add(int(row["out"]) - 1)
    applied = {position for point in points for position in point.matched}
    assert {found.rule.index - 1 for found in table.shadowed} == applied - deciding


_OPEN_CELLS = ("> limit", "[limit..4]", "< limit, 4", "not(limit)", "limit", "? > limit and ? < 3", "1, limit")


@st.composite
def _open(draw: st.DrawFn) -> Written:
    cell = st.sampled_from(_OPEN_CELLS) | _cell(NUMBER)
    rules = draw(st.lists(st.tuples(cell, _cell(KINDS[0])), min_size=1, max_size=5))
    return Written((NUMBER, KINDS[0]), (None, None), ("x0", "x1"), tuple(rules))


@settings(max_examples=40, deadline=None)
@given(_open())
def test_what_is_said_beside_undecided_cells_holds_whatever_they_turn_out_to_be(written: Written) -> None:
    (collected,) = analyse(written.model("COLLECT")).tables
    (first,) = analyse(written.model("FIRST")).tables
    limits = [None, Decimal(-9), Decimal(0), Decimal("1.5"), Decimal(4)]
    points = [point for limit in limits for point in _points(written, limit)]

    for point in points:
        gaps = collected.null_gaps if None in point.values else collected.gaps
        if _in_any(written, gaps, point):
            assert not point.matched
    without_null = [point for point in points if None not in point.values]
    if collected.complete:
        assert all(point.matched for point in without_null)
    if collected.complete is None:
        assert collected.undecided
    for found in collected.overlaps:
        pair = {rule.index - 1 for rule in found.rules}
        assert all(pair.issubset(point.matched) for point in points if _inside(written, dict(found.box), point))
    applied = {position for point in points for position in point.matched}
    assert not applied.intersection(rule.index - 1 for rule in collected.unreachable_rules)
    deciding = {point.matched[0] for point in points if point.matched}
    assert not deciding.intersection(found.rule.index - 1 for found in first.shadowed)
