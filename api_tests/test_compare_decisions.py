"""The same facts under the tables of two places that part in one rule, and of places that have nothing to say."""

from decimal import Decimal
from typing import Any

import pytest

from api_tests.api_client import ApiClient, exact, pointers, problem
from api_tests.decision_files import formula, importing, long_texts
from api_tests.place_files import deploy_places
from api_tests.policies import Policy

EAST = Policy(
    "east_outcome",
    [("loss", "number"), ("selfReported", "boolean")],
    [
        ("e1", "东市办法第三条", ["> 100", "-"], '"NOT_TOLERATED"'),
        ("e2", "东市办法第四条", ["-", "true"], '"TOLERATED"'),
        ("e3", "东市办法第五条", ["-", "-"], '"MANUAL"'),
    ],
)
WEST = Policy(
    "west_outcome",
    [("loss", "number"), ("filed", "boolean")],
    [
        ("w1", "西市细则第二条", ["> 100", "-"], '"NOT_TOLERATED"'),
        ("w2", "西市细则第六条", ["-", "true"], '"TOLERATED"'),
        ("w3", "西市细则第七条", ["-", "-"], '"MANUAL"'),
    ],
)
PLACES = {"plain": None, "east": "plain", "west": "plain", "desert": "plain"}


@pytest.fixture
def policies(api: ApiClient) -> ApiClient:
    """Three places below one; two of them have a policy."""
    for place, parent in PLACES.items():
        document = f"id: {place}\nname: {place}\nparent: {parent or 'null'}\n"
        assert api.deploy_files([("jurisdiction.yaml", document.encode())], jurisdiction=place).status_code == 201
    for place, policy in (("east", EAST), ("west", WEST)):
        assert api.deploy_files([policy.file()], jurisdiction=place).status_code == 201
    return api


def compare(api: ApiClient, **body: Any) -> Any:
    response = api.call("POST", "/decision-comparison", body)
    assert response.status_code == 200, response.text
    return exact(response)


KEYS = ["east_outcome", "west_outcome"]


def test_where_they_part_is_shown_with_the_basis(policies: ApiClient) -> None:
    found = compare(policies, facts={"loss": 5, "selfReported": True, "filed": False, "weather": "fair"}, decisionKeys=KEYS)

    east, west = found["decisions"]
    assert (east["jurisdiction"], east["result"], east["problem"]) == ("east", "TOLERATED", None)
    assert [(rule["ruleId"], rule["description"]) for rule in west["matchedRules"]] == [("w3", "西市细则第七条")]
    assert (east["usedFacts"], east["unusedFacts"], east["missingFacts"]) == (["loss", "selfReported"], ["filed", "weather"], [])
    assert (west["usedFacts"], west["unusedFacts"], west["missingFacts"]) == (["filed", "loss"], ["selfReported", "weather"], [])
    assert found["agree"] is False
    (difference,) = found["differences"]
    assert (difference["output"], difference["absentIn"]) == ("result", [])
    assert [(side["value"], [one["decisionKey"] for one in side["decisions"]]) for side in difference["values"]] == [
        ("TOLERATED", ["east_outcome"]),
        ("MANUAL", ["west_outcome"]),
    ]
    assert [one["rules"] for side in difference["values"] for one in side["decisions"]] == [
        [{"decisionKey": "east_outcome", "ruleId": "e2", "index": 2, "description": "东市办法第四条"}],
        [{"decisionKey": "west_outcome", "ruleId": "w3", "index": 3, "description": "西市细则第七条"}],
    ]
    assert found["factDifferences"] == [
        {"fact": "filed", "given": True, "readBy": ["west_outcome"], "notReadBy": ["east_outcome"]},
        {"fact": "selfReported", "given": True, "readBy": ["east_outcome"], "notReadBy": ["west_outcome"]},
    ]


def test_they_agree_where_they_say_the_same(policies: ApiClient) -> None:
    found = compare(policies, facts={"loss": 101}, decisionKeys=KEYS)

    assert (found["agree"], found["differences"]) == (True, [])
    assert [one["missingFacts"] for one in found["decisions"]] == [["selfReported"], ["filed"]]
    assert [difference["given"] for difference in found["factDifferences"]] == [False, False]


