"""Lay the recusals beside the service's audit stream. Nothing is mended: what differs is told."""

from collections.abc import Sequence

from service.actions.ports import Services


def verify_recusals(services: Services) -> tuple[int, Sequence[str]]:
    """How many recusals were looked at, and in words which are not what the last event about them says, or have no row any more.

    All is read at one moment, so a running service may go on.
    """
    with services.store.read() as questions:
        return questions.unlike_recusals()
