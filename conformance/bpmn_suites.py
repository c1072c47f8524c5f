"""Public suites of BPMN models against a real server: one line for every case that is not passed, and the sums.

`RONGJIU_SUITES=<folder> python -m conformance.bpmn_suites [--suite NAME] [--only TEXT] [--all] [--syntax juel] [--write]`
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from conformance.bpmn_betsy import run_betsy
from conformance.bpmn_door import Outcome, Verdict, open_door
from conformance.bpmn_scores import SUITES, renew, run_all

ORDER: tuple[Outcome, ...] = ("passed", "refused", "not-named", "accepted", "wrong", "error")


def show(suite: str, verdicts: Sequence[Verdict], everything: bool) -> None:
    """Print what is not passed (or everything), the worst last, and the sums."""
    for verdict in sorted(verdicts, key=lambda verdict: (ORDER.index(verdict.outcome), verdict.case)):
        if everything or verdict.outcome != "passed":
            sys.stdout.write(f"{verdict.outcome.upper():10} {verdict.case:60} {verdict.told[:400]}\n")
    counts = Counter(verdict.outcome for verdict in verdicts)
    sums = ", ".join(f"{counts[outcome]} {outcome}" for outcome in ORDER if counts[outcome])
    sys.stdout.write(f"== {suite}: {len(verdicts)} cases: {sums}\n")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m conformance.bpmn_suites")
    parser.add_argument("--suite", choices=[*SUITES], action="append", help="which one (several times for several; all when not given)")
    parser.add_argument("--only", help="only cases with this in their name")
    parser.add_argument("--all", action="store_true", help="show the passed ones too")
    parser.add_argument("--syntax", choices=["feel", "juel"], default="feel", help="the language into which betsy's conditions are put")
    parser.add_argument("--write", action="store_true", help="run everything and write the tables of docs/conformance.md")
    given = parser.parse_args()
    if "RONGJIU_SUITES" not in os.environ:
        sys.exit("RONGJIU_SUITES is not set: the suites' material is not here")
    folder = Path(os.environ["RONGJIU_SUITES"])
    if given.write:
        verdicts = run_all(folder)
        for suite, found in verdicts.items():
            show(suite, found, given.all)
        renew(verdicts)
        return
    with open_door() as door:
        for suite in given.suite or SUITES:
            if suite == "betsy":
                show(suite, run_betsy(door, folder / "bpmn" / "betsy", given.only, given.syntax), given.all)
            else:
                show(suite, SUITES[suite](door, folder, given.only), given.all)


if __name__ == "__main__":
    main()
