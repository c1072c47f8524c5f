"""Questions: what the lists and details of the API show. Reads only; nothing here changes anything."""

from collections.abc import Mapping, Sequence
from typing import cast

from service.actions.instances.advance import law_of
from service.actions.instances.case_law import resumed
from service.actions.instances.published import definition_named, form_of, version_or_latest
from service.actions.ports import Lookups, Page, Questions, Services
from service.domain import task as task_states
from service.domain.access import require_may, visible_jurisdictions
from service.domain.audit import SERVICE_STREAM
from service.domain.definition import KIND_DECISION, KIND_FORM, Definition, Resource
from service.domain.errors import NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal


def page(
    services: Services,
    principal: Principal,
    what: str,
    filters: Mapping[str, object],
    sort: Sequence[tuple[str, bool]],
    limit: int,
    cursor: str | None,
) -> Page:
    """One page of the list `what` (see ports.Questions.page)."""
    _require_may_list(principal, what)
    with services.store.read() as questions:
        return questions.page(
            what, _with_groups(questions, filters), sort, limit, cursor, services.clock(), visible_jurisdictions(principal)
        )


def _with_groups(questions: Questions, filters: Mapping[str, object]) -> Mapping[str, object]:
    """A task is offered to a person by name or through one of the person's groups."""
    candidate = filters.get("candidateUser")
    if not isinstance(candidate, str):
        return filters
    person = questions.person(candidate)
    return {**filters, "candidateGroups": [] if person is None else list(person.groups)}


def one(services: Services, principal: Principal, what: str, identifier: str) -> Mapping[str, Json]:
    """One row of the list `what`, with its details; NotFound when there is none."""
    _require_may_list(principal, what)
    with services.store.read() as questions:
        found = questions.one(what, identifier, services.clock())
    if found is None:
        raise NotFound(what.removesuffix("s").replace("-", " "), identifier)
    return found


def _require_may_list(principal: Principal, what: str) -> None:
    require_may(principal, "administer" if what == "api-keys" else "read")


def count_tasks(services: Services, principal: Principal, filters: Mapping[str, object]) -> int:
    """How many tasks fit the filters."""
    require_may(principal, "read")
    with services.store.read() as questions:
        return questions.count_tasks(_with_groups(questions, filters), services.clock(), visible_jurisdictions(principal))


def task_statistics(services: Services, principal: Principal, group_by: str, filters: Mapping[str, object]) -> Sequence[Mapping[str, Json]]:
    """Open and overdue tasks and the oldest one, per value of `group_by`."""
    require_may(principal, "read")
    with services.store.read() as questions:
        return questions.task_statistics(group_by, _with_groups(questions, filters), services.clock(), visible_jurisdictions(principal))


def variables(services: Services, principal: Principal, process_instance_id: str) -> Mapping[str, Json]:
    """The variables of the instance's outermost scope."""
    require_may(principal, "read")
    with services.store.read() as questions:
        found = questions.variables(process_instance_id)
    if found is None:
        raise NotFound("process instance", process_instance_id)
    return found


def task_form(services: Services, principal: Principal, task_id: str) -> dict[str, Json]:
    """The form bound to the task and the values its fields start with: {formKey, version, schema, data}; NotFound without a form."""
    require_may(principal, "read")
    with services.store.read() as questions:
        task = questions.task(task_id)
        if task is None:
            raise NotFound("task", task_id)
        definition = None if task.form_key is None else questions.definition_version(KIND_FORM, task.form_key, task.form_version or 0)
        instance = questions.instance(task.process_instance_id)
        if definition is None or instance is None:
            raise NotFound("form of the task", task_id)
        data: Mapping[str, Json] = questions.variables(instance.id) or {}
        if task.state == task_states.CREATED and instance.state_data is not None:
            law = law_of(services, questions, instance)
            execution = resumed(services, questions, law, instance.state_data)
            data = execution.task_variables(task.id)
        form = form_of(services, questions, definition)
    return {"formKey": definition.key, "version": definition.version, "schema": cast(Json, form.schema), "data": dict(data)}


def process_definition(services: Services, principal: Principal, id_or_key: str) -> Mapping[str, Json]:
    """One version of a process, or by its key the latest; NotFound when there is none."""
    require_may(principal, "read")
    with services.store.read() as questions:
        definition = definition_named(questions, id_or_key)
    return one(services, principal, "process-definitions", id_or_key if definition is None else definition.id)


def process_xml(services: Services, principal: Principal, id_or_key: str) -> Resource:
    """The diagram, byte for byte as it was deployed."""
    require_may(principal, "read")
    with services.store.read() as questions:
        return _resource(questions, definition_named(questions, id_or_key), "process definition", id_or_key)


def decision_xml(services: Services, principal: Principal, key: str, version: int | None) -> Resource:
    """The decision's file, byte for byte as it was deployed."""
    require_may(principal, "read")
    with services.store.read() as questions:
        return _resource(questions, version_or_latest(questions, KIND_DECISION, key, version), "decision definition", key)


def _resource(lookups: Lookups, definition: Definition | None, kind: str, identifier: str) -> Resource:
    resource = None if definition is None else lookups.resource(definition.resource_id)
    if resource is None:
        raise NotFound(kind, identifier)
    return resource


def verify_audit(services: Services, principal: Principal, stream: str | None = None) -> dict[str, Json]:
    """Recompute the audit chains, all or that of one stream: {ok, events, firstBroken}; NotFound for a stream that does not exist."""
    require_may(principal, "read")
    return verification(services, stream)


def verification(services: Services, stream: str | None = None) -> dict[str, Json]:
    """As verify_audit, for whoever stands at the machine (`rongjiu verify`)."""
    with services.store.read() as questions:
        events, broken = questions.verify_audit(stream)
    # An instance has at least the event of its start: one without any is broken, and only what never was is neither.
    if stream not in (None, SERVICE_STREAM) and events == 0 and broken is None:
        raise NotFound("process instance", stream)
    first: Json = None if broken is None else {"stream": broken.stream, "seq": broken.seq, "reason": broken.reason}
    return {"ok": broken is None, "events": events, "firstBroken": first}


def ready(services: Services) -> str | None:
    """None when requests can be served, else what is wrong."""
    with services.store.read() as questions:
        return questions.ready()


def gauges(services: Services) -> Mapping[str, int]:
    """Numbers for the metrics."""
    with services.store.read() as questions:
        return questions.gauges(services.clock())
