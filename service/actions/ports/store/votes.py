"""What the actions need from the store for secret ballots and signed opinions."""

from collections.abc import Sequence
from typing import Protocol

from service.domain.ballot import Ballot
from service.domain.signature import Signature


class VoteLookups(Protocol):
    """Both doors."""

    def ballots(self, box_id: str) -> Sequence[tuple[str, str]]:
        """(id, choice) of the ballots in the box, in the order of their random ids. Only for counting a box that is closed."""
        ...

    def signatures(self, process_instance_id: str) -> Sequence[Signature]:
        """The signatures given in the instance, in their order."""
        ...

    def unknown_users(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of the ids that no user has."""
        ...


class VoteWriting(Protocol):
    """Part of a write transaction."""

    def cast_ballot(self, cast: Ballot) -> None:
        """Put a ballot into its box, so that nothing in it tells which came when."""
        ...


class VoteQuestions(Protocol):
    """Part of a read."""

    def unlike_votes(self, only: str | None) -> Sequence[tuple[str | None, str]]:
        """(process instance id, in words) where ballots are not those counted, or a signature is not over what was submitted."""
        ...
