"""Playing whole files of cases and saying how each came out."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from service.cli.case_files import read_case_file
from service.cli.case_runner import Difference, ensure_users, run_case, run_decision
from service.cli.client import Client


def report_cases(client: Client, files: Sequence[Path], console: Console) -> bool:
    """Play every case of every file, a line each and a closing count; True when all came out as expected."""
    passed = failed = 0
    for path in files:
        case_file = read_case_file(path)
        ensure_users(client, case_file)
        plays: list[tuple[str, Callable[[], None]]] = [(case.name, partial(run_decision, client, case)) for case in case_file.decisions]
        plays += [(case.name, partial(run_case, client, case)) for case in case_file.cases]
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
    return failed == 0
