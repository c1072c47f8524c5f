"""Constraints of BPMN 2.0.2 on data (§10.4): inputs, outputs, their sets and associations, and the items of messages and events."""

from lxml import etree

from service.engine.findings import Report
from service.engine.lint.document import EVENT_KINDS, GLOBAL_TASK_KINDS, SUB_PROCESS_KINDS, Document, is_true, kind_of
from service.engine.reading.bpmn_xml import child, children, text_of

_SET_MEMBERS = {
    "inputSet": ("dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs"),
    "outputSet": ("dataOutputRefs", "optionalOutputRefs", "whileExecutingOutputRefs"),
}
_CROSS_REFERENCES = (("inputSet", "outputSetRefs", "inputSetRefs"), ("outputSet", "inputSetRefs", "outputSetRefs"))
_ITEM_OF = {"message": "itemRef", "signal": "structureRef", "error": "structureRef", "escalation": "structureRef"}
_CARRIES = {
    "messageEventDefinition": "messageRef",
    "signalEventDefinition": "signalRef",
    "errorEventDefinition": "errorRef",
    "escalationEventDefinition": "escalationRef",
}


def check_data(document: Document, report: Report) -> None:
    """Put every contradiction in what a file says about data into the report."""
    _DataRules(document, report).run()


class _DataRules:
    def __init__(self, document: Document, report: Report) -> None:
        self.document = document
        self.report = report

    def run(self) -> None:
        for element in self.document.root.iter():
            kind = kind_of(element)
            if kind in ("dataInput", "dataOutput", "dataObject", "inputDataItem", "outputDataItem"):
                self._collection(element)
            elif kind == "ioSpecification":
                self._specification(element)
            elif kind == "ioBinding":
                self._binding(element)
            elif kind in ("serviceTask", "sendTask", "receiveTask"):
                self._operation_task(element, kind)
            elif kind == "callActivity":
                self._call(element)
            elif kind in EVENT_KINDS:
                self._event(element)
            elif kind in ("dataInputAssociation", "dataOutputAssociation"):
                self._association(element, kind)

    def _error(self, element: etree._Element, code: str, message: str) -> None:
        self.report.error(self.document.owner(element), element.sourceline, code, message)

    # --- items

    def _item(self, element: etree._Element | None, attribute: str = "itemSubjectRef") -> etree._Element | None:
        return None if element is None else self.document.find(element.get(attribute))

    def _differs(self, one: etree._Element | None, other: etree._Element | None) -> bool:
        """Two item definitions are equivalent when they are the same or have the same structure."""
        if one is None or other is None or one is other:
            return False
        return one.get("structureRef") is None or one.get("structureRef") != other.get("structureRef")

    def _collection(self, element: etree._Element) -> None:
        item = self._item(element)
        if item is None or kind_of(item) != "itemDefinition":
            return
        if is_true(item, "isCollection") != is_true(element, "isCollection"):
            message = f"isCollection of {element.get('id')!r} differs from that of its item definition {item.get('id')!r}"
            self._error(element, "item-differs", message)

    # --- inputs, outputs and their sets

    def _specification(self, specification: etree._Element) -> None:
        owner = specification.getparent()
        if kind_of(owner) in SUB_PROCESS_KINDS and child(owner, "multiInstanceLoopCharacteristics") is None:
            message = f"the sub-process {owner.get('id')!r} cannot have data inputs and outputs of its own; it sees those around it"
            self._error(owner, "data-in-sub-process", message)
            for part in specification:
                if kind_of(part) in ("dataInput", "dataOutput"):
                    self._error(part, "data-in-sub-process", message)
        for kind, group in (("dataInput", "inputSet"), ("dataOutput", "outputSet")):
            held = {text_of(part) for one in _all(specification, group) for word in _SET_MEMBERS[group] for part in _all(one, word)}
            for part in _all(specification, kind):
                if part.get("id") not in held:
                    self._error(part, "data-set", f"the {kind} {part.get('id')!r} is in no {group}")
        for group, (required, *others) in _SET_MEMBERS.items():
            for one in _all(specification, group):
                members = {text_of(part) for part in _all(one, required)}
                for part in (part for word in others for part in _all(one, word)):
                    if text_of(part) not in members:
                        message = f"{kind_of(part)} names {text_of(part)!r}, which is not among the {required} of the same {group}"
                        self._error(part, "data-set", message)
                        named = self.document.find(text_of(part))
                        if named is not None:
                            self._error(named, "data-set", message)
        for group, forward, back in _CROSS_REFERENCES:
            for one in _all(specification, group):
                for part in _all(one, forward):
                    other = self.document.find(text_of(part))
                    if other is not None and one.get("id") not in {text_of(found) for found in _all(other, back)}:
                        message = f"the {group} {one.get('id')!r} names {text_of(part)!r}, which does not name it in turn ({back})"
                        self._error(one, "data-set", message)
                        self._error(other, "data-set", message)

    def _association(self, association: etree._Element, kind: str) -> None:
        """Data inputs of the whole process are only read, its data outputs only written."""
        attribute, wrong = ("sourceRef", "dataOutput") if kind == "dataInputAssociation" else ("targetRef", "dataInput")
        for part in _all(association, attribute):
            found = self.document.find(text_of(part))
            if found is not None and kind_of(found) == wrong and kind_of(found.getparent().getparent()) == "process":
                verb = "read" if wrong == "dataOutput" else "written"
                message = f"the {wrong} {found.get('id')!r} of the process cannot be {verb} ({association.get('id')!r})"
                self._error(association, "data-association", message)
                self._error(found, "data-association", message)
        if len(_all(association, "sourceRef")) > 1 and child(association, "transformation") is None:
            message = f"the {kind} {association.get('id')!r} has several sources, so it needs a transformation that makes one value of them"
            self._error(association, "data-association", message)
        owner = association.getparent()
        holders = [owner, *(part for name, part in children(owner) if name in ("ioSpecification", "multiInstanceLoopCharacteristics"))]
        inner = {part.get("id") for holder in holders for _, part in children(holder)}
        ends = [text_of(part) for part in _all(association, "targetRef" if kind == "dataInputAssociation" else "sourceRef")]
        for end in ends:
            found = self.document.find(end)
            if found is not None and kind_of(found) in ("dataInput", "dataOutput") and end not in inner:
                message = f"the {kind} {association.get('id')!r} of {owner.get('id')!r} is bound to {end!r}, which is not its own"
                self._error(association, "data-association", message)

    # --- operations and calls

    def _operation_task(self, task: etree._Element, kind: str) -> None:
        operation, specification = self.document.find(task.get("operationRef")), child(task, "ioSpecification")
        sent = self.document.find(task.get("messageRef"))
        if kind == "serviceTask":
            if operation is None or kind_of(operation) != "operation":
                return
            inputs = _all(specification, "dataInput") if specification is not None else []
            if len(inputs) != 1:
                message = f"the service task {task.get('id')!r} calls an operation, so it needs exactly one data input, the message to send"
                self._error(task, "operation-data", message)
            self._only_one(task, specification, "inputSet")
            self._only_one(task, specification, "outputSet")
            self._same_item(task, inputs, self._message_item(operation, "inMessageRef"))
            if child(operation, "outMessageRef") is not None and specification is not None:
                outputs = _all(specification, "dataOutput")
                if len(outputs) != 1:
                    message = f"the operation of {task.get('id')!r} answers, so the task needs exactly one data output"
                    self._error(task, "operation-data", message)
                self._same_item(task, outputs, self._message_item(operation, "outMessageRef"))
        elif specification is not None:
            data, group = ("dataInput", "inputSet") if kind == "sendTask" else ("dataOutput", "outputSet")
            self._only_one(task, specification, group)
            self._only_one(task, specification, data)
            self._same_item(task, _all(specification, data), self._item(sent, "itemRef"))

    def _only_one(self, task: etree._Element, specification: etree._Element | None, word: str) -> None:
        if specification is not None and len(_all(specification, word)) > 1:
            self._error(task, "operation-data", f"the {kind_of(task)} {task.get('id')!r} can have only one {word}")

    def _message_item(self, operation: etree._Element, word: str) -> etree._Element | None:
        part = child(operation, word)
        return self._item(self.document.find(text_of(part)), "itemRef") if part is not None else None

    def _same_item(self, task: etree._Element, data: list[etree._Element], item: etree._Element | None) -> None:
        for part in data:
            if self._differs(self._item(part), item):
                message = f"{part.get('id')!r} of {task.get('id')!r} and the message it goes with have different item definitions"
                self._error(task, "item-differs", message)

    def _binding(self, binding: etree._Element) -> None:
        """The bound input and output have the items of the operation's messages (BPMN 2.0.2 table 10.65)."""
        operation = self.document.find(binding.get("operationRef"))
        if operation is None or kind_of(operation) != "operation":
            return
        for attribute, word in (("inputDataRef", "inMessageRef"), ("outputDataRef", "outMessageRef")):
            data = self.document.find(binding.get(attribute))
            if data is not None and self._differs(self._item(data), self._message_item(operation, word)):
                message = f"{data.get('id')!r} and the {word} of the operation {operation.get('id')!r} have different item definitions"
                self._error(binding, "item-differs", message)
                self._error(data, "item-differs", message)

    def _call(self, activity: etree._Element) -> None:
        """The data of a call activity matches that of what it calls (BPMN 2.0.2 §10.3.6)."""
        called, own = self.document.find(activity.get("calledElement")), child(activity, "ioSpecification")
        if called is None or kind_of(called) not in GLOBAL_TASK_KINDS | {"process"}:
            return
        theirs = child(called, "ioSpecification")
        if own is None or theirs is None:
            return
        for word in ("dataInput", "dataOutput"):
            mine, wanted = _all(own, word), _all(theirs, word)
            if len(mine) != len(wanted):
                message = f"the call activity {activity.get('id')!r} has {len(mine)} {word}(s), {called.get('id')!r} has {len(wanted)}"
                self._error(activity, "call-data", message)
            for one, other in zip(mine, wanted, strict=False):
                if self._differs(self._item(one), self._item(other)):
                    message = f"{one.get('id')!r} of {activity.get('id')!r} and {other.get('id')!r} have different item definitions"
                    self._error(activity, "call-data", message)

    # --- events

    def _event(self, event: etree._Element) -> None:
        """The data of an event stands in the order of its event definitions and has their items (BPMN 2.0.2 §10.5.1)."""
        data = [part for name, part in children(event) if name in ("dataInput", "dataOutput")]
        if not data:
            return
        items = [item for item in map(self._carried, self.document.definitions_of(event)) if item is not None]
        if len(items) != len(data):
            message = f"the event {event.get('id')!r} has {len(data)} data element(s) for {len(items)} event definition(s) that carry data"
            self._error(event, "event-data", message)
        for part, item in zip(data, items, strict=False):
            if self._differs(self._item(part), item):
                message = f"{part.get('id')!r} of {event.get('id')!r} has another item definition than the event carries"
                self._error(event, "event-data", message)

    def _carried(self, definition: etree._Element) -> etree._Element | None:
        attribute = _CARRIES.get(kind_of(definition))
        carrier = self.document.find(definition.get(attribute)) if attribute is not None else None
        return None if carrier is None else self._item(carrier, _ITEM_OF.get(kind_of(carrier), "itemRef"))


def _all(element: etree._Element, name: str) -> list[etree._Element]:
    return [part for _, part in children(element, name)]
