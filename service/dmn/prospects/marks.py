"""Values that are not known exactly, as they stand in diagrams beside ordinary FEEL values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The value of an unknown, known to be in one of its classes; `sample` is one of that class."""

    unknown: int
    index: int
    sample: Any = field(compare=False)


@dataclass(frozen=True, slots=True)
class Anything:
    """Some value computed from these unknown inputs; `kind` is its built-in type if it has that or is null for certain.

    Values of different `origin` may differ: where they do not depend on the same computation they are not the same.
    """

    sources: frozenset[Path]
    kind: str | None = None
    origin: object = None


@dataclass(frozen=True, slots=True)
class Failure:
    """No value: the evaluation fails; `decision_id` is where."""

    code: str
    decision_id: str
    element_id: str | None = None


def inexact(value: Any) -> bool:
    """Whether it is none of the values of FEEL."""
    return isinstance(value, Within | Anything | Failure)
