"""What a diagram declares to the rest of the service: starts, messages, references to decisions, forms and processes, candidate groups."""

from service.actions.ports import MessageRoute, ProcessDescription, Reference
from service.engine.language.assignment import Assignment, split_list
from service.engine.language.expressions import is_expression
from service.engine.nodes.ballots import is_ballot
from service.engine.reading.diagram import Node, ProcessDiagram
from service.engine.reading.starts import start_events

PRECEDENT = "precedentVariable"
"""The property, at any element of the process, that names the variable."""


def describe_process(process: ProcessDiagram, routes: tuple[MessageRoute, ...] = ()) -> ProcessDescription:
    """Describe a diagram that passed the linter; `routes` are those of its file."""
    groups: list[str] = []
    for node in process.nodes:
        if node.kind == "userTask":
            groups.extend(group for group in Assignment.compile(node).fixed_groups if group not in groups)
    return ProcessDescription(
        key=process.key,
        name=process.name,
        starts=start_events(process),
        references=tuple(reference for node in process.nodes for reference in references_of(node)),
        candidate_groups=tuple(groups),
        version_tag=process.version_tag,
        forms=tuple((node.attributes["formRef"], node.form) for node in process.nodes if node.form is not None),
        routes=routes,
        precedent=next((node.properties[PRECEDENT] for node in process.nodes if node.properties.get(PRECEDENT)), None),
    )


def references_of(node: Node) -> tuple[Reference, ...]:
    """The decision, form or process that an element uses, and the templates of the documents that belong to it."""
    documents = tuple(Reference("document", key, node.id, node.line) for key in split_list(node.properties.get("document", "")))
    keys = {**node.attributes, "calledElement": node.call.key} if node.call is not None else node.attributes
    for kind, attribute in (("decision", "decisionRef"), ("form", "formRef"), ("process", "calledElement")):
        key = keys.get(attribute)
        # Which process an expression means is known only when it is called.
        if key and not (attribute == "calledElement" and is_expression(key)):
            version = node.attributes.get(attribute + "Version")
            binding = node.attributes.get(attribute + "Binding")
            ballot = kind == "form" and is_ballot(node)
            tag = node.attributes.get(attribute + "VersionTag")
            return (
                Reference(kind, key, node.id, node.line, binding, int(version) if version is not None else None, tag, ballot),
                *documents,
            )
    return documents
