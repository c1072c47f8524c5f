"""/signals: something all who wait for it are to be told."""

from fastapi import Response

from service.actions.events import broadcast_signal
from service.api.noun import CHANGES, FINDS, NEEDS_BODY, noun_router, told
from service.api.principal import Caller, GivenServices, Repeated
from service.api.schemas.signals import Signal, SignalRequest

router = noun_router("signals")


@router.post(
    "",
    operation_id="broadcastSignal",
    summary="Broadcast a signal",
    response_model=Signal,
    responses=FINDS | CHANGES | NEEDS_BODY,
)
def broadcast(services: GivenServices, principal: Caller, repeat: Repeated, body: SignalRequest) -> Response:
    """Each instance goes on in a step of its own; one that cannot has an incident and does not stop the others. To nobody is no error."""
    command = broadcast_signal.BroadcastSignal(body.name, body.variables, body.process_instance_id, repeat)
    return told(broadcast_signal.broadcast_signal(services, principal, command))
