"""Reading how work is done: camunda:type, topic, taskPriority, errorEventDefinition and expression of tasks and of thrown messages."""

from collections.abc import Mapping

from lxml import etree

from service.engine.findings import Report
from service.engine.reading.bpmn_xml import extensions, local_name, split
from service.engine.reading.diagram import Work
from service.engine.reading.dialect import Dialect
from service.engine.reading.vocabulary import CAMUNDA

WORKING = frozenset({"serviceTask", "sendTask", "businessRuleTask"})
"""Tasks that may be done by an external worker or by an expression."""

_EXTERNAL = "external"


class WorkReader:
    """Reads the work of one file's elements. `errors` are its bpmn:error elements by id.

    `default_priority` is camunda:taskPriority of the process that is being read.
    """

    def __init__(self, report: Report, dialect: Dialect, errors: Mapping[str, etree._Element]) -> None:
        self.report = report
        self.dialect = dialect
        self.errors = errors
        self.default_priority: str | None = None

    def read(self, element: etree._Element, node_id: str) -> Work | None:
        """The work that the element names; None when it names none. What contradicts itself becomes a finding."""
        attributes = self.dialect.attributes(element)
        kind, expression = attributes.get("type", "").strip(), attributes.get("expression", "").strip()
        rules = self._rules(element, node_id)
        line = element.sourceline
        if kind and kind != _EXTERNAL:
            message = f"camunda:type={kind!r} of {node_id!r}: the only type there is here is 'external'"
            self.report.error(node_id, line, "unsupported-attribute", message)
            return None
        if kind and expression:
            message = f"{node_id!r} has both an external worker and camunda:expression; which one does the work?"
            self.report.error(node_id, line, "ambiguous-implementation", message)
            return None
        if not kind:
            self._without_worker(attributes, rules, node_id, line)
            return Work(expression=expression, result_variable=attributes.get("resultVariable"), line=line) if expression else None
        topic = attributes.get("topic", "").strip()
        if not topic:
            self.report.error(node_id, line, "missing-topic", f"the external task {node_id!r} has no topic (camunda:topic)")
            return None
        return Work(topic, attributes.get("taskPriority", self.default_priority), rules, line=line)

    def missing(self, kind: str, element: etree._Element, node_id: str) -> None:
        """Report a service task that nobody does."""
        message = f"nothing says how the {kind} {node_id!r} is done; give it an external worker (camunda:type, camunda:topic)"
        self.report.error(node_id, element.sourceline, "missing-implementation", message)

    def _without_worker(self, attributes: Mapping[str, str], rules: tuple[tuple[str, str], ...], node_id: str, line: int | None) -> None:
        for name in ("topic", "taskPriority"):
            if name in attributes:
                message = f'camunda:{name} of {node_id!r} belongs to an external task; camunda:type="external" is missing'
                self.report.error(node_id, line, "unsupported-attribute", message)
        if rules:
            message = f"camunda:errorEventDefinition of {node_id!r} belongs to an external task, which it is not"
            self.report.error(node_id, line, "unsupported-extension", message)

    def _rules(self, element: etree._Element, node_id: str) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for part in extensions(element):
            if split(part.tag) != (CAMUNDA, "errorEventDefinition"):
                continue
            reference = part.get("errorRef", "").strip()
            error = self.errors.get(reference, self.errors.get(local_name(reference)))
            code = "" if error is None else (error.get("errorCode") or "").strip()
            condition = (part.get("expression") or part.get(f"{{{CAMUNDA}}}expression") or "").strip()
            if error is None:
                message = f"camunda:errorEventDefinition of {node_id!r} refers to the error {reference!r}, which does not exist"
                self.report.error(node_id, part.sourceline, "dangling-reference", message)
            elif not code:
                message = f"the error {reference!r} to which camunda:errorEventDefinition of {node_id!r} refers has no errorCode"
                self.report.error(node_id, part.sourceline, "missing-code", message)
            elif not condition:
                message = f"camunda:errorEventDefinition of {node_id!r} has no expression that says when it is that error"
                self.report.error(node_id, part.sourceline, "missing-condition", message)
            else:
                found.append((code, condition))
        return tuple(found)
