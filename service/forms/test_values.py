import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.forms import read_form


def judge(value: Any, standing: dict[str, Any] | None = None, **component: Any) -> tuple[Any, list[tuple[str, str]]]:
    document = {"id": "f", "type": "default", "schemaVersion": 16, "components": [{"key": "a", "label": "项", **component}]}
    result = read_form(json.dumps(document).encode(), "f.form").accept({"a": value}, standing or {})
    return dict(result.values).get(("a",)), [(problem.pointer, problem.code) for problem in result.problems]


def message(value: Any, **component: Any) -> str:
    document = {"id": "f", "type": "default", "schemaVersion": 16, "components": [{"key": "a", "label": "项", **component}]}
    (problem,) = read_form(json.dumps(document).encode(), "f.form").accept({"a": value}, {}).problems
    return problem.message


def fault(value: Any, standing: dict[str, Any] | None = None, **component: Any) -> str | None:
    kept, problems = judge(value, standing, **component)
    assert (kept is None) == bool(problems)
    return problems[0][1] if problems else None


VALUES = [{"label": "是", "value": True}, {"label": "否", "value": False}, {"label": "一", "value": 1}, {"label": "文", "value": "1"}]


@pytest.mark.parametrize(
    ("value", "validate", "expected"),
    [
        ("x", {}, None),
        ("", {}, None),
        (Decimal(1), {}, "wrong-type"),
        (["x"], {}, "wrong-type"),
        ("\ud800", {"pattern": "x"}, "wrong-type"),
        ("x" * 100_001, {}, "too-long"),
        ("  ab ", {"minLength": 3}, "too-short"),
        ("决定理由", {"minLength": 4, "maxLength": 4}, None),
        ("abcde", {"maxLength": "=limit"}, "too-long"),
        ("abcd", {"maxLength": "=limit"}, None),
        ("abcd", {"maxLength": "=nothing"}, "condition-unknown"),
        ("鄂纪〔2024〕3号", {"pattern": r"[\u4e00-\u9fa5]+〔\d{4}〕\d+号"}, None),
        ("abc", {"pattern": r"^[\u4e00-\u9fa5]+$"}, "pattern"),
        ("a\\u4e00", {"pattern": r"^a\\u4e00$"}, None),
        ("a/b", {"pattern": r"^a\/b$"}, None),
        ("xabcx", {"pattern": "abc"}, None),
        ("a" * 5_000 + "!", {"pattern": "^(a+)+$"}, "pattern"),
        ("a.b@c-d.gov.cn", {"validationType": "email"}, None),
        ("a@b@c", {"validationType": "email"}, "email"),
        ("a@b\n", {"validationType": "email"}, "email"),
        ("+86 138 0013 8000", {"validationType": "phone"}, None),
        ("13800138000", {"validationType": "phone"}, None),
        ("027-87654321", {"validationType": "phone"}, None),
        ("12", {"validationType": "phone"}, "phone"),
    ],
)
def test_text(value: Any, validate: dict[str, Any], expected: str | None) -> None:
    assert fault(value, {"limit": Decimal(4)}, type="textfield", validate=validate) == expected


def test_the_message_of_a_pattern_is_that_of_the_form() -> None:
    document = {
        "id": "f",
        "type": "default",
        "components": [
            {"type": "textfield", "key": "a", "label": "文号", "validate": {"pattern": "^x$", "patternErrorMessage": "应以 x 为文号"}}
        ],
    }
    result = read_form(json.dumps(document).encode(), "f").accept({"a": "y"}, {})
    assert result.problems[0].message == "“文号”应以 x 为文号"


@pytest.mark.parametrize(
    ("value", "more", "expected"),
    [
        (Decimal("0.1"), {}, None),
        (7, {}, None),
        (True, {}, "wrong-type"),
        ("7", {}, "wrong-type"),
        (Decimal("NaN"), {}, "wrong-type"),
        (Decimal("1." + "1" * 40), {}, "too-many-digits"),
        (Decimal("1e7000"), {}, "too-many-digits"),
        (Decimal("1.50"), {"decimalDigits": 1}, None),
        (Decimal("1.55"), {"decimalDigits": 1}, "decimal-digits"),
        (Decimal("1E+3"), {"decimalDigits": 0}, None),
        (Decimal("0.000"), {"decimalDigits": 0}, None),
        (Decimal("-0.01"), {"validate": {"min": 0}}, "below-minimum"),
        (Decimal("100.0"), {"validate": {"max": "100"}}, None),
        (Decimal("100.0000000000000000000000000000001"), {"validate": {"max": 100}}, "above-maximum"),
        (Decimal(5), {"validate": {"max": "=limit + 1"}}, None),
        (Decimal(6), {"validate": {"max": "=limit + 1"}}, "above-maximum"),
    ],
)
def test_numbers(value: Any, more: dict[str, Any], expected: str | None) -> None:
    assert fault(value, {"limit": Decimal(4)}, type="number", **more) == expected


