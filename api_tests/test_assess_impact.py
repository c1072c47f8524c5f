"""What a candidate version of a decision would change, told from what was decided and from the examples beside it."""

import itertools
from typing import Any

import httpx
import pytest

from api_tests.api_client import ApiClient, exact, pointers, problem
from api_tests.decision_files import long_texts
from api_tests.policies import Policy

FACTS = [("loss", "number"), ("reported", "boolean")]
RULES = [
    ("grave", "港口办法第三条", ["> 100", "-"], '"NOT_TOLERATED"'),
    ("reported", "港口办法第四条", ["-", "true"], '"TOLERATED"'),
    ("other", "港口办法第五条", ["-", "-"], '"MANUAL"'),
]
STRICTER = [("grave", "港口办法第三条", ["> 50", "-"], '"NOT_TOLERATED"'), *RULES[1:]]
CASES = """
decisions:
  - {{name: small and reported, source: 办法释义, decision: {key}, facts: {{loss: 60, reported: true}}, expect: {{result: TOLERATED}}}}
  - {{name: of another decision, decision: other_outcome, facts: {{loss: 60}}}}
"""
PROCESS = """
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
  <process id="{key}_case" name="case" isExecutable="true" camunda:historyTimeToLive="P30D">
    <startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="advice"/>
    <businessRuleTask id="advice" camunda:decisionRef="{key}" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="advice"/>
    <sequenceFlow id="f2" sourceRef="advice" targetRef="e"/><endEvent id="e"/>
  </process>
</definitions>
"""
NO_CASES = "decisions: []"
places = itertools.count(1)


class Port:
    """A place of its own with a policy, its examples, and a process that decides by it."""

    def __init__(self, api: ApiClient, *rules: Any) -> None:
        self.api = api
        self.place = f"port{next(places)}"
        self.key = f"{self.place}_outcome"
        process, cases = PROCESS.format(key=self.key).strip(), CASES.format(key=self.key)
        self.deploy(self.policy(*rules), [(f"{self.key}.bpmn", process.encode()), (f"{self.key}.cases.yaml", cases.encode())])

    def policy(self, *rules: Any, facts: Any = FACTS) -> str:
        return Policy(self.key, facts, rules).file()[1].decode()

    def deploy(self, xml: str, others: Any = ()) -> None:
        response = self.api.deploy_files([(f"{self.key}.dmn", xml.encode()), *others], jurisdiction=self.place)
        assert response.status_code == 201, response.text

    def decide(self, **facts: Any) -> None:
        self.api.start(f"{self.key}_case", {"facts": facts, "other": "not of the decision"})

    def ask(self, body: Any) -> httpx.Response:
        return self.api.call("POST", f"/decision-definitions/{self.key}/impact", body)

    def impact(self, xml: str, **options: Any) -> Any:
        response = self.ask({"xml": xml, **options})
        assert response.status_code == 200, response.text
        return exact(response)

    def recorded(self) -> Any:
        return self.api.get("/decision-evaluations", decisionKey=self.key)["items"]


@pytest.fixture
def port(api: ApiClient) -> Port:
    """Three cases were decided."""
    made = Port(api, *RULES)
    for loss, reported in ((10, True), (60, False), (200, True)):
        made.decide(loss=loss, reported=reported)
    return made


def counts(found: Any) -> dict[str, int]:
    return {name: count for name, count in found["counts"].items() if count}


def rules(outcome: Any) -> list[str]:
    return [rule["ruleId"] for rule in outcome["matchedRules"]]


def test_every_outcome_that_would_change_is_told(port: Port) -> None:
    found = port.impact(port.policy(*STRICTER))

    assert counts(found) == {"replayed": 4, "unchanged": 2, "changed": 2}
    case, example = found["changed"]
    assert (case["before"]["result"], rules(case["before"])) == ("MANUAL", ["other"])
    assert (case["after"]["result"], rules(case["after"])) == ("NOT_TOLERATED", ["grave"])
    assert (case["before"]["version"], case["after"]["version"]) == (1, None)
    assert case["after"]["matchedRules"][0]["description"] == "港口办法第三条"
    recorded = port.recorded()
    (source,) = [one for one in recorded if one["id"] == case["source"]["id"]]
    assert [source["at"], source["processInstanceId"], source["elementId"]] == [
        case["source"][name] for name in ("at", "processInstanceId", "elementId")
    ]
    assert example["source"] == {"kind": "case", "fileName": f"{port.key}.cases.yaml", "name": "small and reported", "basis": "办法释义"}
    assert (example["before"]["result"], example["after"]["result"]) == ("TOLERATED", "NOT_TOLERATED")


