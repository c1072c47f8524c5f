"""Block structure: a level whose splits and joins pair up is sound, and no state need be looked at.

The level becomes a graph in which every element with several flows is a split or a join of some kind. Elements with one flow in and one out
are taken away, pairs of a split and a fitting join become one flow, loops between an exclusive join and an exclusive split go away. What is
left of a block-structured level is one flow from its start to its end.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator

from service.engine.lint.structure import Structure, begins_by_itself, is_compensation
from service.engine.reading.diagram import Node

_ONE, _ALL, _SOME = "one", "all", "some"
_FITS = frozenset({(_ONE, _ONE), (_ALL, _ALL), (_ONE, _SOME), (_ALL, _SOME), (_SOME, _SOME)})
_KINDS = {"parallelGateway": _ALL, "inclusiveGateway": _SOME, "exclusiveGateway": _ONE, "eventBasedGateway": _ONE}
_START, _END = ":start", ":end"
_ABORTING = frozenset({"terminate", "error", "cancel"})


def is_block_structured(structure: Structure, scope: str) -> bool:
    """True when every split of the level has its join: then every run of it ends, with every element used at most once at a time."""
    nodes = [node for node in structure.inside(scope) if not begins_by_itself(node) and node.kind != "boundaryEvent"]
    if any(node.instantiate or node.kind == "complexGateway" or node.start_quantity > 1 or node.completion_quantity > 1 for node in nodes):
        return False
    if any(node.kind == "endEvent" and node.event.kind in _ABORTING for node in nodes):
        return False
    graph = _Graph(structure, nodes, scope)
    return graph.reduces()


class _Graph:
    """Splits and joins by name: the exit of an element is its name with `>`, its entry its own name."""

    def __init__(self, structure: Structure, nodes: list[Node], scope: str) -> None:
        self.edges: Counter[tuple[str, str]] = Counter()
        self.out: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.into: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.join: dict[str, str] = {_END: _SOME}
        self.split: dict[str, str] = {}
        starts = structure.starts(scope)
        self.split[_START] = _ONE if any(node.kind == "startEvent" for node in starts) else _ALL
        for node in starts:
            self.edges[_START, node.id] += 1
        for node in nodes:
            self._add(structure, node)

    def _add(self, structure: Structure, node: Node) -> None:
        leave = node.id + ">"
        self.edges[node.id, leave] += 1
        self.join[node.id] = _KINDS.get(node.kind, _ONE) if node.kind != "eventBasedGateway" else _ONE
        flows = structure.outgoing[node.id]
        kind = _KINDS.get(node.kind, _ALL if all(flow.condition is None and flow.id != node.default_flow for flow in flows) else _SOME)
        events = [event for event in structure.boundaries[node.id] if not is_compensation(event)]
        self.split[leave] = kind
        if not events:
            ways = leave
        else:
            # The activity ends in one way of several; what does not interrupt comes with its own end.
            ways = node.id + ">>"
            self.split[leave] = _SOME if any(not event.interrupting for event in events) else _ONE
            self.edges[leave, ways] += 1
            self.split[ways] = kind
        for event in events:
            self.edges[leave, event.id] += 1
            self.edges[event.id, event.id + ">"] += 1
            self._ways(structure, event, event.id + ">")
        self._ways(structure, node, ways)

    def _ways(self, structure: Structure, node: Node, leave: str) -> None:
        flows = structure.outgoing[node.id]
        if leave not in self.split:
            self.split[leave] = _ALL if all(flow.condition is None for flow in flows) else _SOME
        for flow in flows:
            self.edges[leave, flow.target] += 1
        if not flows:
            self.edges[leave, _END] += 1

    def reduces(self) -> bool:
        """Take away what can be taken away; True when one flow from start to end is left."""
        for (source, target), count in self.edges.items():
            self.out[source][target] = count
            self.into[target][source] = count
        pending = deque(dict.fromkeys(name for edge in self.edges for name in edge))
        waiting = set(pending)
        while pending:
            name = pending.popleft()
            waiting.discard(name)
            changed = [*self._pairs(name), *self._loops(name), *self._sequence(name)]
            fresh = [other for other in dict.fromkeys(changed) if other not in waiting]
            pending.extend(fresh)
            waiting.update(fresh)
        return {(source, target): count for source, targets in self.out.items() for target, count in targets.items()} == {(_START, _END): 1}

    def _set(self, source: str, target: str, count: int) -> None:
        for flows, end in ((self.out[source], target), (self.into[target], source)):
            if count:
                flows[end] = count
            else:
                flows.pop(end, None)

    def _pairs(self, name: str) -> Iterator[str]:
        """Several flows between a split and a join that fits become one."""
        for target, count in list(self.out[name].items()):
            if count > 1 and (self.split.get(name, _ONE), self.join.get(target, _ONE)) in _FITS:
                self._set(name, target, 1)
                yield from (name, target)

    def _loops(self, name: str) -> Iterator[str]:
        """A way back from an exclusive split to the exclusive join before it goes away, as long as there is another way out."""
        for source in list(self.into[name]) if self.split.get(name) == _ONE else ():
            back = self.out[name].get(source, 0)
            if back and self.join.get(source) == _ONE and self.into[name].total() == 1 and self.out[name].total() > back:
                self._set(name, source, 0)
                yield from (name, source)

    def _sequence(self, name: str) -> Iterator[str]:
        """An element with one flow in and one out goes away, unless it is a loop without a way out."""
        if self.into[name].total() != 1 or self.out[name].total() != 1:
            return
        (before,), (after,) = self.into[name], self.out[name]
        if before in (name, after):
            return
        self._set(before, name, 0)
        self._set(name, after, 0)
        self._set(before, after, self.out[before][after] + 1)
        yield from (before, after)
