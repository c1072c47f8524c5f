"""Answers kept for repeated requests."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer kept for a repeated request (30 days). `fingerprint` is the SHA-256 of caller, person, route and body."""

    key: str
    fingerprint: str
    status: int
    body: str
    created_at: int


class AnswerWriting(Protocol):
    """Part of a write transaction."""

    def recall_answer(self, key: str) -> StoredAnswer | None: ...

    def remember_answer(self, answer: StoredAnswer) -> None:
        """Insert; Conflict("repeated-concurrently") when another request stored the key meanwhile."""
        ...

    def forget_answers(self, created_before: int) -> int: ...
