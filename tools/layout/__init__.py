"""Lays BPMN diagrams out for reading. `python -m tools.layout FILE…`; how it works is said in README.md beside."""

from .laying import laid_out
from .reading import NotLaidOut

__all__ = ["NotLaidOut", "laid_out"]
