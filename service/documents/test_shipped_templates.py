"""The templates that ship: each can be deployed, none is without a step or a title, and each says where its name comes from."""

import io
import re
from pathlib import Path

import pytest
from docx import Document

from service.documents import read_template

ROOT = Path(__file__).parents[2] / "bpmn"
TEMPLATES = sorted(ROOT.glob("*/documents/*.docx"))
BY_HAND = {"common_defence_report"}
"""Made when somebody asks for it: no step of a diagram is its own."""


def text(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(path.read_bytes())).paragraphs)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_it_can_be_deployed_and_has_number_and_title(path: Path) -> None:
    template = read_template(path.read_bytes())

    assert template.title
    assert {"document.number", "document.title"} <= set(template.fields)
    assert path.stem.startswith(path.parent.parent.name + "_")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_it_is_an_official_letter_that_marks_our_defaults(path: Path) -> None:
    section = Document(io.BytesIO(path.read_bytes())).sections[0]

    assert section.page_width is not None
    assert section.page_height is not None
    assert (section.page_width.mm, section.page_height.mm) == (pytest.approx(210, abs=1), pytest.approx(297, abs=1))
    assert "本系统缺省 [D]" in text(path)


def test_every_template_belongs_to_a_step_and_every_step_has_its_template() -> None:
    named = set()
    for diagram in ROOT.glob("*/*.bpmn"):
        for names in re.findall(r'<camunda:property name="document" value="([^"]*)"', diagram.read_text("utf-8")):
            named |= {name.strip() for name in names.split(",")}

    assert named | BY_HAND == {path.stem for path in TEMPLATES}
