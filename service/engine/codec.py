"""The compact form of an instance's state.

zstd over JSON: {"v": 1, "t": [[id, node, parent, state, internal, data], …]} in tree order; `parent` is the row number of the task
around it (-1 for the process), `node` the name of its spec. The spec itself is not part of it: the root of a called process names the
version of the process it is (internal data `called`), and the law of the instance has that diagram. Numbers keep every digit; what
engine and variables store are JSON values only, so a variable may have any name. Nothing is ever unpickled.
"""

import json
from decimal import Decimal
from typing import Any

import orjson
import zstandard
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task

from service.actions.ports import Law
from service.domain.errors import StepFailed
from service.domain.json_values import number_text
from service.engine.instance import Instance
from service.engine.nodes.call_activity import pinned_source
from service.engine.nodes.node import node_of
from service.engine.scopes import CALLED
from service.engine.storable import MAX_SIZE

FORMAT = 1
MAX_STATE_BYTES = 64 * 1024 * 1024


def _exact(value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(number_text(value).encode())
    raise TypeError(f"{type(value).__name__} cannot be kept in the state")


def dump(instance: Instance) -> bytes:
    """The state of an instance between two steps. Raises StepFailed(kind="data") when it is too large or holds what is not JSON."""
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
    if len(text) > MAX_SIZE:
        raise StepFailed(None, "data", f"the state of the instance is larger than {MAX_SIZE} bytes")
    return zstandard.ZstdCompressor(level=3).compress(text)


def load(instance: Instance, state_data: bytes, law: Law) -> None:
    """Bring an empty instance back to life. Raises StepFailed(kind="definition") when the bytes are not a state of its diagrams."""
    tasks: list[Task] = []
    specs: list[WorkflowSpec] = []
    for task_id, name, parent, state, internal, data in _read(state_data):
        around = tasks[int(parent)] if parent >= 0 else None
        spec = specs[int(parent)] if parent >= 0 else instance.spec
        if around is not None and CALLED in internal:
            spec = instance.processes(pinned_source(law, node_of(around).bpmn_id, internal[CALLED])).spec
        node = spec.task_specs.get(name)
        if node is None:
            raise StepFailed(name, "definition", f"the state names the element {name!r}, which the diagram does not have")
        task = instance.create(node, around, int(state), task_id)
        task.internal_data = internal
        task.data = data
        tasks.append(task)
        specs.append(spec)
    instance.task_tree = tasks[0]


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
