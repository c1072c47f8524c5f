"""The built-in functions, one module per chapter of DMN 1.5 section 10.3.4."""

from service.feel.builtin import (
    boolean_functions,
    context_functions,
    conversion_functions,
    list_functions,
    numeric_functions,
    range_functions,
    sort_functions,
    string_functions,
    temporal_functions,
)

__all__ = [
    "boolean_functions",
    "context_functions",
    "conversion_functions",
    "list_functions",
    "numeric_functions",
    "range_functions",
    "sort_functions",
    "string_functions",
    "temporal_functions",
]
