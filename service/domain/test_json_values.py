"""Numbers keep their digits; what cannot be kept is refused."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import Malformed
from service.domain.json_values import MAX_DEPTH, Json, TooLong, WrittenJson, bounded_json, canonical_json, read_json, same_json

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e30"), max_value=Decimal("1e30"))
values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_again(value: Json) -> None:
    assert read_json(canonical_json(value)) == value


@given(values)
def test_canonical_text_is_json_and_one(value: Json) -> None:
    text = canonical_json(value)

    json.loads(text)
    assert canonical_json(read_json(text)) == text


@pytest.mark.parametrize(
    "text", ["0.1", "1.10", "100", "-0.0", "12345678901234567890.123456789012345678901234567890", "0.0000000000000000000000001"]
)
def test_digits_are_kept(text: str) -> None:
    assert canonical_json(read_json(text)) == text


def test_exponents_stay_short() -> None:
    assert canonical_json(read_json("1e400")) == "1E+400"


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "-Infinity", '{"a": 1, "a": 2}', "1e999999999999999999999", "1e7000", "9" * 1_001, "{", '"\\u0000"', '"\\ud800"'],
)
def test_what_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_json(text)


def test_depth_is_bounded() -> None:
    read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for depth in (MAX_DEPTH + 2, 100_000):
        with pytest.raises(Malformed):
            read_json("[" * depth + "]" * depth)


def test_bytes_must_be_utf8() -> None:
    with pytest.raises(Malformed):
        read_json(b"\xff")


def test_a_syntax_error_names_its_place() -> None:
    with pytest.raises(Malformed, match="line 2 column 6"):
        read_json('{\n "a" 1}')


@given(values)
def test_a_value_is_the_same_as_itself_read_again(value: Json) -> None:
    assert same_json(value, read_json(canonical_json(value)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1", "1.0", True),
        ('[1, {"a": 2.50}]', '[1.0, {"a": 2.5}]', True),
        ('{"a": 1, "b": null}', '{"b": null, "a": 1}', True),
        ("true", "1", False),
        ("[false]", "[0]", False),
        ("1", '"1"', False),
        ("[1]", "[1, 1]", False),
        ("[1, 2]", "[2, 1]", False),
        ('{"a": null}', "{}", False),
        ("null", "false", False),
        ("{}", "[]", False),
    ],
)
def test_values_are_compared_as_json_and_exactly(one: str, other: str, same: bool) -> None:
    assert same_json(read_json(one), read_json(other)) is same
    assert same_json(read_json(other), read_json(one)) is same


def test_what_is_written_already_stands_as_it_is() -> None:
    value: Json = {"b": [Decimal("1.50"), None, "三"], "a": True}
    text = canonical_json(value)

    assert canonical_json({"z": WrittenJson(text), "list": [WrittenJson("[]")]}) == canonical_json({"z": value, "list": [[]]})
    with pytest.raises(TooLong):
        bounded_json({"z": WrittenJson(text)}, len(text))


def test_a_bounded_text_is_the_canonical_one_or_none() -> None:
    value: Json = {"b": [Decimal("1.50"), None, "三"], "a": True}
    text = canonical_json(value)

    assert bounded_json(value, len(text)) == text
    with pytest.raises(TooLong):
        bounded_json(value, len(text) - 1)


def test_a_bounded_text_ends_early_where_a_value_holds_the_same_list_again_and_again() -> None:
    value: Json = ["x" * 1_000]
    for _ in range(30):
        value = [value, value]

    with pytest.raises(TooLong):
        bounded_json(value, 1_000_000)
