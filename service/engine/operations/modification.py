"""Moving tokens by hand, between the wait states of one scope: cancel what is open, start before or after an element.

Everything is judged before anything moves; all objections are told at once. What is not about exactly one scope, would take a
multi-instance body or an event sub-process apart, or would leave a join waiting for ever is refused. Cancelling comes first, whatever the
order of the instructions, so that an instruction never meets what another one started.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from SpiffWorkflow.task import Task

from service.domain.errors import Objection, OperationRefused
from service.domain.json_values import Json
from service.domain.operations import CANCEL, START_BEFORE, Instruction, OpenActivity
from service.engine.instance import Instance
from service.engine.nodes.gateways import ARRIVED
from service.engine.nodes.node import BpmnNode, node_of
from service.engine.operations.outlook import Place, Undecided, outlook, places_of, tokens_of
from service.engine.operations.standpoint import Standpoint
from service.engine.scopes import around, process_scope, put
from service.engine.state.projection import visits
from service.engine.state.storable import require_storable_variables


@dataclass(slots=True)
class Moves:
    """Judged moves inside `scope`: tokens (and single flows of joins) that go, nodes that are started, nodes that are left."""

    scope: Task
    cancelled: list[Task] = field(default_factory=list)
    started: list[BpmnNode] = field(default_factory=list)
    left: list[BpmnNode] = field(default_factory=list)
    emptied: list[tuple[Task, str]] = field(default_factory=list)
    """Joins, each with a flow whose waiting tokens go."""

    def places(self) -> dict[Place, int]:
        """Where the tokens of the scope are once the moves are made, before anything runs."""
        places: dict[Place, int] = {}
        for token in tokens_of(self.scope):
            if token in self.cancelled:
                continue
            for (node, flow), count in places_of(token).items():
                if (token, flow) not in self.emptied:
                    places[(node, flow)] = places.get((node, flow), 0) + count
        for node in (*self.started, *self.left):
            places[(node, "")] = places.get((node, ""), 0) + 1
        return places

    def taken(self, instance: Instance) -> list[OpenActivity]:
        """The visits that end."""
        joins = [join for join, _ in self.emptied if all((join, flow) in self.emptied for flow in join.internal_data[ARRIVED])]
        ending = {str(task.id) for token in (*self.cancelled, *joins) for task in _with_inner(token)}
        return [visit for visit in open_activities(instance) if visit.id in ending]

    def make(self, instance: Instance) -> None:
        """Move the tokens; the caller lets the instance run on."""
        for token in self.cancelled:
            instance.cancel_task(token)
        for join, flow in self.emptied:
            del join.internal_data[ARRIVED][flow]
            if not join.internal_data[ARRIVED]:
                instance.cancel_task(join)
        for node in self.started:
            node.arrive(instance, self.scope, None)
        for node in self.left:
            way = node.ways[0]
            way.target.arrive(instance, self.scope, way)


def _with_inner(task: Task) -> Iterable[Task]:
    yield task
    for child in task.children:
        yield from _with_inner(child)


def open_activities(instance: Instance) -> list[OpenActivity]:
    """The visits that have not ended."""
    return [OpenActivity(visit.id, visit.element_id, visit.name, visit.type) for visit in visits(instance)]


def plan_modification(instance: Instance, instructions: Sequence[Instruction]) -> Moves:
    """The moves that the instructions mean. Raises OperationRefused with every objection."""
    judge = _Judge(instance)
    for index, instruction in enumerate(instructions):
        judge.read(instruction, f"/instructions/{index}")
    return judge.verdict()


def set_variables(instance: Instance, variables: Mapping[str, Json]) -> None:
    """Set variables of the instance before its tokens move. Raises StepFailed(kind="data") for a value that cannot be kept."""
    root = instance.task_tree
    require_storable_variables(node_of(root).bpmn_id, variables)
    for name, value in variables.items():
        put(process_scope(root), name, value)


class _Judge:
    """Reads instructions one by one and gathers what speaks against them."""

    def __init__(self, instance: Instance) -> None:
        self.standpoint = Standpoint(instance)
        self.objections: list[Objection] = []
        self.moves: Moves | None = None
        self.first = ""

    def read(self, instruction: Instruction, pointer: str) -> None:
        """Understand one instruction."""
        if instruction.kind == CANCEL:
            self._cancel(instruction, pointer)
            return
        assert instruction.activity_id is not None, "the door asks for one"
        pointer += "/activityId"
        node = self._element(instruction.activity_id, pointer)
        if node is None:
            return
        before = instruction.kind == START_BEFORE
        found = self.standpoint.start_objection(node) if before else self.standpoint.leave_objection(node)
        scope = self.standpoint.scope_of(node)
        if found is None and isinstance(scope, Objection):
            found = scope
        if found is not None:
            self._object(found, pointer)
        elif isinstance(scope, Task) and self._same_scope(scope, node.bpmn_id, pointer):
            assert self.moves is not None, "set with the scope"
            (self.moves.started if before else self.moves.left).append(node)

    def verdict(self) -> Moves:
        """The moves, if nothing speaks against them."""
        if not self.objections and self.moves is not None:
            self._look_ahead(self.moves)
        if self.objections or self.moves is None:
            raise OperationRefused(f"{len(self.objections)} reason(s) why this cannot be done safely; nothing was changed", self.objections)
        return self.moves

    def _cancel(self, instruction: Instruction, pointer: str) -> None:
        found = self._tokens(instruction)
        pointer += "/activityInstanceId" if instruction.activity_id is None else "/activityId"
        if isinstance(found, Objection):
            self._object(found, pointer)
            return
        for token in found:
            if not self._same_scope(around(token), node_of(token).bpmn_id, pointer):
                return
            assert self.moves is not None, "set with the scope"
            if token not in self.moves.cancelled:
                self.moves.cancelled.append(token)

    def _tokens(self, instruction: Instruction) -> list[Task] | Objection:
        if instruction.activity_id is None:
            token = self.standpoint.token_of(instruction.activity_instance_id or "")
            return token if isinstance(token, Objection) else [token]
        node = self.standpoint.element(instruction.activity_id)
        return self.standpoint.unknown(instruction.activity_id) if node is None else self.standpoint.tokens_at(node)

    def _element(self, activity_id: str, pointer: str) -> BpmnNode | None:
        node = self.standpoint.element(activity_id)
        if node is None:
            self._object(self.standpoint.unknown(activity_id), pointer)
        return node

    def _same_scope(self, scope: Task, element_id: str, pointer: str) -> bool:
        if self.moves is None:
            self.moves, self.first = Moves(scope), element_id
        if self.moves.scope is scope:
            return True
        words = f"{element_id!r} stands in another scope than {self.first!r}; all instructions must be about one scope"
        self._object(Objection(element_id, "other-scope", words), pointer)
        return False

    def _object(self, objection: Objection, pointer: str) -> None:
        self.objections.append(Objection(objection.element_id, objection.code, objection.message, pointer))

    def _look_ahead(self, moves: Moves) -> None:
        objection = self.standpoint.scope_objection(moves.scope)
        if objection is None and not moves.places():
            scope = node_of(moves.scope).bpmn_id
            objection = Objection(scope, "nothing-left", f"nothing would be open in {scope!r} any more; cancel it as a whole instead")
        objection = objection or stuck_objection(moves)
        if objection is not None:
            self._object(objection, "")


def stuck_objection(moves: Moves) -> Objection | None:
    """Why the scope could not end after the moves, as far as the tokens alone tell; None when it can as well as before."""
    try:
        before = outlook(Moves(moves.scope).places())
        after = outlook(moves.places())
    except Undecided as undecided:
        return Objection(undecided.element_id, "undecided", f"it cannot be decided whether the tokens can still all end: {undecided}")
    if after.stuck and (not before.stuck or (before.ends and not after.ends)):
        scope = node_of(moves.scope).bpmn_id
        words = f"in {scope!r} a join would wait for ever: a token that it needs would never come, or one too many would"
        return Objection(scope, "waits-forever", words)
    return None
