"""Start a process instance, or join the open case of the same correlation keys (双轨制 并案)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from service.actions.advance import change_of, circumstances, new_instance, put_events
from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, recall, remember
from service.actions.case_law import CaseLaw, process_source
from service.actions.delivery import deliver_to
from service.actions.door_checks import require_acceptable
from service.actions.incidents import change_with_incident, incident_of, recording_incidents
from service.actions.names import MAX_ID
from service.actions.ports import InstanceChange, Services, StartEvent, Transaction
from service.actions.presentation import instance_json
from service.domain.access import require_may
from service.domain.definition import KIND_PROCESS, Definition
from service.domain.errors import Conflict, FieldError, Invalid, NotFound, StepFailed
from service.domain.identifiers import new_id
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json, canonical_json, number_text
from service.domain.principal import Principal
from service.domain.step import ActivityChange

RACES = ("open-case", "repeated-concurrently", "message-not-awaited")
"""Conflicts that mean: another request did the same at the same moment; looking again gives its answer."""


@dataclass(frozen=True, slots=True)
class StartInstance:
    """Exactly one of `definition_key` (latest version) and `definition_id` is given."""

    definition_key: str | None
    definition_id: str | None
    start_element_id: str | None
    business_key: str | None
    variables: Mapping[str, Json]
    repeat: Repeat = NO_REPEAT


def start_instance(services: Services, principal: Principal, command: StartInstance) -> Answer:
    """Start; 201 with the instance, or 200 with the open case it was joined to."""
    require_may(principal, "work")
    return look_again_after_a_race(lambda: recording_incidents(services, principal.actor, lambda: _start(services, principal, command)))


def look_again_after_a_race(attempt: Callable[[], Answer]) -> Answer:
    """Run `attempt`; when it lost a race against the same request, run it once more to find that one's result."""
    try:
        return attempt()
    except Conflict as conflict:
        if conflict.code not in RACES:
            raise
    return attempt()


def _start(services: Services, principal: Principal, command: StartInstance) -> Answer:
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        # The number first: what is deployed from now on belongs to later cases, the diagram as well as its tables and forms.
        seq = tx.latest_deployment_seq()
        definition = _definition(tx, command, seq)
        start = _choose_start(definition, command.start_element_id)
        law = CaseLaw(services, tx, definition, seq, definition.jurisdiction)
        given = start_or_join(services, tx, principal, law, start, command.business_key, command.variables)
        remember(tx, principal, command.repeat, given, services.clock())
        tx.commit()
    return given


def _definition(tx: Transaction, command: StartInstance, seq: int) -> Definition:
    if command.definition_id is not None:
        found = tx.process_definition(command.definition_id)
    else:
        found = tx.latest_definition(KIND_PROCESS, command.definition_key or "", seq)
    if found is None:
        raise NotFound("process definition", command.definition_id or command.definition_key or "")
    return found


def starts_of(definition: Definition) -> tuple[StartEvent, ...]:
    """The start events recorded when the definition was deployed."""
    starts = cast(list[dict[str, Json]], definition.detail.get("starts", []))
    return tuple(
        StartEvent(
            str(start["elementId"]),
            str(start["name"]),
            None if start["messageName"] is None else str(start["messageName"]),
            tuple(cast(list[str], start["correlationKeys"])),
            tuple(cast(list[str], start["reservedVariables"])),
        )
        for start in starts
    )


def _choose_start(definition: Definition, element_id: str | None) -> StartEvent:
    starts = starts_of(definition)
    if element_id is not None:
        for start in starts:
            if start.element_id == element_id:
                return start
        problem = f"{element_id!r} is no start event of {definition.id}"
    else:
        plain = [start for start in starts if start.message_name is None]
        if len(plain) == 1:
            return plain[0]
        if not plain and len(starts) == 1:
            return starts[0]
        problem = f"{definition.id} has several starts; name one"
    names = ", ".join(f"{start.element_id} ({start.message_name or 'plain'})" for start in starts)
    raise Invalid(
        f"{problem}. Start events: {names}", [FieldError("/startElementId", "start-element", f"one of: {names}")], "start-element"
    )


def start_or_join(
    services: Services,
    tx: Transaction,
    principal: Principal,
    law: CaseLaw,
    start: StartEvent,
    business_key: str | None,
    variables: Mapping[str, Json],
) -> Answer:
    """Within a transaction: deliver to the open case with the same correlation keys, or start a new instance under `law`."""
    correlation = _correlation(start, variables)
    require_acceptable(law, variables)
    if correlation is not None:
        open_case = tx.open_case(law.definition.key, correlation)
        instance = None if open_case is None else tx.load_instance(open_case)
        if instance is not None and instance.is_open:
            return _join(services, tx, principal, instance, start, business_key, variables)
    return _start_new(services, tx, principal, law, start, business_key, variables, correlation)


