"""A jurisdiction made by `rongjiu new-jurisdiction` runs: it is deployed with the places it needs, and all its cases are played."""

import shutil
from contextlib import closing
from pathlib import Path

from api_tests.api_client import ApiClient
from api_tests.conftest import ADMIN_KEY, running_server
from service.actions.deployments.load_builtin import files_in, in_order

ROOT = Path(__file__).parent.parent
NEEDED = ("common", "china", "jiangsu", "suqian", "muyang")
"""The new place, those above it, and what all of them share."""


def test_a_copy_of_siyang_is_deployed_and_every_case_of_it_comes_out(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for folder in ("bpmn", "dmn"):
        shutil.copytree(ROOT / folder, tree / folder)
    (tmp_path / "data").mkdir()
    # One database: what is made are files, and that both databases run such files alike is told by the built-in places.
    with running_server("sqlite", tmp_path / "data") as server:
        made = server.run("new-jurisdiction", "muyang", str(tree), "--from", "siyang", "--name", "沭阳县", "--code", "321322")
        assert made.returncode == 0, made.stderr
        with closing(ApiClient(server.url, ADMIN_KEY)) as api:
            places = {place: files_in(tree / kind / place for kind in folder_kinds(tree, place)) for place in NEEDED}
            for place in in_order(places):
                response = api.deploy_files(list(places[place]), jurisdiction=place)
                assert response.status_code == 201, response.text
            told = api.get("/jurisdictions/muyang")
            assert (told["document"]["copiedFrom"], told["document"]["code"], told["parent"]) == ("siyang", "321322", "suqian")
        cases = sorted(str(path) for kind in ("bpmn", "dmn") for path in (tree / kind / "muyang").glob("*.cases.yaml"))
        played = server.run("cases", *cases, "--coverage", "--url", server.url, "--key", ADMIN_KEY)

    assert played.returncode == 0, "\n".join(line for line in played.stdout.splitlines() if not line.startswith("passed")) + played.stderr


def folder_kinds(tree: Path, place: str) -> list[str]:
    """Of which kinds the place has a folder."""
    return [kind for kind in ("bpmn", "dmn") if (tree / kind / place).is_dir()]
