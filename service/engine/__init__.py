"""The engine room: the only one that knows SpiffWorkflow. See README.md."""

from service.engine.engine import SpiffEngine, read_diagrams
from service.engine.execution import InstanceExecution
from service.engine.state.resting import RestingInstances

__all__ = ["InstanceExecution", "RestingInstances", "SpiffEngine", "read_diagrams"]
