"""Variables are checked where they come in: what a decision of the process declares must fit its item definition.

So an unknown fact or a value outside the allowed list is refused with its pointer when it is given, not found out by an incident later.
"""

from collections.abc import Iterable, Mapping

from service.actions.decisions.decision_models import decision_model
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.set_days import set_day_faults
from service.domain.definition import KIND_DECISION
from service.domain.errors import FieldError, Invalid
from service.domain.json_values import Json


def pointer(path: Iterable[str | int]) -> str:
    """RFC 6901 JSON pointer of a path."""
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in path)


def require_acceptable(law: CaseLaw, variables: Mapping[str, Json]) -> None:
    """What a start, a message or a retry may bring: none of the variables reserved for the steps, and declared types."""
    starts = law.definition.detail.get("starts")
    reserved: set[str] = set()
    for start in starts if isinstance(starts, list) else []:
        names = start.get("reservedVariables") if isinstance(start, dict) else None
        reserved.update(str(name) for name in (names if isinstance(names, list) else []))
    brought = sorted(reserved & set(variables))
    if brought:
        raise Invalid(
            "variables that only the steps of this process set",
            [FieldError(f"/variables/{name}", "reserved", f"{name!r} is set by the process itself") for name in brought],
        )
    require_declared_types(law, variables)


def require_declared_types(law: CaseLaw, variables: Mapping[str, Json], below: tuple[str, ...] = ("variables",)) -> None:
    """Raise Invalid when a variable that a decision of this process takes as input does not fit its declared type, or a day that is set in
    place of a time limit is no date.
    """
    if not variables:
        return
    errors: dict[str, FieldError] = {}
    for path, code, message in set_day_faults(law, variables):
        errors[pointer((*below, *path))] = FieldError(pointer((*below, *path)), code, message)
    references = law.definition.detail.get("decisions")
    for reference in references if isinstance(references, list) else []:
        if not isinstance(reference, dict):
            continue
        key, binding, number, tag = (reference.get(name) for name in ("key", "binding", "version", "versionTag"))
        key = str(key)
        version = int(str(number)) if number is not None else tag if isinstance(tag, str) else None
        found = law.find(KIND_DECISION, key, binding if isinstance(binding, str) else None, version)
        if found is None or found.is_decision_service:
            continue
        for problem in decision_model(law.services, law.lookups, found).check_input(found.key, variables):
            place = pointer((*below, *problem.path))
            errors.setdefault(place, FieldError(place, problem.code, problem.message))
    if errors:
        raise Invalid("variables do not fit what this process declares", list(errors.values()))
