"""Many waiting things: task lists with 100 000 open tasks, and an idle poll beside 200 000 waiting timers."""

import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from urllib.parse import quote, urlencode

import psycopg
from sqlalchemy import event, text

from bench import floor
from bench.connection import Connection
from bench.loading import load_open_tasks, load_waiting_timers
from bench.procedure import AUTHORIZATION
from bench.processes import Place, ServerProcess
from bench.questions import DEEP, GROUPS, LIMIT, OFFICERS, QUESTIONS, REGIONS, Question
from bench.report import Measurement, percentile
from service.store import open_store
from service.store.database import parse_url

MAX_LIST_RATIO, MAX_POLL_MS = 2.0, 1.0
WARM_UP = 5


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
    place: Place, service: ServerProcess, bare: ServerProcess, sql: Callable[[str, tuple[str, ...]], int], tasks: int, times: int
) -> Iterator[Measurement]:
    ours, base = Connection(service, AUTHORIZATION), Connection(bare, {})
    cpu, floor_cpu = 0.0, 0.0
    with closing(ours), closing(base):
        for name, question in QUESTIONS.items():
            taken: list[tuple[float, float, float]] = []
            fixed, row = _behind(ours, question) if question.deep else ({}, ())
            for number in range(-WARM_UP, times):
                if number == 0:
                    cpu, floor_cpu = cpu - service.cpu_seconds(), floor_cpu - bare.cpu_seconds()
                values = (*question.values(number), *row)
                asked = question.path + "?" + urlencode({**_order(question), **question.parameters(number), **fixed})
                plain = f"/lists/{quote(name)}?{urlencode({'value': values}, doseq=True)}"
                one = (
                    _timed(lambda asked=asked: ours.call("GET", asked)),  # type: ignore[misc]
                    _timed(lambda question=question, values=values: sql(question.sql, values)),  # type: ignore[misc]
                    _timed(lambda plain=plain: base.call("GET", plain)),  # type: ignore[misc]
                )
                if number >= 0:
                    taken.append(one)
            cpu, floor_cpu = cpu + service.cpu_seconds(), floor_cpu + bare.cpu_seconds()
            p95, alone, served = (percentile([one[side] for one in taken], 95) for side in range(3))
            label, ratio = f"{tasks} tasks, list “{name}”, {place.kind}: p95", p95 / alone
            yield Measurement(f"{label} against bare SQL", p95, "ms", alone, ratio, f"≤ {MAX_LIST_RATIO:.0f} ×", ratio <= MAX_LIST_RATIO)
            yield Measurement(f"{label} against the SQL behind FastAPI", p95, "ms", served, p95 / served)
    requests = times * len(QUESTIONS) / 1000
    label = f"{tasks} tasks, lists, {place.kind}: app CPU per request"
    yield Measurement(label, cpu / requests, "ms", floor_cpu / requests, cpu / floor_cpu)


def _order(question: Question) -> dict[str, str]:
    return {} if question.sort is None else {"sort": question.sort, "limit": str(LIMIT)}


def _behind(client: Connection, question: Question) -> tuple[dict[str, str], tuple[str, ...]]:
    """The cursor behind DEEP pages, or behind the last but one, and the row before it: its moment of creation and id."""
    page = json.loads(client.call("GET", f"{question.path}?{urlencode(_order(question))}"))
    for _ in range(DEEP - 1):
        following = json.loads(client.call("GET", f"{question.path}?{urlencode({**_order(question), 'cursor': page['nextCursor']})}"))
        if following["nextCursor"] is None:
            break
        page = following
    last = page["items"][-1]
    created = round(datetime.fromisoformat(last["createdAt"]).timestamp() * 1000)
    return {"cursor": page["nextCursor"]}, (str(created), last["id"])


def measure_lists(place: Place, service: ServerProcess, bare: ServerProcess, tasks: int, times: int) -> list[Measurement]:
    """Pages of 50 by HTTP, the same SQL by the driver alone, and the same SQL behind a bare endpoint: one of each in turn."""
    engine = floor.open_engine(place.url)
    load_open_tasks(engine, tasks, floor.NOW, OFFICERS, GROUPS, REGIONS)
    engine.dispose()
    with _bare(place.url) as sql:
        return list(_lists(place, service, bare, sql, tasks, times))


def measure_idle_poll(place: Place, timers: int, times: int) -> list[Measurement]:
    """The worker's question when nothing is due: time in the database (its statement, as the driver sees it), against SELECT 1."""
    kind = place.kind
    engine = floor.open_engine(place.url)
    load_waiting_timers(engine, timers, floor.NOW)
    engine.dispose()
    store = open_store(place.url)
    spent: list[float] = []
    began = [0.0]

    def before(*_: object) -> None:
        began[0] = time.perf_counter()

    def after(*_: object) -> None:
        spent.append((time.perf_counter() - began[0]) * 1000)

    event.listen(store.reading, "before_cursor_execute", before)
    event.listen(store.reading, "after_cursor_execute", after)
    polls, ones, due = [], [], 0
    for number in range(-WARM_UP, times):
        with store.read(snapshot=False) as questions:
            due += questions.anything_due(floor.NOW)
        with store.reading.connect() as connection:
            connection.execute(text("SELECT 1"))
        if number >= 0:
            polls.append(spent[-2])
            ones.append(spent[-1])
    store.close()
    if due:
        raise RuntimeError(f"{due} polls found something due where nothing is")
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
