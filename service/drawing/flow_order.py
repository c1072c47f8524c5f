"""The order in which a reader meets the elements of a process: along the flows from its start, not by where they are drawn."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from service.drawing.diagram import BPMN, Point

START = f"{BPMN}startEvent"
INNER = (f"{BPMN}subProcess", f"{BPMN}transaction", f"{BPMN}adHocSubProcess")
LINK = f"{BPMN}linkEventDefinition"


def flow_order(process: etree._Element, at: Mapping[str, Point]) -> list[str]:
    """The ids of what the process contains. What comes after something else stands after it (a loop back apart); of two branches the
    one drawn further left, then higher, comes first, and stands together; what is inside a subprocess follows it; what no flow from a
    start reaches comes last.
    """
    following: dict[str, set[str]] = defaultdict(set)
    for source, target in _leads_to(process):
        following[source].add(target)
    ids = [element.get("id", "") for element in process.iter(etree.Element) if element.get("id") is not None]
    entered = {target for targets in following.values() for target in targets}
    starts = [element.get("id", "") for element in process.findall(START)]
    loose = [found for found in ids if found not in entered and found not in starts]

    inside = {start.get("id", "") for inner in process.iter(*INNER) for start in inner.findall(START)}

    def last_drawn_first(found: Iterable[str]) -> list[str]:
        return sorted(found, key=lambda name: (name not in inside, at.get(name, (0.0, 0.0)), name), reverse=True)

    # Depth first, an element noted when all that follows it is: read backwards, each stands before what follows it.
    order: list[str] = []
    seen: set[str] = set()
    for roots in (last_drawn_first(starts), last_drawn_first(loose)):
        noted: list[str] = []
        for root in roots:
            path: list[tuple[str, Iterator[str]]] = [] if root in seen else [(root, iter(last_drawn_first(following[root])))]
            seen.add(root)
            while path:
                element_id, rest = path[-1]
                after = next((found for found in rest if found not in seen), None)
                if after is None:
                    noted.append(element_id)
                    path.pop()
                else:
                    seen.add(after)
                    path.append((after, iter(last_drawn_first(following[after]))))
        order += reversed(noted)
    return [*order, *(found for found in ids if found not in seen)]


def _leads_to(process: etree._Element) -> Iterator[tuple[str, str]]:
    for flow in process.iter(f"{BPMN}sequenceFlow"):
        yield flow.get("sourceRef", ""), flow.get("targetRef", "")
    for event in process.iter(f"{BPMN}boundaryEvent"):
        yield event.get("attachedToRef", ""), event.get("id", "")
    for inner in process.iter(*INNER):
        for start in inner.findall(START):
            yield inner.get("id", ""), start.get("id", "")
    caught = {_link(event): event.get("id", "") for event in process.iter(f"{BPMN}intermediateCatchEvent") if _link(event)}
    for event in process.iter(f"{BPMN}intermediateThrowEvent"):
        if _link(event) in caught:
            yield event.get("id", ""), caught[_link(event)]


def _link(event: etree._Element) -> str:
    found = event.find(LINK)
    return "" if found is None else found.get("name", "")
