"""The same table of ten rules and six inputs elsewhere: feelin in node and in an embedded V8, SpiffWorkflow's own decision engine."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import lxml.etree as etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

from bench.dmn_file import dmn_file
from bench.fee_table import CASES, INPUTS, RULES
from bench.report import Measurement
from service.dmn import read_model

MIN_EMBEDDED_RATIO = 25.0
BATCH = 100
WARM_UP = 30
HERE = Path(__file__).resolve().parent
PACKAGES = HERE.parent / "conformance" / "feelin"
EXPECTED = [Decimal(rule[6]) for rule in RULES]


@dataclass(frozen=True, slots=True)
class Taken:
    """Microseconds per decision: CPU of the whole process (V8 works in threads of its own), and by the clock, neighbours included."""

    cpu: float
    clock: float


Batch = Callable[[], Taken]
"""Works through the cases BATCH times."""

PYTHON_CELLS = {
    "true": "True",
    "false": "False",
    'not("east")': '!= "east"',
    '"north","south"': '? in ("north", "south")',
    '"south","west"': '? in ("south", "west")',
    '"low","medium"': '? in ("low", "medium")',
    "[1000..5000)": "1000 <= ? < 5000",
    "[0..2500]": "0 <= ? <= 2500",
    "[1..3]": "1 <= ? <= 3",
}
PROCESS = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:bench">
<process id="bench" isExecutable="true"><startEvent id="start"/></process></definitions>"""


class NotMeasured(Exception):
    """Something a rival needs is not installed."""


def _check(name: str, results: Sequence[object]) -> None:
    if list(results) != EXPECTED:
        raise RuntimeError(f"{name} decides the cases otherwise: {results}")


def _batch(decide: Callable[[Any], object], cases: Sequence[Any]) -> Batch:
    def run() -> Taken:
        started, began = time.perf_counter(), time.process_time()
        for number in range(BATCH):
            decide(cases[number % len(cases)])
        ended, stopped = time.process_time(), time.perf_counter()
        return Taken((ended - began) * 1e6 / BATCH, (stopped - started) * 1e6 / BATCH)

    return run


def _ours() -> Batch:
    model = read_model(dmn_file(INPUTS, RULES), "bench.dmn")
    _check("service.dmn", [model.evaluate("fee", case).result for case in CASES])
    return _batch(lambda case: model.evaluate("fee", case).record(), CASES)


def _javascript_cases() -> list[dict[str, Any]]:
    """feelin knows only binary floats."""
    return [{name: float(value) if isinstance(value, Decimal) else value for name, value in case.items()} for case in CASES]


def _bundle(folder: Path) -> str:
    bundler = PACKAGES / "node_modules" / ".bin" / "esbuild"
    if shutil.which("node") is None or not bundler.is_file():
        raise NotMeasured(f"node and the packages of {PACKAGES.relative_to(HERE.parent)} are needed (npm ci there)")
    target = folder / "feelin.js"
    subprocess.run(
        [bundler, HERE / "feelin_table.js", "--bundle", "--format=iife", "--global-name=feelinTable", f"--outfile={target}"],
        env={**os.environ, "NODE_PATH": str(PACKAGES / "node_modules")},
        check=True,
        capture_output=True,
    )
    return str(target)


def _javascript_table() -> dict[str, Any]:
    rules = [{"cells": cells, "fee": fee} for *cells, fee in RULES]
    return {"rules": rules, "inputs": [name for name, _ in INPUTS], "cases": _javascript_cases()}


@contextmanager
def _feelin_in_node() -> Iterator[Batch]:
    with tempfile.TemporaryDirectory() as folder:
        command = ["node", HERE / "feelin_batches.mjs", _bundle(Path(folder)), json.dumps(_javascript_table())]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
            assert process.stdin is not None
            assert process.stdout is not None

            def run() -> Taken:
                process.stdin.write(f"{BATCH}\n")
                process.stdin.flush()
                answer = json.loads(process.stdout.readline())
                _check("feelin in node", answer["results"])
                return Taken(float(answer["cpu"]), float(answer["clock"]))

            yield run


