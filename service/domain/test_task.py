"""Who may work on a task."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from service.domain.errors import Conflict, Forbidden
from service.domain.identifiers import new_id
from service.domain.principal import SCOPE_WORK, SCOPES, Principal
from service.domain.task import Task, require_may_assign, require_may_work_on

OPEN = Task("t", "i", "p", "accept", "受理", None, None, None, "created", 0, candidate_groups=("organ",))


def person(name: str, *groups: str, scopes: Collection[str] = (SCOPE_WORK,)) -> Principal:
    return Principal("k", "oa", frozenset(scopes), name, frozenset(groups))


def test_a_candidate_may() -> None:
    assert require_may_work_on(OPEN, person("zhang", "organ"), ()) == "zhang"
    assert require_may_work_on(replace(OPEN, candidate_users=("li",)), person("li"), ()) == "li"
    assert require_may_work_on(replace(OPEN, candidate_groups=()), person("anybody"), ()) == "anybody"


def test_the_assignee_may_without_being_a_candidate() -> None:
    assert require_may_work_on(replace(OPEN, assignee="wang"), person("wang"), ()) == "wang"


@pytest.mark.parametrize(
    ("task", "who", "barred", "error", "code"),
    [
        (OPEN, person("li", "others"), (), Forbidden, "not-a-candidate"),
        (OPEN, Principal("k", "oa", frozenset(SCOPES)), (), Forbidden, "person-required"),
        (replace(OPEN, assignee="zhang"), person("li", "organ"), (), Conflict, "task-claimed"),
        (replace(OPEN, state="completed"), person("zhang", "organ"), (), Conflict, "task-not-open"),
        (OPEN, person("zhang", "organ"), ("zhang",), Forbidden, "separation-of-duties"),
        (replace(OPEN, assignee="zhang"), person("zhang", "organ"), ("zhang",), Forbidden, "separation-of-duties"),
    ],
)
def test_others_may_not(task: Task, who: Principal, barred: tuple[str, ...], error: type[Exception], code: str) -> None:
    with pytest.raises(error) as caught:
        require_may_work_on(task, who, barred)
    assert getattr(caught.value, "code", None) == code


def test_assigning_is_for_the_assignee_and_administrators() -> None:
    claimed = replace(OPEN, assignee="zhang")

    require_may_assign(claimed, person("zhang"))
    require_may_assign(claimed, person("boss", scopes=SCOPES))
    with pytest.raises(Forbidden):
        require_may_assign(claimed, person("li", "organ"))
    with pytest.raises(Forbidden):
        require_may_assign(OPEN, person("li", "organ"))


def test_ids_sort_in_the_order_they_were_made() -> None:
    ids = [new_id() for _ in range(5_000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(identifier[14] == "7" for identifier in ids)
