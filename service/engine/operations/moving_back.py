"""Moving back (退回、撤回): from where a token stands to an earlier activity of the same scope, which then runs anew.

Taken with the token is whatever stands behind the target only because the target was passed: what cannot be reached from the start of the
scope without it. Where that would leave parallel work to be done twice, all tokens of the scope that the target leads to are taken; where
that would leave a join waiting, it is refused.
"""

from collections.abc import Iterable, Sequence

from SpiffWorkflow.task import Task

from service.domain.errors import Objection, OperationRefused
from service.domain.operations import MoveBackPlace, MoveBackTarget
from service.engine.instance import Instance
from service.engine.nodes.compensation import Compensation
from service.engine.nodes.gateways import ARRIVED, Join
from service.engine.nodes.node import BpmnNode, node_of
from service.engine.nodes.scope_nodes import ScopeNode
from service.engine.operations.concurrency import Concurrency
from service.engine.operations.modification import Moves, open_activities, stuck_objection
from service.engine.operations.outlook import reachable, tokens_of
from service.engine.operations.standpoint import Standpoint
from service.engine.reading.diagram import ACTIVITIES
from service.engine.scopes import around


def plan_move_back(instance: Instance, origin: str | None, origin_activity: str | None, target: str, been_through: Sequence[str]) -> Moves:
    """The moves from an open task or visit (`origin`) or an open element (`origin_activity`) back to `target`. Raises OperationRefused."""
    standpoint = Standpoint(instance)
    pointer = "/fromActivityId" if origin is None else "/fromTaskId"
    token = _token(standpoint, origin, origin_activity)
    if isinstance(token, Objection):
        raise _refused(token, pointer)
    node = standpoint.element(target)
    if node is None:
        raise _refused(standpoint.unknown(target), "/toActivityId")
    moves = _judge(standpoint, token, node, been_through)
    if isinstance(moves, Objection):
        raise _refused(moves, "/toActivityId")
    return moves


def move_back_places(instance: Instance, been_through: Sequence[str]) -> list[MoveBackPlace]:
    """For every element at which the instance stands: the activities it has been through, each with whether one may go back there."""
    standpoint, open_ = Standpoint(instance), open_activities(instance)
    places: list[MoveBackPlace] = []
    for node, tokens in _standing(instance, standpoint).items():
        inside = {str(task.id) for token in tokens for task in (token, *token.children)}
        visits = [visit for visit in open_ if visit.id in inside and visit.element_id == node.bpmn_id]
        targets = [
            _target(instance, standpoint, tokens[0], known, been_through)
            for element_id in been_through
            if (known := standpoint.element(element_id)) is not None and known.node.kind in ACTIVITIES and known is not node
        ]
        places.append(MoveBackPlace(node.bpmn_id, node.node.name, visits, targets))
    return places


def _standing(instance: Instance, standpoint: Standpoint) -> dict[BpmnNode, list[Task]]:
    """The tokens of every scope by the element they stand at, joins left out; iterations stand at their multi-instance body."""
    standing: dict[BpmnNode, list[Task]] = {}
    for scope in instance.tasks.values():
        if isinstance(scope.task_spec, ScopeNode) and standpoint.is_own(scope):
            for token in tokens_of(scope):
                if ARRIVED not in token.internal_data and not isinstance(token.task_spec, Compensation):
                    standing.setdefault(node_of(token), []).append(token)
    return standing


def _target(instance: Instance, standpoint: Standpoint, token: Task, node: BpmnNode, been_through: Sequence[str]) -> MoveBackTarget:
    moves = _judge(standpoint, token, node, been_through)
    if isinstance(moves, Objection):
        return MoveBackTarget(node.bpmn_id, node.node.name, moves, ())
    return MoveBackTarget(node.bpmn_id, node.node.name, None, moves.taken(instance))


