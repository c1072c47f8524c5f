"""The working days of a year: which are known from where, who may set them, and what that does to due dates that counted them."""

import os
import re
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from api_tests.api_client import ApiClient, pointers, problem
from api_tests.conftest import ADMIN_KEY, Server, SharedServer
from api_tests.crash_fixtures import deployed, diagram, end, flow, items, start, timer, until, user_task

ROOT = Path(__file__).parent.parent
PLACE = b"id: year_place\nname: year_place\ndocuments: []\ndeadlines: {T_LONG: {workingDays: 600, basis: rule, name: long}}\n"
LONG = diagram(
    "long_work",
    start(),
    user_task("work", "camunda:dueDate=\"=deadline('T_LONG')\"".replace("'", "&quot;")),
    user_task("counted", 'camunda:dueDate="${workingDays(600)}"'),
    timer("late", "work", '=deadline("T_LONG")', interrupting=True, kind="timeDate"),
    end("done"),
    end("done_as_well"),
    flow("start", "work"),
    flow("start", "counted"),
    flow("work", "done"),
    flow("counted", "done"),
    flow("late", "done_as_well"),
)
NEVER = 2900


def unknown_year(api: ApiClient) -> int:
    """The first year after those that are known."""
    return int(max(year["year"] for year in api.get("/working-days")["items"] if year["knownFrom"] == "published")) + 1


def put(api: ApiClient, year: int | str, holidays: list[str], workdays: list[str], source: Any = "通知", **options: Any) -> Any:
    return api.call("PUT", f"/working-days/{year}", {"holidays": holidays, "workdays": workdays, "source": source}, **options)


def first_weekdays(year: int, number: int) -> list[date]:
    days = (date(year, 1, 1) + timedelta(days=passed) for passed in range(20))
    return [day for day in days if day.weekday() < 5][:number]


def weekdays_later(day: date, number: int) -> date:
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day


def due(api: ApiClient, instance: str) -> dict[str, tuple[str, bool]]:
    """When each task is due, and whether that is provisional."""
    rows = items(api, "/tasks", processInstanceId=instance)
    return {row["taskDefinitionKey"]: (row["dueDate"], row["dueLimit"]["provisional"]) for row in rows}


def test_due_dates_are_counted_again_when_a_year_becomes_known(api: ApiClient) -> None:
    deployed(api, ("jurisdiction.yaml", PLACE), LONG, jurisdiction="year_place")
    case = api.start("long_work", jurisdiction="year_place")["id"]
    before = due(api, case)
    assert {provisional for _, provisional in before.values()} == {True}
    year = unknown_year(api)
    off = first_weekdays(year, 3)

    answered = put(api, year, [day.isoformat() for day in off], [], "通知一")

    assert (answered.status_code, answered.json()["knownFrom"]) == (200, "table")
    expected = weekdays_later(date.fromisoformat(before["work"][0][:10]), 3).isoformat()
    after = until(lambda: (found := due(api, case)) != before and found, "the due dates have been counted again")
    assert {moment[:10] for moment, _ in after.values()} == {expected}
    trail = {
        (event["kind"], event["payload"]["elementId"]): event
        for event in items(api, f"/process-instances/{case}/audit-events")
        if "recomputed" in event["kind"]
    }
    assert set(trail) == {
        ("task.due-date-recomputed", "work"),
        ("task.due-date-recomputed", "counted"),
        ("timer.due-date-recomputed", "late"),
    }
    told = trail["task.due-date-recomputed", "work"]
    assert (told["payload"]["from"], told["payload"]["to"], told["actor"]) == (before["work"][0], after["work"][0], "working-days")
    later = api.start("long_work", jurisdiction="year_place")["id"]
    assert due(api, later)["work"] == after["work"]
    tasks = items(api, "/tasks", processInstanceId=case)
    assert api.complete(tasks[0]["id"], {}, "clerk").status_code == 200, "the case goes on as ever"


