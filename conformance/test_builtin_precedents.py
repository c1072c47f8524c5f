"""The precedents that come with the service are those that the tables name, and end as the tables say."""

from typing import Any, cast

import pytest

from conformance.policy_files import ROOT, model_of
from service.actions.yaml_values import read_yaml

FILES = sorted(ROOT.parent.glob("bpmn/*/precedents.yaml"))
BUILT_IN: dict[str, Any] = {one["id"]: one for path in FILES for one in cast(Any, read_yaml(path.read_bytes()))["precedents"]}
CHINA = model_of(ROOT / "china" / "china_tolerance.dmn")
NOT_ALL_TOLD = {"PREC-U03"}
"""Its source does not tell a fact that the rule asks for."""


def rules_for(facts: dict[str, Any]) -> dict[str, str]:
    """The precedents that the table names for these facts, with the outcome it shows."""
    found = cast(Any, CHINA.evaluate("china_precedents", {"facts": facts}).result)
    return {str(one["rule"]): str(one["publishedOutcome"]) for one in found or []}


@pytest.mark.parametrize("identifier", sorted(one for one in BUILT_IN if one.startswith("PREC-")))
def test_a_precedent_fits_its_own_rule_and_ends_as_that_says(identifier: str) -> None:
    one = BUILT_IN[identifier]
    assert {f"PREC-U0{number}" for number in range(1, 9)} == {name for name in BUILT_IN if name.startswith("PREC-")}
    if identifier in NOT_ALL_TOLD:
        assert identifier not in rules_for(one["facts"])
        return

    published = rules_for(one["facts"] | one.get("assumedFacts", {}))[identifier]

    assert published == one["outcome"] or (one["outcome"] == "OTHER" and published in one["outcomeText"])
