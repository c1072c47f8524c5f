"""`rongjiu deploy FOLDER`: what it prints of each file, looking only and deploying; what it deployed is found by its key."""

import subprocess
import sys
from pathlib import Path

import httpx

from api_tests.api_client import DIAGRAMS, ApiClient, problem
from api_tests.conftest import ADMIN_KEY, Server
from api_tests.test_lint import environment

KEY = "deployed_by_command"
PLACE = "id: command_place\nname: 某地\nparent: null\nsettings: {on: {value: 1, basis: default}}\n"
MISSPELT = PLACE.replace("settings", "setings")


def run(server: Server, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service.cli", "deploy", str(folder), "--url", server.url, "--key", ADMIN_KEY, *words]
    return subprocess.run(command, env=environment(), cwd=folder, capture_output=True, text=True, timeout=60)


def test_each_file_is_told_with_what_became_of_it(server: Server, api: ApiClient, tmp_path: Path) -> None:
    folder = tmp_path / "command_place"
    folder.mkdir()
    diagram = (DIAGRAMS / "one_task.bpmn").read_bytes().replace(b'"one_task"', f'"{KEY}"'.encode())
    diagram = diagram.replace(b"camunda:formRef=", b"camunda:assignee='li' camunda:dueDate='=deadline(\"T_NOPE\")' camunda:formKey=")
    (folder / "a.bpmn").write_bytes(diagram)
    (folder / "jurisdiction.yaml").write_text(PLACE, "utf-8")

    looked, done, again = run(server, folder, "--dry-run"), run(server, folder), run(server, folder)

    first = [[line for line in one.stdout.splitlines() if not line.startswith("warning: ")] for one in (looked, done, again)]
    assert [one.stderr for one in (looked, done, again)] == ["", "", ""]
    assert first[0] == [f"a.bpmn: would deploy {KEY}:1", "jurisdiction.yaml: would deploy"]
    assert first[1] == [f"a.bpmn: deployed {KEY}:1", "jurisdiction.yaml: deployed"]
    assert first[2] == [f"a.bpmn: unchanged {KEY}:1", "jurisdiction.yaml: unchanged"]
    assert all("'T_NOPE', which deadlines of 'command_place'" in one.stdout for one in (looked, done, again))

    (folder / "a.bpmn").write_bytes(diagram + b"\n")
    run(server, folder)
    (folder / "jurisdiction.yaml").write_text(MISSPELT, "utf-8")
    refused = run(server, folder)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "jurisdiction.yaml: setings a jurisdiction has no 'setings'" in refused.stderr

    by_key, by_id = (api.get(f"/process-definitions/{name}") for name in (KEY, f"{KEY}:2"))
    assert by_key == by_id
    assert [by_key["id"], api.get(f"/process-definitions/{KEY}:1")["version"]] == [f"{KEY}:2", 1]
    xml: list[httpx.Response] = [api.call("GET", f"/process-definitions/{name}/xml") for name in (KEY, f"{KEY}:2", f"{KEY}:1")]
    assert xml[0].content == xml[1].content != xml[2].content
    assert problem(api.call("GET", "/process-definitions/nobody_has_it")) == (404, "not-found")
