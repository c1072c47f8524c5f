"""service.dmn against dmn-js' own reader and writer (dmn-moddle), and against feelin applied cell by cell."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.feelin.expressions import generated
from conformance.feelin.node import NodeProcess, need_packages
from conformance.feelin.wire import for_node, same, tagged
from conformance.policy_files import FILES, imports_of
from service.actions.yaml_values import read_yaml
from service.dmn import DecisionFailure, Evaluation, Model, read_model
from service.feel import compile_expression

WITH_CASES = [file for file in FILES if file.with_suffix(".cases.yaml").exists()]
VALUES = {
    "number": ("0", "1", "1.5", "10", "-2"),
    "string": ('"a"', '"b"', '"c d"', '""'),
    "boolean": ("true", "false"),
    "date": ('date("2026-01-01")', 'date("2026-06-30")', 'date("2024-02-29")'),
}
ASCENDING = {
    "number": ("-2", "0", "1", "1.5", "10"),
    "date": ('date("2024-02-29")', 'date("2026-01-01")', 'date("2026-06-30")'),
}
POLICIES = ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")
Table = dict[str, Any]


@pytest.fixture(scope="session")
def tables() -> Iterator[NodeProcess]:
    need_packages()
    with NodeProcess("tables.mjs") as node:
        yield node


def _without_durations(record: Any) -> Any:
    if isinstance(record, dict):
        return {key: _without_durations(value) for key, value in record.items() if key != "durationMicros"}
    return [_without_durations(value) for value in record] if isinstance(record, list) else record


@pytest.mark.parametrize("file", WITH_CASES, ids=lambda file: file.stem)
def test_what_dmn_js_saves_decides_the_same(tables: NodeProcess, file: Path) -> None:
    written = tables.ask({"kind": "rewrite", "xml": file.read_text("utf-8")})
    examples = cast(dict[str, Any], read_yaml(file.with_suffix(".cases.yaml").read_bytes()))
    cases: list[dict[str, Any]] = examples["decisions"]

    assert written["warnings"] == []
    imports = imports_of(file)
    before, after = (read_model(xml, file.name, imports=imports) for xml in (file.read_bytes(), written["xml"].encode("utf-8")))
    assert cases
    for case in cases:
        variables = case["variables"] if "variables" in case else {"facts": case["facts"]}
        records = [model.evaluate(case["decision"], variables).record() for model in (before, after)]
        assert _without_durations(records[0]) == _without_durations(records[1]), case["name"]


def _cells(kind: str) -> st.SearchStrategy[str]:
    values = st.sampled_from(VALUES[kind])
    choices = [
        st.sampled_from(("", "-")),
        values,
        st.lists(values, min_size=2, max_size=3).map(", ".join),
        st.lists(values, min_size=1, max_size=2).map(lambda texts: f"not({', '.join(texts)})"),
        values.map(lambda text: f"? != {text}"),
    ]
    if kind in ASCENDING:
        pairs = st.lists(st.sampled_from(range(len(VALUES[kind]))), min_size=2, max_size=2).map(
            lambda ends: [ASCENDING[kind][end] for end in sorted(ends)]
        )
        choices += [
            st.tuples(st.sampled_from(("<", "<=", ">", ">=")), values).map(" ".join),
            st.tuples(pairs, st.sampled_from(("[]", "()", "[)", "(]", "]["))).map(
                lambda drawn: f"{drawn[1][0]}{drawn[0][0]}..{drawn[0][1]}{drawn[1][1]}"
            ),
            st.tuples(values, values).map(lambda drawn: f"? > {drawn[0]} and ? <= {drawn[1]}"),
        ]
    return st.one_of(choices)


@st.composite
def decision_tables(draw: st.DrawFn) -> Table:
    policy = draw(st.sampled_from(POLICIES))
    aggregation = draw(st.none() | st.sampled_from(AGGREGATIONS)) if policy == "COLLECT" else None
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3))
    outcomes = ["number"] if aggregation else draw(st.lists(st.sampled_from(("number", "string")), min_size=1, max_size=2))
    rows = st.tuples(*map(_cells, kinds)), st.tuples(*(st.sampled_from(VALUES[kind]) for kind in outcomes))
    # With one output the priorities rank whole results, so that no two rules tie.
    ranked = policy in ("PRIORITY", "OUTPUT ORDER")
    return {
        "hitPolicy": policy,
        "aggregation": aggregation,
        "inputs": [
            {"name": f"in{at}", "typeRef": kind, "values": ", ".join(VALUES[kind]) if draw(st.booleans()) else None}
            for at, kind in enumerate(kinds)
        ],
        "outputs": [
            {"name": f"out{at}", "typeRef": kind, "values": ", ".join(draw(st.permutations(VALUES[kind]))) if ranked and at == 0 else None}
            for at, kind in enumerate(outcomes)
        ],
        "rules": [{"cells": cells, "results": results} for cells, results in draw(st.lists(st.tuples(*rows), min_size=1, max_size=6))],
    }


def _inputs(table: Table) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({column["name"]: st.sampled_from(VALUES[column["typeRef"]]) for column in table["inputs"]})


def _decided(model: Model, values: dict[str, Any]) -> Evaluation | None:
    """The evaluation, None where the hit policy is violated."""
    try:
        return model.evaluate("decision", values)
    except DecisionFailure as failure:
        if failure.code != "hit-policy":
            raise
        return None


@settings(generated, max_examples=max(1, generated.max_examples // 3))
@given(decision_tables().flatmap(lambda table: st.tuples(st.just(table), _inputs(table))))
def test_tables_saved_by_dmn_js_decide_as_feelin_cell_by_cell(tables: NodeProcess, drawn: tuple[Table, dict[str, str]]) -> None:
    table, inputs = drawn
    values = {name: compile_expression(text).evaluate().value for name, text in inputs.items()}
    told = tables.ask({"kind": "decide", "table": table, "context": for_node(values)})

    evaluation = _decided(read_model(told["xml"].encode("utf-8")), values)
    assert (evaluation is None) is (told["outcome"] is None)
    if evaluation is None:
        return
    assert same(tagged(evaluation.result), told["outcome"])
    first = 1 if table["hitPolicy"] == "FIRST" else None
    assert [rule["ruleId"] for rule in evaluation.record()["matchedRules"]] == [f"rule_{at}" for at in told["matched"][:first]]
