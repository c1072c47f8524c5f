"""Casting ballots and counting them. All of it happens under the lock of the instance, so a box has one writer at a time."""

import secrets

from sqlalchemy import Connection, bindparam, delete, insert, select

from service.domain.ballot import Ballot
from service.store.tables import ballot
from service.store.writing import TransactionPart

IN_BOX = ballot.c.box_id == bindparam("box")
OF_BOX = select(ballot.c.id, ballot.c.choice).where(IN_BOX).order_by(ballot.c.id)
EMPTY = delete(ballot).where(IN_BOX)
CAST = insert(ballot)

_SHUFFLING = secrets.SystemRandom()


def find_ballots(connection: Connection, box_id: str) -> list[tuple[str, str]]:
    """(id, choice) of the ballots in the box, in the order of their random ids."""
    return [(row.id, row.choice) for row in connection.execute(OF_BOX, {"box": box_id})]


def empty_box(connection: Connection, box_id: str) -> None:
    """Destroy the ballots of a box that is not counted."""
    connection.execute(EMPTY, {"box": box_id})


class Ballots(TransactionPart):
    """The boxes of secret ballots."""

    def cast_ballot(self, cast: Ballot) -> None:
        """Put a ballot into its box. All that lie there are written anew, shuffled and under new ids.

        So neither an id nor the place of a row, nor the transaction that wrote it (PostgreSQL's xmin), says which ballot came when.
        """
        choices = [choice for _, choice in find_ballots(self._connection, cast.box_id)] + [cast.choice]
        _SHUFFLING.shuffle(choices)
        self._connection.execute(EMPTY, {"box": cast.box_id})
        self._connection.execute(CAST, [{"id": secrets.token_hex(16), "box_id": cast.box_id, "choice": choice} for choice in choices])
