"""Cases travel through the named procedures, and every document that a step names is made at it, or as soon as its step is done."""

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml
from docx import Document
from docx.oxml.ns import qn

from api_tests.api_client import ApiClient, exact, pointers
from api_tests.conftest import ADMIN_KEY, Server, SharedServer

ROOT = Path(__file__).parent.parent / "bpmn"
CORRECTED = {"common_rectification_notice", "common_rectification_report", "common_closing_sheet"}
SIX_STEPS = {
    "common_application_form",
    "common_acceptance_notice",
    "common_verification_report",
    "common_statement_record",
    "common_defence_report",
    "common_approval_form",
    "common_tolerance_certificate",
    "common_exemption_notice",
    "common_feedback_letter",
    "common_use_record",
    *CORRECTED,
}
GIVEN = {"subjectName": "某单位", "grounds": "见书面材料。", "causes": "制度不全。", "measures": "完善制度。"}
FILED = {"unit": "某单位", "matter": "加装电梯。", "scope": "审批顺序。"}
"""What these cases do not hold and the caller adds."""
WALKS = {
    "hubei": (
        "C04",
        {
            "common_acceptance_notice",
            "common_verification_report",
            "common_statement_record",
            "common_defence_report",
            "common_deliberation_minutes",
            "common_opinion_letter",
            "common_tolerance_certificate",
            "common_exemption_notice",
            "common_feedback_letter",
            "common_use_record",
            *CORRECTED,
        },
    ),
    "xianning": ("申请轨走完六步", SIX_STEPS),
    "shiyan": ("", SIX_STEPS),
    "jingmen": (
        "依职权轨",
        {"common_committee_opinion", "common_tolerance_certificate", "common_feedback_letter", "common_acceptance_notice"},
    ),
    "tongren": ("申请轨：由人研判", SIX_STEPS - {"common_approval_form"}),
    "jiangsu": ("问责启动", SIX_STEPS - {"common_approval_form", "common_application_form", "common_acceptance_notice"}),
    "zhangjiagang": ("问责启动", SIX_STEPS - {"common_approval_form", "common_application_form"}),
    "shenzhen": ("书面申辩意见", SIX_STEPS - {"common_approval_form"}),
    "xcity": (
        "申请；条件都满足",
        {
            "common_verification_report",
            "common_tolerance_certificate",
            "common_exemption_notice",
            "common_feedback_letter",
            "common_use_record",
            *CORRECTED,
        },
    ),
    "model_s2": (
        "申请受理；请第三方评价",
        {
            "common_acceptance_notice",
            "common_verification_report",
            "common_defence_report",
            "common_tolerance_certificate",
            "common_exemption_notice",
            "common_feedback_letter",
            "common_use_record",
            *CORRECTED,
        },
    ),
    "siyang": (
        "",
        {
            "siyang_self_appraisal",
            "siyang_peer_appraisal",
            "siyang_branch_opinion",
            "siyang_department_opinion",
            "siyang_committee_opinion",
            "siyang_examination_opinion",
            "siyang_tolerance_certificate",
            "common_feedback_letter",
        },
    ),
    "model_defence": (
        "个人申请，单位同意盖章",
        {
            "model_defence_unit_opinion",
            "common_acceptance_notice",
            "model_defence_preliminary_report",
            "model_defence_handling_opinion",
            "model_defence_determination",
            "common_defence_report",
            "model_defence_assessment_report",
            "common_hearing_notice",
            "common_hearing_record",
            "common_hearing_summary",
            "model_defence_decision",
            "model_defence_publication",
            "model_defence_talk_record",
            *CORRECTED,
        },
    ),
}
"""Place → the beginning of a case's name in its tolerance.cases.yaml, and the documents that it must have given."""


@pytest.fixture(scope="module")
def builtin(database: str, shared_server: SharedServer) -> Server:
    """The server with the built-in procedures, the same as in test_procedures."""
    return shared_server("procedures", database, builtin=True)


@pytest.fixture
def api(builtin: Server) -> Iterator[ApiClient]:
    with closing(ApiClient(builtin.url, ADMIN_KEY)) as client:
        yield client


def make(api: ApiClient, instance_id: str, template: str, **members: Any) -> httpx.Response:
    body = {"template": template, "fields": GIVEN | FILED, **members}
    return api.call("POST", f"/process-instances/{instance_id}/documents", body, person="maker")


