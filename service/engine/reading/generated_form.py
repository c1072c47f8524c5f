"""Fields written into the diagram itself (camunda:formData) as a form-js schema, so that the server enforces them as any other form."""

import json
import re
from collections.abc import Mapping

from lxml import etree

from service.engine.findings import Report
from service.engine.reading.bpmn_xml import extensions, split
from service.engine.reading.vocabulary import CAMUNDA
from service.forms import FormRefused, read_form

Component = dict[str, object]

_TYPES = {"string": "textfield", "long": "number", "double": "number", "boolean": "checkbox", "date": "datetime", "enum": "select"}
_LENGTHS = {"min": "min", "max": "max", "minlength": "minLength", "maxlength": "maxLength"}
_FLAGS = ("required", "readonly")
_INTEGER = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")


class GeneratedFormReader:
    """Reads the form data of one file's user tasks and starts."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def read(self, element: etree._Element, node_id: str, key: str) -> str | None:
        """The schema as JSON under the form key `key`; None without form data, or with a finding none that can be enforced."""
        found = [part for part in extensions(element) if split(part.tag) == (CAMUNDA, "formData")]
        if not found:
            return None
        known = len(self.report.findings)
        rivals = [name for name in ("formKey", "formRef") if element.get(f"{{{CAMUNDA}}}{name}")]
        if rivals or len(found) > 1:
            self._refuse(node_id, found[0], f"{node_id!r} has several forms; one is possible")
        if found[0].get("businessKey"):
            self._refuse(node_id, found[0], f"the form of {node_id!r} cannot set the business key, which is given when a case is started")
        components = [self._field(part, node_id) for part in found[0] if self._is_field(part, node_id)]
        if len(self.report.findings) > known:
            return None
        schema = {"type": "default", "id": key, "schemaVersion": 18, "components": components}
        text = json.dumps(schema, ensure_ascii=False)
        try:
            read_form(text.encode(), key)
        except FormRefused as refused:
            for finding in refused.findings:
                if finding.severity == "error":
                    self._refuse(node_id, found[0], f"the form of {node_id!r}, field {finding.key or ''!r}: {finding.message}")
            return None
        return text

    def _refuse(self, node_id: str, element: etree._Element, message: str) -> None:
        self.report.error(node_id, element.sourceline, "invalid-form", message)

    def _is_field(self, element: etree._Element, node_id: str) -> bool:
        if split(element.tag) == (CAMUNDA, "formField"):
            return True
        self._refuse(node_id, element, f"{split(element.tag)[1]!r} has no meaning in the form of {node_id!r}")
        return False

    def _field(self, element: etree._Element, node_id: str) -> Component:
        name, kind = (element.get("id") or "").strip(), (element.get("type") or "").strip()
        where = f"the field {name!r} of {node_id!r}"
        if not name or "." in name:
            self._refuse(node_id, element, f"{where} needs an id without dots: the name of its variable")
        if kind not in _TYPES:
            self._refuse(node_id, element, f"{where} has the type {kind!r}; possible are {', '.join(_TYPES)}")
            return {}
        if element.get("datePattern"):
            self._refuse(node_id, element, f"{where} has a datePattern; dates are given as ISO 8601 (2026-01-31)")
        component: Component = {"type": _TYPES[kind], "key": name, "label": element.get("label") or name}
        if kind == "long":
            component["decimalDigits"] = 0
        if kind == "date":
            component["subtype"] = "date"
        choices = self._parts(component, element, node_id, where)
        if kind == "enum":
            component["values"] = choices
        elif choices:
            self._refuse(node_id, element, f"{where} has values but is no enum")
        default = element.get("defaultValue")
        if default:
            self._default(component, kind, default, element, node_id, where)
        return component

    def _default(self, component: Component, kind: str, text: str, element: etree._Element, node_id: str, where: str) -> None:
        if "${" in text or "#{" in text or text.startswith("="):
            message = (
                f"{where} has an expression as its default; a field begins with the variable of its name, map it by camunda:inputOutput"
            )
            self._refuse(node_id, element, message)
        elif kind == "boolean" and text in ("true", "false"):
            component["defaultValue"] = text == "true"
        elif kind in ("long", "double") and (_INTEGER if kind == "long" else _NUMBER).fullmatch(text):
            component["defaultValue"] = int(text) if _INTEGER.fullmatch(text) else text
        elif kind in ("string", "enum", "date"):
            component["defaultValue"] = text
        else:
            self._refuse(node_id, element, f"{where} is a {kind}, its default {text!r} is none")

    def _parts(self, component: Component, element: etree._Element, node_id: str, where: str) -> list[Mapping[str, str]]:
        choices: list[Mapping[str, str]] = []
        for part in element:
            match split(part.tag):
                case (namespace, "value") if namespace == CAMUNDA:
                    choices.append({"value": part.get("id") or "", "label": part.get("name") or part.get("id") or ""})
                case (namespace, "properties") if namespace == CAMUNDA:
                    component["properties"] = {entry.get("id") or entry.get("name"): entry.get("value") for entry in part}
                case (namespace, "validation") if namespace == CAMUNDA:
                    for constraint in part:
                        self._constraint(component, constraint, node_id, where)
                case (_, name):
                    self._refuse(node_id, part, f"{where} holds {name!r}, which has no meaning there")
        return choices

    def _constraint(self, component: Component, element: etree._Element, node_id: str, where: str) -> None:
        name, config = (element.get("name") or "").strip(), (element.get("config") or "").strip()
        rules = component.setdefault("validate", {})
        assert isinstance(rules, dict), "made here"
        if name in _FLAGS and config in ("", "true", "false"):
            if config != "false":
                (component if name == "readonly" else rules)[name] = True
        elif name in _LENGTHS and _NUMBER.fullmatch(config):
            rules[_LENGTHS[name]] = int(config) if _INTEGER.fullmatch(config) else config
        else:
            possible = ", ".join((*_FLAGS, *_LENGTHS))
            message = (
                f"{where} has the constraint {name!r} with {config!r}; possible are {possible}, with a fixed number where one is needed"
            )
            self._refuse(node_id, element, message)
