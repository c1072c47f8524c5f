"""Sorting (10.3.4.8)."""

from __future__ import annotations

import functools
from typing import Any

from service.feel.builtin.registry import builtin, need_list
from service.feel.comparison import compare
from service.feel.errors import Fault
from service.feel.evaluation import Run
from service.feel.invocation import call_function
from service.feel.values import type_name


@builtin("sort", ("list", "precedes?"))
def sort(run: Run, items: Any, precedes: Any = None) -> list[Any]:
    """The list in the order a function `precedes(a, b)` gives; ascending without one. Stable."""
    values = need_list(items, "list")
    run.tick(len(values))
    if precedes is None:
        return sorted(values, key=functools.cmp_to_key(compare))

    def comes_first(left: Any, right: Any) -> bool:
        outcome = call_function(precedes, [left, right], run)
        if not isinstance(outcome, bool):
            raise Fault("INVALID_TYPE", f"the function returned {type_name(outcome)}, not a boolean")
        return outcome

    def order(left: Any, right: Any) -> int:
        if comes_first(left, right):
            return -1
        return 1 if comes_first(right, left) else 0

    return sorted(values, key=functools.cmp_to_key(order))
