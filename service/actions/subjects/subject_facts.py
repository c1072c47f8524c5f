"""All facts across cases about one person or unit, each with what it counts and where it is declared."""

from collections.abc import Iterator, Mapping

from service.actions.ports import Questions, Services
from service.actions.subjects.recorded_facts import FACTS, is_through_unit, paths_of, question_of
from service.domain.access import require_may
from service.domain.definition import COMMON, Jurisdiction
from service.domain.errors import NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.subject import MATTER_ID, SUBJECT_ID, UNIT, Subject


def subject_facts(
    services: Services, principal: Principal, subject_id: str, jurisdiction_id: str | None, matter_id: str | None
) -> dict[str, Json]:
    """The facts that are in force at a place now (those of `common` where none is named), by name.

    A fact that is asked for by more than the subject, its unit and the matter has no count here. Raises NotFound for an unknown place.
    """
    require_may(principal, "read")
    now = services.clock()
    with services.store.read() as questions:
        if jurisdiction_id is not None and questions.jurisdiction(jurisdiction_id) is None:
            raise NotFound("jurisdiction", jurisdiction_id)
        subject = questions.subject(subject_id)
        known = {SUBJECT_ID: subject_id, MATTER_ID: matter_id}
        facts: dict[str, Json] = {}
        for place in _places(questions, jurisdiction_id):
            declared = place.document.get(FACTS)
            for name, entry in (declared if isinstance(declared, dict) else {}).items():
                if name not in facts and isinstance(entry, dict):
                    facts[name] = _fact(questions, name, entry, place.id, _key(entry, known, subject, subject_id), now)
    return {
        "subjectId": subject_id,
        "registered": subject is not None,
        "jurisdiction": jurisdiction_id,
        "facts": [facts[name] for name in sorted(facts)],
    }


def _places(questions: Questions, jurisdiction_id: str | None) -> Iterator[Jurisdiction]:
    """The place, those above it from below, at last what places share."""
    place = None if jurisdiction_id is None else questions.jurisdiction(jurisdiction_id)
    while place is not None:
        yield place
        place = None if place.parent is None else questions.jurisdiction(place.parent)
    common = questions.jurisdiction(COMMON)
    if common is not None:
        yield common


def _key(entry: Mapping[str, Json], known: Mapping[str, str | None], subject: Subject | None, subject_id: str) -> tuple[str, ...] | None:
    parts = [known.get(path) for path in paths_of(entry)]
    if is_through_unit(entry):
        parts[0] = None if subject is None else (subject_id if subject.kind == UNIT else subject.unit_id)
    found = tuple(part for part in parts if part is not None)
    return found if len(found) == len(parts) else None


def _fact(
    questions: Questions, name: str, entry: Mapping[str, Json], declared_by: str, key: tuple[str, ...] | None, now: int
) -> dict[str, Json]:
    question = None if key is None else question_of(entry, key, now)
    return {
        "name": name,
        "displayName": entry.get("name"),
        "declaredBy": declared_by,
        "basis": entry.get("basis"),
        "source": entry.get("source"),
        "note": entry.get("note"),
        "askedBy": list(paths_of(entry)),
        "key": None if key is None else list(key),
        "count": None if question is None else questions.count_recorded(question),
        "entries": [] if question is None else [entry.as_json() for entry in questions.find_recorded(question)],
    }
