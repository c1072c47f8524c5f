"""Bringing what other tools write into the shapes that the reader knows, without changing what it means.

Works on the tree read from the file; the file itself is stored and given back as it came, and ids and lines stay those of the file.
What has no equal here is left as it is, and the reader refuses it by name.

* Words of Activiti and Flowable that mean the same in Camunda 7 (all three come from one engine) become Camunda's.
* Performers written as BPMN resource roles (humanPerformer, potentialOwner) become assignee and candidates, as in Camunda 7.
* A call activity that calls a global task of the same file becomes a task of that kind (BPMN 2.0.2 §10.3.6).
"""

import re
from copy import deepcopy

from lxml import etree

from service.engine.findings import Report
from service.engine.reading.bpmn_xml import child, children, local_name, split, text_of
from service.engine.reading.vocabulary import BPMN, CAMUNDA

SAME_LANGUAGE = frozenset({"http://activiti.org/bpmn", "http://flowable.org/bpmn"})
"""Namespaces of engines whose words come from the same root as Camunda's."""

SAME_ATTRIBUTES = {
    **{
        name: name
        for name in (
            "assignee",
            "async",
            "asyncBefore",
            "asyncAfter",
            "candidateGroups",
            "candidateStarterGroups",
            "candidateStarterUsers",
            "candidateUsers",
            "class",
            "collection",
            "delegateExpression",
            "dueDate",
            "elementVariable",
            "exclusive",
            "expression",
            "formKey",
            "initiator",
            "priority",
            "resultVariable",
            "topic",
            "type",
        )
    },
    "resultVariableName": "resultVariable",
}
"""Attributes of Activiti and Flowable that mean what Camunda's attribute of that name means."""

SAME_ELEMENTS = frozenset({"executionListener", "failedJobRetryTimeCycle", "field", "formProperty", "in", "out", "taskListener"})
"""Extension elements that do, or that are refused here in Camunda's language as well."""

HARMLESS_ATTRIBUTES = frozenset({"category", "formFieldValidation", "isEagerExecutionFetch", "processHistoryLevel"})
"""Attributes of Activiti and Flowable without influence on the way through the diagram or on who may do what."""

