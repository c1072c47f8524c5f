"""Large instances kept between two steps, so that a step of one need not read its whole state.

An instance is found by the very bytes that were written of it, never by its id: who has these bytes has the state they mean, whatever
other threads and processes did meanwhile, and bytes that were never committed are asked for by nobody. Taking it out makes it the
taker's own; a step that fails leaves nothing here.
"""

import threading
from collections import OrderedDict

from service.engine.instance import Instance

WORTHWHILE = 40
"""Live elements from which on keeping an instance is cheaper than reading its state again."""

MAX_KEPT = 20_000
"""Live elements kept in all (about 40 MB); the instance that rested longest goes first."""

Key = tuple[str, str, bytes]
"""Digest of the file, key of the process, state."""


class RestingInstances:
    """Safe for several threads. Instances of `least` to `most` live elements are kept, `most` elements in all."""

    def __init__(self, least: int = WORTHWHILE, most: int = MAX_KEPT) -> None:
        self._kept: OrderedDict[Key, Instance] = OrderedDict()
        self._least = least
        self._most = most
        self._elements = 0
        self._lock = threading.Lock()

    def take(self, key: Key) -> Instance | None:
        """The instance with that state, which is here no longer; None when it is not here."""
        with self._lock:
            instance = self._kept.pop(key, None)
            if instance is not None:
                self._elements -= len(instance.tasks)
            return instance

    def put(self, key: Key, instance: Instance) -> None:
        """Keep an instance that has just been written as that state. The caller must not touch it again."""
        if instance.completed or not self._least <= len(instance.tasks) <= self._most:
            return
        instance.rest()
        with self._lock:
            self._kept[key] = instance
            self._elements += len(instance.tasks)
            while self._elements > self._most:
                _, oldest = self._kept.popitem(last=False)
                self._elements -= len(oldest.tasks)