def test_asking_deploys_nothing(port: Port) -> None:
    def everything() -> list[Any]:
        lists = [port.api.get(f"/{noun}") for noun in ("deployments", "decision-definitions", "decision-evaluations")]
        return [*lists, port.api.get("/audit/verification")]

    before = everything()
    port.impact(port.policy(*STRICTER))
    assert everything() == before


def test_the_same_file_changes_nothing(port: Port) -> None:
    found = port.impact(port.policy(*RULES))

    assert counts(found) == {"replayed": 4, "unchanged": 4}
    assert (found["version"], found["moreEvaluations"]) == (1, False)


def test_another_rule_with_the_same_outcome_is_no_change(port: Port) -> None:
    moved = port.policy(RULES[0], RULES[1], ("remaining", "港口办法第六条", ["-", "-"], '"MANUAL"'))

    found = port.impact(moved, cases=NO_CASES)

    assert counts(found) == {"replayed": 3, "unchanged": 2, "sameOutcomeOtherRules": 1}
    (one,) = found["sameOutcomeOtherRules"]
    assert (rules(one["before"]), rules(one["after"])) == (["other"], ["remaining"])


def test_another_basis_of_the_same_rule_is_told(port: Port) -> None:
    rebased = port.policy(RULES[0], ("reported", "港口办法（2027）第四条", *RULES[1][2:]), RULES[2])

    found = port.impact(rebased)

    assert counts(found) == {"replayed": 4, "unchanged": 2, "sameOutcomeOtherRules": 2}


def test_what_the_candidate_cannot_decide_is_told_with_its_problem(port: Port) -> None:
    found = port.impact(port.policy(*RULES, facts=[("loss", "number"), ("filed", "boolean")]))

    assert counts(found) == {"replayed": 4, "failed": 4}
    one = found["failed"][0]["after"]
    assert (one["result"], one["problem"]["type"]) == (None, "urn:rongjiu:problem:invalid")
    assert [(error["pointer"], error["code"]) for error in one["problem"]["errors"]] == [("/facts/reported", "unknown-key")]
    assert found["failed"][0]["before"]["result"] == "NOT_TOLERATED"


def test_an_input_that_was_not_recorded_is_never_taken_for_null(port: Port) -> None:
    xml = port.policy(*RULES)
    more = xml.replace(
        "<decision ", '<inputData id="season" name="season"><variable name="season" typeRef="string"/></inputData><decision '
    )
    more = more.replace(
        '<requiredInput href="#facts"/>',
        '<requiredInput href="#facts"/></informationRequirement><informationRequirement><requiredInput href="#season"/>',
    )

    found = port.impact(more)

    assert counts(found) == {"replayed": 1, "unchanged": 1, "notReplayed": 3}
    assert {one["reason"] for one in found["notReplayed"]} == {"input-not-recorded"}
    assert "season" in found["notReplayed"][0]["message"]


def test_the_window_and_the_limit(port: Port) -> None:
    recorded = port.recorded()
    times = sorted(one["at"] for one in recorded)

    assert counts(port.impact(port.policy(*STRICTER), cases=NO_CASES, **{"from": times[1]}))["replayed"] == sum(
        time >= times[1] for time in times
    )
    assert counts(port.impact(port.policy(*STRICTER), cases=NO_CASES, to=times[0])) == {}
    newest = port.impact(port.policy(*STRICTER), cases=NO_CASES, limit=1)
    assert counts(newest) == {"replayed": 1, "unchanged": 1}
    assert newest["moreEvaluations"] is True
    assert port.impact(port.policy(*STRICTER), limit=3)["moreEvaluations"] is False


def test_what_an_older_version_decided_is_compared_with_that(port: Port) -> None:
    port.deploy(port.policy(*STRICTER))

    found = port.impact(port.policy(*STRICTER), cases=NO_CASES)

    assert counts(found) == {"replayed": 3, "unchanged": 2, "changed": 1}
    (one,) = found["changed"]
    assert (one["before"]["version"], one["before"]["result"]) == (1, "MANUAL")
    assert (one["inForce"]["version"], one["inForce"]["result"]) == (2, "NOT_TOLERATED")


