"""Where a thrown message goes inside the service: to another executable process, as the message flows of its file say.

Each message flow out of the throwing element is a message of its own (BPMN 2.0.2 §10.5.3). Without one, a message that exactly one other
process of the file takes goes there. A process of another file is drawn as a pool without content, with the property `definitionKey` (and
`correlationKeys`, when the message is for a case that waits); in that key `{jurisdiction}` is the place of the sender. Everything else only
leaves the service.
"""

from collections.abc import Sequence

from lxml import etree

from service.actions.ports import MessageRoute
from service.engine.findings import Report
from service.engine.language.assignment import split_list
from service.engine.reading.bpmn_xml import children, local_name
from service.engine.reading.diagram import Node, ProcessDiagram
from service.engine.reading.dialect import properties_of

_THROWING = frozenset({"endEvent", "intermediateThrowEvent", "sendTask"})
_TAKING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


class MessageRoutes:
    """The routes of one file. A message flow that leads to an element which takes another message is a finding."""

    def __init__(self, root: etree._Element, processes: Sequence[ProcessDiagram], report: Report) -> None:
        self._processes = processes
        self._report = report
        self._home = {node.id: (process, node) for process in processes for node in process.nodes}
        self._pools: dict[str, ProcessDiagram] = {}
        self._elsewhere: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._flows: dict[str, list[tuple[str, int | None]]] = {}
        by_key = {process.key: process for process in processes}
        for _, collaboration in children(root, "collaboration"):
            for _, pool in children(collaboration, "participant"):
                process = by_key.get(local_name(pool.get("processRef", "")))
                properties = properties_of(pool)
                if process is not None:
                    self._pools[pool.get("id", "")] = process
                elif properties.get("definitionKey"):
                    keys = split_list(properties.get("correlationKeys", ""))
                    self._elsewhere[pool.get("id", "")] = properties["definitionKey"].strip(), keys
            for _, flow in children(collaboration, "messageFlow"):
                source, target = (local_name(flow.get(end, "")) for end in ("sourceRef", "targetRef"))
                self._flows.setdefault(source, []).append((target, flow.sourceline))

    def of(self, process: ProcessDiagram) -> tuple[MessageRoute, ...]:
        """The routes of what the process throws, in document order."""
        routes: list[MessageRoute] = []
        for node in process.nodes:
            if node.kind in _THROWING and node.work is None:
                for event in node.events:
                    if event.kind == "message" and event.message_name and event.work is None:
                        routes.extend(self._routes(process, node, event.message_name))
        return tuple(routes)

    def _routes(self, process: ProcessDiagram, node: Node, name: str) -> list[MessageRoute]:
        drawn = self._flows.get(node.id)
        if drawn is None:
            takers = [(other, found) for other in self._processes if other.key != process.key if (found := _takers(other, name))]
            return [_route(node, name, *takers[0])] if len(takers) == 1 else []
        routes = []
        for target, line in drawn:
            if target in self._elsewhere:
                routes.append(MessageRoute(node.id, name, self._elsewhere[target][0], (), self._elsewhere[target][1]))
                continue
            if target in self._pools:
                receiver, found = self._pools[target], _takers(self._pools[target], name)
            elif target in self._home:
                receiver, taker = self._home[target]
                found = [taker] if taker in _takers(receiver, name) else []
            else:
                continue  # Another party, drawn as a pool without its process.
            if found:
                routes.append(_route(node, name, receiver, found))
            else:
                message = (
                    f"the message flow from {node.id!r} leads to {target!r}, which does not take the message {name!r}: it stays undelivered"
                )
                self._report.warn(node.id, line, "message-to-nobody", message)
        return routes


def _takers(process: ProcessDiagram, name: str) -> list[Node]:
    return [node for node in process.nodes if node.kind in _TAKING and any(event.message_name == name for event in node.events)]


def _route(node: Node, name: str, receiver: ProcessDiagram, takers: Sequence[Node]) -> MessageRoute:
    keys = {split_list(taker.properties.get("correlationKeys", "")) for taker in takers}
    return MessageRoute(node.id, name, receiver.key, tuple(taker.id for taker in takers), keys.pop() if len(keys) == 1 else ())
