"""A place whose sources have no procedure (吉林): its settings alone say who may start, who decides and whether the person is heard."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from api_tests.api_client import ApiClient
from api_tests.conftest import ADMIN_KEY, Server, SharedServer

DESCRIPTION = Path(__file__).parent.parent / "bpmn" / "jilin" / "jurisdiction.yaml"
PERSONS = {"shell.clerk": "accountability_organ", "shell.committee": "party_committee", "shell.organ": "discipline_organ"}
FACTS = {"subjectType": "INDIVIDUAL", "stage": "INQUIRY_OPEN", "organHasCadreAuthority": True, "organIsAccountabilityOrgan": True}
BY_ORGAN = FACTS | {"applicantRole": "ORGAN_EX_OFFICIO"}
BY_PERSON = FACTS | {"applicantRole": "SELF", "hasFacts": True}


@pytest.fixture(scope="module")
def server(database: str, shared_server: SharedServer) -> Server:
    return shared_server("departures", database, builtin=True)


@pytest.fixture
def api(server: Server) -> Iterator[ApiClient]:
    with closing(ApiClient(server.url, ADMIN_KEY)) as client:
        for person, group in PERSONS.items():
            client.person(person, group)
        yield client


@pytest.fixture
def configured(api: ApiClient) -> Iterator[ApiClient]:
    """The place with settings of its own, and as it was afterwards."""
    told = yaml.safe_load(DESCRIPTION.read_bytes())
    given = {
        "exOfficioStart": False,
        "procedureHearing": False,
        "procedureOrgan": ["discipline_organ"],
        "procedureDecider": ["party_committee"],
    }
    told["settings"] |= {name: {"value": value, "basis": "default"} for name, value in given.items()}
    assert api.deploy_files([("jurisdiction.yaml", yaml.safe_dump(told).encode())], jurisdiction="jilin").status_code == 201
    yield api
    assert api.deploy_files([("jurisdiction.yaml", DESCRIPTION.read_bytes())], jurisdiction="jilin").status_code == 201


def begin(api: ApiClient, message: str, facts: dict[str, Any]) -> str:
    mark = uuid4().hex[:8]
    variables = {"subjectId": f"S-{mark}", "matterId": f"M-{mark}", "facts": facts}
    begun = api.call("POST", "/messages", {"name": f"jilin_{message}", "variables": variables}, person="shell.clerk")
    assert begun.status_code in (200, 201), begun.text
    (instance,) = api.get("/process-instances", variables=f"matterId_eq_M-{mark}", definitionKey="jilin_tolerance")["items"]
    return str(instance["id"])


def opened(api: ApiClient, instance: str) -> dict[str, list[str]]:
    """The open tasks and the groups they are offered to."""
    tasks = api.get("/tasks", processInstanceId=instance, state="created")["items"]
    return {task["taskDefinitionKey"]: task["candidateGroups"] for task in tasks}


def does(api: ApiClient, instance: str, key: str, person: str, variables: dict[str, Any]) -> None:
    (task,) = api.get("/tasks", processInstanceId=instance, taskDefinitionKey=key, state="created")["items"]
    done = api.complete(task["id"], variables, person)
    assert done.status_code == 200, done.text


def test_where_only_applications_start_an_inquiry_is_refused_with_reasons(configured: ApiClient) -> None:
    instance = begin(configured, "accountability", BY_ORGAN)

    assert opened(configured, instance) == {"accept": ["discipline_organ"]}
    variables = configured.get(f"/process-instances/{instance}/variables")
    advice = (variables["precheck"]["result"], variables["precheck"]["rule"])
    does(configured, instance, "accept", "shell.organ", {"acceptance": {"decision": "REJECT", "reason": "本地只依申请启动。"}})
    does(configured, instance, "refuse", "shell.organ", {})
    assert advice == ("NOT_AVAILABLE", "A13-closed")
    assert configured.get(f"/process-instances/{instance}")["state"] == "completed"


def test_the_settings_say_who_handles_and_decides_and_that_nobody_is_heard(configured: ApiClient) -> None:
    instance = begin(configured, "application", BY_PERSON)

    does(configured, instance, "register_application", "shell.organ", {})
    does(configured, instance, "accept", "shell.organ", {"acceptance": {"decision": "ACCEPT"}})
    assert opened(configured, instance) == {"verify": ["discipline_organ"]}
    does(configured, instance, "verify", "shell.organ", {})
    assert opened(configured, instance) == {"determine": ["party_committee"]}
    decision = {"outcome": "NOT_TOLERATED", "reason": "事实不清。"}
    does(configured, instance, "determine", "shell.committee", {"decision": decision})
    assert opened(configured, instance) == {"feed_back_refusal": ["discipline_organ"]}


def test_as_it_comes_an_inquiry_starts_by_itself_and_the_person_is_heard(api: ApiClient) -> None:
    instance = begin(api, "accountability", BY_ORGAN)

    does(api, instance, "consider_tolerance", "shell.clerk", {"consideration": {"present": True}})
    does(api, instance, "accept", "shell.clerk", {"acceptance": {"decision": "ACCEPT"}})
    assert opened(api, instance) == {"verify": ["accountability_organ"], "hear_person": ["accountability_organ"]}
