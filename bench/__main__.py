"""`python -m bench [--quick] [--only decisions]`: measure, print tables. Figures, not tests: the exit status is 0 whatever they are."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.completion import measure_cpu, measure_statements
from bench.decision import measure_decisions
from bench.decision_rivals import measure_rivals
from bench.decision_scale import Size, measure_scale, scale_table
from bench.processes import fresh_place, postgres_problem, servers
from bench.report import Measurement, markdown
from bench.waiting import measure_idle_poll, measure_lists


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured. `seconds`: no step begins later, and completions stop after the round in which their share is over."""

    seconds: float
    instances: int
    tasks: int
    lists: int
    timers: int
    polls: int
    batches: int
    rivals: int
    sizes: tuple[int, ...]


FULL = Extent(240, 60, 100_000, 200, 200_000, 200, 60, 60, (10, 100, 1_000, 10_000))
QUICK = Extent(40, 20, 20_000, 30, 50_000, 40, 8, 8, (10, 1_000))


class Run:
    """One run: its measurements so far, and its time."""

    def __init__(self, extent: Extent) -> None:
        self.extent = extent
        self.began = time.monotonic()
        self.found: list[Measurement] = []
        self.sizes: list[Size] = []
        self.missing: list[str] = []

    def passed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.began

    def step(self, name: str, measure: Callable[[], list[Measurement]]) -> None:
        """Take a step, unless the time is up."""
        started = self.passed()
        if started > self.extent.seconds:
            _say(f"left out, the time is up: {name}")
            return
        self.found += measure()
        _say(f"{name}: {self.passed() - started:.1f} s")

    def decisions(self) -> None:
        """Everything about decisions; needs no database."""
        extent = self.extent
        self.step("decisions", lambda: measure_decisions(extent.batches))
        self.step("decisions elsewhere", self._rivals)
        self.step("large tables", self._large_tables)

    def _rivals(self) -> list[Measurement]:
        found, missing = measure_rivals(self.extent.rivals)
        self.missing += missing
        return found

    def _large_tables(self) -> list[Measurement]:
        self.sizes = measure_scale(self.extent.sizes)
        return []

    def places(self) -> None:
        """Everything that needs a database, on each that is there."""
        problem = postgres_problem()
        if problem is not None:
            self.missing.append(f"PostgreSQL: {problem}")
        # The decisions took their share; what is left is divided.
        left = self.extent.seconds - self.passed()
        self.place("sqlite", self.passed() + left * (0.35 if problem is None else 0.7))
        if problem is None:
            self.place("postgresql", self.passed() + (self.extent.seconds - self.passed()) * 0.7)

    def place(self, kind: str, completions_until: float) -> None:
        """Everything that needs a database of that kind."""
        extent = self.extent
        with fresh_place(kind) as place:
            # This one prepares what the next needs, so it is not left out.
            self.found += measure_statements(place)
            with servers(place.url, place.floor_url) as (service, bare):
                self.step(
                    f"completions, {kind}",
                    lambda: measure_cpu(place, service, bare, extent.instances, lambda: self.passed() > completions_until),
                )
                self.step(f"{extent.tasks} tasks, {kind}", lambda: measure_lists(place, service, bare, extent.tasks, extent.lists))
            self.step(f"{extent.timers} timers, {kind}", lambda: measure_idle_poll(place, extent.timers, extent.polls))


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows: about a minute instead of up to five")
    parser.add_argument("--only", choices=("decisions",), help="just these: no server and no database")
    asked = parser.parse_args()
    run = Run(QUICK if asked.quick else FULL)
    before = _load()
    run.decisions()
    if asked.only is None:
        run.places()
    _say("")
    _say(markdown(run.found))
    _say("")
    _say(scale_table(run.sizes))
    _say("")
    _say(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {sys.version.split()[0]}, {os.cpu_count()} cores, "
        f"load {before} before and {_load()} after, {run.passed():.0f} s."
    )
    for what in run.missing:
        _say(f"Not measured: {what}")


if __name__ == "__main__":
    main()
