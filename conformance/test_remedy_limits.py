"""The remedies' periods stand twice, as law in the table and as keys that tasks show: both must say the same."""

from pathlib import Path

import yaml
from lxml import etree

ROOT = Path(__file__).parent.parent
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
LETTERS = {"days": "D", "months": "M"}


def _rows() -> list[dict[str, str]]:
    table = etree.parse(ROOT / "dmn/common/common_remedy_route.dmn").find(f".//{DMN}decisionTable")
    assert table is not None
    names = [output.get("name", "") for output in table.findall(f"{DMN}output")]
    return [
        dict(zip(names, (entry.findtext(f"{DMN}text", "").strip('"') for entry in rule.findall(f"{DMN}outputEntry")), strict=True))
        for rule in table.findall(f"{DMN}rule")
    ]


def test_periods_of_law_are_those_of_the_configured_keys() -> None:
    configured: dict[str, dict[str, object]] = yaml.safe_load((ROOT / "bpmn/common/jurisdiction.yaml").read_text("utf-8"))["deadlines"]
    compared = 0
    for row in _rows():
        for period, key in (("applyPeriod", "applyKey"), ("decidePeriod", "decideKey")):
            if row[period] == "null":
                continue
            entry = configured[row[key]]
            (unit,) = LETTERS.keys() & entry.keys()
            assert row[period] == f"P{entry[unit]}{LETTERS[unit]}", (row["rule"], key)
            assert (row["force"], entry["basis"]) == ("LAW", "law"), (row["rule"], key)
            compared += 1
    assert compared == 14


def test_what_no_source_gives_stays_empty() -> None:
    empty = {row["rule"] for row in _rows() if row["known"] == "UNKNOWN"}

    assert empty == {"RM-4", "RM-9", "RM-10", "RM-13"}
    for row in _rows():
        if row["rule"] in empty:
            assert {row[name] for name in ("applyPeriod", "applyKey", "decidePeriod", "decideKey", "groups")} == {"null"}
