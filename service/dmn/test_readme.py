"""The README's example is true."""

import re
from pathlib import Path


def test_the_example_runs() -> None:
    text = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example is not None

    names: dict[str, object] = {}
    exec(example[1], names)

    assert "evaluation" in names
