"""What a document may speak of: the case as it stands, its facts in the words of its forms, the decisions taken."""

from collections.abc import Iterator, Mapping
from typing import cast

from service.actions.evidence.document_organs import deciding_organs, organ_of
from service.actions.evidence.step_variables import variables_at
from service.actions.evidence.written_labels import written_labels
from service.actions.instances.advance import law_of
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.published import form_of, process_source
from service.actions.ports import Questions, Services
from service.actions.presentation import signature_json, timestamp
from service.domain.definition import KIND_FORM, KIND_PROCESS, Definition
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json, number_text
from service.domain.task import Task

Labels = dict[str, dict[str, str]]
"""Path of a field → code → what its form calls it."""
DECISIONS_AT_ONCE = 200
"""How many are read with one question; all of them are told."""
FORCES = {
    "LAW": "法律",
    "RULE": "规定",
    "PRACTICE": "实践",
    "RECOMMENDATION": "建议",
    "PRECEDENT": "案例，只供参照",
    "DEFAULT": "缺省 [D]",
}
OUTCOMES = {
    "EXEMPT": "免责",
    "REDUCE_LENIENT": "从轻",
    "REDUCE_MITIGATED": "减轻",
    "REDUCE": "减责（未分档）",
    "TOLERATE": "可予容错（未分档）",
    "SHOULD_TOLERATE": "应予容错",
    "NOT_TOLERATED": "不予容错",
    "MANUAL": "人工研判",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "variables.advice.outcome": OUTCOMES,
    "variables.advice.force": FORCES,
    "variables.advice.reasons.force": FORCES,
    "variables.admissibility.force": FORCES,
    "variables.authority.force": FORCES,
    "variables.complexity.force": FORCES,
    "variables.usageAdvice.force": FORCES,
}
"""Words for codes that tables give and no form has."""
COLLECTED = {
    "variables.opinions.position": "variables.opinion.position",
    "variables.opinions.organ": "variables.organsAsked",
    "variables.organ": "variables.organsAsked",
}
"""Where several steps' answers are collected, or one of several is asked: the field of the form that has the words."""


def case_context(
    services: Services, questions: Questions, instance: ProcessInstance, task: Task | None
) -> tuple[dict[str, Json], Labels, dict[str, str]]:
    """Everything but `document`, `author` and `fields`; the words for codes; and for each variable the step that asks for it.

    With a task that waits, `variables` are those that its form sees, with one that is done those of its step (see variables_at).
    """
    law = law_of(services, questions, instance)
    variables = variables_at(services, questions, law, instance, task)
    place = None if instance.jurisdiction is None else questions.jurisdiction(instance.jurisdiction, instance.law)
    names: dict[str, str] = {}
    labels: Labels = {path: dict(words) for path, words in WORDS.items()}
    origins: dict[str, str] = {}
    _add_words(services, law, law.definition, names, labels, origins, set())
    labels |= {path: labels[field] for path, field in COLLECTED.items() if field in labels}
    context: dict[str, Json] = {
        "instance": {
            "id": instance.id,
            "businessKey": instance.business_key,
            "definitionKey": instance.definition_key,
            "definitionName": law.definition.name,
            "version": instance.definition_version,
            "startedAt": timestamp(instance.started_at),
            "startedBy": instance.started_by,
            "decidedBy": deciding_organs(questions, law, instance),
        },
        "place": None if place is None else {"id": place.id, "name": place.name},
        "task": None if task is None else {**_task(task), "organ": organ_of(questions, law, task)},
        "variables": cast(Json, variables),
        "facts": cast(Json, _facts(variables, names, labels)),
        "decisions": [cast(Json, dict(one)) for one in _decisions(questions, instance.id, services.clock())],
        "signatures": [cast(Json, signature_json(one)) for one in questions.signatures(instance.id)],
    }
    return context, labels, origins


def _task(task: Task) -> dict[str, Json]:
    """`task`: the step for which the document is made."""
    return {
        "id": task.id,
        "name": task.name,
        "definitionKey": task.task_definition_key,
        "assignee": task.assignee,
        "completedBy": task.completed_by,
    }


def _decisions(questions: Questions, instance_id: str, now: int) -> Iterator[Mapping[str, Json]]:
    """All of them, the earliest first: the newest are those of which a document speaks most."""
    cursor: str | None = None
    while True:
        page = questions.page("decision-evaluations", {"processInstanceId": instance_id}, [], DECISIONS_AT_ONCE, cursor, now, None)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _add_words(
    services: Services, law: CaseLaw, process: Definition, names: dict[str, str], labels: Labels, origins: dict[str, str], seen: set[str]
) -> None:
    """What the forms of the process, and of those it calls, name fields and codes, by path below `variables`; who says it first counts."""
    seen.add(process.id)
    for reference in services.engine.references(process_source(services, law.lookups, process)):
        if reference.kind not in (KIND_FORM, KIND_PROCESS):
            continue
        found = law.find(reference.kind, reference.key, reference.binding, reference.version)
        if found is None or found.id in seen:
            continue  # What is not in force stops the step that needs it; here it only names nothing.
        if found.kind == KIND_PROCESS:
            _add_words(services, law, found, names, labels, origins, seen)
            continue
        schema = form_of(services, law.lookups, found).schema
        for path, component in _components(schema, "variables"):
            called = str(component.get("label") or component.get("dateLabel") or path.rpartition(".")[2])
            names.setdefault(path, called)
            origins.setdefault(path, f"the form {found.key} of the step {reference.element_id} asks for it ({called})")
            values = component.get("values")
            for value in values if isinstance(values, list) else []:
                if isinstance(value, dict) and isinstance(value.get("label"), str):
                    labels.setdefault(path, {}).setdefault(_code(value.get("value")), str(value["label"]))
            for code, label in written_labels(component):
                labels.setdefault(path, {}).setdefault(_code(code), label)


def _code(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _components(container: Mapping[str, Json], above: str) -> Iterator[tuple[str, Mapping[str, Json]]]:
    listed = container.get("components")
    for component in listed if isinstance(listed, list) else []:
        if not isinstance(component, dict):
            continue
        path = f"{above}.{component['path']}" if isinstance(component.get("path"), str) and component["path"] else above
        if isinstance(component.get("key"), str):
            yield f"{above}.{component['key']}", component
        yield from _components(component, path)


def _facts(variables: Mapping[str, Json], names: Mapping[str, str], labels: Labels) -> list[dict[str, Json]]:
    """The facts that are known, each as a line of text, in the order of the forms; facts that no form names follow with their own name."""
    facts = variables.get("facts")
    if not isinstance(facts, dict):
        return []
    order = {path.removeprefix("variables.facts."): name for path, name in names.items() if path.startswith("variables.facts.")}
    order |= {name: name for name in facts if name not in order}
    lines: list[dict[str, Json]] = []
    for key, name in order.items():
        text = _told(facts.get(key), labels.get(f"variables.facts.{key}", {}))
        if text is not None:
            lines.append({"key": key, "name": name, "text": text})
    return lines


def _told(value: Json, labels: Mapping[str, str]) -> str | None:
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, list):
        told = [text for text in (_told(one, labels) for one in value) if text is not None]
        return "、".join(told) or None
    if isinstance(value, bool):
        return labels.get("true" if value else "false", "是" if value else "否")
    if isinstance(value, str):
        return labels.get(value, value) or None
    return str(value) if isinstance(value, int) else number_text(value)
