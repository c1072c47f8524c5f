"""Starting with the procedures that come with the service, on a real store: what changed is deployed, what did not is not even read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.actions.deployments import load_builtin as loading
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.deployments.load_builtin import LOADER, load_builtin
from service.actions.ports import Services
from service.domain.definition import KIND_DECISION
from service.domain.principal import SCOPE_ADMIN, Principal
from service.engine import SpiffEngine
from service.store import migrate, open_store

NOW = 1_795_150_800_000
MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
IMPORT = f'<import name="b" namespace="urn:base" importType="{MODEL}"/>'
CASES = "decisions:\n  - {{name: one, decision: above, facts: {{}}, expect: {{result: {}}}}}\n"


def decision(name: str, text: str, inside: str = "", needs: str = "") -> str:
    return (
        f'<definitions xmlns="{MODEL}" name="{name}" namespace="urn:{name}">{inside}<decision id="{name}" name="{name}">'
        f'<variable name="{name}"/>{needs}<literalExpression><text>{text}</text></literalExpression></decision></definitions>'
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two places, of which the one whose name comes first imports what the other has; and one for comparison."""
    needs = '<informationRequirement><requiredDecision href="urn:base#base"/></informationRequirement>'
    files = {
        "bpmn/above/jurisdiction.yaml": "id: above\nname: 甲\nparent: base\n",
        "dmn/above/above.dmn": decision("above", "b.base * 10", IMPORT, needs),
        "dmn/above/above.cases.yaml": CASES.format(70),
        "bpmn/base/jurisdiction.yaml": "id: base\nname: 乙\n",
        "dmn/base/base.dmn": decision("base", "7"),
        "bpmn/comparators/other/jurisdiction.yaml": "id: other\nname: 丙\nparent: base\nlevel: comparator\n",
    }
    for name, text in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "root"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    return Services(open_store(url), SpiffEngine(), lambda: NOW)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The places whose files were read since, in order."""
    seen: list[str] = []

    def counted(services: Services, principal: object, command: Deploy) -> object:
        seen.append(str(command.jurisdiction))
        return deploy(services, LOADER, command)

    monkeypatch.setattr(loading, "deploy", counted)
    return seen


def changed(root: Path, name: str, change: Callable[[str], str]) -> None:
    (root / name).write_text(change((root / name).read_text("utf-8")), "utf-8")


def version(services: Services, key: str) -> int:
    with services.store.read() as questions:
        found = questions.latest_definition(KIND_DECISION, key)
    assert found is not None
    return found.version


def test_the_first_start_reads_every_place_once_and_the_next_none(services: Services, root: Path, read: list[str]) -> None:
    assert load_builtin(services, root).new == ["base", "above", "other"] == read
    read.clear()

    assert load_builtin(services, root).new == [] == read
    with services.store.read() as questions:
        place = questions.jurisdiction("other")
    assert place is not None
    assert place.path == "base/other"


def test_what_imports_a_changed_file_gets_a_new_version_with_it(services: Services, root: Path, read: list[str]) -> None:
    load_builtin(services, root)
    changed(root, "dmn/base/base.dmn", lambda text: text.replace("7", "8"))
    read.clear()

    assert load_builtin(services, root).new == ["base", "above"]
    assert (version(services, "base"), version(services, "above")) == (2, 2)
    assert "other" not in read
    assert load_builtin(services, root).new == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("dmn/above/above.cases.yaml", lambda text: text.replace("70", "71")),
        ("bpmn/above/jurisdiction.yaml", lambda text: f"# 注\n{text}"),
    ],
)
def test_cases_and_comments_make_no_new_version(services: Services, root: Path, name: str, change: Callable[[str], str]) -> None:
    load_builtin(services, root)
    changed(root, name, change)

    assert load_builtin(services, root).new == []
    assert version(services, "above") == 1


def test_a_changed_description_of_a_place_is_deployed(services: Services, root: Path) -> None:
    load_builtin(services, root)
    changed(root, "bpmn/base/jurisdiction.yaml", lambda text: text.replace("乙", "丁"))

    assert load_builtin(services, root).new == ["base"]
    with services.store.read() as questions:
        place = questions.jurisdiction("base")
    assert place is not None
    assert place.name == "丁"


SOMEBODY = Principal("designer", "designer", frozenset({SCOPE_ADMIN}))


@pytest.mark.parametrize("file_name", ["base.dmn", "mine.dmn"])
def test_what_somebody_put_in_its_place_stays_and_is_told(services: Services, root: Path, file_name: str) -> None:
    load_builtin(services, root)
    deploy(services, SOMEBODY, Deploy("mine", "base", ((file_name, decision("base", "9").encode()),)))

    loaded = load_builtin(services, root)
    assert (loaded.new, loaded.kept) == (["above"], {"base": ["base.dmn"]})  # above takes over what is in force below it now
    assert version(services, "base") == 2
    again = load_builtin(services, root)
    assert (again.new, again.kept) == ([], {"base": ["base.dmn"]})

    changed(root, "bpmn/base/jurisdiction.yaml", lambda text: text.replace("乙", "丁"))
    updated = load_builtin(services, root)
    assert (updated.new, updated.kept) == (["base"], {"base": ["base.dmn"]})
    assert version(services, "base") == 2


def test_a_setting_that_somebody_changed_stays(services: Services, root: Path) -> None:
    load_builtin(services, root)
    deploy(services, SOMEBODY, Deploy("mine", "base", (("jurisdiction.yaml", "id: base\nname: 己\n".encode()),)))

    loaded = load_builtin(services, root)
    assert (loaded.new, loaded.kept) == ([], {"base": ["jurisdiction.yaml"]})
    with services.store.read() as questions:
        place = questions.jurisdiction("base")
    assert place is not None
    assert place.name == "己"


def test_what_the_loader_brought_last_is_replaced(services: Services, root: Path) -> None:
    load_builtin(services, root)
    deploy(services, LOADER, Deploy("of an earlier release", "base", (("base.dmn", decision("base", "9").encode()),)))

    loaded = load_builtin(services, root)
    assert (loaded.new, loaded.kept) == (["base", "above"], {})
    assert version(services, "base") == 3