@contextmanager
def _feelin_embedded() -> Iterator[Batch]:
    try:
        from py_mini_racer import MiniRacer
    except ImportError as error:
        raise NotMeasured(f"mini-racer is needed ({error})") from None
    with tempfile.TemporaryDirectory() as folder:
        program = Path(_bundle(Path(folder))).read_text("utf-8")
    engine = MiniRacer()
    engine.eval(f"{program}; 0")
    built = _javascript_table()
    engine.eval(
        f"const decide = feelinTable.decider({json.dumps(built['rules'])}, {json.dumps(built['inputs'])});"
        "const answer = (text) => JSON.stringify(decide(JSON.parse(text))); 0"
    )
    answer: Any = engine.eval("answer")
    _check("embedded feelin", [json.loads(answer(json.dumps(case)))["result"] for case in built["cases"]])
    yield _batch(lambda case: json.loads(answer(json.dumps(case))), built["cases"])
    engine.close()


@contextmanager
def _spiffworkflow() -> Iterator[Batch]:
    # It has no FIRST, and stops at the first rule of UNIQUE.
    root = etree.fromstring(dmn_file(INPUTS, [[PYTHON_CELLS.get(cell, cell) for cell in rule] for rule in RULES], "UNIQUE"))
    namespaces = {"dmn": root.nsmap[None]}
    parser = DMNParser(None, root, namespaces)
    parser.parse()
    engine = DMNEngine(parser.decision.decisionTables[0])
    processes = BpmnParser()
    processes.add_bpmn_str(PROCESS)
    task = BpmnWorkflow(processes.get_spec("bench")).task_tree

    def decide(case: dict[str, Any]) -> Any:
        task.data = case
        return engine.result(task)

    _check("SpiffWorkflow", [decide(dict(case))["amount"] for case in CASES])
    yield _batch(decide, [dict(case) for case in CASES])


_VERSION = json.loads((PACKAGES / "package.json").read_text("utf-8"))["devDependencies"]["feelin"]
RIVALS = {
    f"feelin {_VERSION} in node": _feelin_in_node,
    f"feelin {_VERSION} embedded (V8, JSON in and out)": _feelin_embedded,
    "SpiffWorkflow's own table, cells in Python, no trace": _spiffworkflow,
}


def measure_rivals(batches: int) -> tuple[list[Measurement], list[str]]:
    """One batch of each in turn, ours as `floor`; and what could not be measured for want of what."""
    missing = []
    found: dict[str, list[tuple[Taken, Taken]]] = {}
    with ExitStack() as stack:
        ours = _ours()
        running: dict[str, Batch] = {}
        for name, rival in RIVALS.items():
            try:
                running[name] = stack.enter_context(rival())
            except NotMeasured as reason:
                missing.append(f"{name}: {reason}")
        for number in range(-WARM_UP, batches):
            base = ours()
            for name, batch in running.items():
                taken = batch()
                if number >= 0:
                    found.setdefault(name, []).append((taken, base))
    lines = []
    for name, pairs in found.items():
        lines.append(_measurement(name, "CPU", [(taken.cpu, base.cpu) for taken, base in pairs]))
        lines.append(_measurement(name, "clock", [(taken.clock, base.clock) for taken, base in pairs]))
    return lines, missing


def _measurement(name: str, measure: str, pairs: Sequence[tuple[float, float]]) -> Measurement:
    ratio = statistics.median(taken / base for taken, base in pairs)
    value, base = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    label = f"the same 10 × 6 by {name}, {measure}; floor: ours"
    if "embedded" not in name:
        return Measurement(label, value, "µs", base, ratio)
    return Measurement(label, value, "µs", base, ratio, f"≥ {MIN_EMBEDDED_RATIO:.0f} ×", ratio >= MIN_EMBEDDED_RATIO)
