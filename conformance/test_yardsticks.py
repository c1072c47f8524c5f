"""The four yardsticks of the national opinion (`china_yardsticks`), against a reading written from the page beside the table."""

import random
from collections.abc import Mapping
from typing import Any

from conformance.place_oracles import VALUES as FACT_VALUES
from conformance.policy_files import ROOT, model_of

ROUNDS = 3_000
VALUES = FACT_VALUES | {"deviationObjective": (True, False)}
SEVERE = {"MAJOR_LOSS", "MAJOR_SAFETY", "SEVERE_POLLUTION", "SEVERE_MASS_INCIDENT", "SEVERE_SOCIAL"}
READ = ("motive", "personalGain", "intent", "nature", "workBasis", "forceMajeure", "deviationObjective", "decisionProcess", "consequence")


def motive(facts: Mapping[str, Any]) -> str:
    """Private gain, a wrong motive or intent weigh against; public spirit needs all three facts known."""
    if facts.get("personalGain") or facts.get("motive") in {"PRIVATE", "UNIT_IMPROPER"} or facts.get("intent") == "KNOWING":
        return "UNFAVOURABLE"
    good = facts.get("motive") == "PUBLIC" and facts.get("personalGain") is False and facts.get("intent") == "INADVERTENT"
    return "FAVOURABLE" if good else "UNCLEAR"


def cause(facts: Mapping[str, Any]) -> str:
    """Orders defied or a wilful misreading weigh against; an outer cause counts once nature and basis are known."""
    if facts.get("nature") == "ORDERS_DEFIED" or facts.get("workBasis") == "WILFUL_MISREADING":
        return "UNFAVOURABLE"
    known = facts.get("nature") is not None and facts.get("workBasis") is not None
    return "FAVOURABLE" if known and (facts.get("forceMajeure") or facts.get("deviationObjective")) else "UNCLEAR"


def process(facts: Mapping[str, Any]) -> str:
    """Collective, or an emergency that was reported; not one person's will."""
    return {"ARBITRARY": "UNFAVOURABLE", "COLLECTIVE": "FAVOURABLE", "EMERGENCY_REPORTED": "FAVOURABLE"}.get(
        facts.get("decisionProcess", ""), "UNCLEAR"
    )


def consequence(facts: Mapping[str, Any]) -> str:
    """The severe set weighs against, nothing lost for."""
    found = facts.get("consequence")
    return "UNFAVOURABLE" if found in SEVERE else "FAVOURABLE" if found in {"NONE", "MINOR", "LOSS_RECOVERED"} else "UNCLEAR"


def test_the_yardsticks_are_what_the_page_says_of_them() -> None:
    chance = random.Random("yardsticks")
    model = model_of(ROOT / "china" / "china_yardsticks.dmn")
    seen = set()
    for _ in range(ROUNDS):
        facts = {name: chance.choice(list(VALUES[name])) for name in READ if chance.random() < 0.8}
        found = model.evaluate("china_yardsticks", {"facts": facts}).result
        expected = {"motive": motive(facts), "cause": cause(facts), "process": process(facts), "consequence": consequence(facts)}
        assert found["findings"] == expected, facts
        seen.update(row["rule"] for row in found["rules"])
    assert len(seen) == 12
