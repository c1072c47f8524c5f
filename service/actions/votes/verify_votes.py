"""Lay the boxes of secret ballots and the signatures beside the audit trail. Nothing is mended: what differs is told."""

from collections.abc import Sequence

from service.actions.ports import Services


def verify_votes(services: Services, process_instance_id: str | None = None) -> Sequence[tuple[str | None, str]]:
    """(process instance id, in words) where ballots are not those counted, or a signature is not over what was submitted.

    All is read at one moment, so a running service may go on.
    """
    with services.store.read() as questions:
        return questions.unlike_votes(process_instance_id)
