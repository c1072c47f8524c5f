"""Questions to decisions that reach their tables through decision services and business knowledge models."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from service.dmn import Model, read_model
from service.dmn.conftest import Ticking
from service.dmn.prospects import ProspectLimits, prospects

Read = Callable[[str], Model]
_FOLDER = Path(__file__).parents[3] / "dmn"
_GRADED = """<inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>
<inputData id="t" name="t"><variable name="t" typeRef="string"/></inputData>
<businessKnowledgeModel id="grade" name="grade"><encapsulatedLogic><formalParameter name="x" typeRef="number"/>
<decisionTable hitPolicy="FIRST"><input><inputExpression><text>x</text></inputExpression></input><output name="g"/>
<rule><inputEntry><text>&gt; 1</text></inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable></encapsulatedLogic>
</businessKnowledgeModel>
<decision id="d" name="d"><informationRequirement><requiredInput href="#n"/></informationRequirement>
<informationRequirement><requiredInput href="#t"/></informationRequirement>
<knowledgeRequirement><requiredKnowledge href="#grade"/></knowledgeRequirement>
<literalExpression><text>grade(n)</text></literalExpression></decision>"""


def _read(path: str, known: dict[str, Model]) -> Model:
    """A file of the repository with what it imports."""
    if path not in known:
        source = (_FOLDER / path).read_text(encoding="utf-8")
        wanted = re.findall(r'<import [^>]*namespace="https://rongjiu/dmn/([^"]+)"', source)
        known[path] = read_model(source.encode(), imports=[_read(_file_of(name), known) for name in wanted])
    return known[path]


def _file_of(namespace: str) -> str:
    found = [
        path for path in _FOLDER.rglob("*.dmn") if f' namespace="https://rongjiu/dmn/{namespace}">' in path.read_text(encoding="utf-8")
    ]
    return str(found[0].relative_to(_FOLDER))


@pytest.fixture(scope="module")
def hubei() -> Model:
    return _read("hubei/hubei_common.dmn", {})


@pytest.mark.parametrize(
    ("decision", "asked"),
    [
        ("hubei_authority", {"subjectIsOrganHead", "organIsAccountabilityOrgan", "organHasCadreAuthority"}),
        ("hubei_result_usage", {"underlyingForm", "toleranceOutcome"}),
        ("hubei_complexity", set()),
        ("hubei_rectification", set()),
    ],
)
def test_a_shared_table_is_answered_exactly(hubei: Model, decision: str, asked: set[str]) -> None:
    answer = prospects(hubei, decision, {"facts": {}}, limits=ProspectLimits(seconds=60))

    assert (answer.complete, answer.reasons) == (True, ())
    assert asked <= {found.path[-1] for found in answer.open_inputs}
    assert 1 <= len(answer.open_inputs) < 10
    assert all(found.certain and found.asked_by for found in answer.open_inputs)


def test_a_fact_settles_a_shared_table(hubei: Model) -> None:
    answer = prospects(hubei, "hubei_authority", {"facts": {"subjectIsOrganHead": True}}, limits=ProspectLimits(seconds=60))

    assert answer.settled
    assert [(row["result"], row["rule"]) for row in answer.outcomes[0].rows] == [("SUPERIOR", "O1")]
    assert answer.open_inputs == ()


def test_an_argument_of_the_wrong_type_makes_the_call_null(read: Read) -> None:
    answer = prospects(read(_GRADED.replace("grade(n)", "if grade(n) = 1 then 1 else grade(t)")), "d", {})

    assert answer.complete
    assert [dict(row)["d"] for outcome in answer.outcomes for row in outcome.rows] == [1, None]
    assert answer.irrelevant == (("t",),)


def test_a_function_used_as_a_value_may_fail(read: Read) -> None:
    answer = prospects(read(_GRADED.replace("grade(n)", "count([for f in [grade] return f(n)])")), "d", {})

    assert not answer.complete
    assert "undecided" in [outcome.failure.code for outcome in answer.outcomes if outcome.failure is not None]
    assert [found.path for found in answer.open_inputs] == [("n",)]


def test_the_time_holds_when_calls_double_again_and_again(read: Read, ticking: Ticking) -> None:
    models = "".join(
        f'<businessKnowledgeModel id="f{number}" name="f{number}"><encapsulatedLogic><formalParameter name="x"/><literalExpression>'
        f"<text>f{number + 1}(x + 1) + f{number + 1}(x * 2)</text></literalExpression></encapsulatedLogic>"
        f'<knowledgeRequirement><requiredKnowledge href="#f{number + 1}"/></knowledgeRequirement></businessKnowledgeModel>'
        for number in range(25)
    )
    last = """<businessKnowledgeModel id="f25" name="f25"><encapsulatedLogic><formalParameter name="x"/><literalExpression>
<text>x</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"""
    source = _GRADED.replace("grade(n)", "f0(n)").replace("#grade", "#f0")

    answer = prospects(read(models + last + source), "d", {}, limits=ProspectLimits(seconds=0.5))

    assert answer.reasons == ("the budget of time ended",)
    assert ticking.looks < 1_000
    assert not answer.complete
    assert [found.path for found in answer.open_inputs] == [("n",)]
