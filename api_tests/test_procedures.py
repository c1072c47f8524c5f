"""The built-in procedures on a real server: every `*.cases.yaml` is played, the demo walks, the quickstart's commands do what it says."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api_tests.api_client import ApiClient
from api_tests.conftest import ADMIN_KEY, Server, SharedServer

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def hubei(database: str, shared_server: SharedServer) -> Server:
    """A server as `make run` starts it: with the built-in procedures."""
    return shared_server("procedures", database, builtin=True)


@pytest.fixture
def hubei_api(hubei: Server) -> Iterator[ApiClient]:
    """A client of that server."""
    with closing(ApiClient(hubei.url, ADMIN_KEY)) as client:
        yield client


def case_files() -> dict[str, list[str]]:
    """The files of cases by the folder of their place."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for kind in ("bpmn", "dmn") for path in (ROOT / kind).glob("*/*.cases.yaml")):
        found.setdefault(path.parent.name, []).append(str(path))
    return found


@pytest.mark.parametrize("place", case_files())
def test_every_case_comes_out_as_expected_and_nothing_of_the_place_is_left_out(hubei: Server, place: str) -> None:
    """Every element, sequence flow and rule of the folder is met by one of its cases."""
    played = hubei.run("cases", *case_files()[place], "--coverage", "--url", hubei.url, "--key", ADMIN_KEY)

    assert played.returncode == 0, "\n".join(line for line in played.stdout.splitlines() if not line.startswith("passed")) + played.stderr
    assert re.search(r"^[1-9]\d* passed, 0 failed$", played.stdout, re.MULTILINE)


def test_a_case_that_comes_out_otherwise_is_told(hubei: Server, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.cases.yaml"
    wrong.write_text(
        "decisions:\n  - {name: wrong, decision: hubei_outcome, facts: {personalGain: true}, expect: {outcome: TOLERATE}}\n", "utf-8"
    )

    played = hubei.run("cases", str(wrong), "--url", hubei.url, "--key", ADMIN_KEY)

    assert played.returncode == 1
    assert 'FAILED wrong.cases.yaml: wrong: hubei_outcome: outcome: expected "TOLERATE", got "NOT_TOLERATED"' in played.stdout


def test_the_demo_tells_each_step_with_its_sources(hubei: Server) -> None:
    told = hubei.run("demo", "--url", hubei.url, "--key", ADMIN_KEY)

    assert told.returncode == 0, told.stdout + told.stderr
    for word in ("C01", "C02", "C03", "C04", "N4 [PRACTICE]", "HB-T1", "HB-T2", "HB-T3", "[default]", "audit: ok"):
        assert word in told.stdout, word


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_quickstart_does_what_it_says(hubei: Server, hubei_api: ApiClient, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "quickstart.md").read_text("utf-8")
    script = tmp_path / "quickstart.sh"
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
    assert "/variables/decision/reason" in done.stdout
    assert "hubei_outcome 1" in done.stdout
    assert '"ok":true' in done.stdout.replace(" ", "")
    case = re.search(r"^case (\S+)$", done.stdout, re.MULTILINE)
    assert case is not None
    pending = hubei_api.get("/tasks", processInstanceId=case[1], state="created")["items"]
    assert sorted(task["taskDefinitionKey"] for task in pending) == ["analyse_causes", "register_use"]
    variables = hubei_api.get(f"/process-instances/{case[1]}/variables")
    assert variables["advice"]["outcome"] == "MANUAL"
    assert "intent" in variables["advice"]["missing"]


def test_loading_the_procedures_again_makes_no_new_versions(hubei: Server, hubei_api: ApiClient) -> None:
    before = hubei_api.get("/process-definitions", key="hubei_tolerance")

    hubei.stop()
    hubei.start()

    assert json.dumps(hubei_api.get("/process-definitions", key="hubei_tolerance"), default=str) == json.dumps(before, default=str)
    assert [definition["version"] for definition in before["items"]] == [1]


def test_the_diagram_comes_back_byte_for_byte(hubei_api: ApiClient) -> None:
    answer = hubei_api.call("GET", "/process-definitions/hubei_tolerance:1/xml")

    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.content == (ROOT / "bpmn/hubei/hubei_tolerance.bpmn").read_bytes()
