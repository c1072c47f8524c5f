"""`python -m bench [--quick] [--only SUBJECT]`: measure, print tables. Figures, not tests: the exit status is 0 whatever they are."""

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
from bench.growth import measure_crowd, measure_growth
from bench.memory import measure_memory
from bench.processes import Place, fresh_place, postgres_problem, servers
from bench.report import Measurement, markdown
from bench.storms import measure_storm
from bench.traffic import Traffic, measure_traffic, traffic_table
from bench.waiting import measure_idle_poll, measure_lists


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


SUBJECTS = ("decisions", "memory", "completions", "growth", "traffic", "storm", "lists", "timers")


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured. `seconds`: no step begins later, and completions stop after the round in which their share is over."""

    seconds: float
    instances: int
    tasks: tuple[int, ...]
    lists: int
    timers: int
    polls: int
    batches: int
    rivals: int
    sizes: tuple[int, ...]
    clients: tuple[int, ...]
    requests: int
    ages: tuple[int, ...]
    storm: int
    workers: tuple[int, ...]


FULL = Extent(
    seconds=1_800,
    instances=60,
    tasks=(1_000, 100_000, 1_000_000),
    lists=200,
    timers=1_000_000,
    polls=200,
    batches=60,
    rivals=60,
    sizes=(10, 100, 1_000, 10_000),
    clients=(1, 8, 32),
    requests=640,
    ages=(10, 100, 500, 2_000),
    storm=20_000,
    workers=(1, 2, 4),
)
QUICK = Extent(
    seconds=90,
    instances=20,
    tasks=(20_000,),
    lists=30,
    timers=50_000,
    polls=40,
    batches=8,
    rivals=8,
    sizes=(10, 1_000),
    clients=(1, 8),
    requests=64,
    ages=(10, 100),
    storm=200,
    workers=(1, 2),
)


class Run:
    """One run: its measurements so far, and its time."""

    def __init__(self, extent: Extent, only: str | None = None) -> None:
        self.extent = extent
        self.only = only
        self.began = time.monotonic()
        self.found: list[Measurement] = []
        self.sizes: list[Size] = []
        self.traffic: list[Traffic] = []
        self.missing: list[str] = []

    def wants(self, subject: str) -> bool:
        """True when the subject was asked for, or nothing in particular."""
        return self.only in (None, subject)

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
                if self.wants("completions"):
                    self.step(
                        f"completions, {kind}",
                        lambda: measure_cpu(place, service, bare, extent.instances, lambda: self.passed() > completions_until),
                    )
                if self.wants("growth"):
                    self.step(f"growth, {kind}", lambda: measure_growth(place, service, extent.ages) + measure_crowd(place, service))
            if self.wants("traffic"):
                self.step(f"traffic, {kind}", lambda: self._traffic(place))
            if self.wants("storm"):
                self.step(f"storm, {kind}", lambda: measure_storm(place, extent.storm, extent.workers))
        if self.wants("lists"):
            for tasks in extent.tasks:
                with fresh_place(kind) as place, servers(place.url, place.floor_url) as (service, bare):
                    self.step(
                        f"{tasks} tasks, {kind}",
                        lambda place=place, service=service, bare=bare, tasks=tasks: measure_lists(  # type: ignore[misc]
                            place, service, bare, tasks, extent.lists
                        ),
                    )
        if self.wants("timers"):
            with fresh_place(kind) as place:
                self.step(f"{extent.timers} timers, {kind}", lambda: measure_idle_poll(place, extent.timers, extent.polls))

    def _traffic(self, place: Place) -> list[Measurement]:
        self.traffic += measure_traffic(place, self.extent.clients, (1, 2), self.extent.requests)
        return []

    def memory(self) -> None:
        """Memory; needs no database."""
        self.step("memory", measure_memory)


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and rows: some two minutes instead of half an hour")
    parser.add_argument("--only", choices=SUBJECTS, help="just this; decisions and memory need no database")
    asked = parser.parse_args()
    run = Run(QUICK if asked.quick else FULL, asked.only)
    before = _load()
    if run.wants("decisions"):
        run.decisions()
    if run.wants("memory"):
        run.memory()
    if asked.only not in ("decisions", "memory"):
        run.places()
    _say("")
    _say(markdown(run.found))
    _say("")
    if run.traffic:
        _say(traffic_table(run.traffic))
        _say("")
    if run.sizes:
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
