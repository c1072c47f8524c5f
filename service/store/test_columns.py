"""What was once stored can always be read."""

from decimal import Decimal

import pytest

from service.domain.errors import Malformed
from service.domain.json_values import MAX_DEPTH, Json, read_json
from service.store.columns import object_text, read_object
from service.store.conftest import an_instance, save, start
from service.store.database import DatabaseStore


def deep(levels: int) -> dict[str, Json]:
    value: dict[str, Json] = {"n": Decimal("1.50")}
    for _ in range(levels):
        value = {"previous": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        deep(MAX_DEPTH * 2),
        {"text": "a\x00b", "a\x00": "\ud800"},
        {"long": Decimal("1" * 1_200), "wide": Decimal("1E+7000"), "zero": Decimal("-0.00")},
    ],
)
def test_an_object_the_door_would_refuse_is_read_back_exactly(value: dict[str, Json]) -> None:
    text = object_text(value)
    with pytest.raises(Malformed):
        read_json(text)
    found = read_object(text)
    assert found == value
    assert object_text(found) == text


def test_numbers_come_back_as_exact_decimals() -> None:
    found = read_object('{"a":1,"b":1.10,"c":[true,null,1E+2]}')
    assert found == {"a": Decimal(1), "b": Decimal("1.10"), "c": [True, None, Decimal(100)]}
    assert [type(found["a"]), str(found["b"])] == [Decimal, "1.10"]


@pytest.mark.parametrize("text", ['{"a":NaN}', '{"a":-Infinity}', "[]", "null", "{", "[" * 200_000])
def test_what_is_no_object_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_object(text)


def test_deep_variables_are_stored_shown_and_changed(store: DatabaseStore) -> None:
    variables: dict[str, Json] = {"h": deep(MAX_DEPTH + 20), "n": Decimal(1)}
    instance = start(store, an_instance(), variables=variables)

    save(store, instance.id, variables={**variables, "n": Decimal(2)})

    with store.read() as questions:
        assert questions.variables(instance.id) == {**variables, "n": Decimal(2)}
