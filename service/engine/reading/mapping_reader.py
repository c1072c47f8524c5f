"""Reading camunda:inputOutput: which parameters there are and what their values are made of. What cannot be executed is a finding."""

from lxml import etree

from service.engine.findings import Report
from service.engine.language.expressions import FEEL_NAMES
from service.engine.parameters import InputOutput, ListValue, MapValue, Parameter, ParameterValue, ScriptValue, TextValue
from service.engine.reading.bpmn_xml import child, extensions, split, text_of
from service.engine.reading.vocabulary import CAMUNDA

_VALUES = ("list", "map", "script", "value")


class MappingReader:
    """Reads the mappings of one file's elements."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def read(self, kind: str, element: etree._Element, node_id: str) -> InputOutput | None:
        """The mapping of a flow node; None when it has none."""
        found = [part for part in extensions(element) if split(part.tag) == (CAMUNDA, "inputOutput")]
        if not found:
            return None
        if kind in ("subProcess", "startEvent") and _is_true(element if kind == "subProcess" else element.getparent(), "triggeredByEvent"):
            self._refuse(node_id, found[0], f"the {kind} {node_id!r} of an event sub-process cannot have a camunda:inputOutput")
        for further in found[1:]:
            self._refuse(node_id, further, f"the {kind} {node_id!r} has several camunda:inputOutput; one is possible")
        inputs: list[Parameter] = []
        outputs: list[Parameter] = []
        for part in found[0]:
            name = split(part.tag)
            if name == (CAMUNDA, "inputParameter"):
                inputs.extend(self._parameter(part, node_id))
            elif name == (CAMUNDA, "outputParameter"):
                outputs.extend(self._parameter(part, node_id))
            else:
                self._refuse(node_id, part, f"{name[1]!r} has no meaning inside camunda:inputOutput")
        if outputs:
            self._check_outputs(kind, element, node_id, found[0])
        return InputOutput(tuple(inputs), tuple(outputs))

    def _refuse(self, node_id: str, element: etree._Element, message: str) -> None:
        self.report.error(node_id, element.sourceline, "invalid-mapping", message)

    def _check_outputs(self, kind: str, element: etree._Element, node_id: str, mapping: etree._Element) -> None:
        if kind == "endEvent":
            self._refuse(node_id, mapping, f"the end event {node_id!r} cannot have a camunda:outputParameter: nothing runs after it")
        elif child(element, "multiInstanceLoopCharacteristics") is not None:
            message = (
                f"the multi-instance activity {node_id!r} cannot have a camunda:outputParameter: its iterations would overwrite one another"
            )
            self._refuse(node_id, mapping, f"{message}; use loopDataOutputRef and outputDataItem")

    def _parameter(self, element: etree._Element, node_id: str) -> list[Parameter]:
        name = (element.get("name") or "").strip()
        which = split(element.tag)[1]
        if not name or "{" in name:
            self._refuse(node_id, element, f"a camunda:{which} of {node_id!r} has {f'the name {name!r}' if name else 'no name'}")
            return []
        value = self._value(element, node_id, f"camunda:{which} {name!r} of {node_id!r}")
        return [] if value is None else [Parameter(name, value, element.sourceline)]

    def _value(self, element: etree._Element, node_id: str, where: str) -> ParameterValue | None:
        parts = list(element)
        if not parts:
            return TextValue(text_of(element))
        if len(parts) > 1 or (element.text or "").strip() or (parts[0].tail or "").strip():
            self._refuse(node_id, element, f"{where} holds several values; one is possible")
            return None
        return self._structured(parts[0], node_id, where)

    def _structured(self, element: etree._Element, node_id: str, where: str) -> ParameterValue | None:
        namespace, name = split(element.tag)
        if namespace != CAMUNDA or name not in _VALUES:
            self._refuse(node_id, element, f"{where} holds {name!r}, which is no value")
            return None
        if name == "script":
            return self._script(element, node_id, where)
        if name == "value":
            return TextValue(text_of(element))
        if name == "list":
            items = [self._structured(item, node_id, where) for item in element]
            return None if any(item is None for item in items) else ListValue(tuple(item for item in items if item is not None))
        return self._map(element, node_id, where)

    def _map(self, element: etree._Element, node_id: str, where: str) -> ParameterValue | None:
        entries: dict[str, ParameterValue] = {}
        for entry in element:
            key = entry.get("key")
            if split(entry.tag) != (CAMUNDA, "entry") or not key or "{" in key or key in entries:
                fault = f"the key {key!r}" if key else "no key"
                self._refuse(node_id, entry, f"{where}: an entry of the map has {fault}; keys are fixed texts, each once")
                return None
            value = self._value(entry, node_id, where)
            if value is None:
                return None
            entries[key] = value
        return MapValue(tuple(entries.items()))

    def _script(self, element: etree._Element, node_id: str, where: str) -> ParameterValue | None:
        language = element.get("scriptFormat", "").strip()
        if language.lower() not in FEEL_NAMES or element.get("resource"):
            found = language or "none"
            self._refuse(node_id, element, f"{where} holds a script in the language {found!r}; only FEEL in the diagram itself is run")
            return None
        return ScriptValue(text_of(element))


def _is_true(element: etree._Element | None, attribute: str) -> bool:
    return element is not None and str(element.get(attribute, "false")).strip() in ("true", "1")
