"""/messages: something happened outside; an instance waits for it, or a process starts with it."""

from fastapi import Response

from service.actions.events import deliver_message
from service.api.noun import FINDS, NEEDS_BODY, STEPS, noun_router, told
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.process_instances import MessageRequest, ProcessInstance

router = noun_router("messages")


@router.post(
    "",
    operation_id="deliverMessage",
    summary="Deliver a message",
    status_code=201,
    response_model=ProcessInstance,
    response_description="The instance that the message started.",
    responses=FINDS
    | STEPS
    | NEEDS_BODY
    | {200: {"model": ProcessInstance, "description": "The instance that the message continued, or to which it was joined."}},
)
def deliver(services: GivenServices, principal: Caller, repeat: Repeated, body: MessageRequest) -> Response:
    """Continue the instance that waits for the message (200) or start the process that begins with it (201); 409 when nothing waits."""
    command = deliver_message.DeliverMessage(
        body.name, body.business_key, body.process_instance_id, body.correlation_keys or {}, body.variables, repeat, body.jurisdiction
    )
    return told(deliver_message.deliver_message(services, principal, command))
