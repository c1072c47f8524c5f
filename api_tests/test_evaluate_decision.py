"""Asking a decision by itself, once and many times."""

from typing import Any

import httpx
import pytest

from api_tests.api_client import DIAGRAMS, ApiClient, exact, pointers, problem
from api_tests.decision_files import formula, service


def evaluate(api: ApiClient, key: str, variables: Any = None, **members: Any) -> httpx.Response:
    return api.call("POST", f"/decision-definitions/{key}/evaluation", {"variables": variables or {}, **members})


def evaluate_many(api: ApiClient, key: str, many: list[Any], **members: Any) -> httpx.Response:
    return api.call("POST", f"/decision-definitions/{key}/evaluations", {"variablesList": many, **members})


def test_a_decision_explains_itself(api: ApiClient) -> None:
    response = api.call("POST", "/decision-definitions/test_fee/evaluation", content=b'{"variables":{"amount":12.30}}')

    assert response.status_code == 200
    body = response.json()
    assert (body["decisionKey"], body["version"]) == ("test_fee", 1)
    assert [(rule["ruleId"], rule["index"], rule["description"]) for rule in body["matchedRules"]] == [("low", 1, "小额")]
    assert body["inputs"][0]["expression"] == "amount"
    assert '"result":1.230' in response.text


@pytest.mark.parametrize("route", ["evaluation", "evaluations"])
@pytest.mark.parametrize(("key", "version"), [("nothing", None), ("test_fee", 999)])
def test_an_unknown_decision_is_not_found(api: ApiClient, route: str, key: str, version: int | None) -> None:
    variables = {"variables": {}} if route == "evaluation" else {"variablesList": [{}]}
    body = variables | ({} if version is None else {"version": version})

    assert problem(api.call("POST", f"/decision-definitions/{key}/{route}", body)) == (404, "not-found")


def test_an_unsuitable_value_is_named(api: ApiClient) -> None:
    response = evaluate(api, "test_fee", {"amount": "much"})

    assert problem(response) == (422, "invalid")
    assert pointers(response) == ["/variables/amount"]


def test_a_misspelt_variable_is_told(api: ApiClient) -> None:
    misspelt = evaluate(api, "test_fee", {"amuont": 5, "amount": 5}).json()
    both = evaluate_many(api, "test_fee", [{"amuont": 5}, {"amount": 5}]).json()["evaluations"]

    assert misspelt["unusedVariables"] == ["amuont"]
    assert [one["evaluation"].get("unusedVariables") for one in both] == [["amuont"], None]


def test_a_fault_is_null_with_a_warning_and_fails_a_strict_evaluation(api: ApiClient) -> None:
    assert api.deploy_files([("faulty_sum.dmn", formula("faulty_sum", '1 +\n  (x + "a")'))]).status_code == 201

    bearable = evaluate(api, "faulty_sum", {"x": 1}).json()
    refused = evaluate(api, "faulty_sum", {"x": 1}, strict=True)

    assert bearable["result"] is None
    place = {"elementId": "faulty_sum_text", "line": 2, "column": 6}
    assert place.items() <= bearable["warnings"][0].items()
    assert problem(refused) == (422, "evaluation-warned")
    assert refused.json()["warnings"][0] == bearable["warnings"][0] | {"decisionKey": "faulty_sum"}
    assert evaluate(api, "test_fee", {"amount": 5}, strict=True).status_code == 200


def test_a_decision_service_is_listed_and_evaluated_as_a_decision(api: ApiClient) -> None:
    assert api.deploy_files([("both.dmn", service("both"))]).status_code == 201

    row = api.get("/decision-definitions/both")
    body = exact(evaluate(api, "both", {"x": 4}))

    assert (row["type"], row["inputs"], row["outputs"]) == ("decisionService", ["x"], ["more", "twice"])
    assert api.get("/decision-definitions/both_more")["type"] == "decision"
    assert body["result"] == body["outputs"] == {"more": 5, "twice": 10}
    assert [(one["decisionKey"], one["version"], one["result"]) for one in body["requiredDecisions"]] == [
        ("both_more", 1, 5),
        ("both_twice", 1, 10),
    ]
    assert problem(evaluate(api, "both", {"x": "four"})) == (422, "invalid")


