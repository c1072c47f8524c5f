"""Secret ballots: that somebody voted is recorded, what was voted stands nowhere beside it, and the count is what was cast."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from api_tests.api_client import DIAGRAMS, ApiClient, pointers, problem
from api_tests.conftest import Server
from api_tests.test_audit_tamper import Backdoor

CHOICES = ("IN_FAVOUR", "AGAINST", "ABSTAIN")


@pytest.fixture
def api(eventful_server: Server, connect: Callable[..., ApiClient]) -> ApiClient:
    api = connect(eventful_server)
    assert api.deploy("secret_vote.bpmn", "choose.form").status_code in (200, 201)
    api.person("vote.clerk", "clerks")
    return api


@pytest.fixture
def voters(api: ApiClient) -> list[str]:
    return [api.person(f"voter.{uuid4().hex[:10]}") for _ in range(3)]


@pytest.fixture
def rows(eventful_server: Server) -> Callable[[str], list[tuple[Any, ...]]]:
    """Asks the database itself."""

    def ask(statement: str) -> list[tuple[Any, ...]]:
        if eventful_server.database_url is None:
            with closing(sqlite3.connect(eventful_server.folder / "rongjiu.db", timeout=20)) as embedded:
                return embedded.execute(statement).fetchall()
        with psycopg.connect(eventful_server.database_url) as connection:
            return connection.execute(statement).fetchall()

    return ask


def opened(api: ApiClient, voters: list[str], **variables: Any) -> Any:
    """A case whose ballot is open."""
    case = api.start("secret_vote", {"voters": voters, **variables})
    response = api.complete(case["openTasks"][0]["id"], {}, "vote.clerk")
    assert response.status_code == 200, response.text
    return case


def votes(api: ApiClient, case: Any) -> dict[str, Any]:
    """The open votes by voter."""
    tasks = api.get("/tasks", processInstanceId=case["id"], taskDefinitionKey="vote")["items"]
    return {task["candidateUsers"][0]: task for task in tasks}


def vote(api: ApiClient, case: Any, voter: str, choice: str, **options: Any) -> Any:
    return api.complete(votes(api, case)[voter]["id"], {"choice": choice}, voter, **options)


def events(api: ApiClient, case: Any, kind: str) -> list[Any]:
    return [event["payload"] for event in api.get("/audit-events", stream=case["id"], kind=kind, limit=200)["items"]]


def result(api: ApiClient, case: Any) -> Any:
    return api.get(f"/process-instances/{case['id']}/variables").get("result")


def test_each_voter_has_a_vote_and_the_count_follows_the_last_one(api: ApiClient, voters: list[str]) -> None:
    case = opened(api, voters)
    tasks = votes(api, case)
    assert set(tasks) == set(voters)
    assert all(task["secretBallot"] and task["assignee"] == voter for voter, task in tasks.items())

    for voter, choice in zip(voters, ("IN_FAVOUR", "IN_FAVOUR", "AGAINST"), strict=True):
        assert result(api, case) is None
        assert vote(api, case, voter, choice).status_code == 200

    assert result(api, case) == {
        "voters": 3,
        "returned": 3,
        "absent": 0,
        "choices": {"IN_FAVOUR": 2, "AGAINST": 1, "ABSTAIN": 0},
    }
    (closed,) = events(api, case, "ballot.closed")
    assert closed["choices"] == {"IN_FAVOUR": 2, "AGAINST": 1, "ABSTAIN": 0}
    assert len(closed["digest"]) == 64
    assert [event["voters"] for event in events(api, case, "ballot.opened")] == [3]
    voted = [event for event in events(api, case, "task.completed") if event["taskDefinitionKey"] == "vote"]
    assert [event["values"] for event in voted] == [{}, {}, {}]
    assert not any("innerVariables" in event for event in voted)
    done = api.get("/tasks", processInstanceId=case["id"], taskDefinitionKey="vote", state="completed")["items"]
    assert {task["completedBy"] for task in done} == set(voters)


def test_nobody_votes_with_the_key_of_another(api: ApiClient, voters: list[str]) -> None:
    case = opened(api, voters)
    of_clerk = api.call("POST", "/api-keys", {"name": f"k{uuid4().hex}", "scopes": ["work", "actAs"], "userId": "vote.clerk"}).json()[
        "secret"
    ]
    own = api.call("POST", "/api-keys", {"name": f"k{uuid4().hex}", "scopes": ["work", "actAs"], "userId": voters[0]}).json()["secret"]

    assert problem(vote(api, case, voters[0], "AGAINST", key=of_clerk)) == (403, "cannot-vote")
    assert set(votes(api, case)) == set(voters)
    assert vote(api, case, voters[0], "AGAINST", key=own).status_code == 200
    assert set(votes(api, case)) == set(voters[1:])


def test_a_choice_stands_nowhere_but_in_its_box(
    api: ApiClient, voters: list[str], rows: Callable[[str], list[tuple[Any, ...]]], eventful_server: Server
) -> None:
    case = opened(api, voters)
    box = events(api, case, "ballot.opened")[0]["boxId"]
    tasks = votes(api, case)
    for voter, choice in zip(voters, ("ABSTAIN", "ABSTAIN", "AGAINST"), strict=True):
        response = vote(api, case, voter, choice, repeat_key=f"vote-{voter}")
        assert response.status_code == 200
        if voter != voters[-1]:
            assert not any(choice in response.text for choice in CHOICES)

    assert sorted(choice for (choice,) in rows(f"select choice from ballot where box_id = '{box}'")) == ["ABSTAIN", "ABSTAIN", "AGAINST"]
    assert {len(row) for row in rows(f"select * from ballot where box_id = '{box}'")} == {3}

    # The only other places that know the three words are the count, which is public by now, and the definition of the form.
    of_tasks = ", ".join(f"'completion:{task['id']}'" for task in tasks.values())
    kept = rows(f"select fingerprint, body from idempotency_answer where key in ({of_tasks})")
    assert len(kept) == 3
    audited = rows(f"select payload from audit_event where stream = '{case['id']}' and kind in ('task.completed', 'task.created')")
    named = " or ".join(f"key like '%vote-{voter}'" for voter in voters)
    repeated = rows(f"select fingerprint, body from idempotency_answer where {named}")
    assert len(repeated) == 3
    early = [body for _, body in (*kept, *repeated) if '"announce"' not in body]
    assert not any(choice in text for text in (*early, *(payload for (payload,) in audited)) for choice in CHOICES)
    assert rows(f"select 1 from variable where process_instance_id = '{case['id']}' and path like '%choice'") == []
    assert not any(choice in eventful_server.log for choice in CHOICES)


def test_the_stored_answers_of_two_different_votes_do_not_tell_them_apart(
    api: ApiClient, voters: list[str], rows: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    """A digest of the body could be guessed: there are three bodies. The stored one is the same whatever was chosen."""
    case = opened(api, voters)
    task = votes(api, case)[voters[0]]
    first = api.complete(task["id"], {"choice": "AGAINST"}, voters[0], repeat_key=f"one-{task['id']}")
    again = api.complete(task["id"], {"choice": "IN_FAVOUR"}, voters[0], repeat_key=f"one-{task['id']}")
    assert (first.status_code, again.status_code, first.content) == (200, 200, again.content)
    assert events(api, case, "ballot.cast") == []
    box = events(api, case, "ballot.opened")[0]["boxId"]
    assert rows(f"select choice from ballot where box_id = '{box}'") == [("AGAINST",)]


def test_nobody_votes_twice_or_for_another(api: ApiClient, voters: list[str]) -> None:
    case = opened(api, voters)
    task = votes(api, case)[voters[0]]
    assert problem(api.complete(task["id"], {"choice": "AGAINST"}, voters[1])) == (409, "task-claimed")
    assigned = api.call("POST", f"/tasks/{task['id']}/assignment", {"assignee": voters[1]})
    assert problem(assigned) == (403, "ballot-not-transferable")
    assert api.call("POST", f"/tasks/{task['id']}/release", person=voters[0]).status_code == 200
    assert problem(api.call("POST", f"/tasks/{task['id']}/claim", person=voters[1])) == (403, "not-a-candidate")
    assert problem(api.complete(task["id"], {"choice": "AGAINST"}, voters[1])) == (403, "not-a-candidate")
    assert pointers(api.complete(task["id"], {"choice": "MAYBE"}, voters[0])) == ["/variables/choice"]
    assert pointers(api.complete(task["id"], {}, voters[0])) == ["/variables/choice"]
    assert api.complete(task["id"], {"choice": "AGAINST"}, voters[0]).status_code == 200
    assert problem(api.complete(task["id"], {"choice": "AGAINST"}, voters[0])) == (409, "ballot-cast")
    assert problem(api.complete(task["id"], {"choice": "IN_FAVOUR"}, voters[0])) == (409, "ballot-cast")


def test_an_event_that_ends_the_ballot_closes_it(api: ApiClient, voters: list[str]) -> None:
    case = opened(api, voters)
    assert vote(api, case, voters[1], "IN_FAVOUR").status_code == 200

    closed = api.call("POST", "/messages", {"name": "secret_vote_close", "processInstanceId": case["id"]})

    assert closed.status_code == 200, closed.text
    assert result(api, case) == {"voters": 3, "returned": 1, "absent": 2, "choices": {"IN_FAVOUR": 1, "AGAINST": 0, "ABSTAIN": 0}}


def test_a_recused_voter_is_absent(api: ApiClient, voters: list[str]) -> None:
    case = opened(api, voters)
    body = {"userId": voters[2], "ground": "CLOSE_RELATIVE", "processInstanceId": case["id"]}
    assert api.call("POST", "/recusals", body, person=voters[2]).status_code == 201

    task = votes(api, case)[voters[2]]
    assert task["assignee"] is None
    assert problem(api.complete(task["id"], {"choice": "AGAINST"}, voters[2])) == (403, "recused")
    assert problem(api.complete(task["id"], {"choice": "AGAINST"}, "vote.clerk")) == (403, "not-a-candidate")


def test_a_failed_step_keeps_the_ballot_once(api: ApiClient, voters: list[str], rows: Callable[[str], list[tuple[Any, ...]]]) -> None:
    case = opened(api, voters, breaks=True)
    box = events(api, case, "ballot.opened")[0]["boxId"]
    for voter in voters[:2]:
        assert vote(api, case, voter, "IN_FAVOUR").status_code == 200
    last = votes(api, case)[voters[2]]

    failed = api.complete(last["id"], {"choice": "ABSTAIN"}, voters[2])

    assert problem(failed) == (409, "step-incident")
    incident = failed.json()["incidentId"]
    assert len(rows(f"select 1 from ballot where box_id = '{box}'")) == 3
    (operation,) = rows(f"select operation from incident where id = '{incident}'")
    assert not any(choice in operation[0] for choice in CHOICES)
    assert problem(api.complete(last["id"], {"choice": "AGAINST"}, voters[2])) == (409, "ballot-cast")
    dropped = api.call("POST", f"/incidents/{incident}/resolution", {"reason": "once more", "variables": {"breaks": False}})
    assert problem(dropped) == (409, "ballot-cast")
    assert events(api, case, "ballot.cast") == [{"boxId": box, "taskId": last["id"]}]

    retried = api.call("POST", f"/incidents/{incident}/retry", {"variables": {"breaks": False}})

    assert retried.status_code == 200, retried.text
    assert result(api, case)["choices"] == {"IN_FAVOUR": 2, "AGAINST": 0, "ABSTAIN": 1}
    assert len(rows(f"select 1 from ballot where box_id = '{box}'")) == 3


@pytest.mark.parametrize("way", ["cancel", "modify", "move-back"])
def test_a_ballot_ended_by_hand_is_void_and_its_ballots_are_destroyed(
    api: ApiClient, voters: list[str], rows: Callable[[str], list[tuple[Any, ...]]], way: str
) -> None:
    case = opened(api, voters)
    box = events(api, case, "ballot.opened")[0]["boxId"]
    assert vote(api, case, voters[0], "AGAINST").status_code == 200

    if way == "cancel":
        ended = api.call("POST", f"/process-instances/{case['id']}/cancellation", {"reason": "撤案"})
    elif way == "modify":
        body = {
            "reason": "重新表决",
            "instructions": [{"type": "cancel", "activityId": "vote"}, {"type": "startBeforeActivity", "activityId": "vote"}],
        }
        ended = api.call("POST", f"/process-instances/{case['id']}/modification", body)
    else:
        body = {"fromActivityId": "vote", "toActivityId": "prepare", "reason": "重新准备"}
        ended = api.call("POST", f"/process-instances/{case['id']}/move-back", body)

    assert ended.status_code == 200, ended.text
    voided = events(api, case, "ballot.voided")
    assert voided == [{"boxId": box, "taskDefinitionKey": "vote", "returned": 1}]
    assert rows(f"select 1 from ballot where box_id = '{box}'") == []
    if way == "modify":
        assert {event["boxId"] for event in events(api, case, "ballot.opened")} > {box}
        for voter in voters:
            assert vote(api, case, voter, "IN_FAVOUR").status_code == 200
        assert result(api, case)["choices"]["IN_FAVOUR"] == 3


def test_a_suspended_case_takes_no_votes(api: ApiClient, voters: list[str]) -> None:
    case = opened(api, voters)
    assert api.call("POST", f"/process-instances/{case['id']}/suspension", {"reason": "等待"}).status_code == 200
    assert problem(vote(api, case, voters[0], "AGAINST")) == (409, "instance-suspended")
    assert api.call("POST", f"/process-instances/{case['id']}/resumption", {"reason": "继续"}).status_code == 200
    assert vote(api, case, voters[0], "AGAINST").status_code == 200


@pytest.mark.parametrize(("names", "words"), [(["voter.nobody"], "voter.nobody"), (["vote.clerk", "vote.clerk"], "twice")])
def test_a_ballot_of_unknown_or_doubled_voters_is_not_opened(api: ApiClient, names: list[str], words: str) -> None:
    case = api.start("secret_vote", {"voters": names})
    failed = api.complete(case["openTasks"][0]["id"], {}, "vote.clerk")
    assert problem(failed) == (409, "step-incident")
    assert words in failed.json()["detail"]
    assert votes(api, case) == {}


def test_a_form_that_is_no_choice_is_refused(api: ApiClient) -> None:
    form = (
        (DIAGRAMS / "choose.form").read_bytes().replace(b'"required": true', b'"required": false').replace(b'"choose"', b'"choose_freely"')
    )
    diagram = (DIAGRAMS / "secret_vote.bpmn").read_bytes()
    diagram = diagram.replace(b'formRef="choose"', b'formRef="choose_freely"').replace(
        b'process id="secret_vote"', b'process id="free_vote"'
    )
    refused = api.deploy_files([("free_vote.bpmn", diagram), ("choose_freely.form", form)])
    assert refused.status_code == 422
    assert [finding["code"] for finding in refused.json()["errors"]] == ["ballot-form"]


def test_verify_names_ballots_and_signatures_that_were_changed(own_server: Server, connect: Callable[..., ApiClient]) -> None:
    api = connect(own_server)
    assert api.deploy("secret_vote.bpmn", "choose.form", "signed_opinion.bpmn").status_code == 201
    api.person("vote.clerk", "clerks")
    people = [api.person(f"voter.{number}") for number in range(3)]
    closed, running, voided = opened(api, people), opened(api, people), opened(api, people)
    for voter in people:
        assert vote(api, closed, voter, "IN_FAVOUR").status_code == 200
    assert vote(api, running, people[0], "AGAINST").status_code == 200
    assert vote(api, voided, people[0], "AGAINST").status_code == 200
    assert api.call("POST", f"/process-instances/{voided['id']}/cancellation", {"reason": "撤案"}).status_code == 200
    signed = api.start("signed_opinion")
    assert api.complete(signed["openTasks"][0]["id"], {"opinion": "同意"}, "vote.clerk").status_code == 200
    (read,) = api.get("/tasks", processInstanceId=signed["id"])["items"]
    assert api.complete(read["id"], {"boxId": "no ballot's"}, "vote.clerk").status_code == 200
    verified = own_server.run("verify")
    assert verified.returncode == 0, verified.stderr

    backdoor = Backdoor(own_server)
    boxes = {name: events(api, case, "ballot.opened")[0]["boxId"] for name, case in (("closed", closed), ("running", running))}
    void = events(api, voided, "ballot.voided")[0]["boxId"]
    backdoor.run(f"UPDATE ballot SET choice = 'AGAINST' WHERE box_id = '{boxes['closed']}'")
    backdoor.run(f"DELETE FROM ballot WHERE box_id = '{boxes['running']}'")
    backdoor.run(f"INSERT INTO ballot (id, box_id, choice) VALUES ('x', '{void}', 'AGAINST'), ('y', 'nowhere', 'AGAINST')")
    locks = backdoor.unlock()
    told = f"stream = '{signed['id']}' AND kind = 'task.completed'"
    backdoor.run(f"UPDATE audit_event SET payload = replace(payload, '同意', '不同意') WHERE {told}")
    backdoor.run(*locks)

    verified = own_server.run("verify")

    assert verified.returncode == 1
    for words in (
        f"{closed['id']}: the ballots in the box {boxes['closed']} are not those that were counted",
        f"{running['id']}: 1 person(s) voted in the ballot {boxes['running']}, and 0 ballot(s) lie in its box",
        f"{voided['id']}: the ballot {void} is void, and 1 ballot(s) lie in its box",
        "no instance: 1 ballot(s) lie in the box nowhere, which was never opened",
        f"{signed['id']}: the signature of vote.clerk",
    ):
        assert words in verified.stderr.replace("\n", ""), (words, verified.stderr)
    own_server.tampered = True
