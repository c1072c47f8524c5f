"""Which places of a scope can hold tokens at the same time, as its diagram is drawn: whoever puts a token beside others asks here.

Pairs are found from those a split makes, moved on one token at a time until no new ones come (data-blind; never too few, and in a diagram
whose joins fit its splits not too many).
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from service.engine.nodes.events import EventBasedGateway
from service.engine.nodes.gateways import ExclusiveGateway, InclusiveGateway, Join
from service.engine.nodes.node import BpmnNode, Way
from service.engine.nodes.scope_nodes import ProcessScope, ScopeNode
from service.engine.operations.outlook import Place, reachable

Pair = tuple[Place, Place]


class Concurrency:
    """The pairs of one scope."""

    def __init__(self, scope: ScopeNode) -> None:
        self._beside: dict[Place, set[Place]] = {}
        pending = list(_made_at_once(scope))
        while pending:
            one, other = pending.pop()
            if other in self._beside.get(one, set()):
                continue
            self._beside.setdefault(one, set()).add(other)
            self._beside.setdefault(other, set()).add(one)
            pending.extend((moved, other) for moved in self._moves(one, other))
            pending.extend((moved, one) for moved in self._moves(other, one))

    def together(self, one: Place, other: Place) -> bool:
        """Whether tokens can be at both places at the same time."""
        return other in self._beside.get(one, set())

    def _moves(self, place: Place, other: Place) -> Iterator[Place]:
        """Where the token at `place` can be next while the other one rests."""
        node, flow = place
        if flow and not self._opens(node, other):
            return
        for way in node.ways:
            yield _arrival(way)
        if not flow:
            for boundary in node.boundaries:
                yield (boundary, "")

    def _opens(self, join: BpmnNode, other: Place) -> bool:
        beside = self._beside[other]
        assert isinstance(join, Join), "only joins hold tokens by flow"
        if other[0] is join and other[1]:
            return False
        filled = {flow for flow in join.incoming if (join, flow) in beside}
        if isinstance(join, InclusiveGateway):
            missed = join.reach.get(other[0].bpmn_id, frozenset())
            return not missed - filled or bool(missed & filled)
        return filled == set(join.incoming)


def _arrival(way: Way) -> Place:
    target = way.target
    return (target, way.id if isinstance(target, Join) and len(target.incoming) > 1 else "")


def _made_at_once(scope: ScopeNode) -> Iterator[Pair]:
    """The pairs that one token becomes, and those with which the scope begins."""
    if not isinstance(scope, ProcessScope):
        # A process begins at one of its start events, a sub-process at all of them.
        yield from combinations([(start, "") for start in scope.starts.values()], 2)
    for node in reachable(scope.starts.values()):
        for boundary in node.boundaries:
            if not boundary.node.interrupting:
                yield ((node, ""), (boundary, ""))
        if not isinstance(node, ExclusiveGateway | EventBasedGateway):
            yield from ((_arrival(one), _arrival(other)) for one, other in _taken_together(node))


def _taken_together(node: BpmnNode) -> Iterable[tuple[Way, Way]]:
    for one, other in combinations(node.ways, 2):
        conditional = one.condition is not None or other.condition is not None
        if not (conditional and node.default_way in (one, other)):
            yield one, other
