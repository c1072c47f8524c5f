"""Resolve an incident without doing its act again: the variables are mended, and who does it next starts from there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.actions.answer import NO_REPEAT, Answer, Repeat, answer, answered_once, recall, remember
from service.actions.incidents.kept_acts import Act, act_of
from service.actions.incidents.open_incidents import EXTERNAL_TASK, TARGETS, open_incidents_of, operation_of
from service.actions.incidents.retry_incident import hand_out_again, load_open_incident
from service.actions.incidents.stalled_incident import require_kept_act
from service.actions.instances.advance import Event, change_of, circumstances, law_of
from service.actions.instances.case_law import CaseLaw, resumed
from service.actions.instances.door_checks import require_acceptable
from service.actions.instances.instance_summary import left_open
from service.actions.ports import Services, Transaction
from service.actions.presentation import incident_json, instance_json
from service.actions.votes.casting import BOX
from service.domain.access import require_may
from service.domain.errors import Conflict, StepFailed
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.step import Step


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    """`variables` are set; the kept act is dropped for the `reason` given."""

    incident_id: str
    variables: Mapping[str, Json]
    reason: str
    repeat: Repeat = NO_REPEAT


def resolve_incident(services: Services, principal: Principal, command: ResolveIncident) -> Answer:
    """200 with the incident and its instance. Only for what somebody can do anew: complete the task, send the message, do the work.

    A start, a timer or an error that nothing caught has nobody who would: Conflict("incident-needs-retry").
    """
    require_may(principal, "administer")
    return answered_once(services, principal, command.repeat, lambda: _resolve(services, principal, command))


def _resolve(services: Services, principal: Principal, command: ResolveIncident) -> Answer:
    now = services.clock()
    with services.store.begin() as tx:
        earlier = recall(tx, principal, command.repeat)
        if earlier is not None:
            return earlier
        incident, instance = load_open_incident(tx, command.incident_id)
        require_kept_act(incident)
        act = act_of(operation_of(incident), command.variables)
        law, incidents = law_of(services, tx, instance), open_incidents_of(tx, instance)
        step = _mended(services, tx, law, instance, act, command.variables, now, principal.actor)
        told: dict[str, Json] = {"incidentId": incident.id, "reason": command.reason, "variables": dict(command.variables)}
        event: Event = ("incident.resolved", {**told, "droppedAct": {name: act.operation[name] for name in ("do", TARGETS[act.do])}})
        change = change_of(instance, step, law, now, principal.actor, [event], incidents=incidents, retried=incident.id)
        open_before = tx.open_tasks(instance.id)
        tx.save_instance(change)
        if TARGETS[act.do] == EXTERNAL_TASK and act.target not in change.closed_external:
            hand_out_again(tx, str(act.target), services.external_retries, now)
        open_tasks = left_open(change, open_before) + change.opened_tasks
        shown = incident_json(replace(incident, resolved_at=now))
        given = answer(200, {"incident": shown, "processInstance": instance_json(instance, open_tasks, now)})
        remember(tx, principal, command.repeat, given, now)
        tx.commit()
    return given


def _mended(
    services: Services,
    tx: Transaction,
    law: CaseLaw,
    instance: ProcessInstance,
    act: Act,
    variables: Mapping[str, Json],
    now: int,
    actor: str,
) -> Step:
    if act.operation.get(BOX) is not None:
        raise Conflict("the ballot of this act was cast and nobody casts it anew: retry the incident", "ballot-cast")
    if act.target is None or act.do in ("fire", "throw-again"):
        raise Conflict("nobody else would do this again; retry the incident, with variables if need be", "incident-needs-retry")
    execution = resumed(services, tx, law, instance.state_data)
    require_acceptable(law.within(execution.called_process(act.target)), variables)
    try:
        return execution.change_variables(act.target, variables, circumstances(law, now, actor))
    except StepFailed as failure:
        raise Conflict(f"the variables cannot be set: {failure.message}", "incident-not-resolved") from failure