def _correlation(start: StartEvent, variables: Mapping[str, Json]) -> str | None:
    if not start.correlation_keys:
        return None
    faults = [fault for key in start.correlation_keys if (fault := _correlation_fault(key, variables.get(key))) is not None]
    if faults:
        raise Invalid(f"a start of {start.element_id} carries {', '.join(start.correlation_keys)}", faults)
    # 7 and "7" are the same number of a file, whoever wrote it.
    return canonical_json([_correlation_text(variables[key]) for key in start.correlation_keys])


def _correlation_text(value: Json) -> str:
    return number_text(value.normalize() + 0) if isinstance(value, Decimal) else str(value)


def _correlation_fault(key: str, value: Json) -> FieldError | None:
    if value is None or value == "":
        return FieldError(f"/variables/{key}", "required", f"{key} identifies the case and is required")
    if isinstance(value, bool) or not isinstance(value, str | Decimal):
        return FieldError(f"/variables/{key}", "wrong-type", f"{key} identifies the case and is text or a number")
    if len(_correlation_text(value)) > MAX_ID:
        return FieldError(f"/variables/{key}", "too-long", f"{key} identifies the case and has at most {MAX_ID} characters")
    return None


def _start_new(
    services: Services,
    tx: Transaction,
    principal: Principal,
    law: CaseLaw,
    start: StartEvent,
    business_key: str | None,
    variables: Mapping[str, Json],
    correlation: str | None,
) -> Answer:
    now, definition = services.clock(), law.definition
    place = None if definition.jurisdiction is None else tx.jurisdiction(definition.jurisdiction)
    instance = new_instance(definition, None if place is None else place.path, business_key, now, principal.actor, law.seq)
    instance.correlation = correlation
    event = (
        "instance.started",
        {
            "definitionId": definition.id,
            "startElementId": start.element_id,
            "messageName": start.message_name,
            "businessKey": business_key,
            "variables": dict(variables),
            "law": law.seq,
        },
    )
    try:
        step = services.engine.start(
            process_source(services, tx, definition), start.element_id, variables, circumstances(law, now, principal.actor)
        )
        change = change_of(instance, step, law, now, principal.actor, [event])
    except StepFailed as failure:
        change = _start_with_incident(instance, failure, start, variables, principal.actor, now, event)
    tx.insert_instance(change)
    return answer(201, instance_json(instance, change.opened_tasks, now) | {"joined": False})


def _start_with_incident(
    instance: ProcessInstance,
    failure: StepFailed,
    start: StartEvent,
    variables: Mapping[str, Json],
    actor: str,
    now: int,
    event: tuple[str, Mapping[str, Json]],
) -> InstanceChange:
    first = InstanceChange(instance, instance.version, now)
    put_events(first, actor, [event])
    operation: dict[str, Json] = {
        "do": "start",
        "actor": actor,
        "startElementId": start.element_id,
        "variables": dict(variables),
    }
    change = change_with_incident(instance, incident_of(instance.id, failure, operation, now), actor)
    change.audit = first.audit + change.audit
    change.variables = dict(variables)
    return change


def _join(
    services: Services,
    tx: Transaction,
    principal: Principal,
    instance: ProcessInstance,
    start: StartEvent,
    business_key: str | None,
    variables: Mapping[str, Json],
) -> Answer:
    now = services.clock()
    joined = (
        "instance.joined",
        {"messageName": start.message_name, "startElementId": start.element_id, "businessKey": business_key, "variables": dict(variables)},
    )
    waiting = [] if start.message_name is None else list(tx.waiting_messages(start.message_name, instance.id, None, {}))
    if len(waiting) > 1:
        raise Conflict(f"the open case waits for {start.message_name!r} in several places", "message-ambiguous")
    if waiting:
        opened_before = tx.open_tasks(instance.id)
        change = deliver_to(services, tx, principal.actor, instance, waiting[0], variables, [joined])
        closed = set(change.closed_tasks)
        open_tasks = [task for task in opened_before if task.id not in closed] + change.opened_tasks
    else:
        open_tasks = list(tx.open_tasks(instance.id))
        change = InstanceChange(instance, instance.version, now)
        instance.version += 1
        put_events(change, principal.actor, [joined])
    arrival = ActivityChange(new_id(), start.element_id, start.name, "startEvent", "completed", principal.actor)
    change.activities = [arrival, *change.activities]
    tx.save_instance(change)
    return answer(200, instance_json(instance, open_tasks, now) | {"joined": True})