def content(api: ApiClient, made: Any) -> str:
    given = api.call("GET", f"/process-instances/{made['processInstanceId']}/documents/{made['id']}/content")
    assert given.status_code == 200
    return "".join(node.text or "" for node in Document(io.BytesIO(given.content)).element.body.iter(qn("w:t")))


def templates_of_steps(api: ApiClient) -> dict[str, set[str]]:
    """What the steps of all procedures name, by task definition key."""
    found: dict[str, set[str]] = {}
    cursor: str | None = None
    while True:
        page = api.get("/process-definitions", latest="true", limit=100, **({"cursor": cursor} if cursor else {}))
        for definition in page["items"]:
            for one in definition["documents"]:
                found.setdefault(one["elementId"], set()).add(one["template"])
        cursor = page["nextCursor"]
        if cursor is None:
            return found


def begin(api: ApiClient, place: str, name: str, file: str = "tolerance") -> tuple[Any, Any, dict[str, Any]]:
    """The running instance of a case, the case, and its persons."""
    cases = yaml.safe_load((ROOT / place / f"{file}.cases.yaml").read_text("utf-8"))
    case = next(case for case in cases["cases"] if case["name"].startswith(name))
    for person, told in cases["users"].items():
        api.person(person, *told["groups"])
    api.person("maker", "accountability_organ", "discipline_organ")
    subject = f"D{uuid4().hex[:10]}"
    variables = {key: value for key, value in case["start"]["variables"].items() if key != "limits"}
    variables |= {"subjectId": subject, "matterId": f"{subject}-1"}
    begun = api.call(
        "POST", "/messages", {"name": case["start"]["message"], "jurisdiction": place, "variables": variables}, person=case["start"]["as"]
    )
    assert begun.status_code in (200, 201), begun.text
    (instance,) = api.get("/process-instances", variables=f"subjectId_eq_{subject}")["items"]
    return instance, case, cases["users"]


def open_tasks(api: ApiClient, instance_id: str) -> list[Any]:
    found: list[Any] = api.get("/tasks", processInstanceId=instance_id, state="created", limit=100)["items"]
    return found


def tried(api: ApiClient, instance_id: str, template: str, task: str, told: dict[str, tuple[Any, str]]) -> bool:
    """Make the document unless something of it is not known yet: then the answer says what, and where it comes from."""
    answer = make(api, instance_id, template, taskId=task)
    if answer.status_code == 201:
        made = exact(answer)
        told[template] = (made, content(api, made))
        return True
    assert answer.json()["type"].endswith("document-fields"), (template, answer.text)
    for error in answer.json()["errors"]:
        assert error["code"] in ("missing-field", "not-for-this-case"), (template, error)
        assert template.removeprefix("common") in error["message"]
    return False


def play(
    api: ApiClient, place: str, name: str, file: str = "tolerance", until: str | None = None, last: dict[str, str] | None = None
) -> tuple[str, dict[str, str]]:
    """Complete the steps of the case, or as far as that one; the instance, and the task that each step had at last.

    `last`: by path, what is submitted at the last step besides.
    """
    instance, case, users = begin(api, place, name, file)
    steps = [step for step in case["steps"] if "task" in step and step.get("expect", {}).get("status", 200) < 400]
    done: dict[str, str] = {}
    for step in steps:
        groups = set(users[step["as"]]["groups"])
        here = [one for one in open_tasks(api, instance["id"]) if one["taskDefinitionKey"] == step["task"]]
        task = next(one for one in here if groups & set(one["candidateGroups"]) or not one["candidateGroups"])
        variables = step.get("variables", {})
        for path, text in (last or {}).items() if step is steps[-1] else ():
            root, leaf = path.split(".")
            variables = {**variables, root: {**variables.get(root, {}), leaf: text}}
        answer = api.complete(task["id"], variables, step["as"])
        assert answer.status_code == 200, (place, step["task"], answer.text)
        done[step["task"]] = task["id"]
        if step["task"] == until:
            break
    return instance["id"], done


def walk(api: ApiClient, place: str, name: str, file: str = "tolerance") -> tuple[str, dict[str, tuple[Any, str]]]:
    """Complete every step of the case; at each one, before and after, make what it names."""
    named = templates_of_steps(api)
    instance, case, users = begin(api, place, name, file)
    told: dict[str, tuple[Any, str]] = {}
    waiting: set[str] = set()
    for step in case["steps"]:
        if "task" not in step or step.get("expect", {}).get("status", 200) >= 400:
            continue
        groups = set(users[step["as"]]["groups"])
        here = [one for one in open_tasks(api, instance["id"]) if one["taskDefinitionKey"] == step["task"]]
        task = next(one for one in here if groups & set(one["candidateGroups"]) or not one["candidateGroups"])
        for template in sorted(one for one in named.get(step["task"], ()) if one.startswith(("common_", f"{place}_"))):
            if not tried(api, instance["id"], template, task["id"], told):
                waiting.add(template)
        done = api.complete(task["id"], step.get("variables", {}), step["as"])
        assert done.status_code == 200, (place, step["task"], done.text)
        for following in open_tasks(api, instance["id"]):
            waiting -= {template for template in sorted(waiting) if tried(api, instance["id"], template, following["id"], told)}
    return instance["id"], told


