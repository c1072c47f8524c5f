"""Our own rules, all of them warnings: what runs as drawn but leaves people without a name, a performer or a time limit."""

from service.engine.findings import Report
from service.engine.language.assignment import split_list
from service.engine.reading.diagram import Node, ProcessDiagram

_PERFORMERS = ("assignee", "candidateUsers", "candidateGroups")


def check_own_rules(process: ProcessDiagram, report: Report) -> None:
    """Judge the user tasks of a process."""
    for node in process.nodes:
        if node.kind == "userTask":
            _user_task(node, report)


def _user_task(node: Node, report: Report) -> None:
    if not any(split_list(node.attributes.get(attribute, "")) for attribute in _PERFORMERS):
        message = f"the user task {node.id!r} names nobody who may do it, so whoever may work on any task can take it"
        report.warn(node.id, node.line, "no-performer", message)
    if not node.attributes.get("dueDate", "").strip():
        report.warn(node.id, node.line, "no-due-date", f"the user task {node.id!r} has no due date, so it is never overdue")
    if node.name == node.id:
        report.warn(node.id, node.line, "no-name", f"the user task {node.id!r} has no name; people see its id")
