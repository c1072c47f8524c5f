"""How near precedents lie to a case: the same rules first, then the fewest known facts that differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.domain.json_values import Json, same_json
from service.domain.precedent import Precedent, PrecedentOutline

ORDER = (
    "more rules in common first (a rule of the case that is the precedent's own id counts); then fewer facts that differ among those both "
    "know; then more facts that agree; then the later publication; then the id. Facts that were only assumed count for nothing."
)


@dataclass(frozen=True, slots=True)
class Nearness:
    """How one precedent lies to a case. Names of facts are in alphabetical order."""

    precedent: Precedent | PrecedentOutline
    shared_rules: tuple[str, ...]
    differing: tuple[str, ...]
    agreeing: tuple[str, ...]
    unknown_here: tuple[str, ...]
    unknown_there: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int]:
        """The smaller, the nearer: more rules in common, then fewer facts that differ. Precedents of one rank lie equally near."""
        return -len(self.shared_rules), len(self.differing)


def nearness(precedent: Precedent | PrecedentOutline, facts: Mapping[str, Json], rules: Sequence[str]) -> Nearness:
    """Compare a precedent with the known facts and the matched rules of a case."""
    its_rules = {*precedent.rules, precedent.id}
    both = sorted(facts.keys() & precedent.facts.keys())
    agreeing = tuple(name for name in both if same_json(facts[name], precedent.facts[name]))
    return Nearness(
        precedent,
        tuple(rule for rule in dict.fromkeys(rules) if rule in its_rules),
        tuple(name for name in both if name not in agreeing),
        agreeing,
        tuple(sorted(precedent.facts.keys() - facts.keys())),
        tuple(sorted(facts.keys() - precedent.facts.keys())),
    )


def in_order(found: Sequence[Nearness]) -> list[Nearness]:
    """As ORDER says."""
    by_id = sorted(found, key=lambda one: one.precedent.id)
    latest_first = sorted(by_id, key=lambda one: one.precedent.published or "", reverse=True)
    return sorted(latest_first, key=lambda one: (one.rank, -len(one.agreeing)))


def beside(outlines: Sequence[PrecedentOutline], case_id: str | None, facts: Mapping[str, Json], rules: Sequence[str]) -> list[Nearness]:
    """Those shown beside a case, in order; without the one that came from the case itself."""
    others = [one for one in outlines if case_id is None or case_id not in (one.process_instance_id, one.origin_instance_id)]
    return in_order([nearness(one, facts, rules) for one in others])


def known_facts(facts: Json) -> dict[str, Json]:
    """The facts of a case that can be compared: known, and no list or context."""
    given = facts if isinstance(facts, dict) else {}
    return {name: value for name, value in given.items() if value is not None and not isinstance(value, list | dict)}


def matched_rules(advice: Json) -> list[str]:
    """The rules among the reasons of an advice, in its order, each once."""
    reasons = advice.get("reasons") if isinstance(advice, dict) else None
    named = [reason.get("rule") for reason in reasons if isinstance(reason, dict)] if isinstance(reasons, list) else []
    return list(dict.fromkeys(rule for rule in named if isinstance(rule, str)))
