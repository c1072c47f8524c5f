"""What is still open when the facts are known only in part."""

from typing import Any

import pytest

from api_tests.api_client import ApiClient, exact, pointers, problem
from api_tests.decision_files import formula, long_texts
from api_tests.place_files import deploy_places
from api_tests.policies import Policy

KEY = "quay_outcome"
POLICY = Policy(
    KEY,
    [("loss", "number"), ("reported", "boolean")],
    [
        ("grave", "港口办法第三条", ["> 100", "-"], '"NOT_TOLERATED"'),
        ("reported", "港口办法第四条", ["-", "true"], '"TOLERATED"'),
        ("other", "港口办法第五条", ["-", "-"], '"MANUAL"'),
    ],
)


@pytest.fixture
def quay(api: ApiClient) -> ApiClient:
    assert api.deploy_files([POLICY.file()]).status_code == 201
    return api


def question(api: ApiClient, key: str = KEY, **body: Any) -> Any:
    response = api.call("POST", f"/decision-definitions/{key}/question", body)
    assert response.status_code == 200, response.text
    return exact(response)


def possible(found: Any) -> list[str]:
    return [outcome["outputs"]["outcome"] for outcome in found["outcomes"]]


def open_inputs(found: Any) -> list[str]:
    return [".".join(one["path"]) for one in found["openInputs"]]


def test_with_nothing_known_everything_is_possible(quay: ApiClient) -> None:
    found = question(quay)

    assert sorted(possible(found)) == ["MANUAL", "NOT_TOLERATED", "TOLERATED"]
    assert (found["settled"], found["complete"], found["version"]) == (False, True, 1)
    assert sorted(open_inputs(found)) == ["facts.loss", "facts.reported"]
    rules = {outcome["rules"][0]["ruleId"]: outcome["rules"][0]["description"] for outcome in found["outcomes"]}
    assert rules == {"grave": "港口办法第三条", "reported": "港口办法第四条", "other": "港口办法第五条"}


def test_what_still_matters_is_told_with_the_difference_it_makes(quay: ApiClient) -> None:
    found = question(quay, facts={"reported": True})

    assert sorted(possible(found)) == ["NOT_TOLERATED", "TOLERATED"]
    (loss,) = found["openInputs"]
    assert (loss["path"], loss["certain"]) == (["facts", "loss"], True)
    by_test = {part["test"]: [possible(found)[place] for place in part["outcomes"]] for part in loss["distinctions"]}
    assert by_test["> 100"] == ["NOT_TOLERATED"]
    assert loss["askedBy"][0]["decisionKey"] == KEY


def test_one_fact_can_settle_it(quay: ApiClient) -> None:
    found = question(quay, variables={"facts": {"loss": 101}})

    assert (found["settled"], possible(found), open_inputs(found)) == (True, ["NOT_TOLERATED"], [])
    assert found["irrelevantInputs"] == [["facts", "reported"]]


def test_null_is_unknown_for_good(quay: ApiClient) -> None:
    found = question(quay, facts={"loss": None, "reported": None})

    assert (found["settled"], possible(found)) == (True, ["MANUAL"])


def test_facts_that_do_not_fit_are_refused(quay: ApiClient) -> None:
    def ask(body: Any) -> list[str]:
        return pointers(quay.call("POST", f"/decision-definitions/{KEY}/question", body))

    assert ask({"facts": {"loss": "much", "weather": "fair"}}) == ["/facts/loss", "/facts/weather"]
    assert ask({"variables": {"facts": {"loss": "much"}}}) == ["/variables/facts/loss"]
    assert ask({"outputs": ["nothing"]}) == ["/outputs"]
    assert ask({"fact": {}}) == ["/fact"]


@pytest.mark.parametrize(("key", "body"), [("nothing", {}), (KEY, {"version": 999})])
def test_an_unknown_decision_is_not_found(quay: ApiClient, key: str, body: Any) -> None:
    assert problem(quay.call("POST", f"/decision-definitions/{key}/question", body)) == (404, "not-found")


