"""Lay subjects, precedents and tables of working days beside the audit trail. Nothing is mended: what differs is told."""

from collections.abc import Sequence

from service.actions.ports import Services


def verify_registers(services: Services) -> Sequence[tuple[str, int, Sequence[str]]]:
    """Of each register its name, how many rows were looked at, and in words which are not what the last event about them says.

    All is read at one moment, so a running service may go on.
    """
    with services.store.read() as questions:
        return questions.unlike_registers()
