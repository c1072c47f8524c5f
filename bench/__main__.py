"""`python -m bench [--quick]`: measure everything, print one table. Figures, not tests: the exit status is 0 whatever they are."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.completion import measure_cpu, measure_statements
from bench.decision import measure_decisions
from bench.processes import postgres_problem
from bench.report import Measurement, markdown
from bench.waiting import measure_idle_poll, measure_lists


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows: about half a minute instead of up to three")
    quick: bool = parser.parse_args().quick
    budget = 38 if quick else 170
    began = time.monotonic()
    before = _load()
    problem = postgres_problem()
    kinds = ("sqlite",) if problem is not None else ("sqlite", "postgresql")
    instances, tasks, asked, timers, polls, batches = (12, 100_000, 40, 200_000, 50, 15) if quick else (60, 100_000, 200, 200_000, 200, 60)
    steps: list[tuple[str, Callable[[], list[Measurement]]]] = [("decisions", lambda: measure_decisions(batches))]
    for index, kind in enumerate(kinds):
        # Each database gets its share of the time; completions stop after the round in which theirs is used up.
        until = began + budget * (0.4 + index * 0.4 if len(kinds) == 2 else 0.7) * 0.9
        steps += [
            (f"statements, {kind}", lambda kind=kind: measure_statements(kind)),  # type: ignore[misc]
            (f"completions, {kind}", lambda kind=kind, until=until: measure_cpu(kind, instances, lambda: time.monotonic() > until)),  # type: ignore[misc]
            (f"task lists, {kind}", lambda kind=kind: measure_lists(kind, tasks, asked)),  # type: ignore[misc]
            (f"idle poll, {kind}", lambda kind=kind: measure_idle_poll(kind, timers, polls)),  # type: ignore[misc]
        ]
    found: list[Measurement] = []
    for name, step in steps:
        started = time.monotonic()
        if started - began > budget * 0.9:
            _say(f"left out, the time is up: {name}")
            continue
        found += step()
        _say(f"{name}: {time.monotonic() - started:.1f} s")
    _say("")
    _say(markdown(found))
    _say("")
    _say(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {sys.version.split()[0]}, {os.cpu_count()} cores, "
        f"load {before} before and {_load()} after, {time.monotonic() - began:.0f} s."
    )
    if problem is not None:
        _say(f"PostgreSQL was not measured: {problem}")


if __name__ == "__main__":
    main()
