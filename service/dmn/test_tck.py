"""The kit's protocol; the kit itself is run where it is present."""

import io
import json
from decimal import Decimal

from service.dmn.tck import Kit, serve

_MODEL = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">'
    '<inputData id="i" name="i"/><decision id="x" name="d"><informationRequirement><requiredInput href="#i"/>'
    "</informationRequirement><literalExpression><text>{text}</text></literalExpression></decision></definitions>"
)


def _request(text: str, value: object) -> dict[str, object]:
    return {
        "model": {"name": "m.dmn", "xml": _MODEL.format(text=text)},
        "imports": [],
        "invocable": {"type": "decision", "name": None},
        "inputs": {"i": value},
        "outputs": ["d"],
    }


def test_temporal_values_are_tagged_both_ways() -> None:
    answer = Kit().answer(_request('i + duration("P1D")', {"$feel": "date", "value": "2026-12-31"}))

    assert answer == {"outputs": {"d": {"$feel": "date", "value": "2027-01-01"}}, "errors": {}}


def test_a_null_from_a_fault_is_an_error_and_a_plain_null_is_not() -> None:
    kit = Kit()

    assert kit.answer(_request('i + "a"', Decimal(1)))["errors"].keys() == {"d"}
    assert kit.answer(_request("null", None)) == {"outputs": {"d": None}, "errors": {}}


def test_a_model_that_cannot_be_loaded_says_why() -> None:
    assert "line 1" in Kit().answer(_request("1 +", None))["error"]


def test_lines_in_lines_out_with_exact_numbers() -> None:
    target = io.StringIO()

    serve(io.StringIO(json.dumps(_request("i + 0.2", 0.1)) + "\n\n"), target)

    assert target.getvalue() == '{"outputs": {"d": 0.3}, "errors": {}}\n'
