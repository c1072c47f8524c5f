"""The token net of one level of a process: which flows get tokens when an element does its work. Data is not looked at.

A state says how many tokens each sequence flow holds. A sub-process or called process is one element that ends sometime. An interrupting
boundary event is another way out of its activity; one that does not interrupt adds a token to that of its activity, once or not at all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, combinations, product
from typing import TypeVar

from service.engine.lint.structure import Structure, begins_by_itself, is_compensation
from service.engine.reading.diagram import Flow, Node

_Item = TypeVar("_Item")
State = tuple[tuple[str, int], ...]
"""The flows that hold tokens, in the order of their ids, with how many."""

ENDED: State = ()
MOST_BRANCHES = 8
"""More conditional flows than this out of one element make too many combinations to look at."""

_ONE_OF = frozenset({"exclusiveGateway", "eventBasedGateway"})
_SUBSET = frozenset({"inclusiveGateway", "complexGateway"})
_ABORTING = frozenset({"terminate", "error", "cancel"})


class Net:
    """One level. With `relaxed`, exclusive choices may take several ways: what is stuck even then is stuck whatever the data are."""

    def __init__(
        self, structure: Structure, scope: str, reach: Callable[[str], Mapping[str, frozenset[str]]], relaxed: bool = False
    ) -> None:
        self.structure = structure
        self.reach = {node.id: reach(node.id) for node in structure.inside(scope) if node.kind == "inclusiveGateway"}
        self.relaxed = relaxed
        self.nodes = [node for node in structure.inside(scope) if not begins_by_itself(node) or node.instantiate]
        self.target: dict[str, str] = {}
        self.source: dict[str, str] = {}
        self.last = {flow.id: self._last(flow) for node in structure.inside(scope) for flow in structure.outgoing[node.id]}
        starts = [node for node in structure.starts(scope) if not begins_by_itself(node)]
        starts += [node for node in self.nodes if node.instantiate]
        together = not any(node.kind == "startEvent" or node.instantiate for node in starts)
        first = [(_begin(node), node.id) for node in starts]
        self.target.update(first)
        self.initial: list[State] = (
            [state_of(dict.fromkeys((flow for flow, _ in first), 1))] if together else [((flow, 1),) for flow, _ in first]
        )
        # More results than can be counted are not listed at all.
        self._outputs = {node.id: list(self._results(node)) for node in structure.inside(scope)} if self.is_countable else {}

    def _last(self, flow: Flow) -> str:
        """The last flow of a chain of elements that only hand their token on: a token on any of its flows is one on that."""
        end, seen = flow, {flow.id}
        while self._hands_on(self.structure.nodes[end.target]):
            end = self.structure.outgoing[end.target][0]
            if end.id in seen:
                break
            seen.add(end.id)
        self.target[end.id] = end.target
        if not self._hands_on(self.structure.nodes[flow.source]):
            self.source[end.id] = flow.source
        return end.id

    def _hands_on(self, node: Node) -> bool:
        structure = self.structure
        return (
            node.kind not in ("startEvent", "endEvent", "boundaryEvent")
            and len(structure.incoming[node.id]) == 1
            and len(structure.outgoing[node.id]) == 1
            and structure.outgoing[node.id][0].condition is None
            and not structure.boundaries[node.id]
            and node.start_quantity == node.completion_quantity == 1
        )

    @property
    def is_countable(self) -> bool:
        """False where an element does more than this net knows."""
        return all(node.kind != "complexGateway" and self._branches(node) <= MOST_BRANCHES for node in self.nodes)

    def _branches(self, node: Node) -> int:
        flows = self.structure.outgoing[node.id]
        chosen = self.relaxed or node.kind in _SUBSET or any(flow.condition is not None for flow in flows)
        several = self.relaxed or (chosen and node.kind not in _ONE_OF)
        return (len(flows) if several else 1) + len(self.structure.boundaries[node.id])

    # --- what a state allows

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """Every element that can do its work, with the state after it; one pair for each of its possible results."""
        tokens = dict(state)
        at: dict[str, list[str]] = {}
        for flow, _ in state:
            at.setdefault(self.target[flow], []).append(flow)
        for name, filled in at.items():
            node = self.structure.nodes[name]
            for used in self._uses(node, filled, tokens):
                left = dict(tokens)
                for flow, count in used.items():
                    left[flow] -= count
                for result in self._outputs[name]:
                    if result is None:
                        yield name, ENDED
                        continue
                    after = dict(left)
                    for flow in result:
                        after[flow] = after.get(flow, 0) + 1
                    yield name, state_of(after)

    def _uses(self, node: Node, filled: list[str], tokens: Mapping[str, int]) -> Iterator[Mapping[str, int]]:
        """The tokens that the element can take, given the incoming flows that hold some."""
        wanted = len(self.structure.incoming[node.id])
        if wanted > 1 and node.kind == "parallelGateway":
            if len(filled) == wanted:
                yield dict.fromkeys(filled, 1)
        elif wanted > 1 and node.kind == "inclusiveGateway":
            if self._none_can_come(node.id, frozenset(filled), tokens):
                yield dict.fromkeys(filled, 1)
        elif node.start_quantity > 1:
            if sum(tokens[flow] for flow in filled) >= node.start_quantity:
                yield _taken(filled, tokens, node.start_quantity)
        else:
            yield from ({flow: 1} for flow in filled)

    def _none_can_come(self, gateway: str, filled: frozenset[str], tokens: Mapping[str, int]) -> bool:
        for flow, count in tokens.items():
            place = self.target[flow]
            reached = self.reach[gateway].get(place, frozenset())
            if count and place != gateway and reached - filled and not reached & filled:
                return False
        return True

    # --- what an element gives

    def _results(self, node: Node) -> Iterator[tuple[str, ...] | None]:
        """The flows that get a token, for each possible result; None where the whole level ends."""
        if node.kind == "endEvent" and node.event.kind in _ABORTING:
            yield None
            return
        boundaries = [event for event in self.structure.boundaries[node.id] if not is_compensation(event)]
        extra = [event for event in boundaries if not event.interrupting and not self._only_ends(event)]
        ways = list(self._ways(node))
        for event in boundaries:
            if event.interrupting:
                ways += self._ways(event)
        for added in _subsets(extra):
            for chosen in product(ways, *(list(self._ways(event)) for event in added)):
                yield tuple(chain.from_iterable(chosen))

    def _only_ends(self, event: Node) -> bool:
        """True for a reminder: its token goes straight to a plain end, so that it makes more states and never a difference."""
        ends = [self.structure.nodes[self.target[self.last[flow.id]]] for flow in self.structure.outgoing[event.id]]
        return bool(ends) and all(end.kind == "endEvent" and end.event.kind not in _ABORTING for end in ends)

    def _ways(self, node: Node) -> Iterator[tuple[str, ...]]:
        flows = self.structure.outgoing[node.id]
        if not flows:
            yield ()
        elif node.kind in _ONE_OF and not self.relaxed:
            yield from ((self.last[flow.id],) for flow in flows)
        elif node.kind in _SUBSET or node.kind in _ONE_OF:
            yield from (tuple(self.last[flow.id] for flow in some) for some in _subsets(flows) if some)
        elif node.kind == "parallelGateway":
            yield tuple(self.last[flow.id] for flow in flows)
        else:
            yield from self._implicit(node, flows)

    def _implicit(self, node: Node, flows: list[Flow]) -> Iterator[tuple[str, ...]]:
        """Several flows out of an activity or event: those without a condition, and any of the others."""
        always = [self.last[flow.id] for flow in flows if flow.condition is None and flow.id != node.default_flow]
        default = [self.last[flow.id] for flow in flows if flow.id == node.default_flow]
        for some in _subsets([flow for flow in flows if flow.condition is not None]):
            taken = [*always, *(self.last[flow.id] for flow in some), *([] if some else default)]
            if taken:
                yield tuple(taken) * node.completion_quantity


def state_of(tokens: Mapping[str, int]) -> State:
    """The state with these tokens."""
    return tuple(sorted((flow, count) for flow, count in tokens.items() if count))


def _begin(node: Node) -> str:
    return f"{node.id}:begin"


def _taken(filled: list[str], tokens: Mapping[str, int], wanted: int) -> Mapping[str, int]:
    used: dict[str, int] = {}
    for flow in filled:
        used[flow] = min(tokens[flow], wanted - sum(used.values()))
    return used


def _subsets(items: Sequence[_Item]) -> Iterator[tuple[_Item, ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))
