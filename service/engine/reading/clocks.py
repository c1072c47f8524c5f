"""Which limits are stopped by which steps: the property stopsClockOf of a step names the user tasks whose clocks it stops.

A task that is come back to after such a step goes on with the limit that it had, and so do the boundary timers at it.
"""

from collections.abc import Sequence
from dataclasses import replace

from service.domain.law import ClockStops
from service.engine.language.assignment import split_list
from service.engine.reading.diagram import Node

STOPS_CLOCK_OF = "stopsClockOf"


def stopped_by(node: Node) -> tuple[str, ...]:
    """The ids of the user tasks whose clocks the node stops."""
    return split_list(node.properties.get(STOPS_CLOCK_OF, ""))


def with_clocks(nodes: Sequence[Node]) -> list[Node]:
    """The nodes, each with the clock that its limits go on with."""
    stoppers: dict[str, list[str]] = {}
    for node in nodes:
        for task in stopped_by(node):
            stoppers.setdefault(task, []).append(node.id)
    return [_with_clock(node, node.attached_to or node.id, stoppers) for node in nodes]


def _with_clock(node: Node, task: str, stoppers: dict[str, list[str]]) -> Node:
    return replace(node, clock=ClockStops(task, tuple(stoppers[task]))) if task in stoppers else node
