"""The shared blocks of bpmn/common, called by a diagram of another place: its numbers count, and the result comes out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api_tests.api_client import ApiClient, pointers
from api_tests.conftest import running_server
from api_tests.crash_fixtures import client_of, deployed, diagram, end, flow, open_keys, start, user_task

COMMON = Path(__file__).parent.parent / "bpmn" / "common"
PLACE = """
id: small_place
name: 小地方
settings:
  committeeMinimumMembers: {value: 3, basis: default}
  committeeMaximumMembers: {value: 3, basis: default}
  hearingMinimumParticipants: {value: 1, basis: default}
"""
MEMBERS = [{"name": "甲", "category": "LEGAL"}, {"name": "乙", "category": "EXPERT"}, {"name": "丙", "category": "MEDIA"}]


def calling(key: str, block: str, result: str) -> tuple[str, bytes]:
    """A diagram that calls the block and then has a task."""
    ins = "".join(f'<camunda:in source="{name}" target="{name}" />' for name in ("subjectId", "matterId", "material"))
    mapped = f'<bpmn:extensionElements>{ins}<camunda:out source="{result}" target="{result}" /></bpmn:extensionElements>'
    call = f'<bpmn:callActivity id="call" name="call" calledElement="{block}">{mapped}</bpmn:callActivity>'
    flows = (flow("start", "call"), flow("call", "after"), flow("after", "done"))
    return diagram(key, start(), call, user_task("after"), end("done"), *flows)


@pytest.fixture(scope="module")
def api(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiClient]:
    """A client of a server with the called blocks under `common`, and a small place whose diagrams call them."""
    blocks = [
        COMMON / "jurisdiction.yaml",
        COMMON / "common_committee.bpmn",
        COMMON / "common_hearing.bpmn",
        *COMMON.glob("*.form"),
        *COMMON.glob("*/*.docx"),
    ]
    with running_server(database, tmp_path_factory.mktemp(f"blocks_{database}")) as server, client_of(server) as client:
        deployed(client, *((path.name, path.read_bytes()) for path in blocks), jurisdiction="common")
        callers = (calling("asks_committee", "common_committee", "committee"), calling("asks_hearing", "common_hearing", "publicHearing"))
        deployed(client, ("jurisdiction.yaml", PLACE.encode()), *callers, jurisdiction="small_place")
        client.person("organ", "accountability_organ")
        client.person("discipline", "discipline_organ")
        client.person("secretary", "assessment_committee")
        yield client


def begun(api: ApiClient, key: str) -> str:
    return str(api.start(key, {"subjectId": "李某", "matterId": f"{key}-1", "material": "报告"})["id"])


def does(api: ApiClient, instance_id: str, key: str, person: str, variables: Any) -> Any:
    """What completing the open task `key` gives."""
    (task,) = api.get("/tasks", processInstanceId=instance_id, taskDefinitionKey=key, state="created")["items"]
    return api.complete(task["id"], variables, person)


def composed(size: int) -> dict[str, Any]:
    return {"committee": {"members": MEMBERS[:size], "size": size, "missingSeatsReason": "示例"}}


def test_the_committee_has_the_size_of_the_place_that_calls_it_and_gives_its_opinion(api: ApiClient) -> None:
    case = begun(api, "asks_committee")

    assert pointers(does(api, case, "compose_committee", "organ", composed(2))) == ["/variables/committee/size"]
    assert does(api, case, "compose_committee", "organ", composed(3)).status_code == 200
    reviewed = {"committee": {"recusal": [{**member, "ground": "NONE"} for member in MEMBERS]}}
    assert does(api, case, "review_recusal", "organ", reviewed).json()["type"].endswith("separation-of-duties")
    assert does(api, case, "review_recusal", "discipline", reviewed).status_code == 200
    met = {"committee": {"heldOn": "2026-11-02", "attendance": [{**member, "present": True} for member in MEMBERS]}}
    assert does(api, case, "hold_meeting", "secretary", met).status_code == 200
    returned = [member["name"] for member in MEMBERS if member["category"] != "MEDIA"]
    vote = {"question": "是否减责", "secret": True, "inFavour": 2, "against": 0, "abstentions": 0, "returned": returned, "ballots": 2}
    too_many = {**vote, "inFavour": 3, "ballots": 3}
    assert pointers(does(api, case, "cast_ballot", "secretary", {"committee": {"ballot": too_many}})) == [
        "/variables/committee/ballot/ballots"
    ]
    assert does(api, case, "cast_ballot", "secretary", {"committee": {"ballot": vote}}).status_code == 200
    assert does(api, case, "adopt_opinion", "secretary", {"committee": {"opinion": "建议减责。"}}).status_code == 200

    assert open_keys(api, case) == ["after"]
    committee = api.get(f"/process-instances/{case}/variables")["committee"]
    assert (committee["result"], committee["opinion"], committee["votingMembers"]) == ("OPINION", "建议减责。", 2)


def test_the_hearing_has_enough_participants_by_the_number_of_the_place_that_calls_it(api: ApiClient) -> None:
    case = begun(api, "asks_hearing")

    planned = {"publicHearing": {"subject": "是否容错", "closedPart": False}}
    assert does(api, case, "plan_hearing", "organ", planned).status_code == 200
    notice = {"publicHearing": {"notice": {"text": "公告", "place": "公告栏"}}}
    assert does(api, case, "publish_notice", "organ", notice).status_code == 200
    chosen = {"publicHearing": {"participants": [{"name": "甲", "ground": "NONE"}, {"name": "乙", "ground": "WITNESS"}]}}
    assert does(api, case, "select_participants", "organ", chosen).status_code == 200

    assert open_keys(api, case) == ["hold_hearing"]
