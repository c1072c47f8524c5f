"""What pydantic finds in a request, in words for whoever sent JSON: its own speak of Python's types."""

from collections.abc import Mapping
from typing import Any

WORDS = {
    "bool_type": "true or false is required",
    "dict_type": "a JSON object is required",
    "extra_forbidden": "there is no such member here",
    "greater_than_equal": "it must be at least {ge}",
    "int_parsing": "a whole number is required",
    "int_type": "a whole number is required",
    "less_than_equal": "it must be at most {le}",
    "list_type": "a JSON array is required",
    "literal_error": "it must be {expected}",
    "missing": "it is required",
    "string_pattern_mismatch": "the text must match {pattern}",
    "string_too_long": "the text may have at most {max_length} characters",
    "string_too_short": "the text must have at least {min_length} character(s)",
    "string_type": "a text is required",
    "too_long": "there may be at most {max_length} items, not {actual_length}",
    "too_short": "there must be at least {min_length} item(s), not {actual_length}",
    # FastAPI raises it for a part of a form that should be a file; no model of ours raises a ValueError.
    "value_error": "a file is required: a part with a file name",
}


def in_words(fault: Mapping[str, Any]) -> str:
    """One of pydantic's errors (`type`, `msg`, `ctx`) as a sentence; faults that have no words here keep pydantic's."""
    words = WORDS.get(fault["type"])
    return str(fault["msg"]) if words is None else words.format_map(fault.get("ctx", {}))
