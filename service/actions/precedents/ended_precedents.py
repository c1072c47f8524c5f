"""A case that ends with a precedent in the variable that its process names for it: it is written in the same transaction."""

from service.actions.deployments.deployment_files import PRECEDENT
from service.actions.instances.case_law import CaseLaw
from service.actions.precedents.precedent_content import MEMBERS, Recorded, content_faults, needs_place, precedent_of
from service.domain.errors import StepFailed
from service.domain.identifiers import new_id
from service.domain.instance import ProcessInstance
from service.domain.json_values import Json
from service.domain.precedent import CASE, Precedent
from service.domain.step import Step

FACT_MEMBERS = ("facts", "assumedFacts")


def ended_precedents(law: CaseLaw, instance: ProcessInstance, step: Step, now: int, actor: str) -> tuple[Precedent, ...]:
    """The precedent that the step ends with; none while the case goes on, and where the variable is null.

    Members that a precedent does not have are the diagram's own and stay in the case. StepFailed(kind="data") when it is not complete:
    the case then stays where it was, with an incident, instead of ending without its precedent.
    """
    variable = law.definition.detail.get(PRECEDENT)
    told = step.variables.get(variable) if isinstance(variable, str) else None
    if step.finished is None or told is None:
        return ()
    if not isinstance(told, dict):
        raise StepFailed(None, "data", f"the variable {variable!r} is no precedent: a context is needed")
    content: dict[str, Json] = {name: value for name, value in told.items() if name in MEMBERS}
    for member in FACT_MEMBERS:
        facts = content.get(member)
        content[member] = {name: value for name, value in facts.items() if _is_told(value)} if isinstance(facts, dict) else {}
    faults = content_faults(content, None)
    if faults:
        words = "; ".join(f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in faults)
        raise StepFailed(None, "data", f"the variable {variable!r} is no complete precedent: {words}")
    if needs_place(content) and instance.jurisdiction is None:
        raise StepFailed(None, "data", f"the variable {variable!r} is to be shown in its place, and the case belongs to no jurisdiction")
    origin = told.get("originInstanceId")
    recorded = Recorded(
        id=new_id(),
        version=1,
        origin=CASE,
        jurisdiction=instance.jurisdiction,
        jurisdiction_path=instance.jurisdiction_path,
        at=now,
        by=actor,
        process_instance_id=instance.id,
        origin_instance_id=origin if isinstance(origin, str) else None,
    )
    return (precedent_of(content, recorded),)


def _is_told(value: Json) -> bool:
    return value is not None and not isinstance(value, list | dict)
