from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.forms.flattening import flatten
from service.forms.json_values import MISSING, measure, pointer_to, same, value_at, with_value

NAMES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="."), min_size=1, max_size=4)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(tuple)


def follow(document: Any, pointer: str) -> Any:
    """RFC 6901, section 4."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


def apart(paths: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    kept: list[tuple[str, ...]] = []
    for path in paths:
        if not any(path[: len(other)] == other or other[: len(path)] == path for other in kept):
            kept.append(path)
    return kept


@given(st.lists(PATHS, max_size=6), st.data())
def test_nested_flat_and_mixed_are_the_same_and_pointers_lead_back(paths: list[tuple[str, ...]], data: st.DataObject) -> None:
    known = apart(paths)
    submitted: dict[str, Any] = {}
    for number, path in enumerate(known):
        cut = data.draw(st.integers(1, len(path)))
        # The first `cut` names as one key with dots, the others nested.
        submitted = with_value(submitted, (".".join(path[:cut]), *path[cut:]), Decimal(number))
    flat = flatten(submitted, known)
    assert {path: sent.value for path, sent in flat.sent.items()} == {path: Decimal(number) for number, path in enumerate(known)}
    assert not flat.unknown
    assert not flat.problems
    for sent in flat.sent.values():
        assert follow(submitted, sent.pointer) == sent.value


@given(st.dictionaries(NAMES, st.integers() | st.dictionaries(NAMES, st.integers()), max_size=5))
def test_everything_unknown_is_told_with_a_pointer_that_leads_there(submitted: dict[str, Any]) -> None:
    flat = flatten(submitted, [])
    assert [follow(submitted, problem.pointer) for problem in flat.unknown] == list(submitted.values())
    assert {problem.code for problem in flat.unknown} <= {"unknown-key"}


@given(PATHS, st.integers())
def test_with_value_is_read_back_and_changes_nothing(path: tuple[str, ...], number: int) -> None:
    before: dict[str, Any] = {path[0]: {"other": 1}}
    after = with_value(before, path, number)
    assert value_at(after, path) == number
    assert before == {path[0]: {"other": 1}}


def test_value_at_tells_null_from_nothing() -> None:
    assert value_at({"a": {"b": None}}, ("a", "b")) is None
    assert value_at({"a": {"b": None}}, ("a", "c")) is MISSING
    assert value_at({"a": "text"}, ("a", "c")) is MISSING


def test_pointer_escapes() -> None:
    assert pointer_to(("a/b", "~", 0, "")) == "/a~1b/~0/0/"


def test_same_keeps_types_apart() -> None:
    assert same(Decimal("1.0"), 1)
    assert not same(True, Decimal(1))
    assert not same(Decimal(0), False)
    assert not same("1", Decimal(1))
    assert same({"a": [Decimal(1), None]}, {"a": [Decimal("1.00"), None]})
    assert not same({"a": 1}, {"a": 1, "b": None})
    assert not same([], {})


def test_measure() -> None:
    assert measure({"a": [None, {"b": True}]}, 10) == 5
    assert measure([[[]]], 2) == -1
