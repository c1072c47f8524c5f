"""Pictures of diagrams. A library: it knows no other room."""

from service.drawing.diagram import NotDrawn
from service.drawing.steps import Step, Told, tell
from service.drawing.svg import draw

__all__ = ["NotDrawn", "Step", "Told", "draw", "tell"]