def _token(standpoint: Standpoint, origin: str | None, origin_activity: str | None) -> Task | Objection:
    if origin is not None:
        body = standpoint.body_of(origin)
        return standpoint.token_of(origin if body is None else str(body.id))
    assert origin_activity is not None, "the door asks for one of both"
    node = standpoint.element(origin_activity)
    if node is None:
        return standpoint.unknown(origin_activity)
    tokens = standpoint.tokens_at(node)
    if isinstance(tokens, Objection):
        return tokens
    if len(tokens) > 1:
        return Objection(origin_activity, "ambiguous", f"{len(tokens)} tokens stand at {origin_activity!r}; name one by fromTaskId")
    return tokens[0]


def _judge(standpoint: Standpoint, token: Task, target: BpmnNode, been_through: Sequence[str]) -> Moves | Objection:
    here, scope, name = node_of(token), around(token), target.bpmn_id
    objection = standpoint.confinement(scope) or standpoint.scope_objection(scope)
    if objection is not None:
        return objection
    if target.node.kind not in ACTIVITIES:
        return Objection(name, "no-activity", f"{name!r} is no activity; one can only go back to an activity")
    if target.node.scope != here.node.scope:
        words = f"{name!r} stands in another scope than {here.bpmn_id!r}; one can only go back within one scope"
        return Objection(name, "other-scope", words)
    if target is here:
        return Objection(name, "no-earlier-activity", f"the instance stands at {name!r} already")
    if name not in been_through:
        return Objection(name, "never-completed", f"{name!r} was not completed in this instance; one can only go back to what was done")
    behind = reachable([target])
    if here not in behind:
        return Objection(name, "no-earlier-activity", f"no path leads from {name!r} to {here.bpmn_id!r}")
    objection = standpoint.start_objection(target)
    if objection is not None:
        return objection
    starts = node_of(scope)
    assert isinstance(starts, ScopeNode), "tokens stand in scopes"
    free = reachable(starts.starts.values(), lambda node: node is target)
    narrow = _moves(scope, token, target, (node for node in behind if node not in free))
    objection = _clash(narrow, target) or stuck_objection(narrow)
    if objection is None:
        return narrow
    wide = _moves(scope, token, target, behind)
    # The first objection tells more: it is about the move that was asked for.
    return objection if _clash(wide, target) or stuck_objection(wide) else wide


def _clash(moves: Moves, target: BpmnNode) -> Objection | None:
    """Why the target cannot run beside what stays: nothing in the diagram lets both be open at the same time."""
    scope = node_of(moves.scope)
    assert isinstance(scope, ScopeNode), "tokens stand in scopes"
    staying = Moves(moves.scope, cancelled=moves.cancelled, emptied=moves.emptied).places()
    concurrency = Concurrency(scope) if staying else None
    for place in staying:
        if concurrency is not None and not concurrency.together((target, ""), place):
            name, other = target.bpmn_id, place[0].bpmn_id
            return Objection(name, "runs-twice", f"{name!r} leads to {other!r}, where work is under way that would then be done twice")
    return None


def _moves(scope: Task, token: Task, target: BpmnNode, taken: Iterable[BpmnNode]) -> Moves:
    """Start the target anew, and take the token together with whatever stands at one of the nodes `taken`."""
    gone = set(taken)
    moves = Moves(scope, cancelled=[token], started=[target])
    for other in tokens_of(scope):
        node = node_of(other)
        if other is token:
            continue
        if isinstance(node, Join) and ARRIVED in other.internal_data:
            flows = [flow for flow in other.internal_data[ARRIVED] if _source(scope, node, flow) in gone | {target}]
            moves.emptied.extend((other, str(flow)) for flow in flows)
        elif node in gone or node is target:
            moves.cancelled.append(other)
    return moves


def _source(scope: Task, join: Join, flow: str) -> BpmnNode | None:
    starts = node_of(scope)
    assert isinstance(starts, ScopeNode), "joins stand in scopes"
    leading = (node for node in reachable(starts.starts.values()) if any(way.id == flow and way.target is join for way in node.ways))
    return next(leading, None)


def _refused(objection: Objection, pointer: str) -> OperationRefused:
    told = Objection(objection.element_id, objection.code, objection.message, pointer)
    return OperationRefused(f"{objection.message}; nothing was changed", [told])