_GLOBAL_TASKS = {
    "globalTask": "task",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalUserTask": "userTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
_OWNER = re.compile(r"\s*(?:(?P<kind>user|group)\s*\(\s*(?P<named>[^()]+?)\s*\)|(?P<plain>[^,()]+?))\s*")


def normalised(given: etree._Element, report: Report) -> etree._Element:
    """The tree in the shapes of the reader; `given` stays as it is. What is left out on the way is told as a warning."""
    root = deepcopy(given)
    for element in root.iter(etree.Element):
        _translate(element, report)
    for name, element in _every(root, "userTask", "globalUserTask"):
        _name_performers(element, name)
    _draw_global_tasks(root, report)
    return root


def _every(root: etree._Element, *names: str) -> list[tuple[str, etree._Element]]:
    return [(name, element) for name in names for element in root.iter(f"{{{BPMN}}}{name}")]


# --- Activiti and Flowable


def _translate(element: etree._Element, report: Report) -> None:
    namespace, name = split(element.tag)
    if namespace in SAME_LANGUAGE and name in SAME_ELEMENTS:
        element.tag = f"{{{CAMUNDA}}}{name}"
    for attribute, value in list(element.attrib.items()):
        namespace, name = split(attribute)
        if namespace not in SAME_LANGUAGE:
            continue
        if name in HARMLESS_ATTRIBUTES:
            del element.attrib[attribute]
            message = f"{name!r} of {'Flowable' if 'flowable' in namespace else 'Activiti'} has no effect here"
            report.warn(element.get("id"), element.sourceline, "without-effect", message)
        elif name in SAME_ATTRIBUTES and element.get(f"{{{CAMUNDA}}}{SAME_ATTRIBUTES[name]}") is None:
            del element.attrib[attribute]
            element.set(f"{{{CAMUNDA}}}{SAME_ATTRIBUTES[name]}", value)


# --- performers


def _name_performers(task: etree._Element, kind: str) -> None:
    """Read the roles of a user task as Camunda 7 does: `user(a), group(b), c`, where a bare name is a group."""
    roles = [(name, part) for name, part in children(task) if name in ("humanPerformer", "performer", "potentialOwner")]
    found: dict[str, list[str]] = {"assignee": [], "candidateUsers": [], "candidateGroups": []}
    for name, role in roles:
        texts = [text_of(child(part, "formalExpression")) for _, part in children(role, "resourceAssignmentExpression")]
        others = [part for other, part in children(role) if other not in ("resourceAssignmentExpression", "documentation")]
        if others or len(texts) != 1 or not texts[0]:
            return
        if name == "potentialOwner":
            if not _read_owners(texts[0], found):
                return
        else:
            found["assignee"].append(texts[0])
    taken = [attribute for attribute, names in found.items() if names and task.get(f"{{{CAMUNDA}}}{attribute}") is not None]
    if taken or len(found["assignee"]) > 1:
        return
    for attribute, names in found.items():
        if names:
            task.set(f"{{{CAMUNDA}}}{attribute}", ",".join(names))
    for _, role in roles:
        task.remove(role)


def _read_owners(text: str, found: dict[str, list[str]]) -> bool:
    if "${" in text or "#{" in text or text.startswith("="):
        # One expression that gives groups; mixtures are left to be refused.
        found["candidateGroups"].append(text)
        return "," not in text and "(" not in re.sub(r"[$#]\{[^}]*\}", "", text)
    for part in re.split(r",(?![^()]*\))", text):
        match = _OWNER.fullmatch(part)
        if match is None:
            return False
        names = found["candidateUsers" if match["kind"] == "user" else "candidateGroups"]
        names.extend(name.strip() for name in (match["named"] or match["plain"]).split(",") if name.strip())
    return True


# --- global tasks


def _draw_global_tasks(root: etree._Element, report: Report) -> None:
    tasks = {part.get("id", ""): (name, part) for name, part in children(root) if name in _GLOBAL_TASKS}
    for _, call in _every(root, "callActivity"):
        name, task = tasks.get(local_name(call.get("calledElement", "")), (None, None))
        if name is not None and task is not None and _may_stand_for(call, task, report):
            _draw(call, name, task)


def _may_stand_for(call: etree._Element, task: etree._Element, report: Report) -> bool:
    """False, with a finding, when the call or the task maps data in a way that a task in this place has not."""
    node_id = call.get("id")
    for part in call.iter(etree.Element):
        if split(part.tag) in ((CAMUNDA, "in"), (CAMUNDA, "out")):
            message = f"the call of a global task by {node_id!r} maps variables by camunda:in or camunda:out; use camunda:inputOutput"
            report.error(node_id, part.sourceline, "unsupported-extension", message)
            return False
    if child(task, "ioSpecification") is not None:
        message = f"the global task {task.get('id')!r} declares data (ioSpecification), which is not supported"
        report.error(node_id, task.sourceline, "unsupported-element", message)
        return False
    return True


def _draw(call: etree._Element, name: str, task: etree._Element) -> None:
    """Make the call activity the task itself: its place, id, flows and markers stay; work and name come from the task."""
    call.tag = f"{{{BPMN}}}{_GLOBAL_TASKS[name]}"
    del call.attrib["calledElement"]
    for attribute, value in task.attrib.items():
        if attribute != "id" and call.get(attribute) is None:
            call.set("scriptFormat" if attribute == "scriptLanguage" else attribute, value)
    for kind, part in children(task):
        present = child(call, kind)
        copied = deepcopy(part)
        for inner in copied.iter(etree.Element):
            # The ids stay with the global task; what it holds stands here once more.
            inner.attrib.pop("id", None)
        if kind == "extensionElements" and present is not None:
            present.extend(copied)
        elif kind != "documentation":
            call.append(copied)
