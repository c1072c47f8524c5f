"""Answers kept for repeated requests."""

from sqlalchemy import bindparam, delete, insert, select

from service.actions.ports import StoredAnswer
from service.store.tables import idempotency_answer
from service.store.writing import TransactionPart

COLUMNS = idempotency_answer.c
RECALL = select(COLUMNS.key, COLUMNS.fingerprint, COLUMNS.status, COLUMNS.body, COLUMNS.created_at).where(
    COLUMNS.key == bindparam("wanted")
)
REMEMBER = insert(idempotency_answer)
FORGET = delete(idempotency_answer).where(COLUMNS.created_at < bindparam("before"))


class Answers(TransactionPart):
    """The stored answers."""

    def recall_answer(self, key: str) -> StoredAnswer | None:
        """The answer given under this key, if it is still kept."""
        row = self._connection.execute(RECALL, {"wanted": key}).first()
        return None if row is None else StoredAnswer(*row)

    def remember_answer(self, answer: StoredAnswer) -> None:
        """Insert; Conflict("repeated-concurrently") when another request stored the key meanwhile."""
        self._connection.execute(
            REMEMBER,
            {
                "key": answer.key,
                "fingerprint": answer.fingerprint,
                "status": answer.status,
                "body": answer.body,
                "created_at": answer.created_at,
            },
        )

    def forget_answers(self, created_before: int) -> int:
        """Delete the answers older than that; returns how many."""
        return self._connection.execute(FORGET, {"before": created_before}).rowcount
