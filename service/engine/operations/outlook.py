"""What can become of the tokens of one scope: explored without looking at data, on the ordinary course (no boundary event happens).

A token net: tokens rest at activities and catching events, or in joins by the flow over which they came; everything else passes at once.
Whoever wants to move tokens by hand compares the outlook before with the one after.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from SpiffWorkflow.task import Task

from service.engine.nodes.event_sub_process import EventSubProcessStart
from service.engine.nodes.events import EventBasedGateway
from service.engine.nodes.gateways import ARRIVED, ExclusiveGateway, InclusiveGateway, Join, ParallelGateway
from service.engine.nodes.node import SILENT, BpmnNode, Way, node_of
from service.engine.reading.diagram import ACTIVITIES

MAX_MOVES = 50_000
"""Moves of tokens looked at before the question counts as undecided."""

MAX_CONDITIONS = 8
"""Conditional flows out of one element whose every combination is looked at."""

Place = tuple[BpmnNode, str]
"""Where a token is: at a node (""), or in a join over that flow."""

Marking = frozenset[tuple[Place, int]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What some run of the ordinary course comes to.

    `ends`: every token ended; `stuck`: tokens are left in joins that nothing can open any more.
    """

    ends: bool
    stuck: bool


class Undecided(Exception):
    """The net is too large, or holds an element whose behaviour depends on more than tokens (`element_id`)."""

    def __init__(self, element_id: str | None, message: str) -> None:
        super().__init__(message)
        self.element_id = element_id


def places_of(task: Task) -> dict[Place, int]:
    """Where the token, or the tokens in a join, of a live task of the scope are."""
    node = node_of(task)
    if isinstance(node, Join) and ARRIVED in task.internal_data:
        return {(node, str(flow)): int(count) for flow, count in task.internal_data[ARRIVED].items()}
    return {(node, ""): 1}


def tokens_of(scope: Task) -> list[Task]:
    """The live tasks that are tokens of the scope: no events that wait at it, no event sub-processes."""
    return [
        child
        for child in scope.children
        if SILENT not in child.internal_data
        and not node_of(child).node.triggered_by_event
        and not isinstance(child.task_spec, EventSubProcessStart)
    ]


def outlook(places: Mapping[Place, int]) -> Outlook:
    """Explore from these places. Raises Undecided.

    One token at a time is followed: tokens do not hinder one another, so whatever order they move in, they come to the same. Only an
    inclusive join looks at where the others are; where there is one, every order counts.
    """
    for node, _ in places:
        _require_modelled(node)
    in_any_order = any(isinstance(node, InclusiveGateway) for node in reachable(node for node, _ in places))
    first = _marking(places)
    pending, seen, moves = deque([first]), {first}, 0
    ends = stuck = False
    while pending:
        marking = pending.popleft()
        following = [_marking(places) for places in _following(dict(marking), in_any_order)]
        moves += len(following)
        if moves > MAX_MOVES:
            raise Undecided(None, f"more than {MAX_MOVES} moves of tokens are possible")
        if not marking:
            ends = True
        elif not following:
            stuck = True
        for one in following:
            if one not in seen:
                seen.add(one)
                pending.append(one)
    return Outlook(ends, stuck)


def _marking(places: Mapping[Place, int]) -> Marking:
    return frozenset((place, count) for place, count in places.items() if count)


def _following(places: dict[Place, int], in_any_order: bool) -> Iterator[dict[Place, int]]:
    # The engine opens an inclusive join as soon as all other tokens rest, so nothing else happens before.
    for gateway in {node for node, flow in places if flow and isinstance(node, InclusiveGateway)}:
        if _may_open(gateway, places):
            yield from _pass(_opened(places, gateway), gateway)
            return
    for (node, flow), count in places.items():
        if not flow:
            yield from _pass(_with(places, (node, ""), count - 1), node)
            if not in_any_order:
                return


def _with(places: Mapping[Place, int], place: Place, count: int) -> dict[Place, int]:
    changed = dict(places)
    changed[place] = count
    if not count:
        del changed[place]
    return changed


def _opened(places: Mapping[Place, int], gateway: Join) -> dict[Place, int]:
    return {place: left for place, count in places.items() if (left := count - 1 if place[0] is gateway and place[1] else count)}


