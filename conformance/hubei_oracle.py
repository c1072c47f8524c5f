"""A second, independent reading of Hubei's rules, against which the decision tables are compared.

Written from the legal material (negative list, 三个区分开来, situations, 六看, order of the steps), never from the DMN file: three-valued
conditions instead of rows and columns. Facts are a mapping from name to value; an absent name or null is unknown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]
Truth = bool | None

SEVERE = ("MAJOR_LOSS", "MAJOR_SAFETY", "SEVERE_POLLUTION", "SEVERE_MASS_INCIDENT", "SEVERE_SOCIAL")
VALUES: dict[str, tuple[Any, ...]] = {
    "nature": ("PIONEERING", "PROCEDURAL_FLAW", "DUTY_ERROR", "ORDERS_DEFIED"),
    "explicitProhibition": ("NONE", "UNCLEAR", "RULE_BREACH", "EXPLICIT", "PARTY_DISCIPLINE_REDLINE"),
    "persisted": (True, False),
    "workBasis": ("CLEAR_BASIS", "BOUNDARY_UNCLEAR", "UPPER_DOCUMENT", "OWN_DOCUMENT", "WILFUL_MISREADING", "NONE"),
    "achievementBias": (True, False),
    "motive": ("PUBLIC", "MIXED", "PRIVATE", "UNIT_IMPROPER"),
    "personalGain": (True, False),
    "intent": ("INADVERTENT", "RECKLESS", "KNOWING"),
    "decisionProcess": ("COLLECTIVE", "LEADER_APPROVED", "ARBITRARY", "EMERGENCY_REPORTED", "NOT_A_DECISION"),
    "personOpposed": (True, False),
    "consequence": ("NONE", "MINOR", "LOSS_RECOVERED", "LOSS_UNRECOVERED", *SEVERE),
    "overallBenefit": (True, False),
    "urgentPublicDanger": (True, False),
    "procedureCompletedAfterwards": (True, False),
    "remedy": ("TIMELY", "PARTIAL", "LATE", "NONE", "CONCEALED"),
}


def both(parts: Iterable[Truth]) -> Truth:
    """Kleene conjunction."""
    seen = list(parts)
    if False in seen:
        return False
    return None if None in seen else True


def either(parts: Iterable[Truth]) -> Truth:
    """Kleene disjunction."""
    seen = list(parts)
    if True in seen:
        return True
    return None if None in seen else False


@dataclass(frozen=True)
class Row:
    """Conditions on facts (the values that meet each), joined by `join`."""

    rule: str
    conditions: Mapping[str, tuple[Any, ...]]
    join: Callable[[Iterable[Truth]], Truth] = both

    def truth(self, facts: Facts) -> Truth:
        return self.join(None if facts.get(name) is None else facts[name] in met for name, met in self.conditions.items())

    def unknown(self, facts: Facts) -> list[str]:
        """The facts that keep the row undecided."""
        return [name for name in self.conditions if facts.get(name) is None] if self.truth(facts) is None else []


NEGATIVE = (
    Row("N3", {"personalGain": (True,), "motive": ("PRIVATE",)}, either),
    Row("N3b", {"intent": ("KNOWING",)}),
    Row("N3c", {"explicitProhibition": ("EXPLICIT",), "persisted": (True,)}),
    Row("N4", {"explicitProhibition": ("PARTY_DISCIPLINE_REDLINE",)}),
    Row("N9", {"decisionProcess": ("ARBITRARY",), "intent": ("KNOWING",)}),
)
_CLEAN = {"intent": ("INADVERTENT", "RECKLESS"), "personalGain": (False,)}
_PUBLIC = {"motive": ("PUBLIC",)}
SITUATIONS = (
    Row(
        "HB-T1",
        {
            **_PUBLIC,
            "explicitProhibition": ("RULE_BREACH",),
            "urgentPublicDanger": (True,),
            "procedureCompletedAfterwards": (True,),
            **_CLEAN,
        },
    ),
    Row("HB-T3", {**_PUBLIC, "decisionProcess": ("COLLECTIVE",), "overallBenefit": (True,), **_CLEAN}),
    Row(
        "HB-T2",
        {
            **_PUBLIC,
            "decisionProcess": ("COLLECTIVE",),
            "consequence": tuple(v for v in VALUES["consequence"] if v not in SEVERE),
            **_CLEAN,
        },
    ),
    Row("HB-T4", {"overallBenefit": (True,), "motive": ("PUBLIC", "MIXED", "UNIT_IMPROPER"), **_CLEAN}),
)
GOOD, BAD, OPEN = "FAVOURABLE", "UNFAVOURABLE", "UNCLEAR"
_FREE = ("NONE", "UNCLEAR")
# Per aspect the rows top down with their finding; what no row names is unclear.
ASPECTS: dict[str, tuple[tuple[str, Row], ...]] = {
    "nature": (
        (BAD, Row("", {"nature": ("ORDERS_DEFIED",), "explicitProhibition": ("EXPLICIT", "PARTY_DISCIPLINE_REDLINE")}, either)),
        (GOOD, Row("", {"nature": ("PIONEERING", "PROCEDURAL_FLAW", "DUTY_ERROR"), "explicitProhibition": _FREE})),
    ),
    "basis": (
        (BAD, Row("", {"workBasis": ("WILFUL_MISREADING",), "achievementBias": (True,)}, either)),
        (GOOD, Row("", {"workBasis": ("BOUNDARY_UNCLEAR", "CLEAR_BASIS")})),
    ),
    "motive": (
        (BAD, Row("", {"motive": ("PRIVATE", "UNIT_IMPROPER"), "personalGain": (True,), "intent": ("KNOWING",)}, either)),
        (GOOD, Row("", {"motive": ("PUBLIC",), "personalGain": (False,), "intent": ("INADVERTENT",)})),
    ),
    "process": (
        (GOOD, Row("", {"personOpposed": (True,)})),
        (BAD, Row("", {"decisionProcess": ("ARBITRARY",)})),
        (GOOD, Row("", {"decisionProcess": ("COLLECTIVE", "EMERGENCY_REPORTED")})),
    ),
    "consequence": (
        (BAD, Row("", {"consequence": SEVERE})),
        (GOOD, Row("", {"consequence": ("NONE", "MINOR", "LOSS_RECOVERED")})),
        (GOOD, Row("", {"consequence": ("LOSS_UNRECOVERED",), "overallBenefit": (True,)})),
    ),
    "attitude": ((BAD, Row("", {"remedy": ("NONE", "CONCEALED")})), (GOOD, Row("", {"remedy": ("TIMELY",)}))),
}


@dataclass(frozen=True)
class Judgement:
    """What the reading gives for some facts.

    `rules` are the negative rows and situations met, in order; `by_aspects` is true where the favourable aspects alone decide.
    """

    outcome: str
    modality: str
    rules: tuple[str, ...]
    by_aspects: bool
    missing: tuple[str, ...]
    six_aspects: Mapping[str, str]


def _aspect(rows: Sequence[tuple[str, Row]], facts: Facts) -> tuple[str, list[str]]:
    """The finding, and the facts its first matching row still needs."""
    lacking: list[str] = []
    for finding, row in rows:
        truth = row.truth(facts)
        if truth is True:
            return (OPEN if lacking else finding), lacking
        lacking += row.unknown(facts)
    return OPEN, lacking


def judge(facts: Facts) -> Judgement:
    """The outcome by the order of the steps: negative list, unknown facts, situations against the six aspects, five favourable ones."""
    findings: dict[str, str] = {}
    lacking: list[str] = [name for row in (*NEGATIVE, *SITUATIONS) for name in row.unknown(facts)]
    for aspect, rows in ASPECTS.items():
        findings[aspect], needed = _aspect(rows, facts)
        lacking += needed
    if facts.get("explicitProhibition") != "EXPLICIT":
        lacking = [name for name in lacking if name != "persisted"]
    missing = tuple(dict.fromkeys(lacking))
    refused = tuple(row.rule for row in NEGATIVE if row.truth(facts))
    met = tuple(row.rule for row in SITUATIONS if row.truth(facts))
    good, bad = (list(findings.values()).count(word) for word in (GOOD, BAD))
    if refused:
        outcome, modality = "NOT_TOLERATED", "SHOULD"
    elif missing or (met and bad) or not (met or (good >= 5 and not bad)):
        outcome, modality = "MANUAL", "MAY"
    else:
        outcome, modality = "TOLERATE", "MAY"
    return Judgement(outcome, modality, refused + met, outcome == "TOLERATE" and not met, missing, findings)
