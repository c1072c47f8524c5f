"""The scores of the BPMN suites: what is committed about them, and the tables of docs/conformance.md."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from conformance.bpmn_betsy import run_betsy
from conformance.bpmn_camunda7 import run_camunda7
from conformance.bpmn_door import Door, Verdict, open_door
from conformance.bpmn_files import run_files
from conformance.bpmn_must_refuse import run_must_refuse

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "conformance.md"
REASONS = ROOT / "conformance" / "scores" / "bpmn.yaml"
RENEW = "RONGJIU_SUITES=<folder> .venv/bin/python -m conformance.bpmn_suites --write"
BEGIN = "<!-- bpmn: written by conformance/bpmn_suites.py -->\n"
END = "<!-- bpmn: end -->"

Run = Callable[[Door, Path, str | None], list[Verdict]]
Verdicts = Mapping[str, Sequence[Verdict]]

SUITES: dict[str, Run] = {
    "betsy": lambda door, folder, only: run_betsy(door, folder / "bpmn" / "betsy", only),
    "camunda7": lambda door, folder, only: run_camunda7(door, folder / "bpmn" / "camunda7", only),
    "must-refuse": lambda door, folder, only: run_must_refuse(door, folder / "bpmn" / "must-refuse", only),
    "files": lambda door, folder, only: run_files(door, folder / "bpmn", only),
}
"""The suites in the order in which they are run: `files` deploys every model as it is, so it comes last."""

EXPLAINED = ("betsy", "camunda7", "must-refuse")
"""The suites of which every case that is not passed needs a reason; a refusal is no failure of `files`."""

FORBIDDEN = ("wrong", "error")


def run_all(folder: Path) -> dict[str, list[Verdict]]:
    """Every suite; betsy, which mostly waits for timers, beside the others on a server of its own."""

    def run(*suites: str) -> dict[str, list[Verdict]]:
        with open_door() as door:
            return {suite: SUITES[suite](door, folder, None) for suite in suites}

    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(run, "betsy")
        others = run(*(suite for suite in SUITES if suite != "betsy"))
        return beside.result() | others


def read_reasons() -> dict[str, dict[str, str]]:
    """Suite → case, or betsy's test with all its cases → why it is not passed."""
    found: dict[str, dict[str, str]] = yaml.safe_load(REASONS.read_text("utf-8"))
    return {suite: found.get(suite) or {} for suite in EXPLAINED}


def test_of(case: str) -> str:
    """The test to which a case belongs."""
    return case.partition("#")[0]


def unexplained(verdicts: Verdicts) -> dict[str, str]:
    """`suite case` → outcome, of cases that are not passed and have no reason, and of those that no reason excuses."""
    reasons = read_reasons()
    return {
        f"{suite} {verdict.case}": f"{verdict.outcome}: {verdict.told}"
        for suite, found in verdicts.items()
        for verdict in found
        if verdict.outcome in FORBIDDEN or (suite in EXPLAINED and verdict.outcome != "passed" and _reason(reasons[suite], verdict) is None)
    }


def mended(verdicts: Verdicts) -> list[str]:
    """The reasons whose cases are all passed now."""
    return [
        f"{suite} {case}"
        for suite, reasons in read_reasons().items()
        for case in reasons
        if not any(verdict.outcome != "passed" and case in (verdict.case, test_of(verdict.case)) for verdict in verdicts[suite])
    ]


def _reason(reasons: Mapping[str, str], verdict: Verdict) -> str | None:
    return reasons.get(verdict.case) or reasons.get(test_of(verdict.case))


def passed_tests(verdicts: Sequence[Verdict]) -> int:
    """How many tests have only passed cases."""
    return len(
        {test_of(verdict.case) for verdict in verdicts} - {test_of(verdict.case) for verdict in verdicts if verdict.outcome != "passed"}
    )


def table(verdicts: Verdicts) -> str:
    """The part of the page that tells the scores."""
    lines = ["| suite | cases | as expected | refused by name | other |", "|---|---:|---:|---:|---|"]
    for suite, found in verdicts.items():
        counts = Counter(verdict.outcome for verdict in found)
        others = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()) if outcome not in ("passed", "refused"))
        lines.append(f"| {suite} | {len(found)} | {counts['passed']} | {counts['refused']} | {others or '—'} |")
    betsy = verdicts["betsy"]
    lines += [
        "",
        f"Of betsy's {len({test_of(verdict.case) for verdict in betsy})} tests {passed_tests(betsy)} are passed with all their cases.",
    ]
    lines += ["", "| suite | not passed | how | reason |", "|---|---|---|---|"]
    reasons = read_reasons()
    for suite in EXPLAINED:
        for verdict in verdicts[suite]:
            if verdict.outcome != "passed":
                lines.append(f"| {suite} | `{verdict.case}` | {verdict.outcome} | {_reason(reasons[suite], verdict)} |")
    return "\n".join(lines) + "\n"


def committed_table() -> str:
    """The table as the page has it."""
    return PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]


def renew(verdicts: Verdicts) -> None:
    """Write the table; a case that is not passed needs its reason, and a reason its case."""
    strange, idle = unexplained(verdicts), mended(verdicts)
    if strange or idle:
        told = "\n".join(f"  {case}: {how[:200]}" for case, how in strange.items())
        raise SystemExit(f"{REASONS.name}: without a reason:\n{told}\nreasons that are no longer needed: {idle}")
    before, _, after = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table(verdicts) + END + after.partition(END)[2], "utf-8")