def test_every_year_says_from_where_it_is_known(api: ApiClient) -> None:
    published = api.get("/working-days/2024")
    assert (published["knownFrom"], published["setBy"]) == ("published", None)
    assert "2024-02-12" in published["holidays"]
    assert "2024-02-04" in published["workdays"]
    assert api.get(f"/working-days/{NEVER}") == {
        "year": NEVER,
        "knownFrom": "weekdays",
        "holidays": [],
        "workdays": [],
        "source": None,
        "setAt": None,
        "setBy": None,
    }


def test_a_year_is_set_and_replaced(api: ApiClient) -> None:
    first = put(api, NEVER + 1, ["2901-01-03"], ["2901-01-01"])
    assert (first.status_code, first.json()["holidays"], first.json()["workdays"]) == (200, ["2901-01-03"], ["2901-01-01"])
    again = put(api, NEVER + 1, ["2901-01-03"], ["2901-01-01"])
    assert again.content == first.content

    changed = put(api, NEVER + 1, ["2901-01-04", "2901-01-03"], [], "更正")

    assert api.get(f"/working-days/{NEVER + 1}") == changed.json()
    assert changed.json()["holidays"] == ["2901-01-03", "2901-01-04"]
    events = items(api, "/audit-events", kind="working-days.set")
    assert [event["payload"]["source"] for event in events if event["payload"]["year"] == NEVER + 1] in (["通知", "更正"], ["更正", "通知"])


def test_a_published_year_stays(api: ApiClient) -> None:
    assert problem(put(api, 2024, [], [])) == (409, "working-days-published")


def test_only_an_administrator_sets_a_year(api: ApiClient) -> None:
    key = api.call("POST", "/api-keys", {"name": "reader-of-years", "scopes": ["read", "work"]}).json()["secret"]

    assert problem(put(api, NEVER, [], [], key=key)) == (403, "missing-scope")
    assert api.call("GET", "/working-days", key=key).status_code == 200


@pytest.mark.parametrize(
    ("holidays", "workdays", "source", "where"),
    [
        (["2901-01-01"], [], "x", ["/holidays/0"]),
        ([], ["2900-01-04"], "x", ["/workdays/0"]),  # a Monday
        (["2900-01-02"], ["2900-01-02"], "x", ["/workdays/0"]),
        (["2900-01-01", "2900-01-01"], [], "x", ["/holidays/1"]),
        (["2900-02-29"], [], "x", ["/holidays/0"]),
        (["1.1.2900"], [], "x", ["/holidays/0"]),
        ([20], [], "x", ["/holidays/0"]),
        ([], [], " ", ["/source"]),
        ([], [], None, ["/source"]),
    ],
)
def test_what_is_no_calendar_is_refused(api: ApiClient, holidays: Any, workdays: Any, source: Any, where: list[str]) -> None:
    assert pointers(put(api, NEVER, holidays, workdays, source)) == where
    assert api.get(f"/working-days/{NEVER}")["knownFrom"] == "weekdays"


@pytest.mark.parametrize("year", ["next", "26", "2027.5", "99999999999999999999"])
def test_what_is_no_year_is_refused(api: ApiClient, year: str) -> None:
    assert put(api, year, [], []).status_code == 422
    assert api.call("GET", f"/working-days/{year}").status_code == 422


@pytest.fixture(scope="module")
def hubei(database: str, shared_server: SharedServer) -> Server:
    """A server with the built-in procedures."""
    return shared_server("procedures", database, builtin=True)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_page_on_deadlines_does_what_it_says(hubei: Server, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "deadlines.md").read_text("utf-8")
    script = tmp_path / "deadlines.sh"
    script.write_text("set -eu\n" + "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)), "utf-8")

    done = subprocess.run(
        ["bash", str(script)],
        cwd=ROOT,
        env=os.environ | {"URL": hubei.url, "KEY": ADMIN_KEY, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "T_ACCEPT 受理 default 5 workingDays provisional: False" in done.stdout
    assert "paused 1 times" in done.stdout
    assert '"knownFrom":"table"' in done.stdout.replace(" ", "")