def test_hubei_is_settled_by_one_fact_of_its_negative_list(api: ApiClient) -> None:
    deploy_places(api, "common", "china", "hubei", kinds=("dmn",))

    settled = question(api, "hubei_outcome", facts={"personalGain": True}, outputs=["outcome"])
    assert (settled["settled"], possible(settled), settled["openInputs"]) == (True, ["NOT_TOLERATED"], [])

    still = question(api, "hubei_outcome", facts={"personalGain": False}, outputs=["outcome"])
    assert still["settled"] is False
    assert {"NOT_TOLERATED", "MANUAL"} <= set(possible(still))
    assert ["facts", "motive"] in [one["path"] for one in still["openInputs"]]


def test_what_hubei_shares_with_other_places_is_answered_exactly(api: ApiClient) -> None:
    deploy_places(api, "common", "china", "hubei", kinds=("dmn",))

    found = question(api, "hubei_authority", facts={})
    assert (found["complete"], found["settled"], found["reasons"]) == (True, False, [])
    assert {outcome["outputs"]["result"] for outcome in found["outcomes"]} == {"SUPERIOR", "COMPETENT", "NOT_COMPETENT", "MANUAL"}
    asked = {"facts.subjectIsOrganHead", "facts.organIsAccountabilityOrgan", "facts.organHasCadreAuthority"}
    assert set(open_inputs(found)) == asked
    assert {asker["decisionKey"] for one in found["openInputs"] for asker in one["askedBy"]} == {"common_authority"}

    settled = question(api, "hubei_authority", facts={"subjectIsOrganHead": True})
    assert (settled["settled"], settled["openInputs"]) == (True, [])
    assert settled["outcomes"][0]["outputs"]["rule"] == "O1"


def test_hearings_are_asked_about_exactly_with_nothing_known(api: ApiClient) -> None:
    deploy_places(api, "common", "china", "hubei", kinds=("dmn",))

    found = question(api, "hubei_hearing_required")
    assert (found["complete"], found["settled"], found["reasons"]) == (True, False, [])
    assert ["switches", "jointDeliberation"] in [one["path"] for one in found["openInputs"]]

    off = dict.fromkeys(("jointDeliberation", "publicHearing", "thirdParty", "expertCommittee", "trialOffice"), False)
    known = {"switches": {**off, "assessmentCommittee": False, "serviceRecipients": True}}
    left = question(api, "hubei_hearing_required", variables=known)
    assert open_inputs(left) == ["facts.serviceRecipientsNeeded"]
    listed = [[row["requirement"] for row in outcome["outputs"]["hubei_hearing_required"]] for outcome in left["outcomes"]]
    assert sorted(listed) == [[], ["SERVICE_RECIPIENTS"]]


def test_an_output_that_is_an_input_names_it(api: ApiClient) -> None:
    deploy_places(api, "common", "china", "hubei", kinds=("dmn",))

    variables = {"facts": {"toleranceOutcome": None}, "sanction": {"kind": "PARTY_DISCIPLINE"}}
    found = question(api, "hubei_impact_period", variables=variables)
    assert (found["complete"], found["settled"], open_inputs(found)) == (True, False, ["sanction.months"])
    by_rule = {outcome["outputs"]["rule"]: outcome for outcome in found["outcomes"]}
    configured = by_rule["IP-party-configured"]
    assert (configured["outputs"]["months"], configured["open"]) == (None, ["months"])
    assert configured["origins"] == [{"row": 0, "output": "months", "paths": [["sanction", "months"]], "test": "not(null)"}]
    assert (by_rule["IP-party"]["open"], by_rule["IP-party"]["origins"]) == ([], [])


def test_an_answer_without_end_is_refused(api: ApiClient) -> None:
    assert api.deploy_files([("endless_answer.dmn", formula("endless_answer", long_texts(20_000)))]).status_code == 201

    response = api.call("POST", "/decision-definitions/endless_answer/question", {"variables": {"x": 1}})

    assert problem(response) == (422, "limit-exceeded")
