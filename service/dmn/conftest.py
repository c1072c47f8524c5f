"""What the tests of this room share: small DMN files written in place."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from service.dmn import DmnRefused, Finding, Model, read_model

_HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="file" name="test" namespace="urn:test">\n'

Refusals = Callable[[str], list[Finding]]
Read = Callable[[str], Model]


def _file(body: str) -> bytes:
    return (_HEAD + body + "\n</definitions>").encode()


class Ticking:
    """A clock on which every look takes a millisecond: how long something takes is how often it looks, on any machine."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self) -> float:
        """The time, as `time.monotonic` tells it."""
        self.looks += 1
        return self.looks / 1_000


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    """The clock of all budgets during the test."""
    clock = Ticking()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.fixture
def read() -> Read:
    """Reads a model from what stands inside `definitions`."""
    return lambda body: read_model(_file(body), "test.dmn")


@pytest.fixture
def refused() -> Refusals:
    """The errors of a model that must be refused."""

    def errors(body: str) -> list[Finding]:
        with pytest.raises(DmnRefused) as refusal:
            read_model(_file(body), "test.dmn")
        return [finding for finding in refusal.value.findings if finding.severity == "error"]

    return errors


@pytest.fixture
def tolerance_file() -> bytes:
    """A file as Camunda Modeler writes it."""
    return (Path(__file__).parent / "examples" / "tolerance.dmn").read_bytes()


Table = Callable[..., str]


@pytest.fixture
def table() -> Table:
    """A decision `d` over the number `n`: rules are (input cell, output cells…)."""

    def written(
        policy: str,
        rules: list[tuple[str, ...]],
        *,
        aggregation: str | None = None,
        outputs: tuple[str, ...] = ('name="out"',),
        values: dict[int, str] | None = None,
        defaults: dict[int, str] | None = None,
    ) -> str:
        attributes = f'hitPolicy="{policy}"' + (f' aggregation="{aggregation}"' if aggregation else "")
        columns = []
        for index, attribute in enumerate(outputs):
            inner = f"<outputValues><text>{values[index]}</text></outputValues>" if values and index in values else ""
            if defaults and index in defaults:
                inner += f"<defaultOutputEntry><text>{defaults[index]}</text></defaultOutputEntry>"
            columns.append(f'<output id="o{index}" {attribute}>{inner}</output>')
        rows = []
        for number, (cell, *entries) in enumerate(rules, start=1):
            cells = "".join(f"<outputEntry><text>{entry}</text></outputEntry>" for entry in entries)
            rows.append(
                f'<rule id="r{number}"><description>basis {number}</description><inputEntry><text>{cell}</text></inputEntry>{cells}</rule>'
            )
        return (
            '<inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>'
            '<decision id="d1" name="d"><informationRequirement><requiredInput href="#n"/></informationRequirement>'
            f'<decisionTable id="t" {attributes}><input id="i"><inputExpression typeRef="number"><text>n</text>'
            f"</inputExpression></input>{''.join(columns)}{''.join(rows)}</decisionTable></decision>"
        )

    return written


@pytest.fixture
def one() -> dict[str, Decimal]:
    """Variables with n = 1."""
    return {"n": Decimal(1)}
