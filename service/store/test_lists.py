"""Lists: filters, orders, pages that stay stable, statistics."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import Malformed
from service.domain.instance import ProcessInstance
from service.store.conftest import NOW, a_task, an_instance, deploy, save, start
from service.store.database import DatabaseStore
from service.store.variables import number_key

DAY = 86_400_000


class World:
    """Three instances in three places, with tasks named a to e."""

    def __init__(self, store: DatabaseStore) -> None:
        deploy(store, "hubei_tolerance")
        self.store = store
        self.ids: dict[str, str] = {}
        self.xianning = an_instance(business_key="鄂-1")
        self.hubei = an_instance(jurisdiction="hubei", jurisdiction_path="hubei", business_key="鄂-2", started_at=NOW + 10)
        self.siyang = an_instance(jurisdiction="siyang", jurisdiction_path="jiangsu/siyang", business_key="苏-1", started_at=NOW + 20)
        self._start(
            self.xianning,
            {"facts": {"nature": "探索", "loss": Decimal("1.50")}, "text": "长" * 300},
            a={"due_at": NOW - 1, "priority": 70, "candidate_groups": ("acceptance", "inspection")},
            b={"due_at": None, "assignee": "li", "candidate_groups": (), "task_definition_key": "verify"},
        )
        self._start(
            self.hubei,
            {"facts": {"nature": "故意", "loss": Decimal("-20")}, "open": True, "nothing": None},
            c={"due_at": NOW + DAY, "candidate_users": ("wang",)},
        )
        self._start(
            self.siyang,
            {"facts": {"nature": "探索_1", "loss": Decimal("12345678901234567890.1")}},
            d={"due_at": NOW + DAY, "created_at": NOW + 5},
            e={"due_at": NOW - DAY},
        )
        save(store, self.siyang.id, closed_tasks={self.ids["e"]: ("completed", NOW, "zhao")})

    def _start(self, instance: ProcessInstance, variables: dict[str, Any], **tasks: dict[str, Any]) -> None:
        opened = [a_task(instance, name=name, **values) for name, values in tasks.items()]
        self.ids |= {task.name: task.id for task in opened}
        start(self.store, instance, opened_tasks=opened, variables=variables)

    def tasks(self, *sort: tuple[str, bool], jurisdictions: Sequence[str] | None = None, **filters: object) -> str:
        with self.store.read() as questions:
            page = questions.page("tasks", filters, sort or (("name", False),), 50, None, NOW, jurisdictions)
            assert questions.count_tasks(filters, NOW, jurisdictions) == len(page.items)
        return "".join(str(row["name"]) for row in page.items)


@pytest.fixture
def world(store: DatabaseStore) -> World:
    return World(store)


def test_task_filters(world: World) -> None:
    assert world.tasks() == "abcde"
    assert world.tasks(assignee="li") == "b"
    assert world.tasks(unassigned=True, state="created") == "acd"
    assert world.tasks(unassigned=False) == "b"
    assert world.tasks(state=["completed", "cancelled"]) == "e"
    assert world.tasks(completedBy="zhao") == "e"
    assert world.tasks(definitionKey="hubei_tolerance", taskDefinitionKey="verify") == "b"
    assert world.tasks(businessKey="鄂-1") == "ab"
    assert world.tasks(processInstanceId=world.siyang.id) == "de"
    assert world.tasks(overdue=True) == "a"
    assert world.tasks(overdue=False) == "bcde"
    assert world.tasks(dueBefore=NOW) == "ae"
    assert world.tasks(dueAfter=NOW) == "cd"
    assert world.tasks(createdBefore=NOW + 1) == "abce"
    assert world.tasks(createdAfter=NOW) == "d"
    assert world.tasks(assignee=None) == "abcde"


def test_candidates(world: World) -> None:
    assert world.tasks(candidateGroup="inspection") == "a"
    assert world.tasks(candidateGroup="acceptance", state="created") == "acd"
    assert world.tasks(candidateGroup="acceptance", state="completed") == "e"
    assert world.tasks(candidateGroup="acceptance") == "acde"
    assert world.tasks(candidateUser="wang") == "c"
    assert world.tasks(candidateUser="wang", candidateGroups=["inspection"]) == "ac"
    assert world.tasks(candidateUser="wang", candidateGroups=[]) == "c"
    assert world.tasks(candidateGroups=["inspection", "other"]) == "a"
    assert world.tasks(candidateGroups=[]) == ""


def test_a_place_includes_its_children(world: World) -> None:
    assert world.tasks(jurisdiction="hubei") == "abc"
    assert world.tasks(jurisdiction="hubei/xianning") == "ab"
    assert world.tasks(jurisdiction="hub") == ""
    assert world.tasks(jurisdictions=["jiangsu", "hubei/xianning"]) == "abde"
    assert world.tasks(jurisdictions=[]) == ""


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (("facts.nature", "eq", "探索"), "ab"),
        (("facts.nature", "neq", "探索"), "cde"),
        (("facts.nature", "like", "探索%"), "abde"),
        (("facts.nature", "like", "探索\\_%"), "de"),
        (("facts.nature", "gt", "探索"), "cde"),
        (("facts.loss", "eq", Decimal("1.5")), "ab"),
        (("facts.loss", "eq", "1.5"), ""),
        (("facts.loss", "gt", Decimal("1.5")), "de"),
        (("facts.loss", "gteq", Decimal("1.500")), "abde"),
        (("facts.loss", "lt", Decimal("1.5")), "c"),
        (("facts.loss", "lteq", Decimal("-19.9")), "c"),
        (("facts.loss", "gt", Decimal("12345678901234567890.0999")), "de"),
        (("facts.loss", "gt", Decimal("12345678901234567890.1")), ""),
        (("open", "eq", True), "c"),
        (("open", "eq", "true"), ""),
        (("nothing", "eq", None), "c"),
        (("text", "eq", "长" * 300), "ab"),
        (("text", "eq", "长" * 299), ""),
        (("text", "gt", "长" * 299), "ab"),
        (("text", "lt", "长" * 300), ""),
        (("text", "lteq", "长" * 300), "ab"),
    ],
)
def test_variables(world: World, condition: tuple[str, str, object], found: str) -> None:
    assert world.tasks(variables=[condition]) == found


def test_all_variable_conditions_must_hold(world: World) -> None:
    assert world.tasks(variables=[("facts.nature", "like", "探索%"), ("facts.loss", "lt", Decimal(2))]) == "ab"


@pytest.mark.parametrize("text", ["A%", "a%"])
def test_like_minds_the_case_on_both_databases(store: DatabaseStore, text: str) -> None:
    instance = start(store, an_instance(), variables={"name": "abc"})
    with store.read() as questions:
        page = questions.page("process-instances", {"variables": [("name", "like", text)]}, (), 10, None, NOW, None)
    assert [row["id"] for row in page.items] == ([instance.id] if text == "a%" else [])


@pytest.mark.parametrize(
    "condition",
    [
        ("x", "eq", []),
        ("x", "gt", True),
        ("x", "lt", None),
        ("x", "like", Decimal(1)),
        ("x", "like", "a\\"),
        ("x", "is", "a"),
        ("x" * 201, "eq", "a"),
    ],
)
def test_a_wrong_variable_condition_is_malformed(world: World, condition: tuple[str, str, object]) -> None:
    with pytest.raises(Malformed):
        world.tasks(variables=[condition])


def test_changed_variables_are_found_by_their_new_values(world: World) -> None:
    save(world.store, world.hubei.id, variables={"facts": {"loss": Decimal(7)}, "open": True})
    assert world.tasks(variables=[("facts.loss", "eq", Decimal("7.0"))]) == "c"
    assert world.tasks(variables=[("facts.loss", "eq", Decimal(-20))]) == ""
    assert world.tasks(variables=[("nothing", "eq", None)]) == ""
    assert world.tasks(variables=[("open", "eq", True)]) == "c"


def test_orders_put_missing_due_dates_last(world: World) -> None:
    assert world.tasks(("dueDate", False)) == "eacdb"
    assert world.tasks(("dueDate", True), ("name", False)) == "cdaeb"
    assert world.tasks(("createdAt", True)) == "decba"
    assert world.tasks(("priority", True), ("dueDate", False)) == "aecdb"
    assert world.tasks(("dueDate", False), ("createdAt", True)) == "eadcb"


@pytest.mark.parametrize(
    "sort",
    [
        (),
        (("dueDate", False),),
        (("dueDate", True),),
        (("priority", True), ("dueDate", False)),
        (("dueDate", False), ("createdAt", True)),
        (("name", True),),
    ],
)
def test_pages_put_together_are_the_list(world: World, sort: Sequence[tuple[str, bool]]) -> None:
    with world.store.read() as questions:
        whole = [row["id"] for row in questions.page("tasks", {}, sort, 50, None, NOW, None).items]
        paged: list[object] = []
        cursor: str | None = None
        while True:
            page = questions.page("tasks", {}, sort, 2, cursor, NOW, None)
            paged += [row["id"] for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert paged == whole
    assert len(whole) == 5


def test_rows_inserted_meanwhile_move_nothing(world: World) -> None:
    with world.store.read() as questions:
        first = questions.page("tasks", {}, (("name", False),), 2, None, NOW, None)
    start(
        world.store,
        instance := an_instance(),
        opened_tasks=[a_task(instance, name="A"), a_task(instance, name="aa"), a_task(instance, name="bb"), a_task(instance, name="z")],
    )
    with world.store.read() as questions:
        second = questions.page("tasks", {}, (("name", False),), 9, first.next_cursor, NOW, None)
    assert [row["name"] for row in first.items] == ["a", "b"]
    assert [row["name"] for row in second.items] == ["bb", "c", "d", "e", "z"]
    assert second.next_cursor is None


def test_a_cursor_belongs_to_its_question(world: World) -> None:
    with world.store.read() as questions:
        cursor = questions.page("tasks", {}, (), 2, None, NOW, None).next_cursor
        assert cursor is not None
        wrong: list[tuple[str, dict[str, object], str]] = [
            ("tasks", {"assignee": "li"}, cursor),
            ("process-instances", {}, cursor),
            ("tasks", {}, cursor[:-2]),
            ("tasks", {}, "x"),
            ("tasks", {}, "é"),
            ("tasks", {}, ""),
            ("tasks", {}, "W10"),
            ("tasks", {}, "A" * 5_000),
        ]
        for what, filters, given in wrong:
            with pytest.raises(Malformed) as refused:
                questions.page(what, filters, (), 2, given, NOW, None)
            assert refused.value.code == "malformed-cursor"


def test_unknown_names_are_malformed(world: World) -> None:
    with world.store.read() as questions:
        for what, filters, sort in [("tasks", {"x": 1}, ()), ("tasks", {}, (("x", False),)), ("dragons", {}, ())]:
            with pytest.raises(Malformed):
                questions.page(what, filters, sort, 2, None, NOW, None)
        with pytest.raises(Malformed):
            questions.task_statistics("moon", {}, NOW, None)
        with pytest.raises(Malformed):
            questions.one("activities", "x", NOW)


@pytest.mark.parametrize("value", ["a\x00b", "\ud800"])
def test_a_text_no_database_can_hold_is_no_server_error(world: World, value: str) -> None:
    try:
        assert world.tasks(assignee=value) == ""
    except Malformed:
        return


def test_a_number_no_column_can_hold_is_no_server_error(world: World) -> None:
    try:
        assert world.tasks(dueAfter=10**30) == ""
    except Malformed:
        return


def test_statistics(world: World) -> None:
    def by(name: str, **filters: object) -> list[tuple[object, ...]]:
        with world.store.read() as questions:
            rows = questions.task_statistics(name, filters, NOW, None)
        return [(row[name], row["open"], row["overdue"], row["oldest"]) for row in rows]

    start_of_all, later = "2026-11-20T05:00:00.000Z", "2026-11-20T05:00:00.005Z"
    assert by("jurisdiction") == [("xianning", 2, 1, start_of_all), ("hubei", 1, 0, start_of_all), ("siyang", 1, 0, later)]
    assert by("definitionKey") == [("hubei_tolerance", 4, 1, start_of_all)]
    assert by("taskDefinitionKey", jurisdiction="hubei") == [("accept", 2, 1, start_of_all), ("verify", 1, 0, start_of_all)]
    assert by("candidateGroup") == [
        ("acceptance", 3, 1, start_of_all),
        ("inspection", 1, 1, start_of_all),
        (None, 1, 0, start_of_all),
    ]
    assert by("assignee") == [(None, 3, 1, start_of_all), ("li", 1, 0, start_of_all)]
    assert by("assignee", assignee="nobody") == []


def test_a_task_is_shown_as_the_api_says(world: World) -> None:
    with world.store.read() as questions:
        assert questions.one("tasks", world.ids["a"], NOW) == {
            "id": world.ids["a"],
            "name": "a",
            "taskDefinitionKey": "accept",
            "processInstanceId": world.xianning.id,
            "definitionKey": "hubei_tolerance",
            "businessKey": "鄂-1",
            "jurisdiction": "xianning",
            "state": "created",
            "suspended": False,
            "assignee": None,
            "candidateUsers": [],
            "candidateGroups": ["acceptance", "inspection"],
            "createdAt": "2026-11-20T05:00:00.000Z",
            "dueDate": "2026-11-20T04:59:59.999Z",
            "dueBasis": None,
            "dueLimit": None,
            "overdue": True,
            "followUpDate": None,
            "priority": 70,
            "formKey": None,
            "formKind": None,
            "version": 1,
            "completedAt": None,
            "completedBy": None,
            "secretBallot": False,
            "signature": False,
        }
        assert questions.one("tasks", "none", NOW) is None


def test_instances(world: World) -> None:
    def found(**filters: object) -> list[object]:
        with world.store.read() as questions:
            return [row["businessKey"] for row in questions.page("process-instances", filters, (), 50, None, NOW, None).items]

    assert found() == ["苏-1", "鄂-2", "鄂-1"]
    assert found(jurisdiction="hubei", state="active") == ["鄂-2", "鄂-1"]
    assert found(startedAfter=NOW, startedBefore=NOW + 20) == ["鄂-2"]
    assert found(startedBy="zhang", definitionKey="hubei_tolerance", businessKey="鄂-1") == ["鄂-1"]
    assert found(variables=[("facts.nature", "eq", "故意")]) == ["鄂-2"]
    with world.store.read() as questions:
        one = questions.one("process-instances", world.siyang.id, NOW)
    assert one is not None
    assert [task["name"] for task in one["openTasks"]] == ["d"]  # type: ignore[index, union-attr, call-overload]


def test_gauges(world: World) -> None:
    with world.store.read() as questions:
        assert questions.gauges(NOW) == {
            "openTasks": 4,
            "overdueTasks": 1,
            "waitingTimers": 0,
            "postponedTimers": 0,
            "dueTimers": 0,
            "openIncidents": 0,
            "outbox": 0,
            "externalTasks": 0,
            "pendingEvents": 0,
            "failingEvents": 0,
            "failingStarts": 0,
        }


def test_number_keys_sort_as_numbers_do() -> None:
    numbers = [
        Decimal(text)
        for text in (
            "-1E+6000",
            "-123",
            "-12.3",
            "-12",
            "-0.5",
            "-1E-7",
            "0",
            "1E-7",
            "0.5",
            "1",
            "1.0000000000000000001",
            "12",
            "123",
            "1E+6000",
        )
    ]
    keys = [number_key(number) for number in numbers]
    assert sorted(keys) == keys
    assert len(set(keys)) == len(keys)
    assert number_key(Decimal("1.0")) == number_key(Decimal("1")) == number_key(Decimal("10E-1"))
    assert number_key(Decimal("-0.0")) == number_key(Decimal(0))