def test_jurisdictions_stand_for_their_decisions_and_those_below(policies: ApiClient) -> None:
    found = compare(policies, facts={"loss": 101}, jurisdictions=["plain", "atlantis"])

    problems = {one["decisionKey"]: one["problem"] and one["problem"]["detail"] for one in found["decisions"]}
    assert problems.pop("east_outcome") is problems.pop("west_outcome") is None
    assert problems == {
        "atlantis_outcome": "no jurisdiction with the id or key 'atlantis'",
        "plain_outcome": "no decision definition with the id or key 'plain_outcome'",
        "desert_outcome": "no decision definition with the id or key 'desert_outcome'",
    }
    assert {one["decisionKey"]: one["jurisdiction"] for one in found["decisions"]}["desert_outcome"] == "desert"
    assert found["agree"] is None, "those that were evaluated agree, but not all were"


def test_every_place_that_has_the_decision_is_compared_where_none_is_named(policies: ApiClient) -> None:
    named = "registered"
    about = f"id: {named}\nname: x\nparent: plain\nlevel: comparator\nprocedure: none\n"
    assert policies.deploy_files([("jurisdiction.yaml", about.encode())], jurisdiction=named).status_code == 201

    found = compare(policies, facts={"loss": 101})

    answered = {one["decisionKey"]: one["result"] for one in found["decisions"] if one["problem"] is None}
    assert answered["east_outcome"] == answered["west_outcome"] == "NOT_TOLERATED"
    assert all(one["decisionKey"] == f"{one['jurisdiction']}_outcome" for one in found["decisions"])
    assert {"desert", "plain", named} <= set(found["withoutDecision"])
    below = compare(policies, facts={"loss": 101}, jurisdictions=["plain"])
    assert below["withoutDecision"] == [named], "what is only in the registry is told, and no problem"
    assert "desert_outcome" in [one["decisionKey"] for one in below["decisions"]]
    asked = compare(policies, facts={"loss": 101}, jurisdictions=[named])
    assert [one["problem"]["status"] for one in asked["decisions"]] == [404]


def test_another_suffix_names_other_decisions(policies: ApiClient) -> None:
    found = compare(policies, facts={}, jurisdictions=["east"], decisionSuffix="appeal")

    assert [(one["decisionKey"], one["problem"]["status"]) for one in found["decisions"]] == [("east_appeal", 404)]


def test_a_fact_that_does_not_fit_one_leaves_the_others(policies: ApiClient) -> None:
    found = compare(policies, facts={"loss": 5, "selfReported": "yes", "filed": True}, decisionKeys=KEYS)

    east, west = found["decisions"]
    assert east["problem"]["type"] == "urn:rongjiu:problem:invalid"
    assert [(error["pointer"], error["code"]) for error in east["problem"]["errors"]] == [("/facts/selfReported", "wrong-type")]
    assert (east["result"], east["matchedRules"]) == (None, [])
    assert (west["result"], west["problem"]) == ("TOLERATED", None)
    assert found["agree"] is None


def test_variables_are_named_as_in_an_evaluation(policies: ApiClient) -> None:
    found = compare(policies, variables={"facts": {"loss": 5, "selfReported": True}, "amount": 7}, decisionKeys=[*KEYS, "test_fee"])

    assert [one["result"] for one in found["decisions"]] == ["TOLERATED", "MANUAL", Decimal("0.7")]
    assert found["decisions"][2]["unusedFacts"] == ["loss", "selfReported"]
    wrong = compare(policies, variables={"facts": {"loss": "much"}}, decisionKeys=["east_outcome"])
    assert [error["pointer"] for error in wrong["decisions"][0]["problem"]["errors"]] == ["/variables/facts/loss"]


def test_versions_other_than_the_latest_can_be_compared(policies: ApiClient) -> None:
    stricter = Policy(EAST.key, EAST.facts, [EAST.rules[0], EAST.rules[2]])
    assert policies.deploy_files([stricter.file()], jurisdiction="east").status_code == 201
    facts = {"loss": 5, "selfReported": True}

    latest = compare(policies, facts=facts, decisionKeys=KEYS)
    before = compare(policies, facts=facts, decisionKeys=KEYS, versions={"east_outcome": 1})

    assert [one["result"] for one in latest["decisions"]] == ["MANUAL", "MANUAL"]
    assert latest["agree"] is True
    assert [(one["version"], one["result"]) for one in before["decisions"]] == [(1, "TOLERATED"), (1, "MANUAL")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"facts": {}, "decisionSuffix": "nobody_has_this"}, ["/decisionSuffix"]),
        ({"decisionKeys": ["a", "a"]}, ["/decisionKeys"]),
        ({"decisionKeys": [f"d{number}" for number in range(51)]}, ["/decisionKeys"]),
        ({"decisionKeys": ["east_outcome"], "versions": {"west_outcome": 1}}, ["/versions/west_outcome"]),
        ({"decisionKeys": ["east_outcome"], "versions": {"east_outcome": 0}}, ["/versions/east_outcome"]),
        ({"decisionKeys": ["east_outcome"], "fact": {}}, ["/fact"]),
        ({"decisionKeys": [f"d{number}" for number in range(50)], "jurisdictions": ["east"]}, ["/jurisdictions"]),
    ],
)
def test_requests_that_make_no_sense_are_refused(policies: ApiClient, body: dict[str, Any], expected: list[str]) -> None:
    assert pointers(policies.call("POST", "/decision-comparison", body)) == expected


