"""The task lists that are measured: as a URL, and as the SQL a person would write for it by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

LIMIT = 50
COLUMNS = (
    "id, process_instance_id, definition_key, task_definition_key, name, business_key, jurisdiction, state, created_at, assignee, "
    "candidate_users, candidate_groups, due_at, due_basis, follow_up_at, priority, form_key, version, completed_at, completed_by"
)
NEVER = 9_000_000_000_000_000
"""As in the index ix_task_due: rows without a due date come last."""
OFFICERS, GROUPS = 500, 20


REGIONS = 100
DEEP = 100
"""Pages before the one that is asked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """`parameters` gives the parameters of the n-th asking: {URL name: value}, `values` those of the SQL, in order (marked `?`).

    A `deep` question goes on after a row: its last two values are that row's moment of creation and id.
    """

    sql: str
    sort: str | None
    parameters: Callable[[int], Mapping[str, str]]
    values: Callable[[int], tuple[str, ...]]
    path: str = "/api/v1/tasks"
    deep: bool = False


def _rows(condition: str, order: str) -> str:
    return f"SELECT {COLUMNS} FROM task WHERE state = 'created'{condition} ORDER BY {order} LIMIT {LIMIT + 1}"


def _nothing(_n: int) -> Mapping[str, str]:
    return {}


def _no_values(_n: int) -> tuple[str, ...]:
    return ()


def _officer(n: int) -> str:
    return f"officer-{n * 4 % OFFICERS}"


def _group(n: int) -> str:
    return f"group-{n % GROUPS}"


def _region(n: int) -> str:
    return f"region-{n % REGIONS}"


OLDEST_FIRST = "created_at, id"
DUE_FIRST = f"coalesce(due_at, {NEVER}), id"
OF_GROUP = " AND id IN (SELECT task_id FROM task_candidate WHERE kind = 'group' AND name = ? AND task_state = 'created')"
OF_REGION = (
    " AND process_instance_id IN (SELECT process_instance_id FROM variable "
    "WHERE path = 'region' AND type = 'string' AND search_key = ? AND text_value = ?)"
)

QUESTIONS = {
    "oldest": Question(_rows("", OLDEST_FIRST), "createdAt", _nothing, _no_values),
    "due": Question(_rows("", DUE_FIRST), "dueDate", _nothing, _no_values),
    "mine": Question(_rows(" AND assignee = ?", DUE_FIRST), "dueDate", lambda n: {"assignee": _officer(n)}, lambda n: (_officer(n),)),
    "group": Question(_rows(OF_GROUP, OLDEST_FIRST), "createdAt", lambda n: {"candidateGroup": _group(n)}, lambda n: (_group(n),)),
    "variable": Question(
        _rows(OF_REGION, OLDEST_FIRST),
        "createdAt",
        lambda n: {"variables": f"region_eq_{_region(n)}"},
        lambda n: (_region(n), _region(n)),
    ),
    "deep": Question(_rows(" AND (created_at, id) > (CAST(? AS BIGINT), ?)", OLDEST_FIRST), "createdAt", _nothing, _no_values, deep=True),
    "count of a group": Question(
        f"SELECT count(*) FROM task WHERE state = 'created'{OF_GROUP}",
        None,
        lambda n: {"candidateGroup": _group(n)},
        lambda n: (_group(n),),
        path="/api/v1/tasks/count",
    ),
}
