"""The section of cases: what each executable case of the place shows, what comes out, and where it is from."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from service.pages.markdown import table

SHOWN = ("state", "outcome", "result", "decision", "reasonRule")


def cases(files: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]) -> list[str]:
    """The cases of the files, each file by its name."""
    lines = ["## 案例 · Cases", ""]
    for name, entries in files:
        lines += [f"### {name}", "", *table(("案例", "结果", "来源"), [_case(entry) for entry in entries])]
    return lines if files else [*lines, "—", ""]


def _case(entry: Mapping[str, Any]) -> tuple[str, ...]:
    expect = entry.get("expect")
    given = expect if isinstance(expect, dict) else {}
    shown = [f"{key}: {_plain(given[key])}" for key in SHOWN if given.get(key) is not None]
    return str(entry.get("name") or ""), "；".join(shown), str(entry.get("source") or "")


def _plain(value: object) -> str:
    """Words as they are; what has parts as FEEL writes it."""
    return f"`{feel_of(value)}`" if isinstance(value, list | dict) else value if isinstance(value, str) else feel_of(value)


def feel_of(value: object) -> str:
    """A value of a case file as a FEEL literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'
    if isinstance(value, list):
        return "[" + ", ".join(feel_of(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {feel_of(item)}" for name, item in value.items()) + "}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
