"""What every action is given: the store, the engine, the clock, and a shelf for what never changes."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar, cast

from service.actions.ports.engine import Engine
from service.actions.ports.store import Store
from service.actions.ports.turns import Turns
from service.domain.evidence import AttachmentLimits
from service.domain.external_task import DEFAULT_RETRIES

T = TypeVar("T")

Clock = Callable[[], int]
"""Now, in epoch milliseconds."""


class Shelf:
    """Compiled models and definitions that never change once published, kept by key; the oldest make room."""

    def __init__(self, capacity: int = 2_000) -> None:
        self._items: dict[Hashable, object] = {}
        self._capacity = capacity
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing kept under `key`, made by `make` the first time. None is not kept: what is missing may come."""
        found = self._items.get(key)
        if found is None:
            found = make()
            if found is not None:
                with self._lock:
                    while len(self._items) >= self._capacity:
                        del self._items[next(iter(self._items))]
                    self._items[key] = found
        return cast(T, found)


@dataclass(frozen=True, slots=True)
class Services:
    """What every action is given."""

    store: Store
    engine: Engine
    clock: Clock
    shelf: Shelf = field(default_factory=Shelf)
    external_retries: int = DEFAULT_RETRIES
    """How often an external task may be tried when nobody said so."""
    attachment_limits: AttachmentLimits = field(default_factory=AttachmentLimits)
    documents: Turns = field(default_factory=Turns, compare=False)
    """Documents are made one after the other: those of one process would take one another's number, and have one processor anyway."""
