"""Which precedents are shown at the task that decides a case, and which decisions depart from them.

What the case is measured by, and so where a reason is asked for, is the setting `nearestPrecedents` of jurisdiction.yaml; it is looked at
when the file is deployed. Sources ask that published cases lead: how near is near, and what departing means, is our default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.actions.ports import Lookups
from service.actions.precedents.nearness import Nearness, beside, known_facts, matched_rules
from service.domain.json_values import Json
from service.domain.precedent import DECIDED, Precedent, departs

SETTING = "nearestPrecedents"
NEAREST, ALIKE, NAMED = "NEAREST", "ALIKE", "NAMED"
MEASURES = (NEAREST, ALIKE, NAMED)
"""By what a case is measured besides the precedents that the table itself names: by the nearest of those alike, by all of those shown that
are alike, by nothing else."""
MAX_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Comparison:
    """`shown` of them are shown; one that shares `shared_rules` matched rules with the case is alike; `measure` is one of MEASURES."""

    shown: int
    shared_rules: int
    measure: str


def fault_of_comparison(value: Json) -> str | None:
    """What is wrong with the value of the setting, None when it can be used."""
    members = ("shown", "sharedRules", "departFrom")
    if not isinstance(value, dict) or value.keys() != set(members):
        return f"the value has {', '.join(members)}"
    for name, most in (("shown", MAX_SHOWN), ("sharedRules", MAX_SHOWN)):
        number = value[name]
        if isinstance(number, bool | str | list | dict) or number is None or number != int(number) or not 1 <= number <= most:
            return f"{name} is a whole number from 1 to {most}"
    return None if value["departFrom"] in MEASURES else f"departFrom is one of {', '.join(MEASURES)}"


def comparison_of(value: Json) -> Comparison:
    """The setting as it is asked; ValueError says what is wrong with it."""
    fault = fault_of_comparison(value)
    if fault is not None or not isinstance(value, dict):
        raise ValueError(fault)
    return Comparison(int(str(value["shown"])), int(str(value["sharedRules"])), str(value["departFrom"]))


def departure(
    lookups: Lookups, case_path: str | None, case_id: str | None, comparison: Comparison, facts: Json, advice: Json
) -> dict[str, Json]:
    """The precedents near to a case with these facts and this advice, as they are now, and the decisions that depart from them."""
    known, rules = known_facts(facts), matched_rules(advice)
    outlines = beside(lookups.precedents_beside(case_path), case_id, known, rules)
    named = _named(advice)
    measured = _measured(outlines, comparison, set(named))
    near = [one for index, one in enumerate(outlines) if index < comparison.shown or one.precedent.id in measured]
    whole = {one.id: one for one in lookups.precedents([*{*named, *(one.precedent.id for one in near)}])}
    withdrawn = {one.id: one.withdrawn for one in whole.values() if one.withdrawn is not None}
    items = [_item(whole[one.precedent.id], one, known, one.precedent.id in measured) for one in near]
    ended = [whole[identifier].outcome for identifier in measured]
    ended += [outcome for identifier, outcome in named.items() if outcome is not None and identifier not in withdrawn]
    return {
        "shown": comparison.shown,
        "sharedRules": comparison.shared_rules,
        "departFrom": comparison.measure,
        "rules": [*rules],
        "compared": len(outlines),
        "items": [*items],
        "withdrawn": [{"id": identifier, "reason": withdrawn[identifier]} for identifier in named if identifier in withdrawn],
        "departing": _departing(ended),
    }


def _named(advice: Json) -> dict[str, str | None]:
    """The precedents that the table names, with the outcome it gives of each."""
    rows = advice.get("precedents") if isinstance(advice, dict) else None
    found: dict[str, str | None] = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("rule"), str):
            outcome = row.get("publishedOutcome")
            found[str(row["rule"])] = outcome if isinstance(outcome, str) else None
    return found


def _measured(outlines: Sequence[Nearness], comparison: Comparison, named: set[str]) -> list[str]:
    """The ids of those that the case is measured by, in their order."""
    alike = [one for one in outlines[: comparison.shown] if len(one.shared_rules) >= comparison.shared_rules]
    if comparison.measure == NEAREST:
        alike = [one for one in alike if one.rank == alike[0].rank]
    elif comparison.measure == NAMED:
        alike = []
    wanted = named | {one.precedent.id for one in alike}
    return [one.precedent.id for one in outlines if one.precedent.id in wanted]


def _departing(ended: Sequence[str]) -> list[Json]:
    return [decided for decided in DECIDED if any(departs(decided, one) for one in ended)]


def _item(one: Precedent, near: Nearness, facts: Mapping[str, Json], measured: bool) -> dict[str, Json]:
    return {
        "id": one.id,
        "version": one.version,
        "title": one.title,
        "place": one.place,
        "published": one.published,
        "situation": one.situation,
        "outcome": one.outcome,
        "outcomeText": one.outcome_text,
        "exemptKind": one.exempt_kind,
        "scope": one.scope,
        "sources": [source.as_json() for source in one.sources],
        "sharedRules": [*near.shared_rules],
        "differingFacts": [{"name": name, "here": facts[name], "there": one.facts[name]} for name in near.differing],
        "agreeingFacts": [*near.agreeing],
        "unknownHere": [*near.unknown_here],
        "measured": measured,
        "departing": _departing([one.outcome]) if measured else [],
    }