def test_the_clock_stands_as_it_did(api: ApiClient) -> None:
    port = Port(api, ("now", "测试", ["-", "-"], "string(now())"))
    port.decide()

    assert counts(port.impact(api.call("GET", f"/decision-definitions/{port.key}/xml").text, cases=NO_CASES)) == {
        "replayed": 1,
        "unchanged": 1,
    }


def test_examples_can_come_with_the_request(port: Port) -> None:
    own = f"decisions: [{{name: 自带, decision: {port.key}, facts: {{loss: 70}}}}]"

    found = port.impact(port.policy(*STRICTER), cases=own, limit=0)

    assert [(one["source"]["name"], one["source"]["fileName"]) for one in found["changed"]] == [("自带", None)]


def test_a_candidate_that_could_not_be_deployed_is_refused(port: Port) -> None:
    misspelt = port.policy(*STRICTER).replace("facts.loss", "facts.los")
    response = port.ask({"xml": misspelt, "fileName": "new.dmn"})

    assert problem(response) == (422, "deployment-refused")
    assert [(error["file"], error["code"]) for error in response.json()["errors"]] == [("new.dmn", "unknown-component")]
    for xml in ("no XML at all", port.policy(*STRICTER).replace(port.key, "another_key")):
        response = port.ask({"xml": xml})
        assert problem(response) == (422, "deployment-refused")
        assert response.json()["errors"][0]["file"] == "candidate.dmn"


def test_findings_of_the_candidate_are_shown(port: Port) -> None:
    gap = port.policy(RULES[0], ("reported", "", *RULES[1][2:]))

    found = port.impact(gap)

    assert {finding["severity"] for finding in found["findings"]} <= {"warning", "info"}
    assert {"gap", "missing-basis"} <= {finding["code"] for finding in found["findings"]}


def test_a_declared_encoding_is_that_of_the_file_not_of_the_text(port: Port) -> None:
    assert counts(port.impact(f'<?xml version="1.0" encoding="GBK"?>\n{port.policy(*STRICTER)}'))["changed"] == 2


def verbose(port: Port, count: int) -> str:
    """A candidate whose every outcome holds one long text `count` times."""
    xml = port.policy(("all", "测试", ["-", "-"], long_texts(count)))
    return xml.replace('name="outcome" typeRef="string"', 'name="outcome"')


def test_an_outcome_whose_text_would_be_gigabytes_is_a_problem_of_its_own(port: Port) -> None:
    found = port.impact(verbose(port, 20_000))

    assert counts(found) == {"replayed": 4, "failed": 4}
    assert {one["after"]["problem"]["type"] for one in found["failed"]} == {"urn:rongjiu:problem:limit-exceeded"}


def test_all_changes_share_one_budget_of_text_and_the_examples_come_first(port: Port) -> None:
    examples = "".join(f"- {{name: e{number}, decision: {port.key}, facts: {{loss: 1}}}}\n" for number in range(10))

    response = port.ask({"xml": verbose(port, 12), "cases": f"decisions:\n{examples}"})

    found = response.json()
    assert len(response.content) < 17 * 1_048_576
    assert counts(found) == {"replayed": 7, "changed": 7, "notReplayed": 6}
    assert [one["source"]["name"] for one in found["changed"]] == [f"e{number}" for number in range(7)]
    assert {one["reason"] for one in found["notReplayed"]} == {"limit-exceeded"}
    assert counts(port.impact(port.policy(*RULES))) == {"replayed": 4, "unchanged": 4}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["/xml"]),
        ({"xml": "<x/>", "limit": 1_001}, ["/limit"]),
        ({"xml": "<x/>", "from": "yesterday"}, ["/from"]),
        ({"xml": "<x/>", "from": "2026-03-01T09:00:00+08:00", "to": "2026-03-01T01:00:00Z"}, ["/to"]),
        ({"xml": "<x/>", "cases": "decisions: [{name: nothing}]"}, ["/cases"]),
        ({"xml": "<x/>", "cases": "decisions: [{decision: d, fact: {loss: 1}}]"}, ["/cases"]),
        ({"xml": "<x/>", "cases": "decisions: ["}, ["/cases"]),
    ],
)
def test_requests_that_make_no_sense_are_refused(port: Port, body: dict[str, Any], expected: list[str]) -> None:
    assert pointers(port.ask(body)) == expected


def test_an_unknown_decision_is_not_found(api: ApiClient) -> None:
    assert problem(api.call("POST", "/decision-definitions/nothing/impact", {"xml": "<x/>"})) == (404, "not-found")
