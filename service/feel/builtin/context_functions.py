"""Context functions (10.3.4.9)."""

from __future__ import annotations

from typing import Any

from service.feel.builtin.registry import builtin, need, need_list, need_string
from service.feel.errors import Fault
from service.feel.evaluation import Run
from service.feel.values import type_name


def _context(value: Any, name: str) -> dict[str, Any]:
    return need(value, dict, name)


@builtin("get value", ("m", "key"), ("context", "key"))
def get_value(run: Run, m: Any, key: Any) -> Any:
    """The value of an entry, null when there is none."""
    return _context(m, "m").get(need_string(key, "key"))


@builtin("get entries", ("m",), ("context",))
def get_entries(run: Run, m: Any) -> list[Any]:
    """The entries as contexts of key and value."""
    context = _context(m, "m")
    run.tick(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", ("entries",))
def context(run: Run, entries: Any) -> dict[str, Any]:
    """A context from entries of key and value; a repeated key is a fault."""
    result: dict[str, Any] = {}
    for entry in need_list(entries, "entries"):
        run.tick()
        if not isinstance(entry, dict) or "key" not in entry or "value" not in entry:
            raise Fault("INVALID_TYPE", "an entry needs a key and a value")
        key = need_string(entry["key"], "key")
        if key in result:
            raise Fault("INVALID_CONTEXT", f"the key '{key}' occurs twice")
        result[key] = entry["value"]
    return result


@builtin(
    "context put",
    ("context", "key", "value"),
    ("context", "keys", "value"),
    named_types=(("key", str), ("keys", list)),
)
def context_put(run: Run, base: Any, key: Any, value: Any) -> dict[str, Any]:
    """The context with an entry set; a list of keys is a path."""
    current = _context(base, "context")
    run.tick(len(current))
    if isinstance(key, str):
        return {**current, key: value}
    keys = need(key, list, "keys")
    if not keys:
        raise Fault("INVALID_TYPE", "the list of keys is empty")
    result: dict[str, Any] = dict(current)
    place = result
    for step in keys[:-1]:
        run.tick()
        below = place.get(need_string(step, "keys"))
        if below is not None and not isinstance(below, dict):
            raise Fault("INVALID_TYPE", f"the entry '{step}' is a {type_name(below)}")
        run.tick(len(below or {}))
        place[step] = dict(below or {})
        place = place[step]
    place[need_string(keys[-1], "keys")] = value
    return result


@builtin("context merge", ("contexts",))
def context_merge(run: Run, contexts: Any) -> dict[str, Any]:
    """Contexts joined; later entries win."""
    result: dict[str, Any] = {}
    for entry in need_list(contexts, "contexts"):
        added = _context(entry, "contexts")
        run.tick(len(added) + 1)
        result.update(added)
    return result
