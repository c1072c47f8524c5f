"""The compact form of an instance's state.

zstd over JSON: {"v": 1, "t": [[id, node, parent, state, internal, data], …]} in tree order; `parent` is the row number of the task
around it (-1 for the process), `node` the name of its spec. The spec itself is not part of it: the root of a called process names the
version of the process it is (internal data `called`), and the law of the instance has that diagram. Numbers keep every digit; what
engine and variables store are JSON values only, so a variable may have any name. Nothing is ever unpickled. The frame has a checksum.

A state that any version wrote must stay readable: fixtures/states keeps some of each format.
"""

import json
from decimal import Decimal
from typing import Any

import orjson
import zstandard
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.actions.ports import Law
from service.domain.errors import StepFailed
from service.domain.json_values import number_text
from service.engine.instance import Instance
from service.engine.nodes.call_activity import pinned_source
from service.engine.nodes.node import node_of
from service.engine.scopes import CALLED
from service.engine.state.storable import MAX_SIZE

FORMAT = 1
MAX_STATE_BYTES = 64 * 1024 * 1024
# Measured with 1 000 iterations: level 1 is quicker than the default and no larger, for half of a state is ids, which are random.
LEVEL = 1
_SHORT = 16
"""Digits up to which the text that Python gives a number is the one that is wanted, whatever its exponent."""

_ROW = (str, str, Decimal, Decimal, dict, dict)
_STATES = frozenset({TaskState.FUTURE, TaskState.WAITING, TaskState.READY, TaskState.STARTED, TaskState.COMPLETED})


def _exact(value: object) -> object:
    if isinstance(value, Decimal) and value.is_finite():
        text = str(value)
        return orjson.Fragment(text if len(text) < _SHORT and "E" not in text else number_text(value))
    raise TypeError(f"{type(value).__name__} cannot be kept in the state")


def dump(instance: Instance) -> bytes:
    """The state of an instance between two steps. Raises StepFailed(kind="data") when it is too large or holds what is not JSON."""
    rows = [(task.id, task.task_spec.name, parent, task._state, task.internal_data, task.data) for task, parent in instance.arrange()]
    try:
        text = orjson.dumps({"v": FORMAT, "t": rows}, default=_exact)
    except TypeError as error:
        raise StepFailed(None, "data", f"the variables hold a value that cannot be kept: {error}") from None
    if len(text) > MAX_SIZE:
        raise StepFailed(None, "data", f"the state of the instance is larger than {MAX_SIZE} bytes")
    # The checksum of four bytes: without it a flipped bit can be another amount, and nothing would say so.
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(text)


def load(instance: Instance, state_data: bytes, law: Law) -> None:
    """Bring an empty instance back to life. Raises StepFailed(kind="definition") when the bytes are not a state of its diagrams."""
    tasks: list[Task] = []
    specs: list[WorkflowSpec] = []
    for row in _rows(state_data):
        task_id, name, parent, state, internal, data = _checked(row, len(tasks))
        around = tasks[parent] if parent >= 0 else None
        spec = specs[parent] if parent >= 0 else instance.spec
        if around is not None and CALLED in internal:
            spec = instance.processes(_called(law, around, internal[CALLED])).spec
        node = spec.task_specs.get(name)
        if node is None:
            raise StepFailed(name, "definition", f"the state names the element {name!r}, which the diagram does not have")
        if task_id in instance.tasks:
            raise _damaged(f"the task {task_id} is there twice")
        task = instance.create(node, around, state, task_id)
        task.internal_data = internal
        task.data = data
        tasks.append(task)
        specs.append(spec)
    instance.task_tree = tasks[0]


def _called(law: Law, around: Task, pinned: Any) -> Any:
    try:
        return pinned_source(law, node_of(around).bpmn_id, pinned)
    except (KeyError, TypeError, ValueError):
        raise _damaged("a call in progress does not say of which process") from None


def _checked(row: Any, number: int) -> tuple[str, str, int, int, dict[str, Any], dict[str, Any]]:
    """A row as it was written. Raises StepFailed(kind="definition") for anything else, so that nothing is guessed."""
    if type(row) is list and tuple(map(type, row)) == _ROW:
        task_id, name, around, flag, internal, data = row
        parent, state = int(around), int(flag)
        # The process comes first and stands in nothing; everything else stands in what came before it.
        if (parent == -1) == (number == 0) and -1 <= parent < max(number, 1) and state in _STATES:
            return task_id, name, parent, state, internal, data
    raise _damaged(f"row {number + 1} is no task")


def _rows(state_data: bytes) -> list[Any]:
    try:
        if zstandard.frame_content_size(state_data) > MAX_STATE_BYTES:
            raise _damaged("it is too large")
        text = zstandard.ZstdDecompressor().decompress(state_data, max_output_size=MAX_STATE_BYTES, allow_extra_data=False)
        state = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
    except (zstandard.ZstdError, ValueError, RecursionError) as error:
        raise _damaged(str(error)) from None
    if not isinstance(state, dict) or not isinstance(state.get("t"), list) or not state["t"]:
        raise _damaged("it is no list of tasks")
    if state.get("v") != FORMAT:
        raise StepFailed(
            None,
            "definition",
            f"the stored state has the format {state.get('v')}; this version of the program reads up to {FORMAT}: a newer one wrote it",
        )
    return list(state["t"])


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _damaged(why: str) -> StepFailed:
    return StepFailed(None, "definition", f"the stored state is not readable: {why}")
