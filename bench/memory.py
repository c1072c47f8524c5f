"""Memory: what a compiled definition keeps, and what one instance brought to life takes."""

import gc
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from bench.procedure import KEY, VARIABLES, diagram
from bench.report import Measurement
from service.actions.ports import Circumstances, ProcessSource
from service.domain.json_values import Json
from service.domain.law import DueDate
from service.engine import SpiffEngine
from service.engine.compiled import compile_process
from service.engine.engine import read_diagrams

COPIES = 50
HUBEI = Path(__file__).resolve().parent.parent / "bpmn" / "hubei"
NOON = 1_795_150_800_000


class _NoLaw:
    """The chain asks for nothing."""

    def decision(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> Any:
        raise NotImplementedError(key)

    def deadline(self, element_id: str, key: str, now_ms: int) -> DueDate:
        raise NotImplementedError(key)

    def setting(self, element_id: str, key: str) -> Any:
        raise NotImplementedError(key)

    def process(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> Any:
        raise NotImplementedError(key)

    def within(self, called: object) -> "_NoLaw":
        return self


def _kept(make: Callable[[int], object]) -> float:
    """KiB that one of COPIES things keeps."""
    gc.collect()
    tracemalloc.start()
    kept = [make(number) for number in range(COPIES)]
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / 1024 / len(kept)


def _source(name: str, key: str, xml: bytes) -> ProcessSource:
    return ProcessSource(key, 1, sha256(name.encode()).hexdigest(), xml)


def measure_memory() -> list[Measurement]:
    """By tracemalloc, so Python's objects only."""
    circumstances = Circumstances(NOON, _NoLaw(), "bench")
    engine = SpiffEngine()
    chain = _source("chain", KEY, diagram())
    step = engine.start(chain, "begin", cast(dict[str, Json], VARIABLES), circumstances)
    found = [
        Measurement(
            "memory of one live instance of the chain", _kept(lambda _n: engine.resume(chain, step.state_data, circumstances.law)), "KiB"
        )
    ]
    for key, xml in ((KEY, diagram()), ("hubei_tolerance", (HUBEI / "hubei_tolerance.bpmn").read_bytes())):
        (read,), _ = read_diagrams(f"{key}.bpmn", xml)
        found.append(Measurement(f"memory of the compiled definition {key}", _kept(lambda _n, read=read: compile_process(read)), "KiB"))  # type: ignore[misc]
    return found
