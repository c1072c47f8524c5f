"""An independent reading of the rules all places share: who is competent, use of the result, clues, risk filing.

Written from the sources' rules, not from the files in dmn/common. A fact that is absent is unknown and establishes nothing.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

Facts = Mapping[str, Any]

TOLERATED = ("EXEMPT", "REDUCE", "REDUCE_LENIENT", "REDUCE_MITIGATED", "TOLERATE")
VALUES: dict[str, tuple[Any, ...]] = {
    "subjectIsOrganHead": (True, False),
    "organIsAccountabilityOrgan": (True, False),
    "organHasCadreAuthority": (True, False),
    "toleranceOutcome": (*TOLERATED, "SHOULD_TOLERATE", "NOT_TOLERATED", "MANUAL"),
    "underlyingForm": ("FIRST", "SECOND", "THIRD"),
    "dispositionKind": ("NONE", "POST_ADJUSTED", "LIGHT_SANCTION", "OTHER_SANCTION"),
    "impactPeriodOver": (True, False),
    "reflection": (True, False),
    "performance": ("EXCELLENT", "ORDINARY", "POOR"),
    "specialProvision": (True, False),
    "belongsTo": ("OWN", "OWN_HEAD", "SUPERIOR", "SUBORDINATE"),
    "contentConcrete": (True, False),
    "obviouslyUntrue": (True, False),
    "duplicate": (True, False),
    "sameContentInquired": (True, False),
    "riskFiling": ("NONE", "VALID_BEFORE_ACT", "AFTER_ACT", "OUT_OF_SCOPE", "REFUSED"),
    "deviationObjective": (True, False),
    "filingField": ("LIVELIHOOD", "MAJOR_RISK", "LEGACY", "OTHER"),
    "breaksConvention": (True, False),
    "objectiveCauseForeseen": (True, False),
    "fitsExemptionList": (True, False),
    "untrue": ("YES", "NO", "UNDETERMINED"),
    "personConsents": (True, False),
    "lettersInWindow": (0, 1, 2, 3),
}


def _hubei(place: str | None) -> bool:
    return place is not None and (place == "HB" or place.startswith("HB-"))


def _jiangsu(place: str | None) -> bool:
    return place is not None and (place == "JS" or place.startswith("JS-"))


def authority(facts: Facts, place: str | None) -> str:
    """The row of the authority table that decides."""
    if facts.get("subjectIsOrganHead") is True:
        return "O1"
    pursues, manages = facts.get("organIsAccountabilityOrgan"), facts.get("organHasCadreAuthority")
    if pursues is False:
        return "O5"
    if pursues is True and manages is True:
        return "O2"
    if pursues is True and manages is False and place is not None:
        return "O3" if _hubei(place) else "O4"
    return "O6"


def _usage_in_hubei(facts: Facts, outcome: Any) -> str | None:
    if outcome == "EXEMPT":
        return "R1"
    if outcome not in TOLERATED or facts.get("impactPeriodOver") is not True:
        return None
    kind = facts.get("dispositionKind")
    if outcome.startswith("REDUCE") and kind in ("POST_ADJUSTED", "LIGHT_SANCTION") and facts.get("reflection") is True:
        return "R3" if facts.get("performance") == "EXCELLENT" else "R2"
    return "R4" if kind in ("POST_ADJUSTED", "LIGHT_SANCTION", "OTHER_SANCTION") else None


def _usage_in_x_city(facts: Facts, outcome: Any) -> str | None:
    form, over, performance = (facts.get(name) for name in ("underlyingForm", "impactPeriodOver", "performance"))
    if outcome not in TOLERATED:
        return None
    if form == "FIRST" and facts.get("specialProvision") is not None:
        return "R5"
    if form == "SECOND" and over is True and performance == "EXCELLENT":
        return "R6"
    if form == "SECOND" and (over is False or performance in ("ORDINARY", "POOR")):
        return "R6b"
    return None


def result_usage(facts: Facts, place: str | None) -> str:
    """The row of the result usage table that decides."""
    outcome = facts.get("toleranceOutcome")
    if facts.get("underlyingForm") in ("THIRD", "FOURTH"):
        return "R9"
    found = None
    if _hubei(place):
        found = _usage_in_hubei(facts, outcome)
    elif place == "X-CITY":
        found = _usage_in_x_city(facts, outcome)
    elif place == "MODEL-DEFENCE":
        found = "R11" if outcome == "NOT_TOLERATED" else "R12" if outcome in TOLERATED else None
    elif _jiangsu(place):
        recommended = facts.get("impactPeriodOver") is True and facts.get("performance") == "EXCELLENT" and outcome in TOLERATED
        found = "R7" if place == "JS-SQ-SY" and recommended else "R8" if outcome == "EXEMPT" else None
    return found or ("R13" if outcome == "NOT_TOLERATED" else "R14")


def usage_sought(facts: Facts, place: str | None) -> set[str]:
    """The unknown facts on which it still depends, with the others known or not, which row decides where now none does (R14).

    Unknown forms of handling are sought only where they choose between rows: the third and the fourth lead to a person as well.
    """
    if result_usage(facts, place) != "R14":
        return set()
    names = ("dispositionKind", "impactPeriodOver", "reflection", "performance", "specialProvision", "underlyingForm")
    open_names = [name for name in names if facts.get(name) is None]
    choices = [[None, *(value for value in VALUES[name] if value not in ("THIRD", "FOURTH"))] for name in open_names]
    rows = {answers: result_usage({**facts, **dict(zip(open_names, answers, strict=True))}, place) for answers in product(*choices)}
    return {
        name
        for place_of, name in enumerate(open_names)
        if any(rows[answers] != rows[(*answers[:place_of], None, *answers[place_of + 1 :])] for answers in rows)
    }


def triage(facts: Facts, place: str | None) -> str:
    """The row of the triage of clues that decides, with the switch as shipped."""
    if place is None:
        return "T-place"
    if place != "JS-SQ-SY":
        return "T-off"
    belongs = facts.get("belongsTo")
    if belongs in ("SUPERIOR", "OWN_HEAD"):
        return "T4"
    if belongs == "SUBORDINATE":
        return "T5"
    if belongs is None:
        return "T-otherwise"
    if facts.get("contentConcrete") is False:
        return "T1"
    if facts.get("obviouslyUntrue") is True:
        return "T2"
    if facts.get("duplicate") is True and facts.get("sameContentInquired") is True:
        return "T3"
    return "T6"


def clarification(facts: Facts, place: str | None) -> str:
    """The row of the clarification table that decides."""
    untrue, consents = facts.get("untrue"), facts.get("personConsents")
    if untrue in ("NO", "UNDETERMINED"):
        return "C5"
    if _hubei(place):
        return "C6"
    if place is None or untrue is None or consents is None:
        return "C-otherwise"
    return "C1" if consents else "C2"


def inquiry_limit(facts: Facts, place: str | None) -> str:
    """The row of the limit of letters of inquiry that decides, with the switch as shipped."""
    if place != "JS-SQ-SY":
        return "IL-place" if place is None else "IL-off"
    letters = facts.get("lettersInWindow")
    return "IL-otherwise" if letters is None else "IL-1" if letters < 2 else "IL-2"


def risk_filing_link(facts: Facts, _place: str | None) -> str:
    """The row of the risk filing link that decides where a row of the negative list hits, none does, or nobody can say yet (null)."""
    filing, objective = facts.get("riskFiling"), facts.get("deviationObjective")
    if filing == "VALID_BEFORE_ACT":
        hit = facts.get("negativeListHit")
        if hit is True:
            return "RF-1"
        return "RF-6" if hit is None or objective is None else "RF-2" if objective else "RF-3"
    return {"AFTER_ACT": "RF-4", "OUT_OF_SCOPE": "RF-4", "REFUSED": "RF-4", "NONE": "RF-5"}.get(str(filing), "RF-6")


def risk_filing_test(facts: Facts, place: str | None) -> str:
    """The row of the filing test that decides: Siyang's four conditions, by default elsewhere; Shenzhen has a condition of its own."""
    if place == "GD-SZ":
        return "FT-GD-SZ"
    for name, row in (("breaksConvention", "FT-convention"), ("objectiveCauseForeseen", "FT-cause"), ("fitsExemptionList", "FT-list")):
        if facts.get(name) is False:
            return row
    if None in (facts.get("breaksConvention"), facts.get("objectiveCauseForeseen"), facts.get("fitsExemptionList")):
        return "FT-otherwise"
    return {"OTHER": "FT-other", None: "FT-otherwise"}.get(facts.get("filingField"), "FT-all")


READINGS = {
    "authority": authority,
    "result_usage": result_usage,
    "triage": triage,
    "clarification": clarification,
    "inquiry_limit": inquiry_limit,
    "risk_filing_link": risk_filing_link,
    "risk_filing_test": risk_filing_test,
}
