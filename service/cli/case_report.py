"""Playing whole files of cases and saying how each came out, and what they leave out."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from service.cli.case_files import read_case_file
from service.cli.case_runner import PATIENCE_SECONDS, Difference, ensure_users, run_case, run_decision
from service.cli.client import Client
from service.cli.coverage import Coverage

NAMED = 40
"""So many of what was not met are named in a line."""


def report_cases(
    client: Client, files: Sequence[Path], console: Console, with_coverage: bool = False, patience: float = PATIENCE_SECONDS
) -> bool:
    """Play every case of every file, a line each and a closing count; True when all came out as expected.

    `with_coverage`: also say what the cases leave out of the diagrams and tables beside them; True only when that is nothing.
    `patience`: seconds that timers and messages may take (see run_case).
    """
    passed = failed = 0
    coverage = Coverage(client)
    for path in files:
        case_file = read_case_file(path)
        ensure_users(client, case_file)
        plays: list[tuple[str, Callable[[], None]]] = [
            (case.name, partial(run_decision, client, case, coverage.told)) for case in case_file.decisions
        ]
        plays += [(case.name, partial(run_case, client, case, coverage.told, patience)) for case in case_file.cases]
        for name, play in plays:
            try:
                play()
            except Difference as difference:
                failed += 1
                console.print(f"FAILED {path.name}: {name}: {difference}", markup=False)
            else:
                passed += 1
                console.print(f"passed {path.name}: {name}", markup=False)
    console.print(f"{passed} passed, {failed} failed")
    return failed == 0 and (not with_coverage or _report_coverage(coverage, files, console))


def _report_coverage(coverage: Coverage, files: Sequence[Path], console: Console) -> bool:
    complete = True
    for folder in sorted({path.parent for path in files}):
        for covered in coverage.of(folder):
            met = covered.total - len(covered.missing)
            left = ", ".join(covered.missing[:NAMED]) + (" …" if len(covered.missing) > NAMED else "")
            console.print(f"{covered.file_name}: {covered.kind} {met}/{covered.total}{': not met: ' + left if left else ''}", markup=False)
            complete = complete and not covered.missing
    return complete
