"""Work that is done one after the other, while a few wait: who waits holds a thread that others need."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from service.domain.errors import Unavailable

MAX_WAITING = 8
"""How many may wait for their turn; the door has 40 threads for all requests."""
WAIT_S = 30.0


class Turns:
    """One turn at a time. `waiting`: how many may wait for theirs; `wait_s`: for how many seconds."""

    def __init__(self, waiting: int = MAX_WAITING, wait_s: float = WAIT_S) -> None:
        self._places = BoundedSemaphore(waiting + 1)
        self._lock = Lock()
        self._wait_s = wait_s

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn and have it. Unavailable("documents-busy"): at once when too many wait already, or it did not come in time."""
        if not self._places.acquire(blocking=False):
            raise _busy("too many documents are being made at this moment")
        try:
            if not self._lock.acquire(timeout=self._wait_s):
                raise _busy(f"other documents have been made for {self._wait_s:g} seconds")
            try:
                yield
            finally:
                self._lock.release()
        finally:
            self._places.release()


def _busy(why: str) -> Unavailable:
    return Unavailable(f"{why}; nothing was made, try again later", "documents-busy")
