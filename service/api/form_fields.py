"""What multipart forms are held to: known fields, each given once, and a body that did not end early."""

from collections import Counter
from collections.abc import Mapping
from typing import get_origin

from fastapi.dependencies.models import Dependant
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData

from service.domain.errors import FieldError, Invalid

TAIL = 1_024
"""How many bytes from the end of a body are searched for the delimiter that closes it."""


def known_fields(dependant: Dependant) -> dict[str, bool]:
    """The names of the form's fields that a route takes; whether each may be given several times."""
    return {field.alias: get_origin(field.field_info.annotation) is list for field in dependant.body_params}


def refuse_fields(given: FormData, known: Mapping[str, bool]) -> None:
    """Raise Invalid for a field that the form does not have (a misspelt `dryRun` would deploy), or one of a single value given twice."""
    times = Counter(name for name, _ in given.multi_items())
    listed = ", ".join(sorted(known))
    errors = [
        FieldError("/" + name, "unknown-field", f"there is no such field here; known are {listed}") for name in times if name not in known
    ]
    errors += [
        FieldError("/" + name, "duplicate-field", f"given {count} times")
        for name, count in times.items()
        if count > 1 and not known.get(name, True)
    ]
    if errors:
        raise Invalid(f"the form breaks {len(errors)} rule(s)", errors)


def closing_delimiter(content_type: str) -> bytes:
    """What a complete form of this `Content-Type` ends with (RFC 2046, 5.1.1)."""
    _, options = parse_options_header(content_type)
    return b"--" + options.get(b"boundary", b"") + b"--"
