"""Days that were set in place of time limits are judged where they come in: a slip must not bring the usual limit back in silence."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from service.actions.instances.case_law import CaseLaw
from service.actions.instances.published import process_source
from service.domain.definition import KIND_PROCESS, Definition
from service.domain.json_values import Json

Fault = tuple[tuple[str, ...], str, str]
"""Path, code and message."""


def set_day_faults(law: CaseLaw, variables: Mapping[str, Json]) -> Iterator[Fault]:
    """What in the variables stands where the process, or one that it calls, looks for such a day, and is none. Null is none set."""
    for path in sorted(_paths(law, law.definition, set())):
        if path[0] in variables:
            yield from _fault(variables, path, 1)


def _fault(values: Mapping[str, Json], path: Sequence[str], depth: int) -> Iterator[Fault]:
    value = values.get(path[depth - 1])
    here = tuple(path[:depth])
    if value is None:
        return
    if depth < len(path):
        if isinstance(value, dict):
            yield from _fault(value, path, depth + 1)
        else:
            yield here, "not-an-object", f"an object with the days that are set is expected, such as {{{path[depth]!r}: '2026-03-31'}}"
    elif not _is_day(value):
        yield here, "not-a-date", "a date such as 2026-03-31 is expected: the day on which the limit ends"


def _is_day(value: Json) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _paths(law: CaseLaw, definition: Definition, seen: set[str]) -> frozenset[tuple[str, ...]]:
    """Those of the process and of the processes that it calls."""
    seen.add(definition.id)
    services, source = law.services, process_source(law.services, law.lookups, definition)
    found: frozenset[tuple[str, ...]] = services.shelf.get(("set-days", definition.id), lambda: services.engine.set_days(source))
    for reference in services.engine.references(source):
        if reference.kind == KIND_PROCESS:
            version = reference.version_tag if reference.binding == "versionTag" else reference.version
            called = law.find(KIND_PROCESS, reference.key, reference.binding, version)
            if called is not None and called.id not in seen:
                found |= _paths(law, called, seen)
    return found
