"""What makes two starts the same case: the values of the correlation keys that a start event names."""

from collections.abc import Mapping
from decimal import Decimal

from service.actions.names import MAX_ID
from service.actions.ports import StartEvent
from service.domain.errors import FieldError, Invalid
from service.domain.json_values import Json, canonical_json, number_text


def correlation_of(start: StartEvent, variables: Mapping[str, Json]) -> str | None:
    """The text under which the open case is found; None for a start without correlation keys. Raises Invalid for a missing value."""
    if not start.correlation_keys:
        return None
    faults = [fault for key in start.correlation_keys if (fault := _correlation_fault(key, variables.get(key))) is not None]
    if faults:
        raise Invalid(f"a start of {start.element_id} carries {', '.join(start.correlation_keys)}", faults)
    # 7 and "7" are the same number of a file, whoever wrote it.
    return canonical_json([_correlation_text(variables[key]) for key in start.correlation_keys])


def _correlation_text(value: Json) -> str:
    return number_text(value.normalize() + 0) if isinstance(value, Decimal) else str(value)


def _correlation_fault(key: str, value: Json) -> FieldError | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return FieldError(f"/variables/{key}", "required", f"{key} identifies the case and is required")
    if isinstance(value, str) and value != value.strip():
        # "A1" and "A1 " would be two cases of one person, and nobody would see why.
        return FieldError(f"/variables/{key}", "not-allowed", f"{key} identifies the case and begins and ends with no blank")
    if isinstance(value, bool) or not isinstance(value, str | Decimal):
        return FieldError(f"/variables/{key}", "wrong-type", f"{key} identifies the case and is text or a number")
    if len(_correlation_text(value)) > MAX_ID:
        return FieldError(f"/variables/{key}", "too-long", f"{key} identifies the case and has at most {MAX_ID} characters")
    return None
