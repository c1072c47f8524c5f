"""The score of the DMN Technology Compatibility Kit: runs its material and writes the table of docs/conformance.md.

`RONGJIU_SUITES=<folder> python -m conformance.tck_score` renews the table.
"""

import importlib.util
import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from service.dmn.tck import Kit

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "conformance.md"
REASONS = ROOT / "conformance" / "scores" / "dmn-tck.yaml"
RENEW = "RONGJIU_SUITES=<folder> .venv/bin/python -m conformance.tck_score"
BEGIN = "<!-- dmn-tck: written by conformance/tck_score.py -->\n"
END = "<!-- dmn-tck: end -->"
GROUPS = {
    "00": "models and the language",
    "01": "constants, arithmetic, hit policies",
    "10": "decision tables",
    "11": "functions and boxed expressions",
}
"""Meaning of the first two digits of a folder's number."""

Report = dict[str, Any]


@dataclass(frozen=True)
class Score:
    """Two runs: where an error is expected, `lenient` takes any null for it and `strict` only a told error."""

    lenient: Report
    strict: Report

    @property
    def failures(self) -> dict[str, str]:
        """Case → what came instead, over both runs."""
        fails = [*self.lenient["fails"], *self.strict["fails"]]
        return {case: f"{node}: expected {expected}, got {actual} ({error})" for case, node, expected, actual, error in fails}


def run_kit(suites: Path) -> Score:
    """Every case under `suites`/dmn-tck by the kit's own runner, over the lines of its protocol, in this process."""
    specification = importlib.util.spec_from_file_location("tck_runner", suites / "tck_runner.py")
    if specification is None or specification.loader is None:
        raise FileNotFoundError(suites / "tck_runner.py")
    runner = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(runner)
    kit = Kit()

    def answer(request: Mapping[str, Any]) -> Any:
        return json.loads(kit.answer_line(json.dumps(request)), parse_float=Decimal)

    with warnings.catch_warnings():
        # The runner leaves closing its files to the interpreter.
        warnings.simplefilter("ignore", ResourceWarning)
        lenient, strict = (runner.run(str(suites / "dmn-tck"), answer, strict_errors=demanded) for demanded in (False, True))
    return Score(lenient, strict)


def read_reasons() -> dict[str, str]:
    """Case → why it is known to fail."""
    return yaml.safe_load(REASONS.read_text("utf-8")) or {}


def table(score: Score, reasons: Mapping[str, str]) -> str:
    """The part of the page that tells the score."""
    lenient, strict = _grouped(score.lenient), _grouped(score.strict)
    lines = [
        "| level | folders | cases | passed | with `--strict-errors` | value cases | passed |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for (level, group), found in sorted(lenient.items()):
        figures = [found["total"], found["pass"], strict[level, group]["pass"], found["value_total"], found["value_pass"]]
        lines.append(f"| {level} | {group} | {' | '.join(map(str, figures))} |")
    lines += ["", "| known failure | reason |", "|---|---|"]
    lines += [f"| `{case}` | {reasons[case]} |" for case in sorted(reasons)]
    return "\n".join(lines) + "\n"


def _grouped(report: Report) -> dict[tuple[str, str], Counter[str]]:
    groups: dict[tuple[str, str], Counter[str]] = {}
    for path, counts in report["folders"].items():
        level, folder = path.split("/")
        number = level.rpartition("-")[2]
        meaning = GROUPS.get(folder[:2], "others")
        for key in ((number, f"{folder[:2]}xx {meaning}"), (number, "all")):
            groups.setdefault(key, Counter()).update(counts)
    return groups


def committed_table() -> str:
    """The table as the page has it."""
    return PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]


def renew(suites: Path) -> None:
    """Write the table; a failure without a reason, or a reason without a failure, is refused."""
    score, reasons = run_kit(suites), read_reasons()
    unexplained = {case: told for case, told in score.failures.items() if case not in reasons}
    mended = sorted(set(reasons) - set(score.failures))
    if unexplained or mended:
        raise SystemExit(f"{REASONS.name}: without a reason: {unexplained}; no longer failing: {mended}")
    before, _, after = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table(score, reasons) + END + after.partition(END)[2], "utf-8")


if __name__ == "__main__":
    if "RONGJIU_SUITES" not in os.environ:
        sys.exit(f"no RONGJIU_SUITES: {RENEW}")
    renew(Path(os.environ["RONGJIU_SUITES"]))
