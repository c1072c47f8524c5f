"""A precedent: a published case and how it ended. It is shown beside other cases and never decides one (force PRECEDENT)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.domain.json_values import Json

FORCE = "PRECEDENT"
BUILT_IN, CASE, REPORTED = "built-in", "case", "reported"
ORIGINS = (BUILT_IN, CASE, REPORTED)
"""From a deployed precedents.yaml; from a case of this service; told by a person or an OA."""
NONE, UNIT, LIMITED, PUBLIC = "NONE", "UNIT", "LIMITED", "PUBLIC"
SCOPES = (UNIT, LIMITED, PUBLIC)
"""How far it was published. What was published to nobody (NONE) is no precedent."""
OTHER = "OTHER"
RECORDED, WITHDRAWN = "precedent.recorded", "precedent.withdrawn"
"""Kinds of audit events, each with the digest of the whole precedent."""
OUTCOMES = ("EXEMPT", "REDUCE_LENIENT", "REDUCE_MITIGATED", "REDUCE", "TOLERATE", "NOT_TOLERATED", OTHER)
"""How the case ended; OTHER is told in words."""
EXEMPT_KINDS = ("NOT_PURSUED", "EXEMPTED")
"""不予、免予追责问责."""
_EXEMPT, _NOT_TOLERATED = "EXEMPT", "NOT_TOLERATED"
_REDUCTIONS = ("REDUCE_LENIENT", "REDUCE_MITIGATED", "REDUCE")
DECIDED = (_EXEMPT, *_REDUCTIONS, _NOT_TOLERATED)
"""How people decide a case."""


@dataclass(frozen=True, slots=True)
class PrecedentSource:
    """Where the case was published. `note` says why where there is no address."""

    title: str
    quote: str | None = None
    address: str | None = None
    note: str | None = None

    def as_json(self) -> dict[str, Json]:
        """The source as the API shows it."""
        return {"title": self.title, "quote": self.quote, "address": self.address, "note": self.note}


@dataclass(frozen=True, slots=True)
class Precedent:
    """`version` is that of the deployed file's entry, 1 for others. `jurisdiction` is the place whose rows it belongs to, `place` the name
    that was published. `published` is a date, month or year. `facts` are told by the source; `assumed_facts` are filled in and are no
    ground for likeness or difference. `withdrawn` is the reason why it is no longer shown beside cases, `withdrawn_at` and `withdrawn_by`
    are None where that was deployed. Times are epoch milliseconds.
    """

    id: str
    version: int
    title: str
    place: str | None
    jurisdiction: str | None
    jurisdiction_path: str | None
    outcome: str
    scope: str
    anonymised: bool
    origin: str
    sources: tuple[PrecedentSource, ...]
    recorded_at: int
    recorded_by: str
    published: str | None = None
    outcome_text: str | None = None
    exempt_kind: str | None = None
    situation: str | None = None
    rules: tuple[str, ...] = ()
    facts: Mapping[str, Json] = field(default_factory=dict)
    assumed_facts: Mapping[str, Json] = field(default_factory=dict)
    text: str | None = None
    note: str | None = None
    withdrawn: str | None = None
    process_instance_id: str | None = None
    origin_instance_id: str | None = None
    withdrawn_at: int | None = None
    withdrawn_by: str | None = None

    def searched_text(self) -> str:
        """The words in which a search looks."""
        quotes = [part for source in self.sources for part in (source.title, source.quote)]
        parts = [self.title, self.place, self.situation, self.outcome_text, self.text, self.note, *quotes]
        return "\n".join(part for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class PrecedentOutline:
    """What decides how near a precedent lies to a case, and beside which cases it is shown; without what it tells in words."""

    id: str
    jurisdiction_path: str | None
    scope: str
    published: str | None
    rules: tuple[str, ...]
    facts: Mapping[str, Json]
    withdrawn: str | None
    process_instance_id: str | None
    origin_instance_id: str | None


def shown_beside(precedent: Precedent | PrecedentOutline, case_path: str | None) -> bool:
    """Whether it is shown beside a case of the place with that path (None: of no place).

    PUBLIC everywhere; LIMITED in its own place and those below it; UNIT in its own place only. Sources name the extents, not where
    exactly they end: these ends are our default.
    """
    if precedent.withdrawn is not None:
        return False
    if precedent.scope == PUBLIC:
        return True
    own = precedent.jurisdiction_path
    if own is None or case_path is None:
        return False
    return case_path == own or (precedent.scope == LIMITED and case_path.startswith(f"{own}/"))


def departs(decided: str, ended: str) -> bool:
    """Whether a case decided so (one of DECIDED) departs from one that ended so.

    The levels of reduction are one, since no source tells them apart; what was tolerated in other words than exemption or reduction is
    departed from by refusing only. Sources ask that published cases lead, not what departing is: this is our default.
    """
    if decided == ended:
        return False
    if _NOT_TOLERATED in (decided, ended):
        return True
    if ended == _EXEMPT:
        return True
    return decided == _EXEMPT and ended in _REDUCTIONS
