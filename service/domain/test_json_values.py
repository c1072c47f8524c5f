"""Numbers keep their digits; what cannot be kept is refused."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import Malformed
from service.domain.json_values import MAX_DEPTH, Json, canonical_json, read_json

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
