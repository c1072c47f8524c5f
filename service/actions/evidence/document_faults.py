"""Why a document could not be made, field by field: what the template needs, and where that would come from."""

import re
from collections.abc import Mapping

from service.actions.evidence.document_subject import STATED
from service.documents import FieldsMissing
from service.domain.definition import Definition
from service.domain.errors import FieldError

INDEX = re.compile(r"\[[0-9]+\]")
ORIGINS = {
    "fields": "the caller gives it, in `fields` of the request",
    "task": "it is there when the request names a `taskId`, and when it applies to that task",
    "place": "the case belongs to no place; a message or start names its jurisdiction",
    "subject": "it stands in the register of subjects under the case's subjectId, or the caller gives it",
    "instance": "the start of the case gives it",
    "signatures": "a step that is signed gives it when it is completed",
    "decisions": "a decision of the case gives it",
}
OF_NO_FORM = (
    "no form of the case asks for it: a decision table, a message or the start of the case sets it. What belongs to one step only is seen "
    "with the `taskId` of an open task there"
)


def document_faults(template: Definition, refused: FieldsMissing, origins: Mapping[str, str]) -> list[FieldError]:
    """One fault for each field and each refusal. `origins`: path of a variable → which step asks for it."""
    named = f"the template {template.key}"
    faults = [
        FieldError(_pointer(path), "missing-field", f"{named} needs {path}, which is not there: {_origin(path, origins)}")
        for path in refused.missing
    ]
    faults += [
        FieldError(
            _pointer(path), "unfit-field", f"{named} cannot write {path} where it stands: it is no text, date or list as needed there"
        )
        for path in refused.unfit
    ]
    return faults + [FieldError("/template", "not-for-this-case", f"{named} says: {reason}") for reason in refused.refusals]


def _origin(path: str, origins: Mapping[str, str]) -> str:
    root, _, member = path.partition(".")
    if root in ORIGINS:
        stated = STATED.get(member) if root == "subject" else None
        return ORIGINS[root] if stated is None else f"{ORIGINS[root]}, as fields.{stated}"
    plain = INDEX.sub("", path)
    if plain in origins:
        return origins[plain]
    below = next((told for asked, told in origins.items() if asked.startswith(plain + ".")), None)
    return below or OF_NO_FORM


def _pointer(path: str) -> str:
    """What the caller may give is pointed to in the body; everything else is a path into the case."""
    return "/" + path.replace("[", ".").replace("]", "").replace(".", "/")
