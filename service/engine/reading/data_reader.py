"""Data as BPMN draws it (ioSpecification and data associations): read as an input/output mapping where the standard leaves no choice.

A data object or property is the variable of its name (its id where it has none). An activity that declares data inputs and outputs has
them as variables of its own; an association copies a data object into an input before the activity begins, an output into a data object
when it is done (BPMN 2.0.2 §10.4.2). Associations of an activity that declares no data are drawing. What needs more is refused by name.
"""

from lxml import etree

from service.engine.findings import Report
from service.engine.language.expressions import FEEL_NAMES
from service.engine.parameters import InputOutput, Parameter, ParameterValue, ScriptValue, TextValue, VariableValue
from service.engine.reading.bpmn_xml import child, children, local_name, text_of
from service.engine.reading.vocabulary import BPMN

DATA_TASKS = frozenset({"task", "manualTask", "userTask", "scriptTask", "businessRuleTask", "serviceTask"})
"""The activities whose declared data are executed: a message's data would be its payload, a call's belong to the called process."""

_VARIABLES = ("property", "dataObject", "dataObjectReference")


class DataReader:
    """Reads the data flow of one file's activities."""

    def __init__(self, root: etree._Element, report: Report) -> None:
        self.report = report
        found = [element for kind in _VARIABLES for element in root.iter(f"{{{BPMN}}}{kind}") if element.get("id")]
        self._elements = {element.get("id", ""): element for element in found}

    def read(self, kind: str, element: etree._Element, node_id: str) -> InputOutput | None:
        """The mapping that the activity's data flow means; None when it declares no data."""
        declared = child(element, "ioSpecification") if kind in DATA_TASKS else None
        if declared is None:
            return None
        inputs = {part.get("id", ""): part for _, part in children(declared, "dataInput")}
        outputs = {part.get("id", ""): part for _, part in children(declared, "dataOutput")}
        for loop in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
            if (inputs or outputs) and child(element, loop) is not None:
                self._refuse(node_id, declared, f"the repeated activity {node_id!r} declares data; give its iterations variables instead")
                return None
        into: dict[str, Parameter] = {}
        for _, association in children(element, "dataInputAssociation"):
            target = inputs.get(local_name(text_of(child(association, "targetRef"))))
            value = None if target is None else self._source(association, target, node_id)
            if target is not None and value is not None:
                into[target.get("id", "")] = Parameter(_name(target), value, association.sourceline)
        for identifier, part in inputs.items():
            if identifier not in into:
                message = f"the data input {_name(part)!r} of {node_id!r} is given nothing by a data association"
                self.report.warn(node_id, part.sourceline, "without-effect", message)
        # Declared as null, so that what the activity writes under that name stays its own until the association hands it on.
        own = [Parameter(_name(part), TextValue(""), part.sourceline) for part in outputs.values()]
        out: list[Parameter] = []
        for _, association in children(element, "dataOutputAssociation"):
            source = outputs.get(local_name(text_of(child(association, "sourceRef"))))
            variable = None if source is None else self._target(association, node_id)
            if source is not None and variable is not None:
                out.append(Parameter(variable, VariableValue(_name(source)), association.sourceline))
        return InputOutput((*into.values(), *own), tuple(out))

    def _refuse(self, node_id: str, element: etree._Element, message: str) -> None:
        self.report.error(node_id, element.sourceline, "unsupported-element", message)

    def _variable(self, reference: str, element: etree._Element, node_id: str) -> str | None:
        found = self._elements.get(local_name(reference))
        if found is None:
            what = f"{reference!r}, which is no data object or property" if reference else "nothing"
            self._refuse(node_id, element, f"a data association of {node_id!r} refers to {what}")
            return None
        # A reference stands for its data object, under the name of that, else under its own.
        referred = self._elements.get(local_name(found.get("dataObjectRef", "")))
        named = [one.get("name") for one in (referred, found) if one is not None and one.get("name")]
        return str(named[0]) if named else _name(found if referred is None else referred)

    def _source(self, association: etree._Element, target: etree._Element, node_id: str) -> ParameterValue | None:
        if child(association, "transformation") is not None:
            self._refuse(node_id, association, f"a data association of {node_id!r} has a transformation; map data by camunda:inputOutput")
            return None
        assignments = [part for _, part in children(association, "assignment")]
        if not assignments:
            name = self._variable(text_of(child(association, "sourceRef")), association, node_id)
            return None if name is None else VariableValue(name)
        sources, goal = child(assignments[0], "from"), text_of(child(assignments[0], "to"))
        if len(assignments) > 1 or sources is None or local_name(goal) not in (target.get("id"), target.get("name")):
            message = (
                f"the assignment of {node_id!r} is not one value for its data input {_name(target)!r}; map data by camunda:inputOutput"
            )
            self._refuse(node_id, association, message)
            return None
        language = sources.get("language", "").strip()
        if language and language not in FEEL_NAMES and language != "juel":
            self._refuse(node_id, sources, f"an assignment of {node_id!r} is in the language {language!r}; use FEEL or ${{…}}")
            return None
        text = text_of(sources)
        return ScriptValue(text.removeprefix("=")) if language in FEEL_NAMES else TextValue(text)

    def _target(self, association: etree._Element, node_id: str) -> str | None:
        for name in ("transformation", "assignment"):
            if child(association, name) is not None:
                message = f"a data output association of {node_id!r} has {name!r}; map data by camunda:inputOutput"
                self._refuse(node_id, association, message)
                return None
        return self._variable(text_of(child(association, "targetRef")), association, node_id)


def _name(element: etree._Element) -> str:
    """What the variable of a data element is called."""
    return str(element.get("name") or element.get("id"))
