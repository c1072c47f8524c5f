"""Doing again what a request of the same moment has overtaken."""

from collections.abc import Callable
from typing import TypeVar

from service.domain.errors import Overtaken

T = TypeVar("T")

ATTEMPTS = 10
"""The store lets who was overtaken wait its turn at the next attempt; it can then only be overtaken by who does not ask."""


def until_not_overtaken(attempt: Callable[[], T]) -> T:
    """Run `attempt`, a whole transaction, until nothing it asked has changed before its commit. Raises Overtaken after ATTEMPTS."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except Overtaken:
            continue
    return attempt()