def _may_open(gateway: InclusiveGateway, places: Mapping[Place, int]) -> bool:
    filled = frozenset(flow for node, flow in places if node is gateway and flow)
    for node, flow in places:
        reached = gateway.reach.get(node.bpmn_id, frozenset())
        if (node is not gateway or not flow) and reached - filled and not reached & filled:
            return False
    return True


def _pass(places: dict[Place, int], node: BpmnNode) -> Iterator[dict[Place, int]]:
    """The token at `node` moves on, through everything that passes at once."""
    if ends_scope(node):
        yield {}
        return
    for ways in _choices(node):
        pending: list[tuple[dict[Place, int], Sequence[Way]]] = [(places, ways)]
        steps = 0
        while pending:
            here, left = pending.pop()
            steps += 1
            if steps > MAX_MOVES:
                raise Undecided(node.bpmn_id, f"a token that leaves {node.bpmn_id!r} may run in circles without coming to rest")
            if not left:
                yield here
                continue
            way, rest = left[0], left[1:]
            arrived, passes = _arrive(here, way)
            if not passes:
                pending.append((arrived, rest))
            elif ends_scope(way.target):
                pending.append(({}, ()))
            else:
                pending.extend((arrived, (*following, *rest)) for following in _choices(way.target))


def _arrive(places: dict[Place, int], way: Way) -> tuple[dict[Place, int], bool]:
    """The places after a token took `way`, and whether it (or the join it opened) goes on at once."""
    target = way.target
    if isinstance(target, Join) and len(target.incoming) > 1:
        _require_modelled(target)
        joined = _with(places, (target, way.id), places.get((target, way.id), 0) + 1)
        if isinstance(target, ParallelGateway) and all((target, flow) in joined for flow in target.incoming):
            return _opened(joined, target), True
        return joined, False
    if _rests(target):
        return _with(places, (target, ""), places.get((target, ""), 0) + 1), False
    return places, True


def _rests(node: BpmnNode) -> bool:
    return node.node.kind in ACTIVITIES or node.node.kind in ("intermediateCatchEvent", "eventBasedGateway")


def ends_scope(node: BpmnNode) -> bool:
    """Whether a token that comes here ends all others of the scope."""
    return node.node.kind == "endEvent" and any(event.kind in ("terminate", "error", "cancel") for event in node.node.events)


def _require_modelled(node: BpmnNode) -> None:
    if node.node.kind == "complexGateway":
        raise Undecided(node.bpmn_id, f"when the gateway {node.bpmn_id!r} opens depends on data")
    if node.node.start_quantity != 1 or node.node.completion_quantity != 1:
        raise Undecided(node.bpmn_id, f"{node.bpmn_id!r} takes or gives more than one token")


def _choices(node: BpmnNode) -> Iterable[Sequence[Way]]:
    """The sets of ways that a token may take out of `node`."""
    _require_modelled(node)
    if isinstance(node, ExclusiveGateway | EventBasedGateway):
        return [(way,) for way in node.ways] or [()]
    if isinstance(node, ParallelGateway):
        return [tuple(node.ways)]
    always = tuple(way for way in node.ways if way.condition is None and way is not node.default_way)
    open_ = [way for way in node.ways if way.condition is not None and way is not node.default_way]
    if len(open_) > MAX_CONDITIONS:
        raise Undecided(node.bpmn_id, f"{node.bpmn_id!r} has more than {MAX_CONDITIONS} conditional sequence flows")
    default = () if node.default_way is None else (node.default_way,)
    some = chain.from_iterable(combinations(open_, size) for size in range(1, len(open_) + 1))
    otherwise = [] if open_ and not always and not default else [(*always, *default)]
    return [*otherwise, *((*always, *taken) for taken in some)]


def reachable(first: Iterable[BpmnNode], without: Callable[[BpmnNode], bool] = lambda node: False) -> set[BpmnNode]:
    """Every node a token can come to from the first ones (themselves included) over flows and boundary events, past none of `without`."""
    pending, seen = list(first), set[BpmnNode]()
    while pending:
        node = pending.pop()
        if node in seen or without(node):
            continue
        seen.add(node)
        pending.extend(way.target for way in node.ways)
        pending.extend(node.boundaries)
    return seen
