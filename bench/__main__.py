"""`python -m bench [--quick]`: measure everything, print one table. Figures, not tests: the exit status is 0 whatever they are."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.completion import measure_cpu, measure_statements
from bench.decision import measure_decisions
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


FULL = Extent(150, 60, 100_000, 200, 200_000, 200, 60)
QUICK = Extent(32, 20, 20_000, 30, 50_000, 40, 8)


class Run:
    """One run: its measurements so far, and its time."""

    def __init__(self, extent: Extent) -> None:
        self.extent = extent
        self.began = time.monotonic()
        self.found: list[Measurement] = []

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
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows: about half a minute instead of up to three")
    run = Run(QUICK if parser.parse_args().quick else FULL)
    before = _load()
    problem = postgres_problem()
    run.step("decisions", lambda: measure_decisions(run.extent.batches))
    if problem is None:
        run.place("sqlite", run.extent.seconds * 0.35)
        run.place("postgresql", run.extent.seconds * 0.8)
    else:
        run.place("sqlite", run.extent.seconds * 0.7)
    _say("")
    _say(markdown(run.found))
    _say("")
    _say(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {sys.version.split()[0]}, {os.cpu_count()} cores, "
        f"load {before} before and {_load()} after, {run.passed():.0f} s."
    )
    if problem is not None:
        _say(f"PostgreSQL was not measured: {problem}")


if __name__ == "__main__":
    main()
