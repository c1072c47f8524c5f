"""Tables of 10 to 10 000 rules: what an evaluation, reading the file and keeping it cost."""

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bench.dmn_file import dmn_file
from bench.report import table
from service.dmn import Model, read_model

ROUNDS = 9
EVALUATIONS = 70
CASES = 7
INPUTS = (("kind", "string"), ("region", "string"), ("grade", "string"), ("member", "boolean"), ("date", "date"), ("amount", "number"))

Rule = Sequence[str]


def _equality(number: int) -> Rule:
    """Values of three columns, none of which says much alone."""
    return (f'"k{number % 10}"', f'"r{number // 10 % 8 + 2}"', f'"g{number // 80}"', "true", "-", "-", str(number))


def _range(number: int) -> Rule:
    """A band of amounts."""
    return ("-", "-", "-", "-", "-", f"[{number * 10}..{number * 10 + 10})", str(number))


def _mixed(number: int) -> Rule:
    """Both, with a date and a negated cell."""
    return (
        f'"k{number % 10}"',
        'not("r0","r1")',
        "-",
        "true",
        '>= date("2026-01-01")',
        f"[{number * 10}..{number * 10 + 10})",
        str(number),
    )


def _compared(number: int) -> Rule:
    """Bands of amounts, written as conditions on the input value."""
    return (f'"k{number % 10}"', "-", "-", "-", "-", f"? >= {number * 10} and ? < {number * 10 + 10}", str(number))


def _computed(number: int) -> Rule:
    """A cell that has to be evaluated stands before the one that decides."""
    return (f'"k{number % 10}"', f'starts with(?, "r") and "g{number // 80}" = grade', "-", "-", "-", _range(number)[5], str(number))


def _all_computed(number: int) -> Rule:
    """What decides has to be evaluated for every tenth rule."""
    return (f'"k{number % 10}"', "-", "-", "-", "-", f"floor(? / 10) = {number}", str(number))


TABLES: dict[str, Callable[[int], Rule]] = {
    "values in three columns": _equality,
    "ranges": _range,
    "values, ranges, dates": _mixed,
    "values, conditions on ?": _compared,
    "values, computed cells, ranges": _computed,
    "values, then only computed cells": _all_computed,
}


@dataclass(frozen=True, slots=True)
class Size:
    """What a table of so many rules costs; µs and ms of CPU."""

    table: str
    rules: int
    evaluation_micros: float
    reading_millis: float
    kibibytes: float


def _case(number: int) -> dict[str, Any]:
    return {
        "kind": f"k{number % 10}",
        "region": f"r{number // 10 % 8 + 2}",
        "grade": f"g{number // 80}",
        "member": True,
        "date": "2026-07-01",
        "amount": Decimal(number * 10 + 3),
    }


def _cases(size: int) -> list[tuple[int, dict[str, Any]]]:
    return [(number, _case(number)) for number in (size * part // CASES for part in range(CASES))]


def _compiled(source: bytes) -> tuple[Model, float]:
    began = time.thread_time()
    model = read_model(source, "bench.dmn")
    return model, time.thread_time() - began


def _kept(source: bytes) -> int:
    """Bytes a model keeps, the file among them."""
    gc.collect()
    tracemalloc.start()
    model = read_model(source, "bench.dmn")
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del model
    return size


def _micros(model: Model, cases: Sequence[tuple[int, dict[str, Any]]]) -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for number in range(EVALUATIONS):
            model.evaluate("fee", cases[number % CASES][1]).record()
        rounds.append((time.thread_time() - began) * 1e6 / EVALUATIONS)
    return statistics.median(rounds)


def _measured(name: str, size: int) -> Size:
    source = dmn_file(INPUTS, [TABLES[name](number) for number in range(size)])
    model, seconds = _compiled(source)
    cases = _cases(size)
    for number, case in cases:
        if model.evaluate("fee", case).result != number:
            raise RuntimeError(f"rule {number} of the table of {size} rules ({name}) does not decide {case}")
    evaluation = _micros(model, cases)
    del model
    return Size(name, size, evaluation, seconds * 1000, _kept(source) / 1024)


def measure_scale(sizes: Sequence[int]) -> list[Size]:
    """Every kind of table in every size, the smallest first."""
    return [_measured(name, size) for name in TABLES for size in sizes]


def scale_table(found: Sequence[Size]) -> str:
    """As Markdown; what a further rule costs is told against the smallest table of its kind."""
    smallest: dict[str, Size] = {}
    rows = []
    for one in found:
        first = smallest.setdefault(one.table, one)
        more = one.rules - first.rules
        further = f"{(one.evaluation_micros - first.evaluation_micros) * 1000 / more:.1f} ns" if more else "–"
        evaluation = f"{one.evaluation_micros:.1f} µs"
        memory = f"{one.kibibytes:.0f} KiB"
        ratio = f"{one.evaluation_micros / first.evaluation_micros:.2f}"
        rows.append((one.table, str(one.rules), evaluation, ratio, further, f"{one.reading_millis:.0f} ms", memory))
    return table(("cells", "rules", "evaluation", "ratio", "per further rule", "reading the file", "memory"), rows)
