"""Record a case that was published: by an OA or the case officer, of this service's cases or from elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, recall, remember
from service.actions.decisions.decision_models import library
from service.actions.instances.door_checks import pointer
from service.actions.ports import Services, Transaction
from service.actions.precedents.precedent_content import ContentFault, Recorded, content_faults, needs_place, precedent_of, vocabulary_of
from service.actions.precedents.precedent_views import precedent_json, told_precedent
from service.domain.access import require_may
from service.domain.errors import FieldError, Invalid
from service.domain.identifiers import new_id
from service.domain.json_values import Json
from service.domain.precedent import CASE, RECORDED, REPORTED
from service.domain.principal import Principal


@dataclass(frozen=True, slots=True)
class CreatePrecedent:
    """`content` is the precedent's; the place is that of the process instance, where one is named and no place is."""

    content: Mapping[str, Json]
    jurisdiction: str | None
    process_instance_id: str | None
    repeat: Repeat = NO_REPEAT


def create_precedent(services: Services, principal: Principal, command: CreatePrecedent) -> Answer:
    """201 with the precedent. Raises Invalid with every fault."""
    require_may(principal, "work")
    faults = [FieldError(pointer(fault.path), fault.code, fault.message) for fault in _content_faults(services, command)]
    now = services.clock()
    with services.store.begin() as tx:
        answered = recall(tx, principal, command.repeat)
        if answered is not None:
            return answered
        # The service's trail before the case, as a deployment that moves a place has them: else each could hold what the other waits for.
        tx.hold_service_stream()
        jurisdiction, path, missing = _place(tx, command)
        faults += missing
        if needs_place(command.content) and jurisdiction is None and not missing:
            faults.append(FieldError("/jurisdiction", "required", "the scopes UNIT and LIMITED mean a place"))
        if faults:
            raise Invalid("the precedent is not described correctly", faults)
        recorded = Recorded(
            id=new_id(),
            version=1,
            origin=REPORTED if command.process_instance_id is None else CASE,
            jurisdiction=jurisdiction,
            jurisdiction_path=path,
            at=now,
            by=principal.actor,
            process_instance_id=command.process_instance_id,
        )
        precedent = precedent_of(command.content, recorded)
        tx.put_precedents([precedent])
        tx.append_service_event(now, principal.actor, RECORDED, told_precedent(precedent))
        given = answer(201, precedent_json(precedent))
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given


def _content_faults(services: Services, command: CreatePrecedent) -> list[ContentFault]:
    return content_faults(command.content, vocabulary_of(library(services)))


def _place(tx: Transaction, command: CreatePrecedent) -> tuple[str | None, str | None, list[FieldError]]:
    """Id and path of the place, and what is named but does not exist."""
    missing = []
    jurisdiction = command.jurisdiction
    if command.process_instance_id is not None:
        instance = tx.load_instance(command.process_instance_id)
        if instance is None:
            missing.append(FieldError("/processInstanceId", "unknown", f"there is no process instance {command.process_instance_id!r}"))
        elif jurisdiction is None:
            return instance.jurisdiction, instance.jurisdiction_path, missing
    place = None if jurisdiction is None else tx.jurisdiction(jurisdiction)
    if jurisdiction is not None and place is None:
        missing.append(FieldError("/jurisdiction", "unknown", f"no jurisdiction {jurisdiction!r} is deployed"))
    return jurisdiction, None if place is None else place.path, missing
