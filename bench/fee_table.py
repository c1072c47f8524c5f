"""The measured table of ten rules and six inputs, and the same rules and record by hand."""

import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

# (kind, region, amount, years, member, risk) → fee; the first that applies counts, and every rule decides one case.
RULES = (
    ('"NEW"', '"north"', "< 1000", "-", "true", '"low"', "10"),
    ('"NEW"', '"north"', "[1000..5000)", "-", "-", "-", "20"),
    ('"NEW"', '"north","south"', ">= 5000", "> 2", "-", "-", "30"),
    ('"NEW"', "-", ">= 5000", "<= 2", "-", '"high"', "40"),
    ('"RENEWAL"', '"north"', "-", ">= 5", "true", "-", "50"),
    ('"RENEWAL"', '"south","west"', "[0..2500]", "-", "false", '"low","medium"', "60"),
    ('"CHANGE"', "-", "> 100", "-", "-", '"high"', "70"),
    ('"CHANGE"', 'not("east")', "-", "[1..3]", "true", "-", "80"),
    ('"END"', "-", "-", "-", "false", "-", "90"),
    ("-", "-", "-", "-", "-", "-", "100"),
)
INPUTS = (("kind", "string"), ("region", "string"), ("amount", "number"), ("years", "number"), ("member", "boolean"), ("risk", "string"))
N = Decimal
CASES: tuple[dict[str, Any], ...] = tuple(
    dict(zip((name for name, _ in INPUTS), values, strict=True))
    for values in (
        ("NEW", "north", N(500), N(1), True, "low"),
        ("NEW", "north", N(1500), N(1), False, "high"),
        ("NEW", "south", N(9000), N(3), False, "low"),
        ("NEW", "east", N(9000), N(1), True, "high"),
        ("RENEWAL", "north", N(10), N(7), True, "low"),
        ("RENEWAL", "west", N("2499.5"), N(1), False, "medium"),
        ("CHANGE", "east", N(101), N(9), False, "high"),
        ("CHANGE", "north", N(1), N(2), True, "low"),
        ("END", "west", N(1), N(1), False, "low"),
        ("END", "west", N(1), N(1), True, "low"),
    )
)
_TESTS: tuple[Callable[[str, str, Decimal, Decimal, bool, str], bool], ...] = (
    lambda kind, region, amount, years, member, risk: kind == "NEW" and region == "north" and amount < 1000 and member and risk == "low",
    lambda kind, region, amount, years, member, risk: kind == "NEW" and region == "north" and 1000 <= amount < 5000,
    lambda kind, region, amount, years, member, risk: kind == "NEW" and region in ("north", "south") and amount >= 5000 and years > 2,
    lambda kind, region, amount, years, member, risk: kind == "NEW" and amount >= 5000 and years <= 2 and risk == "high",
    lambda kind, region, amount, years, member, risk: kind == "RENEWAL" and region == "north" and years >= 5 and member,
    lambda kind, region, amount, years, member, risk: (
        kind == "RENEWAL" and region in ("south", "west") and 0 <= amount <= 2500 and not member and risk in ("low", "medium")
    ),
    lambda kind, region, amount, years, member, risk: kind == "CHANGE" and amount > 100 and risk == "high",
    lambda kind, region, amount, years, member, risk: kind == "CHANGE" and region != "east" and 1 <= years <= 3 and member,
    lambda kind, region, amount, years, member, risk: kind == "END" and not member,
    lambda kind, region, amount, years, member, risk: True,
)


def by_hand(case: Mapping[str, Any]) -> dict[str, Any]:
    """The same decision and the same record in plain Python: what nobody can write faster and still explain."""
    began = time.perf_counter_ns()
    values = tuple(case.values())
    for index, test in enumerate(_TESTS):
        if test(*values):
            outputs = {"amount": N(RULES[index][6])}
            return {
                "decisionKey": "fee",
                "result": outputs["amount"],
                "outputs": outputs,
                "inputs": [{"expression": name, "value": value} for name, value in case.items()],
                "matchedRules": [
                    {"ruleId": f"r{index + 1}", "index": index + 1, "description": f"Fees Act, section {index + 1}", "outputs": outputs}
                ],
                "warnings": [],
                "requiredDecisions": [],
                "durationMicros": (time.perf_counter_ns() - began) // 1000,
            }
    raise AssertionError("the last rule always applies")