def test_a_business_rule_task_cannot_take_a_decision_service(api: ApiClient) -> None:
    asking = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
        targetNamespace="t"><process id="asks_a_service" isExecutable="true"><startEvent id="s"/>
        <sequenceFlow id="f" sourceRef="s" targetRef="ask"/>
        <businessRuleTask id="ask" camunda:decisionRef="all_of_it" camunda:resultVariable="r"/>
        <sequenceFlow id="g" sourceRef="ask" targetRef="e"/><endEvent id="e"/></process></definitions>"""

    response = api.deploy_files([("all_of_it.dmn", service("all_of_it")), ("asks_a_service.bpmn", asking)])

    assert problem(response) == (422, "deployment-refused")
    assert [(error["elementId"], error["code"]) for error in response.json()["errors"]] == [("ask", "not-a-decision")]


def test_many_evaluations_keep_their_order_and_do_not_disturb_one_another(api: ApiClient) -> None:
    many = [{"amount": 5}, {"amount": "much"}, {"amount": 10}, {"amount": None}]

    body = exact(evaluate_many(api, "test_fee", many))

    assert (body["decisionKey"], body["version"], body["failed"]) == ("test_fee", 1, 1)
    assert [item["index"] for item in body["evaluations"]] == [0, 1, 2, 3]
    single = [exact(evaluate(api, "test_fee", variables)) for variables in many]
    for item, alone in zip(body["evaluations"], single, strict=True):
        if item["index"] == 1:
            assert item["evaluation"] is None
            assert item["problem"]["type"] == alone["type"] == "urn:rongjiu:problem:invalid"
            assert [error["pointer"] for error in item["problem"]["errors"]] == ["/variablesList/1/amount"]
        else:
            assert item["problem"] is None
            assert {**item["evaluation"], "durationMicros": 0} == {**alone, "durationMicros": 0}


def test_strictness_holds_for_each_of_many(api: ApiClient) -> None:
    assert api.deploy_files([("thirds.dmn", formula("thirds", "3 / x"))]).status_code == 201

    body = evaluate_many(api, "thirds", [{"x": 1}, {"x": 0}], strict=True).json()

    assert [item["problem"] and item["problem"]["type"] for item in body["evaluations"]] == [None, "urn:rongjiu:problem:evaluation-warned"]


def test_a_thousand_are_evaluated_at_once_and_no_more(api: ApiClient) -> None:
    many = [{"amount": index} for index in range(1_001)]

    body = exact(evaluate_many(api, "test_fee", many[:1_000]))
    assert [item["evaluation"]["inputs"][0]["value"] for item in body["evaluations"]] == list(range(1_000))
    assert pointers(evaluate_many(api, "test_fee", many)) == ["/variablesList"]
    assert pointers(evaluate_many(api, "test_fee", [])) == ["/variablesList"]


@pytest.mark.parametrize(
    "hostile",
    [
        "count(for i in 1..1000000000 return i)",
        "count(for i in 1..90000, j in 1..90000 return i * j)",
        'for i in 1..99999 return string join(for j in 1..999 return "xxxxxxxxxx")',
        'for i in 1..2000 return for j in 1..2000 return "a long text that is said again and again"',
    ],
    ids=["endless", "nested", "long-texts", "large"],
)
def test_a_hostile_decision_ends_with_its_own_problem(api: ApiClient, hostile: str) -> None:
    assert api.deploy_files([("hostile.dmn", formula("hostile", hostile))]).status_code == 201

    assert problem(evaluate(api, "hostile", {"x": 1})) == (422, "limit-exceeded")


def test_many_evaluations_share_one_budget(api: ApiClient, database: str) -> None:
    """Each alone stays within its limits; a thousand of them would take minutes."""
    if database != "sqlite":
        pytest.skip("takes long, and knows nothing of the database")
    text = "if x = 0 then 0 else count(for i in 1..90000 return i * i)"
    assert api.deploy_files([("long_winded.dmn", formula("long_winded", text))]).status_code == 201

    body = evaluate_many(api, "long_winded", [{"x": 0}] + [{"x": 1}] * 999).json()

    found = [item["problem"] and item["problem"]["type"] for item in body["evaluations"]]
    done = found.count(None)
    assert 1 <= done < 1_000
    assert found == [None] * done + ["urn:rongjiu:problem:limit-exceeded"] * (1_000 - done)


def test_the_file_comes_back_byte_for_byte(api: ApiClient) -> None:
    assert api.call("GET", "/decision-definitions/test_fee/xml").content == (DIAGRAMS / "fee.dmn").read_bytes()
