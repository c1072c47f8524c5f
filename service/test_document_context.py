"""What a document may speak of, on a real store."""

import json
from itertools import pairwise
from pathlib import Path

from service.actions.deployments.deploy import Deploy, deploy
from service.actions.evidence.document_context import DECISIONS_AT_ONCE, case_context
from service.actions.instances.start_instance import StartInstance, start_instance
from service.actions.ports import Services
from service.domain.principal import SCOPE_ADMIN, Principal
from service.engine import SpiffEngine
from service.store import migrate, open_store

NOW = 1_795_150_800_000
ADMIN = Principal("k", "tests", frozenset({SCOPE_ADMIN}), "li")
DECISION = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="fees" namespace="t">
<decision id="fee" name="fee"><variable name="fee"/><literalExpression><text>1</text></literalExpression></decision></definitions>"""


def process(rules: int) -> bytes:
    """So many decisions one after the other, then a task."""
    names = ["start", *(f"rule{number}" for number in range(rules)), "task"]
    rule = '<businessRuleTask id="{}" camunda:decisionRef="fee" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="fee"/>\n'
    elements = '<startEvent id="start"/>' + "".join(map(rule.format, names[1:-1])) + '<userTask id="task"/>'
    flows = "".join(f'<sequenceFlow sourceRef="{a}" targetRef="{b}"/>' for a, b in pairwise(names))
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
        f' targetNamespace="t"><process id="many" isExecutable="true">{elements}{flows}</process></definitions>'
    ).encode()


def test_a_document_may_speak_of_every_decision_of_a_long_case(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'rongjiu.db'}"
    migrate(url)
    services = Services(open_store(url), SpiffEngine(), lambda: NOW)
    number = DECISIONS_AT_ONCE + 1
    deploy(services, ADMIN, Deploy("d", None, (("many.bpmn", process(number)), ("fees.dmn", DECISION))))
    started = json.loads(start_instance(services, ADMIN, StartInstance("many", None, None, None, {})).body)

    with services.store.read() as questions:
        instance = questions.instance(started["id"])
        assert instance is not None
        context, _, _ = case_context(services, questions, instance, None)

    decisions = context["decisions"]
    assert isinstance(decisions, list)
    elements = [one["elementId"] for one in decisions if isinstance(one, dict)]
    assert sorted(map(str, elements)) == sorted(f"rule{index}" for index in range(number))
