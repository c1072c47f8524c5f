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


def needs_reason(form: str, outcome: str, precedents: dict[str, Any] | None) -> bool:
    """Whether a reason is demanded where nothing else but the precedents could demand it."""
    standing: dict[str, Any] = {
        "advice": {"outcome": outcome},
        "preliminary": {"outcome": outcome},
        "folder": None,
        "precedents": precedents,
    }
    settings = {"rectificationDemand": True}
    submission = FORMS[form].accept({"decision": {"outcome": outcome}}, standing, functions={"setting": settings.__getitem__})
    return any(problem.pointer == "/decision/reason" for problem in submission.problems)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("outcome", "precedents", "needed"),
    [
        ("EXEMPT", {"departing": []}, False),
        ("EXEMPT", {"departing": ["REDUCE", "NOT_TOLERATED"]}, False),
        ("EXEMPT", {"departing": ["EXEMPT", "REDUCE"]}, True),
        ("REDUCE_LENIENT", {"departing": ["EXEMPT"]}, False),
        ("REDUCE_LENIENT", {"departing": ["REDUCE_LENIENT"]}, True),
        ("NOT_TOLERATED", {"departing": ["NOT_TOLERATED"]}, True),
        ("REDUCE", {"departing": ["EXEMPT"]}, False),
        ("EXEMPT", None, True),
    ],
    ids=str,
)
def test_departing_from_a_published_outcome_needs_a_reason(
    form: str, outcome: str, precedents: dict[str, Any] | None, needed: bool
) -> None:
    """Which outcomes depart was worked out when the task opened (docs/precedents.md); where that is not known, a reason is asked for."""
    assert needs_reason(form, outcome, precedents) is needed
