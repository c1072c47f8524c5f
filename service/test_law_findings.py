"""Keys of limits, switches and facts that no place has: told when the diagram is deployed, and by lint."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.actions.deployments.deploy import Deploy, deploy
from service.actions.ports import Services
from service.cli.lint_files import given_files, lint_files
from service.engine import SpiffEngine
from service.moved_clock import ADMIN, HEAD, Clock, fresh_store

BODY = (
    '<process id="KEY" isExecutable="true"><startEvent id="begin"/><userTask id="u" name="u" camunda:assignee="a" camunda:dueDate=\'DUE\'/>'
    '<sequenceFlow id="f" sourceRef="begin" targetRef="u"/><scriptTask id="t" scriptFormat="feel" camunda:resultVariable="r"><script>'
    'SCRIPT</script></scriptTask><sequenceFlow id="g" sourceRef="u" targetRef="t"/></process></definitions>'
)
CODES = ("unknown-deadline", "unknown-setting", "unknown-fact")
NO_DEADLINE, NO_SETTING, NO_FACT = CODES


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with fresh_store(tmp_path) as store:
        yield Services(store, SpiffEngine(), Clock())


def diagram(due: str = '=deadline("T_OURS")', script: str = "1", key: str = "asking") -> tuple[str, bytes]:
    return f"{key}.bpmn", (HEAD + BODY.replace("KEY", key).replace("DUE", due).replace("SCRIPT", script)).encode()


def place(name: str, parent: str | None = None, limit: str | None = None) -> tuple[str, bytes]:
    limits = "{}" if limit is None else f"{{{limit}: {{days: 5, basis: default}}}}"
    text = f"id: {name}\nname: {name}\nparent: {parent or 'null'}\ndeadlines: {limits}\nsettings: {{on: {{value: 1, basis: default}}}}\n"
    return "jurisdiction.yaml", text.encode()


def told(services: Services, name: str | None, *files: tuple[str, bytes], dry_run: bool = False) -> list[tuple[str, str]]:
    warnings = json.loads(deploy(services, ADMIN, Deploy("d", name, files, dry_run)).body)["warnings"]
    return [(one["code"], one["elementId"]) for one in warnings if one["code"] in CODES]


@pytest.mark.parametrize(
    ("due", "script", "found"),
    [
        ('=deadline("T_OURS")', "1", []),
        ('=deadline("T_NOPE")', "1", [(NO_DEADLINE, "u")]),
        ('${deadline("T_NOPE")}', "1", [(NO_DEADLINE, "u")]),
        ('=deadline("T_NOPE", day)', "1", [(NO_DEADLINE, "u")]),
        ('=deadline(key)', 'setting("on")', []),
        ('=deadline("T_OURS")', 'if true then setting("nope") + setting("nope") else setting("on")', [(NO_SETTING, "t")]),
        ('=deadline("T_NOPE")', 'recorded("never", "x") + count(records("never", "x"))', [(NO_DEADLINE, "u"), (NO_FACT, "t")]),
    ],
)  # fmt: skip
def test_a_key_that_no_place_has_is_told(services: Services, due: str, script: str, found: list[tuple[str, str]]) -> None:
    files = (place("town", limit="T_OURS"), diagram(due, script))

    assert told(services, "town", *files, dry_run=True) == found
    assert told(services, "town", *files) == found


def test_where_a_key_stands_is_looked_for_as_a_case_looks(services: Services) -> None:
    told(services, "common", place("common", limit="T_COMMON"))
    told(services, "county", place("county", limit="T_COUNTY"))
    told(services, "town", place("town", "county", "T_OURS"))

    for limit in ("T_OURS", "T_COUNTY", "T_COMMON"):
        assert told(services, "town", diagram(f'=deadline("{limit}")')) == []
    assert told(services, "county", diagram('=deadline("T_OURS")', key="above")) == [(NO_DEADLINE, "u")]
    assert told(services, "town", place("town", "county", "T_OTHER"), diagram()) == [(NO_DEADLINE, "u")], "as this deployment leaves it"


def test_nothing_is_said_where_the_case_decides_which_place_is_asked(services: Services) -> None:
    assert told(services, None, diagram('=deadline("T_NOPE")')) == []
    assert told(services, "common", place("common"), diagram('=deadline("T_NOPE")', key="shared")) == []


def test_lint_tells_it_with_the_place_of_the_folder(tmp_path: Path) -> None:
    asking, elsewhere = diagram('=deadline("T_NOPE")'), diagram('=deadline("T_NOPE")', key="other")
    for name, (path, content) in (("town", place("town", "hubei", "T_OURS")), ("town", asking), ("else", elsewhere)):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / path).write_bytes(content)

    findings = lint_files(given_files([tmp_path / "town", tmp_path / "else"]))

    assert [(Path(one.file).name, one.code) for one in findings if one.code in CODES] == [("asking.bpmn", NO_DEADLINE)]
    (tmp_path / "town" / "asking.bpmn").write_bytes(diagram('=deadline("T_ACCEPT")')[1])
    assert [one.code for one in lint_files(given_files([tmp_path / "town"])) if one.code in CODES] == [], "common comes with the service"
    (tmp_path / "town" / "jurisdiction.yaml").write_bytes(place("town", "nowhere")[1])
    assert [one.code for one in lint_files(given_files([tmp_path / "town"])) if one.code in CODES] == [], "the place above is not known"
