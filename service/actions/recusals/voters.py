"""The people whom a sheet of votes names: they take part in the step as much as the person who hands the sheet in."""

from collections.abc import Iterator, Sequence

from service.actions.ports import Transaction
from service.actions.recusals.recusal_checks import recusal_from
from service.domain.errors import FieldError, Invalid
from service.domain.json_values import Json
from service.domain.task import Task

VOTERS = "voters"
"""The name of a list of who voted, in whatever variable it stands (docs/recusal.md)."""


def require_voters(tx: Transaction, task: Task, values: Sequence[tuple[tuple[str, ...], Json]], now: int) -> None:
    """Raise Invalid for each `userId` of a list `voters` that nobody has (`unknown-person`) or whose person is recused (`recused`)."""
    errors = [error for path, user_id in _named(values) if (error := _fault(tx, task, path, user_id, now)) is not None]
    if errors:
        raise Invalid("who may not vote here is named among the voters", errors)


def _named(values: Sequence[tuple[tuple[str, ...], Json]]) -> Iterator[tuple[str, str]]:
    for path, value in values:
        if path[-1] == VOTERS and isinstance(value, list):
            for index, voter in enumerate(value):
                user_id = voter.get("userId") if isinstance(voter, dict) else None
                if isinstance(user_id, str) and user_id:
                    yield "/variables/" + "/".join((*path, str(index), "userId")), user_id


def _fault(tx: Transaction, task: Task, pointer: str, user_id: str, now: int) -> FieldError | None:
    if tx.user(user_id) is None:
        return FieldError(pointer, "unknown-person", f"no user {user_id!r}")
    recusal = recusal_from(tx, task, user_id, now)
    return None if recusal is None else FieldError(pointer, "recused", f"{user_id!r} is recused from this case")
