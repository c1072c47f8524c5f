"""The search for what no rule covers, on bare boxes."""

import time

from service.dmn.analysis.coverage import Coverage, trimmed
from service.dmn.analysis.limits import AnalysisLimits, Budget

_DEEP = 1_100


def _budget(steps: int = 1_000_000) -> Budget:
    return Budget(AnalysisLimits(steps=steps), time.monotonic() + 60)


def test_a_table_may_have_more_columns_than_python_has_levels() -> None:
    # One rule for all true, and one each for a false in every column but the last.
    masks = [[0b01, *(0b10 if rule == column else 0b11 for rule in range(_DEEP - 1))] for column in range(_DEEP)]
    coverage = Coverage(masks, [2] * _DEEP, _DEEP)

    found = list(coverage.uncovered((0b11,) * _DEEP, _budget()))

    assert found == [(*(0b01,) * (_DEEP - 1), 0b10)]


def test_trimming_ends_with_its_budget_and_loses_nothing() -> None:
    boxes, space = [(0b11, 0b01), (0b01, 0b11)], (0b111, 0b111)

    assert trimmed(boxes, space, _budget()) == [(0b10, 0b01), (0b01, 0b11)]
    assert trimmed(boxes, space, _budget(steps=1)) == boxes
