"""Small decision tables written in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

import pytest

from service.dmn import TableAnalysis, analyse, read_model

_HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="file" name="test" namespace="urn:test">'
Column = tuple[str, str | None]
Row = tuple[str, ...]
Analysed = Callable[..., TableAnalysis]


def _written(
    policy: str,
    columns: Sequence[Column],
    rules: Sequence[Row],
    values: dict[str, str],
    output_values: str | None,
    default: str | None,
    items: str,
    basis: bool,
) -> bytes:
    inputs = "".join(
        f'<input id="i{number}"><inputExpression{_type(kind)}><text>{escape(expression)}</text></inputExpression>'
        + (f"<inputValues><text>{escape(values[expression])}</text></inputValues>" if expression in values else "")
        + "</input>"
        for number, (expression, kind) in enumerate(columns, start=1)
    )
    rows = "".join(
        f'<rule id="r{number}">'
        + ("<description>basis</description>" if basis else "")
        + "".join(
            f'<inputEntry id="c{number}.{place}"><text>{escape(cell)}</text></inputEntry>' for place, cell in enumerate(cells, start=1)
        )
        + f"<outputEntry><text>{escape(output)}</text></outputEntry></rule>"
        for number, (*cells, output) in enumerate(rules, start=1)
    )
    listed = f"<outputValues><text>{escape(output_values)}</text></outputValues>" if output_values else ""
    otherwise = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    table = (
        f'<decisionTable id="t" hitPolicy="{policy}">{inputs}<output id="o" name="out">{listed}{otherwise}</output>{rows}</decisionTable>'
    )
    return f'{_HEAD}{items}<decision id="d" name="d">{table}</decision></definitions>'.encode()


def _type(kind: str | None) -> str:
    return f' typeRef="{kind}"' if kind else ""


@pytest.fixture
def analysed() -> Analysed:
    """Analyses a table: `columns` are (expression, type), `rules` are (cells…, output)."""

    def analysis(
        policy: str,
        columns: Sequence[Column],
        rules: Sequence[Row],
        *,
        values: dict[str, str] | None = None,
        output_values: str | None = None,
        default: str | None = None,
        items: str = "",
        basis: bool = True,
    ) -> TableAnalysis:
        source = _written(policy, columns, rules, values or {}, output_values, default, items, basis)
        (table,) = analyse(read_model(source, "test.dmn", checks="warn")).tables
        return table

    return analysis