def test_numbers_as_text() -> None:
    assert judge(Decimal("1.50"), type="number", serializeToString=True) == ("1.50", [])
    assert judge("0.10", type="number", serializeToString=True) == ("0.10", [])
    assert fault("1,5", type="number", serializeToString=True) == "wrong-type"
    assert fault("0.15", type="number", serializeToString=True, decimalDigits=1) == "decimal-digits"


def test_numbers_stay_exact() -> None:
    kept, _ = judge(Decimal("12345678901234567890.1234567890"), type="number")
    assert str(kept) == "12345678901234567890.1234567890"


@pytest.mark.parametrize("kind", ["radio", "select"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, None),
        (False, None),
        (Decimal("1.0"), None),
        ("1", None),
        (Decimal(0), "not-allowed"),
        ("true", "not-allowed"),
        ([True], "not-allowed"),
    ],
)
def test_one_of(kind: str, value: Any, expected: str | None) -> None:
    assert fault(value, type=kind, values=VALUES) == expected


def test_what_may_be_chosen_is_told_within_bounds() -> None:
    options = [{"label": name, "value": name} for name in ("ACCEPT", "REJECT")]
    many = [{"label": str(number), "value": f"{number:03}" + "x" * 1_000} for number in range(500)]

    few_told, many_told = message("REFUSE", type="radio", values=options), message("y" * 1_000, type="select", values=many)

    assert "REFUSE 不在可选项之内 (not among the options: ACCEPT, REJECT)" in few_told
    assert "… (500))" in many_told
    assert len(many_told) < 1_200


@pytest.mark.parametrize("kind", ["checklist", "taglist"])
def test_some_of(kind: str) -> None:
    assert judge([True, Decimal(1), "1"], type=kind, values=VALUES) == ([True, Decimal(1), "1"], [])
    assert judge([], type=kind, values=VALUES) == ([], [])
    assert judge(["1", "x", "1"], type=kind, values=VALUES)[1] == [("/a/1", "not-allowed"), ("/a/2", "duplicate")]
    assert fault("1", type=kind, values=VALUES) == "wrong-type"
    assert fault(["1"] * 1_001, type=kind, values=VALUES) == "too-many-items"


def test_options_from_data() -> None:
    standing = {"organs": [{"label": "纪委", "value": "jw"}, "zzb", None, {"label": "x"}], "nested": {"list": ["n"]}}
    assert fault("jw", standing, type="select", valuesKey="organs") is None
    assert fault("zzb", standing, type="select", valuesKey="organs") is None
    assert fault("x", standing, type="select", valuesKey="organs") == "not-allowed"
    assert fault("n", standing, type="select", valuesKey="nested.list") is None
    assert fault("n", {}, type="select", valuesKey="nested.list") == "options-unknown"
    assert fault("N", {"l": ["n"]}, type="select", valuesExpression="=for x in l return upper case(x)") is None
    assert fault(["n"], {"l": ["n"]}, type="checklist", valuesExpression="=nothing") == "options-unknown"


@pytest.mark.parametrize(
    ("subtype", "value", "expected"),
    [
        ("date", "2024-02-29", None),
        ("date", "2023-02-29", "datetime"),
        ("date", "20240229", "datetime"),
        ("date", "2024-W01-1", "datetime"),
        ("date", "２０２４-01-01", "datetime"),
        ("date", "2024-01-01T00:00", "datetime"),
        ("date", Decimal(20240101), "wrong-type"),
        ("date", "", "datetime"),
        ("time", "23:59", None),
        ("time", "23:59:59.123Z", None),
        ("time", "08:00+08:00", None),
        ("time", "24:01", "datetime"),
        ("time", "08:00+25:00", "datetime"),
        ("datetime", "2026-01-02T08:00:00+08:00", None),
        ("datetime", "2026-01-02T08:00", None),
        ("datetime", "2026-01-02T08:00:00.123456789Z", None),
        ("datetime", "2026-13-02T08:00Z", "datetime"),
        ("datetime", "2026-01-02 08:00", "datetime"),
        ("datetime", "2026-01-02", "datetime"),
    ],
)
def test_datetime(subtype: str, value: Any, expected: str | None) -> None:
    assert fault(value, type="datetime", subtype=subtype) == expected


def test_checkbox() -> None:
    assert judge(False, type="checkbox") == (False, [])
    assert fault("false", type="checkbox") == "wrong-type"
    assert fault(Decimal(1), type="checkbox") == "wrong-type"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12), st.integers(-1000, 1000))
def test_bounds_agree_with_comparison(value: Decimal, limit: int) -> None:
    assert (fault(value, type="number", validate={"min": limit}) == "below-minimum") == (value < limit)


JSON = st.recursive(
    st.none() | st.booleans() | st.decimals() | st.text() | st.integers() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.sampled_from(["textfield", "number", "checkbox", "radio", "checklist", "datetime"]))
def test_any_value_gets_an_answer(value: Any, kind: str) -> None:
    kept, problems = judge(value, type=kind, values=VALUES, validate={"min": 0, "maxLength": 5})
    assert kept is None or not problems
