"""The kit's protocol; conformance/test_tck.py runs the kit itself where it is present."""

import gc
import io
import json
from typing import Any

import pytest

from service.dmn import Model
from service.dmn.tck import Kit, serve

_MODEL = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">'
    '<inputData id="i" name="i"/><decision id="x" name="d"><informationRequirement><requiredInput href="#i"/>'
    "</informationRequirement><literalExpression><text>{text}</text></literalExpression></decision></definitions>"
)


def _request(text: str, value: object) -> str:
    return json.dumps(
        {
            "model": {"name": "m.dmn", "xml": _MODEL.format(text=text)},
            "imports": [],
            "invocable": {"type": "decision", "name": None},
            "inputs": {"i": value},
            "outputs": ["d"],
        }
    )


def _answer(line: str) -> Any:
    return json.loads(Kit().answer_line(line))


def test_temporal_values_are_tagged_both_ways() -> None:
    answer = _answer(_request('i + duration("P1D")', {"$feel": "date", "value": "2026-12-31"}))

    assert answer == {"outputs": {"d": {"$feel": "date", "value": "2027-01-01"}}, "errors": {}}


def test_a_null_from_a_fault_is_an_error_and_a_plain_null_is_not() -> None:
    assert _answer(_request('i + "a"', 1))["errors"].keys() == {"d"}
    assert _answer(_request("null", None)) == {"outputs": {"d": None}, "errors": {}}


def test_only_the_last_models_are_kept() -> None:
    kit = Kit()
    gc.collect()
    before = _models()

    for number in range(60):
        assert json.loads(kit.answer_line(_request(f"i + {number}", 1)))["outputs"] == {"d": 1 + number}

    gc.collect()
    assert 0 < _models() - before <= 50


def _models() -> int:
    return sum(isinstance(found, Model) for found in gc.get_objects())


def test_a_model_that_cannot_be_loaded_says_why() -> None:
    assert "line 1" in _answer(_request("1 +", None))["error"]


def test_lines_in_lines_out_with_exact_numbers() -> None:
    target = io.StringIO()

    serve(io.StringIO(_request("i + 0.2", 0.1) + "\n\n"), target)

    assert target.getvalue() == '{"outputs": {"d": 0.3}, "errors": {}}\n'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not json", "not JSON"),
        ("[1]", "not a JSON object"),
        ("{}", "with its xml"),
        ('{"model": {"xml": null}}', "with its xml"),
        ('{"model": {"xml": "<a/>"}, "inputs": []}', "inputs is not a JSON object"),
        ('{"model": {"xml": "<a/>"}, "outputs": [1]}', "outputs"),
        ('{"model": {"xml": "<a/>"}, "invocable": {"type": 3}}', "type is not a JSON string"),
        ('{"model": {"xml": "<a/>"}, "inputs": {"n": NaN}}', "NaN"),
        ('{"model": {"xml": "<a/>"}, "inputs": {"n": {"$feel": "year"}}}', "no temporal type"),
        ('{"model": {"xml": "<a/>"}, "inputs": {"n": {"$feel": ["date"]}}}', "no temporal type"),
        ("[" * 100_000, "too deeply"),
        ('{"model": {"xml": "\\ud800"}}', "XML"),
    ],
)
def test_a_bad_line_is_answered_and_the_next_one_too(line: str, reason: str) -> None:
    target = io.StringIO()

    serve(io.StringIO(f"{line}\n{_request('i', 1)}\n"), target)

    bad, good = map(json.loads, target.getvalue().splitlines())
    assert reason in bad["error"]
    assert good == {"outputs": {"d": 1}, "errors": {}}


def test_text_is_utf_8_whatever_the_locale() -> None:
    lines = _request("i", "容").replace("\\u5bb9", "容").encode() + b"\n\xff\xfe\n"
    target = io.BytesIO()
    out = io.TextIOWrapper(target, encoding="ascii")

    serve(io.TextIOWrapper(io.BytesIO(lines), encoding="ascii"), out)

    good, bad = map(json.loads, target.getvalue().splitlines())
    assert good["outputs"] == {"d": "容"}
    assert bad == {"error": "the line is not UTF-8"}


def test_files_of_the_same_name_are_told_apart() -> None:
    request = json.loads(_request("i", 2))
    request["imports"] = [{"name": "m.dmn", "xml": _MODEL.format(text="1 +").replace("urn:m", "urn:other")}]

    assert _answer(json.dumps(request))["outputs"] == {"d": 2}
