"""Start a process instance, or join the open case of the same correlation keys (双轨制 并案)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, recall, remember
from service.actions.events.correlation import correlation_of
from service.actions.events.delivery import deliver_to, in_words, sender_json
from service.actions.incidents.failed_steps import change_with_incident, incident_of, recording_incidents
from service.actions.instances.advance import change_of, circumstances, new_instance, put_events
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.door_checks import require_acceptable
from service.actions.instances.instance_summary import left_open
from service.actions.instances.process_starts import choose_start, place_of_case
from service.actions.instances.published import process_source
from service.actions.instances.start_form import variables_by_form
from service.actions.ports import InstanceChange, Services, StartEvent, Transaction
from service.actions.presentation import instance_json
from service.domain.access import require_may
from service.domain.definition import KIND_PROCESS, Definition
from service.domain.errors import Conflict, Invalid, NotFound, StepFailed
from service.domain.event import EventDelivery
from service.domain.identifiers import new_id
from service.domain.instance import ProcessInstance, require_running
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.step import ActivityChange

RACES = ("open-case", "repeated-concurrently", "message-not-awaited")
"""Conflicts that mean: another request did the same at the same moment; looking again gives its answer."""


@dataclass(frozen=True, slots=True)
class StartInstance:
    """Exactly one of `definition_key` (latest version) and `definition_id` is given. `jurisdiction`: see place_of_case."""

    definition_key: str | None
    definition_id: str | None
    start_element_id: str | None
    business_key: str | None
    variables: Mapping[str, Json]
    repeat: Repeat = NO_REPEAT
    jurisdiction: str | None = None


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
        start = choose_start(definition, command.start_element_id)
        law = CaseLaw(services, tx, definition, seq, place_of_case(tx, definition, command.jurisdiction))
        variables = variables_by_form(services, tx, law, start, command.variables)
        given = start_or_join(services, tx, principal.actor, law, start, command.business_key, variables)
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


def start_or_join(
    services: Services,
    tx: Transaction,
    actor: str,
    law: CaseLaw,
    start: StartEvent,
    business_key: str | None,
    variables: Mapping[str, Json],
    delivery: EventDelivery | None = None,
) -> Answer:
    """Within a transaction: deliver to the open case with the same correlation keys, or start a new instance under `law`.

    Variables that the process does not accept are Invalid; with `delivery`, which nobody can correct any more, they are an incident of
    the new instance.
    """
    try:
        correlation = correlation_of(start, variables)
        require_acceptable(law, variables)
    except Invalid as refused:
        if delivery is None:
            raise
        return start_new(services, tx, actor, law, start, business_key, variables, None, delivery, refused)
    if correlation is not None:
        open_case = tx.open_case(law.definition.key, correlation)
        instance = None if open_case is None else tx.load_instance(open_case)
        if instance is not None and instance.is_open:
            return _join(services, tx, actor, instance, start, business_key, variables, delivery)
    return start_new(services, tx, actor, law, start, business_key, variables, correlation, delivery)


def start_new(
    services: Services,
    tx: Transaction,
    actor: str,
    law: CaseLaw,
    start: StartEvent,
    business_key: str | None,
    variables: Mapping[str, Json],
    correlation: str | None,
    delivery: EventDelivery | None = None,
    refused: Invalid | None = None,
) -> Answer:
    """Within a transaction: a new instance, run until it waits; one whose first step fails (or is `refused`) begins with an incident."""
    now, definition = services.clock(), law.definition
    cause = None if delivery is None else delivery.event
    place = None if law.jurisdiction is None else tx.jurisdiction(law.jurisdiction)
    instance = new_instance(law, None if place is None else place.path, business_key, now, actor)
    instance.correlation = correlation
    event = (
        "instance.started",
        {
            "definitionId": definition.id,
            "startElementId": start.element_id,
            "messageName": start.message_name,
            "eventKind": start.event_kind,
            "eventName": start.event_name,
            "businessKey": business_key,
            "variables": dict(variables),
            "law": law.seq,
            **sender_json(cause),
        },
    )
    try:
        if refused is not None:
            raise StepFailed(start.element_id, "data", in_words(refused))
        moment = circumstances(replace(law, business_key=business_key, process_instance_id=instance.id), now, actor)
        step = services.engine.start(process_source(services, tx, definition), start.element_id, variables, moment)
        change = change_of(instance, step, law, now, actor, [event], cause=cause)
    except StepFailed as failure:
        change = _start_with_incident(instance, failure, start, variables, actor, now, event)
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
    actor: str,
    instance: ProcessInstance,
    start: StartEvent,
    business_key: str | None,
    variables: Mapping[str, Json],
    delivery: EventDelivery | None,
) -> Answer:
    require_running(instance)
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
        change = deliver_to(services, tx, actor, instance, waiting[0], variables, [joined], delivery)
        open_tasks = left_open(change, opened_before) + change.opened_tasks
    else:
        open_tasks = list(tx.open_tasks(instance.id))
        change = InstanceChange(instance, instance.version, now)
        instance.version += 1
        put_events(change, actor, [joined])
    arrival = ActivityChange(new_id(), start.element_id, start.name, "startEvent", "completed", actor)
    change.activities = [arrival, *change.activities]
    tx.save_instance(change)
    return answer(200, instance_json(instance, open_tasks, now) | {"joined": True})
