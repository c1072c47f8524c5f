"""What a diagram declares to the rest of the service: starts, messages, references to decisions, forms and processes, candidate groups."""

from service.actions.ports import ProcessDescription, Reference, StartEvent
from service.engine.assignment import Assignment, split_list
from service.engine.diagram import Node, ProcessDiagram


def describe_process(process: ProcessDiagram) -> ProcessDescription:
    """Describe a diagram that passed the linter."""
    groups: list[str] = []
    for node in process.nodes:
        if node.kind == "userTask":
            groups.extend(group for group in Assignment.compile(node).fixed_groups if group not in groups)
    return ProcessDescription(
        key=process.key,
        name=process.name,
        starts=tuple(_start(node) for node in process.nodes if node.kind == "startEvent" and node.scope == process.key),
        references=tuple(reference for node in process.nodes for reference in _references(node)),
        candidate_groups=tuple(groups),
    )


def _start(node: Node) -> StartEvent:
    return StartEvent(
        node.id,
        node.name,
        node.event.message_name,
        split_list(node.properties.get("correlationKeys", "")),
        split_list(node.properties.get("reservedVariables", "")),
    )


def _references(node: Node) -> tuple[Reference, ...]:
    keys = {**node.attributes, "calledElement": node.call.key} if node.call is not None else node.attributes
    for kind, attribute in (("decision", "decisionRef"), ("form", "formRef"), ("process", "calledElement")):
        key = keys.get(attribute)
        if key:
            version = node.attributes.get(attribute + "Version")
            binding = node.attributes.get(attribute + "Binding")
            return (Reference(kind, key, node.id, node.line, binding, int(version) if version is not None else None),)
    return ()