@pytest.mark.parametrize(("count", "fitting"), [(20_000, 0), (20, 2)], ids=["each", "together"])
def test_texts_are_bounded_each_and_together(api: ApiClient, count: int, fitting: int) -> None:
    for name in ("long_a", "long_b", "long_c"):
        assert api.deploy_files([(f"{name}.dmn", formula(name, long_texts(count)))]).status_code == 201

    found = compare(api, variables={"x": 1}, decisionKeys=["long_a", "long_b", "long_c"])

    problems = [one["problem"] and one["problem"]["type"] for one in found["decisions"]]
    assert problems == [None] * fitting + ["urn:rongjiu:problem:limit-exceeded"] * (3 - fitting)
    assert found["agree"] is None


def test_the_differences_are_bounded_too(api: ApiClient) -> None:
    """Each of a hundred outputs names the rule behind it, whose basis is long."""
    for name in ("wide_a", "wide_b"):
        outputs = "".join(f'<output name="o{number}"/>' for number in range(100))
        entries = f"<outputEntry><text>&quot;{name}&quot;</text></outputEntry>" * 100
        text = (
            f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="{name}" namespace="urn:{name}">'
            f'<decision id="{name}" name="{name}"><decisionTable>{outputs}'
            f"<rule><description>{'长' * 50_000}</description>{entries}</rule></decisionTable></decision></definitions>"
        )
        assert api.deploy_files([(f"{name}.dmn", text.encode())]).status_code == 201

    assert compare(api, decisionKeys=["wide_a"])["decisions"][0]["problem"] is None
    response = api.call("POST", "/decision-comparison", {"decisionKeys": ["wide_a", "wide_b"]})

    assert problem(response) == (422, "limit-exceeded")
    assert "differences" in response.json()["errors"][0]["message"]


def test_reading_needs_a_key_that_may_read(policies: ApiClient) -> None:
    assert problem(policies.call("POST", "/decision-comparison", {"decisionKeys": KEYS}, key=None)) == (401, "unauthenticated")


@pytest.mark.parametrize("facts", [{"x": 1}, {"other": {"x": 1}}], ids=["own name", "under the import"])
def test_an_imported_input_that_is_given_is_not_missing(api: ApiClient, facts: dict[str, Any]) -> None:
    assert api.deploy_files([("top.dmn", importing("top", "low", "other.low")), ("low.dmn", formula("low", "x + 1"))]).status_code == 201

    found = compare(api, facts=facts, decisionKeys=["top"])["decisions"][0]

    assert found["result"] == 2
    assert found["missingFacts"] == []


def test_hubei_beside_a_made_up_place(policies: ApiClient) -> None:
    deploy_places(policies, "common", "china", "hubei", kinds=("dmn",))

    found = compare(policies, facts={"personalGain": True, "loss": 5, "filed": True}, decisionKeys=["hubei_outcome", "west_outcome"])

    one, other = found["decisions"]
    assert one["problem"] is None
    assert one["usedFacts"] == ["personalGain"]
    assert one["unusedFacts"] == ["filed", "loss"], "its closed type does not know them"
    assert "motive" in one["missingFacts"]
    assert other["usedFacts"] == ["filed", "loss"]
    assert any(required["decisionKey"] == "china_negative_list" and required["matchedRules"] for required in one["requiredDecisions"])
    by_output = {difference["output"]: difference for difference in found["differences"]}
    assert [side["value"] for side in by_output["outcome"]["values"]] == ["NOT_TOLERATED", "TOLERATED"]
    assert by_output["modality"]["absentIn"] == ["west_outcome"]