@pytest.mark.parametrize("place", WALKS)
def test_each_step_has_its_documents(api: ApiClient, place: str) -> None:
    name, expected = WALKS[place]

    instance, told = walk(api, place, name)

    assert expected <= set(told), sorted(expected - set(told))
    for template, (made, text) in told.items():
        assert "{{" not in text, template
        assert "{%" not in text, template
        assert "None" not in text, template
        assert made["number"] in text
    numbers = {
        (one["template"], one["occurrence"]): one["number"]
        for one in api.get(f"/process-instances/{instance}/documents", limit=200)["items"]
    }
    assert len(set(numbers.values())) == len(numbers)


@pytest.mark.parametrize(
    ("place", "organ"),
    [("shenzhen", "容错认定协调小组"), ("xcity", "局党委"), ("model_s2", "纪检监察机关、组织（人事）部门"), ("tongren", "责任追究机关")],
)
def test_conclusions_are_given_in_the_name_of_who_decided(api: ApiClient, place: str, organ: str) -> None:
    _, told = walk(api, place, WALKS[place][0])

    assert all(f"{organ}（印章）" in told[f"common_{kind}"][1] for kind in ("tolerance_certificate", "exemption_notice", "feedback_letter"))


@pytest.mark.parametrize("place", ["yichang", "wuxi"])
def test_a_filing_that_is_refused_has_its_documents(api: ApiClient, place: str) -> None:
    _, told = walk(api, place, "不予备案", "risk_filing")

    assert {"common_risk_filing_form", "common_filing_refusal"} <= set(told)
    assert "备案机关意见" in told["common_risk_filing_form"][1]
    assert "纪委监委备案" not in told["common_risk_filing_form"][1]


def test_a_certificate_tells_facts_rules_and_their_sources_in_words(api: ApiClient) -> None:
    _, told = walk(api, "hubei", "C04")

    certificate = told["common_tolerance_certificate"][1]
    assert "决定予以受理" in told["common_acceptance_notice"][1]
    assert "决定：免责（不予追责问责）" in certificate
    assert "HB-T3" in certificate
    assert "助力企业发展" in certificate
    assert "程序瑕疵" in certificate
    assert "PROCEDURAL_FLAW" not in certificate
    assert "区人大到会" in told["common_deliberation_minutes"][1]


def test_what_is_missing_is_named_with_template_and_origin(api: ApiClient) -> None:
    instance, _, _ = begin(api, "hubei", "C04")

    refused = make(api, instance["id"], "common_tolerance_certificate")

    assert {"/variables/advice/reasons", "/variables/decision/outcome"} <= set(pointers(refused))
    told = {error["pointer"]: error["message"] for error in refused.json()["errors"]}
    assert "common_tolerance_certificate needs variables.decision.outcome" in told["/variables/decision/outcome"]
    assert "the form hubei_decide of the step decide asks for it (处置决定)" in told["/variables/decision/outcome"]
    assert "no form of the case asks for it" in told["/variables/advice/outcome"]


def test_the_nearest_template_of_a_kind_is_used(api: ApiClient) -> None:
    instance, _, _ = begin(api, "siyang", "")

    errors = make(api, instance["id"], "common_tolerance_certificate").json()["errors"]

    assert all("the template siyang_tolerance_certificate" in error["message"] for error in errors)
    refused = make(api, instance["id"], "model_defence_decision")
    assert pointers(refused) == ["/template"]
    assert refused.json()["errors"][0]["code"] == "other-place"


