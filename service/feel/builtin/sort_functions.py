"""Sorting (10.3.4.8)."""

from __future__ import annotations

import functools
from typing import Any

from service.feel.builtin.registry import builtin, need_list
from service.feel.comparison import compare
from service.feel.evaluation import Run
from service.feel.invocation import call_function


@builtin("sort", ("list", "precedes?"))
def sort(run: Run, items: Any, precedes: Any = None) -> list[Any]:
    """The list in the order a function `precedes(a, b)` gives; ascending without one. Stable."""
    values = need_list(items, "list")
    run.tick(len(values))
    if precedes is None:
        return sorted(values, key=functools.cmp_to_key(compare))

    def order(left: Any, right: Any) -> int:
        if call_function(precedes, [left, right], run) is True:
            return -1
        return 1 if call_function(precedes, [right, left], run) is True else 0

    return sorted(values, key=functools.cmp_to_key(order))
