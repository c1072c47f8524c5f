"""Whom a document is about: what the case says of the person or unit, and what the register says where the case is silent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.actions.ports import Lookups
from service.actions.subjects.subject_views import subject_on_day
from service.domain.json_values import Json
from service.domain.subject import SUBJECT_ID, Subject

STATED = {
    "name": "subjectName",
    "unit": "subjectUnit",
    "post": "subjectPost",
    "rank": "subjectRank",
    "authority": "subjectAuthority",
}
"""Member of `subject` → the name under which a caller (`fields`) or the case (`variables`, `variables.facts`) states it."""
REGISTER = "register"
SOURCE_WORDS = {"fields": "经办人填写", "variables": "案卷所载", "facts": "案卷事实", REGISTER: "登记"}
DIFFERS, STATED_TWICE = "differs-from-register", "stated-differently"


@dataclass(frozen=True, slots=True)
class Registered:
    """The rows of the register about a case: of its subject, and of the unit that this one belongs to."""

    subject: Subject | None
    unit: Subject | None


@dataclass(frozen=True, slots=True)
class SubjectTold:
    """`context` is the root `subject` of templates, None when nothing is known of any; `warnings` name every contradiction."""

    context: dict[str, Json] | None
    warnings: list[dict[str, Json]]

    @property
    def sources(self) -> Json:
        """Member → where it comes from."""
        return {} if self.context is None else self.context["sources"]


def registered(lookups: Lookups, subject_id: Json) -> Registered:
    """What the register says now of whom a case names so."""
    subject = lookups.subject(subject_id) if isinstance(subject_id, str) else None
    unit = None if subject is None or subject.unit_id is None else lookups.subject(subject.unit_id)
    return Registered(subject, unit)


def subject_told(register: Registered, variables: Mapping[str, Json], fields: Mapping[str, Json], day: str) -> SubjectTold:
    """What documents of that day (ISO date) may say of the subject.

    The case's own words are used before those of the register; where two of them differ that is told, whichever is used.
    """
    subject_id = variables.get(SUBJECT_ID)
    known = _registered_values(register, day)
    context: dict[str, Json] = {"id": subject_id, "registered": register.subject is not None, "on": day}
    sources: dict[str, Json] = {}
    warnings: list[dict[str, Json]] = []
    for member, stated_as in STATED.items():
        stated = list(_stated(stated_as, variables, fields))
        values = known.get(member, ())
        if stated:
            source, used = stated[0]
            warnings += [_warning(STATED_TWICE, member, used, source, other, there) for there, other in stated[1:] if other != used]
            if member in known and used not in (*values, "、".join(values)):
                warnings.append(_warning(DIFFERS, member, used, source, "、".join(values) or None, REGISTER))
        elif values:
            source, used = REGISTER, "、".join(values)
        else:
            continue
        context[member], sources[member] = used, source
    if register.subject is not None:
        on_day = subject_on_day(register.subject, day)
        authority = on_day["authority"]
        context |= {"kind": register.subject.kind, "unitId": register.subject.unit_id}
        context["authorityId"] = authority["id"] if isinstance(authority, dict) and sources.get("authority") == REGISTER else None
    elif not sources and subject_id is None:
        return SubjectTold(None, [])
    told: dict[str, Json] = {name: value for name, value in context.items() if value is not None}
    return SubjectTold(told | {"sources": sources}, warnings)


def source_labels(told: SubjectTold) -> dict[str, dict[str, str]]:
    """Words for the sources, as the filter `label` of templates finds them."""
    words = {
        f"{where}.{name}": SOURCE_WORDS[where.rpartition(".")[2]]
        for where in ("fields", "variables", "variables.facts")
        for name in STATED.values()
    }
    return {f"subject.sources.{member}": words | {REGISTER: SOURCE_WORDS[REGISTER]} for member in STATED} if told.context else {}


def _stated(name: str, variables: Mapping[str, Json], fields: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """(where, text) of everything that is said under that name."""
    facts = variables.get("facts")
    places = (("fields", fields), ("variables", variables), ("variables.facts", facts if isinstance(facts, dict) else {}))
    for where, values in places:
        text = values.get(name)
        if isinstance(text, str) and text.strip():
            yield f"{where}.{name}", text.strip()


def _registered_values(register: Registered, day: str) -> dict[str, Sequence[str]]:
    """Member → what the register says; no entry where it says nothing, an empty one where a person has posts, but none on that day."""
    subject, unit = register.subject, register.unit
    if subject is None:
        return {}
    found: dict[str, Sequence[str]] = {"name": (subject.name,)}
    if unit is not None:
        found["unit"] = (unit.name,)
    if subject.posts:
        on_day = [post for post in sorted(subject.posts, key=lambda post: post.begins_on, reverse=True) if post.is_held_on(day)]
        found["post"] = _distinct([post.post for post in on_day])
        found["rank"] = _distinct([post.rank for post in on_day])
        found["authority"] = _distinct([None if post.authority is None else post.authority.name or post.authority.id for post in on_day])
    return found


def _distinct(values: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value is not None))


def _warning(code: str, member: str, used: str, source: str, other: str | None, there: str) -> dict[str, Json]:
    said = "says nothing of it for that day" if other is None else f"says {other!r}"
    return {
        "code": code,
        "field": f"subject.{member}",
        "used": used,
        "usedFrom": source,
        "other": other,
        "otherFrom": there,
        "message": f"the document says {used!r} as subject.{member} (from {source}), and {there} {said}",
    }
