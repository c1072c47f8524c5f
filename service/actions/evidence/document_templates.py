"""Which template a document is made from: the place's own where it has one, that of a place above it, or the common one."""

from service.actions.instances.case_law import CaseLaw
from service.actions.ports import Lookups
from service.domain.definition import COMMON, KIND_DOCUMENT, Definition
from service.domain.errors import FieldError, Invalid


def template_in_force(law: CaseLaw, lookups: Lookups, key: str) -> Definition:
    """The template that was in force when the instance started. Raises Invalid.

    `<folder>_<kind>` of the case's place, of one above it or of common means the kind: the nearest of them that has a template of the kind
    gives it. Any other key means that template alone, and it must not be another place's.
    """
    found = _nearest(law, lookups, key) or law.find(KIND_DOCUMENT, key, None, None)
    if found is None:
        fault = FieldError("/template", "unknown-template", f"no template {key!r} was in force when the process instance started")
        raise Invalid("there is no such template", [fault])
    if found.jurisdiction not in (None, COMMON, law.definition.jurisdiction, *_places(law, lookups)):
        fault = FieldError(
            "/template", "other-place", f"the template belongs to {found.jurisdiction!r}, and this case to {law.jurisdiction!r}"
        )
        raise Invalid("the template belongs to another place", [fault])
    return found


def _nearest(law: CaseLaw, lookups: Lookups, key: str) -> Definition | None:
    places = [*_places(law, lookups), COMMON]
    named = next((place for place in places if key.startswith(f"{place}_")), None)
    if named is None:
        return None
    kind = key.removeprefix(f"{named}_")
    for place in places:
        found = law.find(KIND_DOCUMENT, f"{place}_{kind}", None, None)
        if found is not None and found.jurisdiction == place:
            return found
    return None


def _places(law: CaseLaw, lookups: Lookups) -> list[str]:
    """The place of the case and those above it, the nearest first."""
    found = None if law.jurisdiction is None else lookups.jurisdiction(law.jurisdiction, law.seq)
    return [] if found is None else found.path.split("/")[::-1]
