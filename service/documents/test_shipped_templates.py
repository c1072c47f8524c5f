"""The templates that ship: each can be deployed, belongs to a step, names every field it misses, and says where its name comes from."""

import io
import re
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from service.documents import FieldsMissing, read_template, render

ROOT = Path(__file__).parents[2] / "bpmn"
TEMPLATES = sorted(ROOT.glob("*/documents/*.docx"))
BY_HAND = {"common_joinder_record"}
"""Made when somebody asks for it: no step of a diagram is its own."""
DATES = re.compile(r"(On|Date|By|date|startedAt)$")
STEP = re.compile(r"([^.\[]+)|\[([0-9]+)\]")
CHOICES: dict[str, dict[str, Any]] = {
    "acceptance_notice": {"variables.acceptance.decision": "ACCEPT"},
    "refusal_notice": {"variables.acceptance.decision": "REJECT"},
    "exemption_notice": {"variables.decision.outcome": "EXEMPT"},
    "remedy_decision": {"variables.review.result": "UPHOLD"},
    "use_record": {"variables.usage.effect": "不作负面评价"},
    "typical_case": {"variables.anonymisation.text": "已脱敏"},
    "determination": {"variables.opinion.fits": True},
}
"""Templates of one outcome or step only, by their names without the place: a copy of a place has them as well."""


def text(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    return "".join(node.text or "" for node in document.element.body.iter(qn("w:t")))


def put(context: dict[str, Any], path: str, value: object) -> None:
    steps = [name or int(index) for name, index in STEP.findall(path)]
    here: Any = context
    for step, following in pairwise(steps):
        if isinstance(step, int) and len(here) <= step:
            here.append([] if isinstance(following, int) else {})
        here = here[step] if isinstance(step, int) else here.setdefault(step, [] if isinstance(following, int) else {})
    last = steps[-1]
    if isinstance(last, int) and len(here) <= last:
        here.append(value)
    else:
        here[last] = value


def taken_out(context: dict[str, Any], path: str) -> dict[str, Any]:
    less = deepcopy(context)
    *above, last = [name or int(index) for name, index in STEP.findall(path)]
    here: Any = less
    for step in above:
        here = here[step]
    del here[last]
    return less


def least(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The least that a case must hold for the template, found by giving it what it says is missing; and the paths of it."""
    context: dict[str, Any] = {"instance": {}, "document": {}, "variables": {}, "fields": {}, "facts": [], "signatures": []}
    for choice, value in CHOICES.get(path.stem.removeprefix(f"{path.parent.parent.name}_"), {}).items():
        put(context, choice, value)
    needed: list[str] = list(CHOICES.get(path.stem.removeprefix(f"{path.parent.parent.name}_"), {}))
    for _ in range(40):
        try:
            render(path.read_bytes(), context)
        except FieldsMissing as refused:
            if refused.unfit or refused.refusals:
                raise
            for missing in refused.missing:
                put(context, missing, _sample(missing))
            needed += refused.missing
            continue
        return context, needed
    raise AssertionError(f"{path.stem} is never satisfied")


def _sample(path: str) -> object:
    if path.endswith((".reasons", ".attendance", ".opinions")):
        return []
    return "2026-11-20" if DATES.search(path) else "某"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_it_can_be_deployed_and_has_number_and_title(path: Path) -> None:
    template = read_template(path.read_bytes())

    assert template.title
    assert {"document.number", "document.title"} <= set(template.fields)
    assert path.stem.startswith(path.parent.parent.name + "_")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_it_is_an_official_letter_that_marks_our_defaults(path: Path) -> None:
    document = Document(io.BytesIO(path.read_bytes()))
    section = document.sections[0]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)

    assert section.page_width is not None
    assert section.page_height is not None
    assert (section.page_width.mm, section.page_height.mm) == (pytest.approx(210, abs=1), pytest.approx(297, abs=1))
    assert [round(margin.mm) for margin in margins if margin is not None] == [37, 35, 28, 26]
    assert "缺省 [D]" in text(path.read_bytes())
    assert "缺省 [D]" in document.core_properties.comments


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_field_it_needs_is_named_when_it_is_missing(path: Path) -> None:
    context, needed = least(path)

    made = text(render(path.read_bytes(), context))

    assert "{{" not in made
    assert "{%" not in made
    assert len(needed) >= 2
    for field in needed:
        with pytest.raises(FieldsMissing) as refused:
            render(path.read_bytes(), taken_out(context, field))
        assert field in refused.value.missing or refused.value.refusals, field


@pytest.mark.parametrize(
    ("template", "field", "value"),
    [
        ("common_acceptance_notice", "variables.acceptance.decision", "REJECT"),
        ("common_refusal_notice", "variables.acceptance.decision", "ACCEPT"),
        ("common_exemption_notice", "variables.decision.outcome", "REDUCE"),
        ("common_not_tolerated_notice", "variables.decision.outcome", "EXEMPT"),
        ("model_defence_determination", "variables.opinion.fits", False),
        ("model_defence_publication", "variables.publication.scope", "NONE"),
    ],
)
def test_a_document_of_another_outcome_is_refused(template: str, field: str, value: object) -> None:
    path = next(path for path in TEMPLATES if path.stem == template)
    context, _ = least(path)
    put(context, field, value)

    with pytest.raises(FieldsMissing) as refused:
        render(path.read_bytes(), context)

    assert len(refused.value.refusals) == 1


def test_every_template_belongs_to_a_step_and_every_step_has_its_template() -> None:
    named = set()
    for diagram in ROOT.glob("*/*.bpmn"):
        for names in re.findall(r'<camunda:property name="document" value="([^"]*)"', diagram.read_text("utf-8")):
            named |= {name.strip() for name in names.split(",")}

    assert named | BY_HAND == {path.stem for path in TEMPLATES}


def test_signatures_stand_beside_the_place_for_the_hand() -> None:
    path = next(path for path in TEMPLATES if path.stem == "common_deliberation_minutes")
    context, _ = least(path)
    signed = {
        "taskDefinitionKey": "sign_minutes",
        "taskName": "会商纪要签字",
        "userName": "李某",
        "post": "主任",
        "signedAt": "2026-11-20T17:00:00Z",
    }
    context["signatures"] = [
        signed,
        {**signed, "userName": "赵某", "post": None},
        {**signed, "taskDefinitionKey": "decide", "userName": "钱某"},
    ]

    tables = Document(io.BytesIO(render(path.read_bytes(), context))).tables

    rows = [[cell.text for cell in row.cells] for row in tables[-1].rows]
    assert rows[1:3] == [["李某（主任）", "会商纪要签字\n2026年11月21日", ""], ["赵某", "会商纪要签字\n2026年11月21日", ""]]
    assert [row[0] for row in rows[3:]] == ["主持人", "参加单位", "参加单位", "记录人"]
