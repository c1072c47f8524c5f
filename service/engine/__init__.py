"""The engine room: the only one that knows SpiffWorkflow. See README.md."""

from service.engine.engine import SpiffEngine, read_diagrams
from service.engine.execution import InstanceExecution

__all__ = ["InstanceExecution", "SpiffEngine", "read_diagrams"]
