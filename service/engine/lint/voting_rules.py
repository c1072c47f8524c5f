"""Our properties for votes and signatures: where they stand, and what a secret ballot needs so that nothing of a vote gets out."""

import json

from service.engine.findings import Report
from service.engine.language.assignment import SECRET_BALLOT, SIGNATURE
from service.engine.nodes.ballots import is_ballot
from service.engine.reading.diagram import Node, ProcessDiagram

_NOBODY_ELSE = ("candidateUsers", "candidateGroups")


def check_votes(process: ProcessDiagram, report: Report) -> None:
    """Judge the elements that have one of the properties."""
    for node in process.nodes:
        for name in (SECRET_BALLOT, SIGNATURE):
            value = node.properties.get(name)
            if value is None:
                continue
            if value not in ("true", "false"):
                report.error(node.id, node.line, "invalid-value", f"{name} of {node.id!r} is {value!r}, neither true nor false")
            elif node.kind != "userTask":
                message = f"{name} stands at {node.id!r}, which is no user task, and would have no effect"
                report.error(node.id, node.line, "misplaced-vote", message)
        if node.kind == "userTask" and is_ballot(node):
            for fault in _faults(node):
                report.error(node.id, node.line, "secret-ballot", f"the secret ballot {node.id!r} {fault}")


def _faults(node: Node) -> list[str]:
    """What keeps the votes at a user task from being secret, or from being one of each voter."""
    plan, faults = node.multi_instance, []
    if plan is None or plan.sequential or not plan.collection:
        faults.append("is no parallel multi-instance over a collection of its voters: each voter has a task of his own")
    elif plan.output_item or plan.output_collection:
        faults.append("hands the results of its iterations out; ask ballotCount() for the count")
    if not node.attributes.get("assignee", "").strip():
        faults.append("has no camunda:assignee: each vote is that of one person")
    if any(node.attributes.get(name, "").strip() for name in _NOBODY_ELSE):
        faults.append("has candidates: nobody but the voter can do his task")
    if not node.attributes.get("formRef") or (node.form is not None and not _asks_for_a_choice(node.form)):
        faults.append("has no form that asks for one required choice of a list")
    if node.properties.get(SIGNATURE) == "true":
        faults.append("is signed: a signature says who submitted what")
    return faults


def _asks_for_a_choice(schema: str) -> bool:
    """The same that a deployed form is asked, of a form written into the diagram (camunda:formData)."""
    components = json.loads(schema)["components"]
    return (
        len(components) == 1
        and components[0]["type"] == "select"
        and bool(components[0].get("validate", {}).get("required"))
        and "defaultValue" not in components[0]
    )