@pytest.mark.parametrize(
    ("place", "file", "name", "step", "template", "field"),
    [
        ("siyang", "clue_triage", "予以了结", "close_clue", "siyang_closure_record", "closure.reason"),
        ("siyang", "clue_triage", "第三次函询", "apply_first_form", "siyang_first_form_record", "firstForm.reason"),
        ("hubei", "tolerance", "不予受理：申请人不适格", "refuse", "common_refusal_notice", "acceptance.reason"),
    ],
)
def test_the_last_step_stands_in_its_document(
    api: ApiClient, builtin: Server, place: str, file: str, name: str, step: str, template: str, field: str
) -> None:
    """What it asks for is in the case when the case is over, and only then."""
    instance, done = play(api, place, name, file, last={field: "最后一步写明的理由。"})
    over = api.get(f"/process-instances/{instance}")

    path = f"/process-instances/{instance}/documents"
    answers = [api.call("POST", path, {"template": template, **named}, person="maker") for named in ({"taskId": done[step]}, {})]

    assert over["state"] == "completed"
    assert [answer.status_code for answer in answers] == [201, 201], [answer.text for answer in answers]
    made = [exact(answer) for answer in answers]
    assert all("最后一步写明的理由。" in content(api, one) for one in made)
    assert [(one["version"], one["number"]) for one in made] == [(1, made[0]["number"]), (2, made[0]["number"])]
    after = api.get(f"/process-instances/{instance}")
    assert (after["state"], after["endedAt"]) == ("completed", over["endedAt"])
    verified = builtin.run("verify", "--stream", instance)
    assert verified.returncode == 0, verified.stdout


def test_the_filled_record_of_use_is_made_while_the_aftermath_runs_and_after_it(api: ApiClient) -> None:
    instance, done = play(api, "hubei", "C04", until="register_use")

    running = make(api, instance, "common_use_record", taskId=done["register_use"])
    refused = make(api, instance, "common_use_record")

    assert running.status_code == 201, running.text
    text = content(api, exact(running))
    assert "考核评价、评先评优、表彰奖励均不作负面评价。" in text
    assert "登记时填写" not in text
    assert [error["code"] for error in refused.json()["errors"]] == ["not-for-this-case"], (
        "of the case alone it would say less than was recorded"
    )
    over, done = play(api, "hubei", "C04")
    assert api.get(f"/process-instances/{over}")["state"] == "completed"
    made = make(api, over, "common_use_record", taskId=done["register_use"])
    assert "考核评价、评先评优、表彰奖励均不作负面评价。" in content(api, exact(made))


def test_the_opinion_of_the_committee_is_made_when_its_process_is_over(api: ApiClient) -> None:
    instance, done = play(api, "jingmen", "依职权轨", until="adopt_opinion")

    made = make(api, instance, "common_committee_opinion", taskId=done["adopt_opinion"])

    assert made.status_code == 201, made.text
    text = content(api, exact(made))
    assert "建议减责。" in text
    assert "赞成 4 票，反对 1 票，弃权 0 票" in text
    assert "表决后形成" not in text


def test_each_organ_asked_has_its_letter_after_it_answered(api: ApiClient) -> None:
    """The organ stands in an iteration that is over; its opinion is its own and not that of the last one."""
    instance, _ = play(api, "hubei", "C04", until="give_opinion")
    (waiting,) = [one for one in open_tasks(api, instance) if one["taskDefinitionKey"] == "give_opinion"]
    (answered,) = api.get("/tasks", processInstanceId=instance, taskDefinitionKey="give_opinion", state="completed")["items"]

    letters = [make(api, instance, "common_opinion_letter", taskId=task) for task in (answered["id"], waiting["id"])]

    assert [letter.status_code for letter in letters] == [201, 201], [letter.text for letter in letters]
    before, now = (content(api, exact(letter)) for letter in letters)
    assert "同意　／" not in before
    assert "同意　／" in now
    assert before.partition("：")[0] != now.partition("：")[0], "each is addressed to its own organ"


def test_an_acceptance_notice_tells_the_reason_of_the_person(api: ApiClient) -> None:
    """And none where none was given."""
    silent, done = play(api, "hubei", "C04", until="accept")
    reasoned, _, _ = begin(api, "hubei", "不予受理：申请人不适格")
    for variables in ({}, {"acceptance": {"decision": "ACCEPT", "reason": "经审查，申请人受委托提出。"}}):
        (task,) = open_tasks(api, reasoned["id"])
        assert api.complete(task["id"], variables, "zhang_banan").status_code == 200

    answers = [
        make(api, case, "common_acceptance_notice", taskId=accepted)
        for case, accepted in ((silent, done["accept"]), (reasoned["id"], task["id"]))
    ]

    without, told = (content(api, exact(answer)) for answer in answers)
    assert "审查人的理由" not in without
    assert "审查人的理由经审查，申请人受委托提出。审查依据" in told
