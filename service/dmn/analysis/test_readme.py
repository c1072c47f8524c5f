"""The section on checking tables is true: its example and its codes."""

import re
from pathlib import Path

import pytest

ROOM = Path(__file__).parent


@pytest.fixture
def section() -> str:
    """What the README of the library says about checking tables."""
    text = (ROOM.parent / "README.md").read_text(encoding="utf-8")
    return text.partition("## Checking a table")[2].partition("\n## ")[0]


def test_the_example_runs(section: str) -> None:
    example = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert example is not None

    names: dict[str, object] = {}
    exec(example[1], names)

    assert "table" in names


def test_the_codes_are_those_in_use(section: str) -> None:
    used = set(re.findall(r'_add\([^"]*"([a-z-]+)"', (ROOM / "wording.py").read_text(encoding="utf-8")))
    listed = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", section))
    assert len(used) > 10
    assert used <= listed
