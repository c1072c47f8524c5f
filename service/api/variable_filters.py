"""The `variables` filter of the lists: comma separated `name_operator_value`, as in Camunda 7's REST API.

The value is a JSON scalar (`true`, `12.50`, `null`, `"quoted, text"`) or plain text.
"""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.domain.errors import Malformed
from service.domain.json_values import Json, read_json

OPERATORS = ("eq", "neq", "gt", "gteq", "lt", "lteq", "like")
MAX_CONDITIONS = 20

_CONDITION = re.compile(rf"(?P<name>[^,\x00]+?)_(?P<operator>{'|'.join(OPERATORS)})_(?P<value>[^\x00]*)", re.DOTALL)
_JSON_SCALAR = re.compile(r'true|false|null|-?[0-9].*|".*"', re.DOTALL)
_PIECES = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+', re.DOTALL)

VariableCondition = tuple[str, str, Json]
"""Name, operator, value."""


def _value(text: str) -> Json:
    if _JSON_SCALAR.fullmatch(text):
        try:
            return read_json(text)
        except Malformed:
            return text
    return text


def _piece(piece: str) -> VariableCondition:
    match = _CONDITION.fullmatch(piece)
    if match is None:
        raise PydanticCustomError(
            "variables", "{piece} is not name_operator_value with one of the operators {operators}",
            {"piece": repr(piece[:80]), "operators": ", ".join(OPERATORS)},
        )  # fmt: skip
    value = _value(match["value"])
    if match["operator"] == "like" and not isinstance(value, str):
        value = match["value"]
    return match["name"], match["operator"], value


def parse_conditions(text: object) -> tuple[VariableCondition, ...]:
    """Read the parameter; every fault is named. Commas inside double quotes belong to the value."""
    if not isinstance(text, str):
        raise PydanticCustomError("variables", "text is required")
    pieces = _PIECES.findall(text)
    if not pieces or ",".join(pieces) != text:
        raise PydanticCustomError("variables", "an empty condition; name_operator_value is required")
    if len(pieces) > MAX_CONDITIONS:
        raise PydanticCustomError("variables", "more than {limit} conditions", {"limit": MAX_CONDITIONS})
    return tuple(_piece(piece) for piece in pieces)


VariableConditions = Annotated[
    Any,
    BeforeValidator(parse_conditions),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": rf"^[^,\x00\"]+_({'|'.join(OPERATORS)})_[^,\x00\"]*$",
            "examples": ["subjectId_eq_P-001,amount_gteq_12.5"],
        }
    ),
]
"""Conditions on process variables, all of which must hold."""
