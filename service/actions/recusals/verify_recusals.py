"""Lay the recusals beside the service's audit stream, and the open tasks beside the recusals. Nothing is mended: what differs is told."""

from collections.abc import Sequence

from service.actions.ports import Services
from service.actions.recusals.recusal_checks import day_of


def verify_recusals(services: Services) -> tuple[int, Sequence[str]]:
    """How many recusals were looked at, and in words which are not what the last event about them says, or have no row any more.

    Also the open tasks that somebody has who is recused from their case: assign them to another person. All is read at one moment, so a
    running service may go on.
    """
    with services.store.read() as questions:
        seen, unlike = questions.unlike_recusals()
        return seen, [*unlike, *questions.held_by_recused(day_of(services.clock()))]
