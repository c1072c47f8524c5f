"""A conclusion that departs from a published outcome shown with the advice needs a written reason, at every form that decides."""

from pathlib import Path
from typing import Any

import pytest

from service.forms import read_form

ROOT = Path(__file__).parent.parent / "bpmn"
FORMS = {
    path.stem: read_form(path.read_bytes(), path.name)
    for path in (
        ROOT / "hubei" / "hubei_decide.form",
        ROOT / "siyang" / "siyang_decide.form",
        ROOT / "model_defence" / "model_defence_decide.form",
    )
}


def needs_reason(form: str, outcome: str, published: list[str] | None) -> bool:
    """Whether a reason is demanded where nothing else but the precedents could demand it."""
    shown = None if published is None else [{"publishedOutcome": one} for one in published]
    standing: dict[str, Any] = {"advice": {"outcome": outcome, "precedents": shown}, "preliminary": {"outcome": outcome}, "folder": None}
    settings = {"rectificationDemand": True}
    submission = FORMS[form].accept({"decision": {"outcome": outcome}}, standing, functions={"setting": settings.__getitem__})
    return any(problem.pointer == "/decision/reason" for problem in submission.problems)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("outcome", "published", "needed"),
    [
        ("EXEMPT", None, False),
        ("EXEMPT", [], False),
        ("EXEMPT", ["EXEMPT", "TOLERATE", "第一种形态"], False),
        ("EXEMPT", ["EXEMPT", "REDUCE"], True),
        ("REDUCE_LENIENT", ["REDUCE", "TOLERATE"], False),
        ("REDUCE", ["REDUCE_MITIGATED"], False),
        ("REDUCE", ["EXEMPT"], True),
        ("REDUCE", ["NOT_TOLERATED"], True),
        ("NOT_TOLERATED", ["NOT_TOLERATED"], False),
        ("NOT_TOLERATED", ["TOLERATE"], True),
        ("NOT_TOLERATED", ["第一种形态"], True),
    ],
)
def test_departing_from_a_published_outcome_needs_a_reason(form: str, outcome: str, published: list[str] | None, needed: bool) -> None:
    assert needs_reason(form, outcome, published) is needed
