"""The precedents nearest to a running case as it stands. They inform and never decide."""

from collections.abc import Mapping

from service.actions.instances.advance import law_of
from service.actions.instances.case_law import resumed
from service.actions.ports import Questions, Services
from service.actions.precedents.nearness import ORDER, Nearness, beside, known_facts, matched_rules
from service.actions.precedents.precedent_views import precedent_json
from service.domain import task as task_states
from service.domain.access import require_may
from service.domain.errors import NotFound
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.precedent import Precedent
from service.domain.principal import Principal

FACTS, ADVICE = "facts", "advice"
"""The variables in which a case keeps its facts and what the tables advise."""


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
    facts, rules = known_facts(variables.get(FACTS)), matched_rules(variables.get(ADVICE))
    found = beside(questions.precedents_beside(instance.jurisdiction_path), instance.id, facts, rules)
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
