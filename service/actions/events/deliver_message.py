"""Deliver a message: to the instance that waits for it, or to the process it starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, recall, remember
from service.actions.events.correlation import correlation_of
from service.actions.events.delivery import deliver_to
from service.actions.incidents.failed_steps import recording_incidents
from service.actions.instances.case_law import CaseLaw
from service.actions.instances.process_starts import place_of_case, starts_of
from service.actions.instances.start_instance import look_again_after_a_race, start_or_join
from service.actions.ports import Services, StartEvent, Transaction, WaitingEvent
from service.actions.presentation import instance_json
from service.domain.access import require_may
from service.domain.definition import KIND_PROCESS, Definition
from service.domain.errors import Conflict, FieldError, Invalid, NotFound
from service.domain.instance import ProcessInstance, require_running
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.step import MESSAGE


@dataclass(frozen=True, slots=True)
class DeliverMessage:
    """`process_instance_id`, `business_key` and `correlation_keys` narrow down which instance is meant.

    `jurisdiction` is the place of the case that it starts, see place_of_case; where processes of several places start with the message, it
    says which is meant.
    """

    name: str
    business_key: str | None
    process_instance_id: str | None
    correlation_keys: Mapping[str, Json]
    variables: Mapping[str, Json]
    repeat: Repeat = NO_REPEAT
    jurisdiction: str | None = None


def deliver_message(services: Services, principal: Principal, command: DeliverMessage) -> Answer:
    """201 with the instance it started, 200 with the instance it continued or joined; Conflict when nothing waits for it."""
    require_may(principal, "work")
    return look_again_after_a_race(lambda: recording_incidents(services, principal.actor, lambda: _deliver(services, principal, command)))


def _deliver(services: Services, principal: Principal, command: DeliverMessage) -> Answer:
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        given = _correlate(services, tx, principal, command)
        remember(tx, principal, command.repeat, given, services.clock())
        tx.commit()
    return given


def _correlate(services: Services, tx: Transaction, principal: Principal, command: DeliverMessage) -> Answer:
    narrowed = command.process_instance_id is not None or command.business_key is not None or bool(command.correlation_keys)
    waiting = (
        tx.waiting_messages(command.name, command.process_instance_id, command.business_key, command.correlation_keys) if narrowed else ()
    )
    if len(waiting) > 1:
        raise Conflict(f"{command.name!r} is awaited in {len(waiting)} places; narrow it down to one", "message-ambiguous")
    if waiting and not _joins(tx, waiting[0], command):
        return _continue(services, tx, principal, waiting[0], command)
    if command.process_instance_id is not None:
        if tx.load_instance(command.process_instance_id) is None:
            raise NotFound("process instance", command.process_instance_id)
        raise Conflict(f"the instance does not wait for {command.name!r}", "message-not-awaited")
    return _start(services, tx, principal, command)


def _joins(tx: Transaction, waiting: WaitingEvent, command: DeliverMessage) -> bool:
    """Whether the message, at the case's own keys, is a second start of the case that waits: joined then, as without a narrower address."""
    instance = tx.load_instance(waiting.process_instance_id) if command.process_instance_id is None else None
    definition = None if instance is None else tx.process_definition(instance.definition_id)
    if instance is None or definition is None or instance.correlation is None:
        return False
    given = {**command.correlation_keys, **command.variables}
    return any(start.message_name == command.name and _same_case(start, given, instance) for start in starts_of(definition))


def _same_case(start: StartEvent, variables: Mapping[str, Json], instance: ProcessInstance) -> bool:
    try:
        return correlation_of(start, variables) == instance.correlation
    except Invalid:
        return False


def _continue(services: Services, tx: Transaction, principal: Principal, waiting: WaitingEvent, command: DeliverMessage) -> Answer:
    instance = tx.load_instance(waiting.process_instance_id)
    if instance is None or not instance.is_open or tx.waiting_event(waiting.id) is None:
        raise Conflict(f"the instance no longer waits for {command.name!r}", "message-not-awaited")
    require_running(instance)
    open_before = tx.open_tasks(instance.id)
    change = deliver_to(services, tx, principal.actor, instance, waiting, command.variables)
    tx.save_instance(change)
    closed = set(change.closed_tasks)
    open_tasks = [task for task in open_before if task.id not in closed] + change.opened_tasks
    return answer(200, instance_json(instance, open_tasks, change.now) | {"joined": False})


def _start(services: Services, tx: Transaction, principal: Principal, command: DeliverMessage) -> Answer:
    # The number first: see start_instance.
    seq = tx.latest_deployment_seq()
    latest = [tx.latest_definition(KIND_PROCESS, definition.key, seq) for definition in tx.start_definitions(MESSAGE, command.name)]
    definitions = [one for one in latest if one is not None and any(start.message_name == command.name for start in starts_of(one))]
    if not definitions:
        raise Conflict(f"nothing waits for a message {command.name!r} and no process starts with it", "message-not-awaited")
    if len(definitions) > 1 and command.jurisdiction is not None:
        definitions = [one for one in definitions if one.jurisdiction == command.jurisdiction] or definitions
    if len(definitions) > 1:
        keys = ", ".join(sorted(definition.key for definition in definitions))
        message = f"several processes start with {command.name!r} ({keys}); name the jurisdiction, or start one by its definitionKey"
        raise Conflict(message, "message-ambiguous")
    definition = definitions[0]
    start = next(start for start in starts_of(definition) if start.message_name == command.name)
    law = CaseLaw(services, tx, definition, seq, place_of_case(tx, definition, command.jurisdiction))
    contrary = [
        FieldError(f"/variables/{key}", "contradiction", f"{key} differs from the one in correlationKeys")
        for key, value in command.correlation_keys.items()
        if key in command.variables and command.variables[key] != value
    ]
    if contrary:
        raise Invalid("variables and correlationKeys name different cases", contrary)
    variables = {**command.correlation_keys, **command.variables}
    awaiting = _other_case(tx, definition, start, command, variables)
    if awaiting is not None:
        return _continue(services, tx, principal, awaiting, command)
    return start_or_join(services, tx, principal.actor, law, start, command.business_key, variables)


def _other_case(
    tx: Transaction, definition: Definition, start: StartEvent, command: DeliverMessage, variables: Mapping[str, Json]
) -> WaitingEvent | None:
    """The place in a case of another process that waits for this message about the same subject, when no case of `definition` is open.

    A held application is woken by the opening of accountability though that message, too, starts a process, and nobody named the keys.
    """
    try:
        correlation = correlation_of(start, variables)
    except Invalid:
        return None
    if correlation is None or tx.open_case(definition.key, correlation) is not None:
        return None
    waiting = tx.waiting_messages(command.name, None, None, {key: variables[key] for key in start.correlation_keys})
    return waiting[0] if len(waiting) == 1 else None
