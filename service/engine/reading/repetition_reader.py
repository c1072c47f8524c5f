"""Reading how often an activity happens: quantities of tokens, standard loops and multi-instances with their behavior."""

from lxml import etree

from service.engine.findings import Report
from service.engine.reading.bpmn_xml import child, children, text_of
from service.engine.reading.diagram import NONE_EVENT, Behavior, EventDefinition, MultiInstance, StandardLoop
from service.engine.reading.dialect import Dialect
from service.engine.reading.event_reader import EventReader

_BEHAVIOR_EVENTS = {"None": "noneBehaviorEventRef", "One": "oneBehaviorEventRef"}
_MULTI_INSTANCE_PARTS = frozenset(
    {
        "loopCardinality",
        "completionCondition",
        "loopDataInputRef",
        "loopDataOutputRef",
        "inputDataItem",
        "outputDataItem",
        "complexBehaviorDefinition",
        "documentation",
        "extensionElements",
    }
)


class RepetitionReader:
    """Reads the loop characteristics and quantities of one file's activities."""

    def __init__(self, report: Report, dialect: Dialect, events: EventReader) -> None:
        self.report = report
        self.dialect = dialect
        self.events = events

    def _refuse(self, element: etree._Element, node_id: str, code: str, message: str) -> None:
        self.report.error(node_id, element.sourceline, code, message)

    def quantity(self, element: etree._Element, attribute: str, node_id: str) -> int:
        """startQuantity or completionQuantity (`attribute`): 1 where it is not given."""
        text = element.get(attribute, "1").strip()
        if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
            self._refuse(element, node_id, "invalid-quantity", f"{attribute}={text!r} of {node_id!r} is not a whole number from 1")
            return 1
        return int(text[:9])

    # --- standard loops

    def standard_loop(self, element: etree._Element, node_id: str) -> StandardLoop | None:
        """The standard loop of an activity."""
        loop = child(element, "standardLoopCharacteristics")
        if loop is None:
            return None
        self.dialect.check(loop, node_id, "standardLoopCharacteristics")
        maximum, condition = loop.get("loopMaximum", "").strip(), child(loop, "loopCondition")
        if "loopMaximum" in loop.attrib and not (maximum.isascii() and maximum.isdigit() and int(maximum[:9]) > 0):
            self._refuse(loop, node_id, "invalid-quantity", f"loopMaximum={maximum!r} of {node_id!r} is not a whole number from 1")
            maximum = ""
        return StandardLoop(
            test_before=loop.get("testBefore", "false").strip() in ("true", "1"),
            condition=text_of(condition) or None,
            language=condition.get("language", "").strip() if condition is not None else "",
            maximum=int(maximum[:9]) if maximum else None,
            line=loop.sourceline,
        )

    # --- multi-instances

    def multi_instance(self, element: etree._Element, node_id: str) -> MultiInstance | None:
        """The multi-instance characteristics of an activity."""
        loop = child(element, "multiInstanceLoopCharacteristics")
        if loop is None:
            return None
        self.dialect.check(loop, node_id, "multiInstanceLoopCharacteristics")
        for name, part in children(loop):
            if name not in _MULTI_INSTANCE_PARTS:
                self._refuse(part, node_id, "unsupported-element", f"{name!r} on the multi-instance {node_id!r} is not supported")
        attributes = self.dialect.attributes(loop)
        item_in, item_out = child(loop, "inputDataItem"), child(loop, "outputDataItem")
        condition = child(loop, "completionCondition")
        behavior = loop.get("behavior", "All").strip()
        return MultiInstance(
            sequential=loop.get("isSequential", "false").strip() in ("true", "1"),
            collection=(attributes.get("collection") or text_of(child(loop, "loopDataInputRef"))).strip() or None,
            element_variable=attributes.get("elementVariable") or (self._item(item_in) if item_in is not None else None),
            cardinality=text_of(child(loop, "loopCardinality")) or None,
            completion_condition=text_of(condition) or None,
            completion_language=condition.get("language", "").strip() if condition is not None else "",
            output_collection=text_of(child(loop, "loopDataOutputRef")) or None,
            output_item=self._item(item_out) if item_out is not None else None,
            line=loop.sourceline,
            behavior=behavior,
            thrown=self._thrown(loop, behavior, node_id),
        )

    @staticmethod
    def _item(element: etree._Element) -> str | None:
        name: str | None = element.get("name") or element.get("id")
        return name

    def _thrown(self, loop: etree._Element, behavior: str, node_id: str) -> tuple[Behavior, ...]:
        if behavior == "Complex":
            return tuple(self._complex(part, node_id) for _, part in children(loop, "complexBehaviorDefinition"))
        if behavior not in _BEHAVIOR_EVENTS:
            if behavior != "All":
                self._refuse(loop, node_id, "multi-instance", f"behavior={behavior!r} of the multi-instance {node_id!r} does not exist")
            return ()
        attribute = _BEHAVIOR_EVENTS[behavior]
        reference = loop.get(attribute)
        if not reference:
            message = f"the multi-instance {node_id!r} has the behavior {behavior} but names no event to throw ({attribute})"
            self._refuse(loop, node_id, "multi-instance", message)
            return ()
        shared = self.events.shared(reference, loop, node_id)
        return (Behavior(self._event(shared, node_id)),) if shared is not None else ()

    def _complex(self, part: etree._Element, node_id: str) -> Behavior:
        condition, event = child(part, "condition"), child(part, "event")
        if not text_of(condition):
            self._refuse(part, node_id, "multi-instance", f"a complexBehaviorDefinition of {node_id!r} has no condition")
        found = EventDefinition("none")
        definitions = (
            [one for one in children(event) if one[0].endswith("EventDefinition") or one[0] == "eventDefinitionRef"]
            if event is not None
            else []
        )
        if len(definitions) > 1:
            self._refuse(part, node_id, "multi-instance", f"a complexBehaviorDefinition of {node_id!r} throws several events; name one")
        elif definitions:
            name, element = definitions[0]
            shared = self.events.shared(text_of(element), element, node_id) if name == "eventDefinitionRef" else (name, element)
            found = self._event(shared, node_id) if shared is not None else found
        language = condition.get("language", "").strip() if condition is not None else ""
        return Behavior(found, text_of(condition), language)

    def _event(self, found: tuple[str, etree._Element], node_id: str) -> EventDefinition:
        name, element = found
        if name.removesuffix("EventDefinition") not in ("signal", "message", "error", "escalation"):
            self._refuse(element, node_id, "multi-instance", f"the multi-instance {node_id!r} cannot throw a {name}")
            return NONE_EVENT
        return self.events.definition(name, element, node_id, throws=True)
