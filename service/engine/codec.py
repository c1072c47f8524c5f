"""The compact form of an instance's state.

zstd over JSON: {"v": 1, "t": [[id, node, parent, state, internal, data], …]} in tree order; `parent` is the row number of the task
around it (-1 for the process), `node` the name of its spec. The spec itself is not part of it. Numbers keep every digit; what engine
and variables store are JSON values only, so a variable may have any name. Nothing is ever unpickled.
"""

import json
from decimal import Decimal
from typing import Any

import orjson
import zstandard
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.domain.errors import StepFailed
from service.domain.json_values import number_text
from service.engine.instance import Instance

FORMAT = 1
MAX_STATE_BYTES = 64 * 1024 * 1024


def _exact(value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(number_text(value).encode())
    raise TypeError(f"{type(value).__name__} cannot be kept in the state")


def dump(instance: Instance) -> bytes:
    """The state of an instance between two steps. Raises StepFailed(kind="data") for a value that is not JSON."""
    rows: list[list[object]] = []
    pending: list[tuple[Task, int]] = [(instance.task_tree, -1)]
    while pending:
        task, parent = pending.pop()
        rows.append([task.id, task.task_spec.name, parent, task.state, task.internal_data, task.data])
        number = len(rows) - 1
        pending.extend((child, number) for child in reversed(task.children))
    try:
        text = orjson.dumps({"v": FORMAT, "t": rows}, default=_exact)
    except TypeError as error:
        raise StepFailed(None, "data", f"the variables hold a value that cannot be kept: {error}") from None
    return zstandard.ZstdCompressor(level=3).compress(text)


def load(spec: WorkflowSpec, state_data: bytes) -> Instance:
    """Bring an instance back to life. Raises StepFailed(kind="definition") when the bytes are not a state of this diagram."""
    rows = _read(state_data)
    instance = Instance(spec)
    tasks: list[Task] = []
    for task_id, name, parent, state, internal, data in rows:
        node = spec.task_specs.get(name)
        if node is None:
            raise StepFailed(name, "definition", f"the state names the element {name!r}, which the diagram does not have")
        task = instance.create(node, tasks[int(parent)] if parent >= 0 else None, int(state), task_id)
        task.internal_data = internal
        task.data = data
        tasks.append(task)
    instance.task_tree = tasks[0]
    return instance


def _read(state_data: bytes) -> list[Any]:
    try:
        text = zstandard.ZstdDecompressor().decompress(state_data, max_output_size=MAX_STATE_BYTES)
        state = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (zstandard.ZstdError, ValueError) as error:
        raise StepFailed(None, "definition", f"the stored state is not readable: {error}") from None
    if not isinstance(state, dict) or state.get("v") != FORMAT or not state.get("t"):
        raise StepFailed(None, "definition", "the stored state has a format this version does not know")
    rows: list[Any] = state["t"]
    return rows
