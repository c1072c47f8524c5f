"""Many waiting things: task lists with 100 000 open tasks, and an idle poll beside 200 000 waiting timers."""

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import urlencode

import psycopg
from sqlalchemy import event, text

from bench import floor
from bench.connection import Connection
from bench.loading import load_open_tasks, load_waiting_timers
from bench.procedure import AUTHORIZATION
from bench.processes import floor_server, fresh_database, service_server
from bench.questions import GROUPS, LIMIT, OFFICERS, QUESTIONS, Question
from bench.report import Measurement, percentile
from service.store import open_store
from service.store.database import parse_url

MAX_LIST_RATIO, MAX_POLL_MS = 2.0, 1.0
POLL_BATCH = 50


@contextmanager
def _bare(url: str) -> Iterator[Callable[[str, tuple[str, ...]], int]]:
    """SQL (with `?` for parameters) by the driver alone; gives the number of rows."""
    if parse_url(url).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(parse_url(url).database), isolation_level=None)) as lite:
            lite.execute("PRAGMA cache_size=-32000")
            yield lambda sql, parameters: len(lite.execute(sql, parameters).fetchall())
        return
    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda sql, parameters: len(connection.execute(sql.replace("?", "%s").encode(), parameters).fetchall())


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _lists(
    kind: str, name: str, question: Question, times: int, service: Connection, bare: Connection, sql: Callable[[str, tuple[str, ...]], int]
) -> list[Measurement]:
    taken: tuple[list[float], list[float], list[float]] = ([], [], [])
    for number in range(times + 5):
        parameters: Mapping[str, str] = question.parameters(number)
        asked = urlencode({"sort": question.sort, "limit": LIMIT, **parameters})
        values = tuple(parameters.values())
        plain = f"?{urlencode({'value': values[0]})}" if values else ""
        one = (
            _timed(lambda asked=asked: service.call("GET", f"/api/v1/tasks?{asked}")),  # type: ignore[misc]
            _timed(lambda values=values: sql(question.sql, values)),  # type: ignore[misc]
            _timed(lambda plain=plain: bare.call("GET", f"/lists/{name}{plain}")),  # type: ignore[misc]
        )
        if number >= 5:  # the first ones warm up
            for series, value in zip(taken, one, strict=True):
                series.append(value)
    ours, alone, served = (percentile(series, 95) for series in taken)
    label = f"task list “{name}”, {kind}: p95"
    return [
        Measurement(
            f"{label} against bare SQL", ours, "ms", alone, ours / alone, f"≤ {MAX_LIST_RATIO:.0f} ×", ours / alone <= MAX_LIST_RATIO
        ),
        Measurement(f"{label} against bare SQL behind FastAPI", ours, "ms", served, ours / served),
    ]


def measure_lists(kind: str, tasks: int, times: int) -> list[Measurement]:
    """Pages of 50 by HTTP, the same SQL by the driver alone, and the same SQL behind a bare endpoint: one of each in turn."""
    found: list[Measurement] = []
    with fresh_database(kind) as url:
        engine = floor.open_engine(url)
        load_open_tasks(engine, tasks, floor.NOW, OFFICERS, GROUPS)
        engine.dispose()
        with service_server(url) as server, floor_server(url) as bare_server, _bare(url) as sql:
            with closing(Connection(server, AUTHORIZATION)) as service, closing(Connection(bare_server, {})) as bare:
                for name, question in QUESTIONS.items():
                    found += _lists(kind, name, question, times, service, bare, sql)
    return found


def measure_idle_poll(kind: str, timers: int, times: int) -> list[Measurement]:
    """The worker's question when nothing is due: time in the database (its statement, as the driver sees it), against SELECT 1."""
    with fresh_database(kind) as url:
        engine = floor.open_engine(url)
        load_waiting_timers(engine, timers, floor.NOW)
        engine.dispose()
        store = open_store(url)
        spent: list[float] = []
        began = [0.0]

        def before(*_: object) -> None:
            began[0] = time.perf_counter()

        def after(*_: object) -> None:
            spent.append((time.perf_counter() - began[0]) * 1000)

        event.listen(store.writing, "before_cursor_execute", before)
        event.listen(store.writing, "after_cursor_execute", after)
        polls, ones, due = [], [], 0
        for number in range(times + 5):
            with store.begin() as transaction:
                due += len(transaction.due_timers(floor.NOW, POLL_BATCH))
            with store.writing.connect() as connection:
                connection.execute(text("SELECT 1"))
            if number >= 5:
                polls.append(spent[-2])
                ones.append(spent[-1])
        store.close()
    if due:
        raise RuntimeError(f"{due} timers were due in a poll that should find none")
    poll, one = statistics.median(polls), statistics.median(ones)
    return [
        Measurement(
            f"idle poll beside {timers} timers, {kind}: database time",
            poll,
            "ms",
            one,
            poll / one,
            f"< {MAX_POLL_MS:.0f} ms",
            poll < MAX_POLL_MS,
        )
    ]
