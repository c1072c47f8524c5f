"""Facts by whatever name a decision takes them."""

from decimal import Decimal
from typing import Any

import pytest

from service.actions.decisions.given_facts import GivenFacts, as_given, leaves, places_of, use_of_facts, without
from service.dmn import PathSet
from service.domain.json_values import Json


@pytest.mark.parametrize(
    ("facts", "variables", "expected"),
    [
        ({"loss": 1}, {}, {"loss": 1, "facts": {"loss": 1}}),
        ({"facts": {"loss": 1}}, {}, {"facts": {"loss": 1}}),
        ({}, {"facts": {"loss": 1}}, {"facts": {"loss": 1}}),
        ({"loss": 1, "kind": "A"}, {"loss": 2}, {"loss": 2, "kind": "A", "facts": {"loss": 1, "kind": "A"}}),
        ({}, {}, {}),
    ],
)
def test_each_decision_finds_what_it_takes(facts: Any, variables: Any, expected: Any) -> None:
    assert GivenFacts(facts, variables).as_variables() == expected


@pytest.mark.parametrize(
    ("facts", "variables", "path", "expected"),
    [
        ({"loss": 1}, {}, ("facts", "loss"), "/facts/loss"),
        ({"loss": 1}, {}, ("loss",), "/facts/loss"),
        ({"facts": {"loss": 1}}, {}, ("facts", "loss"), "/facts/facts/loss"),
        ({}, {"facts": {"a/b": [1]}}, ("facts", "a/b", 0), "/variables/facts/a~1b/0"),
        ({"loss": 1}, {"loss": 2}, ("loss",), "/variables/loss"),
        ({"loss": 1}, {}, (), ""),
    ],
)
def test_a_fault_points_to_where_the_value_was_given(facts: Any, variables: Any, path: Any, expected: str) -> None:
    assert GivenFacts(facts, variables).pointer(path) == expected


def test_what_is_left_out_is_left_where_it_was() -> None:
    variables: dict[str, Json] = {"facts": {"a": {"b": 1, "c": 2}, "d": 3}, "e": 4}

    assert without(variables, [("facts", "a", "b"), ("e",)]) == {"facts": {"a": {"c": 2}, "d": 3}}
    assert variables["e"] == 4
    assert without(variables, []) == variables


IMPORTED = [("base", "age"), ("age",)]


@pytest.mark.parametrize(
    ("inputs", "given", "expected"),
    [
        ([IMPORTED], {"age": 1}, [("age",)]),
        ([IMPORTED], {"base": {"age": 1}}, [("base", "age")]),
        ([IMPORTED], {"base": {"age": 1}, "age": 2}, [("base", "age")]),
        ([IMPORTED], {}, [("age",)]),
        ([IMPORTED, [("age",)]], {"base": {"age": 1}}, [("age",), ("base", "age")]),
    ],
    ids=["own name", "under the import", "both", "neither", "an own input of that name"],
)
def test_an_imported_input_is_one_fact_whatever_it_is_called(inputs: Any, given: Any, expected: Any) -> None:
    assert sorted(as_given(IMPORTED, inputs, PathSet(leaves(given))).paths) == expected


def test_lists_and_empty_contexts_are_values() -> None:
    value: dict[str, Json] = {"a": [{"b": Decimal(1)}], "c": {}, "d": {"e": None}}

    assert list(leaves(value)) == [("a",), ("c",), ("d", "e")]


def test_reading_a_context_reads_its_parts_and_a_part_is_read_from_the_context() -> None:
    reads = PathSet([("facts", "person"), ("season",)])

    assert all(map(reads.touches, [("facts",), ("facts", "person"), ("facts", "person", "rank"), ("season", "x")]))
    assert not any(map(reads.touches, [("facts", "loss"), ("person",), ("seasons",)]))


def test_facts_are_used_unused_or_missing() -> None:
    variables = GivenFacts({"loss": 1, "weather": "fair"}, {}).as_variables()
    reads = PathSet([("facts", "loss"), ("facts", "rank"), ("season",)])

    use = use_of_facts(places_of(leaves(variables)), PathSet(leaves(variables)), reads)

    assert (use.used, use.unused, use.missing) == (("loss",), ("weather",), ("rank", "season"))


def test_what_the_types_do_not_know_is_not_used() -> None:
    variables = GivenFacts({"loss": 1, "weather": "fair"}, {}).as_variables()
    admitted = PathSet(leaves(without(variables, [("facts", "weather")])))

    use = use_of_facts(places_of(leaves(variables)), admitted, PathSet([("facts",)]))

    assert (use.used, use.unused, use.missing) == (("loss",), ("weather",), ())
