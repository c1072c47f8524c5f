"""FEEL (DMN 1.5): compile an expression once, evaluate it anywhere. See README.md."""

from service.feel.errors import FeelError, FeelLimitError, FeelSyntaxError, FeelWarningError
from service.feel.evaluation import Frame, Warning_, open_frame
from service.feel.expression import (
    Expression,
    Result,
    UnaryTests,
    compile_expression,
    compile_tree,
    compile_unary_tests,
)
from service.feel.json_values import JsonWriter, from_json, to_json
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.python_values import from_python
from service.feel.temporal import Date, DateTime, DayTimeDuration, Time, YearMonthDuration
from service.feel.values import Function, Range, Signature, type_name

__all__ = [
    "DEFAULT_LIMITS",
    "Date",
    "DateTime",
    "DayTimeDuration",
    "Expression",
    "FeelError",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelWarningError",
    "Frame",
    "Function",
    "JsonWriter",
    "Limits",
    "Range",
    "Result",
    "Signature",
    "Time",
    "UnaryTests",
    "Warning_",
    "YearMonthDuration",
    "compile_expression",
    "compile_tree",
    "compile_unary_tests",
    "from_json",
    "from_python",
    "open_frame",
    "to_json",
    "type_name",
]
