"""What was measured, and the table that shows it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line: `value` and `floor` in `unit`; `ratio` is taken within each round, so it need not be value / floor.

    `target` is a text such as "≤ 4 ×"; `met` None where there is no target.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    target: str = ""
    met: bool | None = None


HEADINGS = ("measured", "value", "floor", "ratio", "target", "")


def percentile(values: Sequence[float], percent: int) -> float:
    """The percentile, by linear interpolation between the two nearest."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if unit == "" else f"{value:.3g} {unit}" if value < 100 else f"{value:.0f} {unit}"


def markdown(measurements: Sequence[Measurement]) -> str:
    """All measurements as a Markdown table that can be read in a terminal too."""
    rows = [
        (
            one.name,
            _number(one.value, one.unit),
            _number(one.floor, one.unit),
            "–" if one.ratio is None else f"{one.ratio:.2f}",
            one.target or "–",
            "" if one.met is None else "met" if one.met else "MISSED",
        )
        for one in measurements
    ]
    return table(HEADINGS, rows)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with columns of even width."""
    all_rows = [headings, *rows]
    widths = [max(len(row[column]) for row in all_rows) for column in range(len(headings))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in all_rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
