"""Asking a decision by itself."""

import pytest

from api_tests.api_client import ApiClient, problem


def test_a_decision_explains_itself(api: ApiClient) -> None:
    response = api.call("POST", "/decision-definitions/test_fee/evaluation", content=b'{"variables":{"amount":12.30}}')

    assert response.status_code == 200
    body = response.json()
    assert (body["decisionKey"], body["version"]) == ("test_fee", 1)
    assert [(rule["ruleId"], rule["index"], rule["description"]) for rule in body["matchedRules"]] == [("low", 1, "小额")]
    assert body["inputs"][0]["expression"] == "amount"
    assert '"result":1.230' in response.text


@pytest.mark.parametrize(("key", "body"), [("nothing", {}), ("test_fee", {"version": 999})])
def test_an_unknown_decision_is_not_found(api: ApiClient, key: str, body: dict[str, int]) -> None:
    assert problem(api.call("POST", f"/decision-definitions/{key}/evaluation", body)) == (404, "not-found")


def test_an_unsuitable_value_is_named(api: ApiClient) -> None:
    response = api.call("POST", "/decision-definitions/test_fee/evaluation", {"variables": {"amount": "much"}})

    assert problem(response)[0] == 422
    assert [error["pointer"] for error in response.json()["errors"]] == ["/variables/amount"]


def test_the_file_comes_back_byte_for_byte(api: ApiClient) -> None:
    from api_tests.api_client import DIAGRAMS

    assert api.call("GET", "/decision-definitions/test_fee/xml").content == (DIAGRAMS / "fee.dmn").read_bytes()
