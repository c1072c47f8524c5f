"""The precedents nearest to a running case: the same rules first, then the fewest known facts that differ. They inform and never decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.actions.advance import law_of
from service.actions.case_law import resumed
from service.actions.ports import Questions, Services
from service.actions.precedent_views import precedent_json
from service.domain import task as task_states
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json, same_json
from service.domain.precedent import Precedent, PrecedentOutline
from service.domain.principal import Principal

FACTS, ADVICE = "facts", "advice"
"""The variables in which a case keeps its facts and what the tables advise."""
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
    return sorted(latest_first, key=lambda one: (-len(one.shared_rules), len(one.differing), -len(one.agreeing)))


def precedents_of_instance(services: Services, principal: Principal, instance_id: str, limit: int) -> dict[str, Json]:
    """Those nearest to the case as it stands; NotFound when there is no such instance."""
    require_may(principal, "read")
    with services.store.read() as questions:
        instance = questions.instance(instance_id)
        if instance is None:
            raise NotFound("process instance", instance_id)
        return _told(questions, instance, questions.variables(instance_id) or {}, None, limit)


def precedents_of_task(services: Services, principal: Principal, task_id: str, limit: int) -> dict[str, Json]:
    """Those nearest to the case as the task sees it; NotFound when there is no such task."""
    require_may(principal, "read")
    with services.store.read() as questions:
        task = questions.task(task_id)
        instance = None if task is None else questions.instance(task.process_instance_id)
        if task is None or instance is None:
            raise NotFound("task", task_id)
        variables: Mapping[str, Json] = questions.variables(instance.id) or {}
        if task.state == task_states.CREATED and instance.state_data is not None:
            law = law_of(services, questions, instance)
            variables = resumed(services, questions, law, instance.state_data).task_variables(task.id)
        return _told(questions, instance, variables, task_id, limit)


def _told(
    questions: Questions, instance: ProcessInstance, variables: Mapping[str, Json], task_id: str | None, limit: int
) -> dict[str, Json]:
    given, rules = variables.get(FACTS), matched_rules(variables.get(ADVICE))
    facts = {name: value for name, value in given.items() if _is_known(value)} if isinstance(given, dict) else {}
    others = [
        one
        for one in questions.precedents_beside(instance.jurisdiction_path)
        if instance.id not in (one.process_instance_id, one.origin_instance_id)
    ]
    found = in_order([nearness(one, facts, rules) for one in others])
    nearest = found[:limit]
    whole = {one.id: one for one in questions.precedents([near.precedent.id for near in nearest])}
    items: list[Json] = [_item(whole[near.precedent.id], near, facts) for near in nearest]
    return {
        "processInstanceId": instance.id,
        "taskId": task_id,
        "rules": [*rules],
        "knownFacts": [*sorted(facts)],
        "order": ORDER,
        "compared": len(found),
        "items": items,
    }


def _is_known(value: Json) -> bool:
    return value is not None and not isinstance(value, list | dict)


def matched_rules(advice: Json) -> list[str]:
    """The rules among the reasons of an advice, in its order, each once."""
    reasons = advice.get("reasons") if isinstance(advice, dict) else None
    named = [reason.get("rule") for reason in reasons if isinstance(reason, dict)] if isinstance(reasons, list) else []
    return list(dict.fromkeys(rule for rule in named if isinstance(rule, str)))


def _item(one: Precedent, near: Nearness, facts: Mapping[str, Json]) -> dict[str, Json]:
    assumed = sorted(one.assumed_facts.keys() & facts.keys())
    return {
        "precedent": precedent_json(one),
        "sharedRules": list(near.shared_rules),
        "differingFacts": [{"name": name, "here": facts[name], "there": one.facts[name]} for name in near.differing],
        "agreeingFacts": list(near.agreeing),
        "assumedFacts": [{"name": name, "here": facts[name], "there": one.assumed_facts[name]} for name in assumed],
        "unknownHere": list(near.unknown_here),
        "unknownThere": list(near.unknown_there),
    }
