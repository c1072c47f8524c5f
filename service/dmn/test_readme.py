"""The README's examples and its list of codes are true."""

import re
from pathlib import Path

ROOM = Path(__file__).parent


def test_the_codes_listed_are_those_in_use() -> None:
    folders = (ROOM, *(ROOM / name for name in ("reading", "tables", "prospects")))
    modules = [module for folder in folders for module in folder.glob("*.py") if not module.name.startswith(("test_", "conftest"))]
    code = re.compile(r'"([a-z]+(?:-[a-z]+)+)"|Failure\("([a-z]+)"')
    used = {found[1] or found[2] for module in modules for found in code.finditer(module.read_text(encoding="utf-8"))}
    listed = (ROOM / "README.md").read_text(encoding="utf-8").partition("## Codes of findings")[2].partition("## How")[0]
    assert len(used) > 30
    assert used | {"cycle", "aggregation"} == set(re.findall(r"`([a-z-]+)`", listed))


def test_the_examples_run() -> None:
    text = (ROOM / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    found: set[str] = set()
    for example in examples:
        names: dict[str, object] = {}
        exec(example, names)
        found.update(names)

    assert {"evaluation", "answer"} <= found
