"""What a multi-instance throws as its iterations end (BPMN 2.0.2 §10.3.8, Tables 10.29 and 10.31).

The event is caught by the boundary events of the activity itself; there it lets a token out and leaves the activity alone, also where the
boundary event is an interrupting one: with None and One the other iterations go on, with Complex the condition ends them. An error is the
exception: it always ends what it is caught at. What no boundary event of the activity catches goes its usual way.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.task import Task

from service.domain.step import MessageSent
from service.engine.language.expressions import Formula
from service.engine.nodes.boundary import BoundaryEvent
from service.engine.nodes.throwing import throw_error, throw_escalation, throw_signal
from service.engine.reading.diagram import EventDefinition
from service.engine.scopes import around, visible

if TYPE_CHECKING:
    from service.engine.instance import Instance


@dataclass(frozen=True, slots=True)
class Thrower:
    """One event of a behavior, None: a condition that only ends the activity. `condition` belongs to the behavior Complex."""

    event: EventDefinition | None
    condition: Formula | None

    def throw(self, instance: "Instance", body: Task, element_id: str) -> None:
        """Throw it at the activity, whose body is `body`; an error ends that."""
        event = self.event
        if event is None:
            return
        if event.kind == "error":
            throw_error(instance, body, event.code or "")
            return
        caught = self._catchers(body, event)
        for boundary in caught:
            instance.schedule(boundary, around(body))
        if event.kind == "signal":
            throw_signal(instance, body, event.signal_name or "", {}, but_not_at=body)
        elif event.kind == "message":
            instance.recorder.sent(MessageSent(element_id, event.message_name or "", dict(visible(body))))
        elif not caught:
            throw_escalation(instance, body, event.code or "")

    @staticmethod
    def _catchers(body: Task, event: EventDefinition) -> list[BoundaryEvent]:
        """The boundary events of the activity that take the event; of an escalation only one, and that naming its code first."""
        found = []
        for child in body.children:
            node = child.task_spec
            if isinstance(node, BoundaryEvent) and not node.node.parallel_multiple:
                fits = [one for one in node.node.events if (one.kind, one.name) == (event.kind, event.name)]
                codes = [one.code for one in fits if one.code in (None, event.code)]
                if codes:
                    found.append((codes[0] is None, node))
        if event.kind == "escalation":
            return [node for _, node in sorted(found, key=lambda one: one[0])[:1]]
        return [node for _, node in found]
