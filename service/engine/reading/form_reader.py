"""Which form a user task, or the plain start of a process, is bound to: camunda:formRef, camunda:formKey or camunda:formData."""

from collections.abc import Mapping

from lxml import etree

from service.engine.findings import Report
from service.engine.language.expressions import is_expression
from service.engine.reading.bpmn_xml import extensions, split
from service.engine.reading.generated_form import GeneratedFormReader
from service.engine.reading.vocabulary import CAMUNDA

_WORDS = frozenset({"formKey", "formRef", "formRefBinding", "formRefVersion"})


class FormReader:
    """Reads the forms of one file."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._generated = GeneratedFormReader(report)

    def read(
        self, kind: str, element: etree._Element, node_id: str, process: str, attributes: Mapping[str, str], plain: bool
    ) -> tuple[Mapping[str, str], str | None]:
        """The camunda: attributes with those of the form, and the schema (JSON) of a form that is written into the diagram.

        Of the starts only a `plain` one of the process is made by a person with a form; that of another has no effect, and is told.
        """
        if kind == "startEvent" and plain:
            self._only_fixed(element, node_id, attributes)
        elif kind == "startEvent":
            return self._left_out(element, node_id, attributes), None
        elif kind != "userTask":
            return attributes, None
        self._only_one(element, node_id, attributes)
        key = f"{process}.{node_id}"
        schema = self._generated.read(element, node_id, key)
        return (attributes, None) if schema is None else ({**attributes, "formRef": key, "formRefBinding": "deployment"}, schema)

    def _only_fixed(self, element: etree._Element, node_id: str, attributes: Mapping[str, str]) -> None:
        if is_expression(attributes.get("formKey", "")):
            message = f"camunda:formKey of the start event {node_id!r} must be a fixed text: no case is there yet that has variables"
            self.report.error(node_id, element.sourceline, "unsupported-expression", message)

    def _left_out(self, element: etree._Element, node_id: str, attributes: Mapping[str, str]) -> dict[str, str]:
        has_fields = any(split(part.tag) == (CAMUNDA, "formData") for part in extensions(element))
        if has_fields or attributes.keys() & _WORDS:
            message = f"the form of {node_id!r} is left out: only a start of the process without message, signal or timer has one"
            self.report.warn(node_id, element.sourceline, "without-effect", message)
        return {name: value for name, value in attributes.items() if name not in _WORDS}

    def _only_one(self, element: etree._Element, node_id: str, attributes: Mapping[str, str]) -> None:
        if attributes.get("formKey") and attributes.get("formRef"):
            message = f"{node_id!r} has both camunda:formKey and camunda:formRef; one form is possible"
            self.report.error(node_id, element.sourceline, "invalid-form", message)
