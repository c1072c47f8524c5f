"""Second, independent readings of the rules of places other than Hubei, against which their decision tables are compared.

Written from the legal material, never from the DMN files: each rule is a plain test of facts that are all known. What is unknown is
settled by trying every value it may have: a rule is open while both answers remain, and needs the facts that can still change it.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.hubei_oracle import SEVERE
from conformance.hubei_oracle import VALUES as HUBEI_VALUES

Facts = Mapping[str, Any]
_YES_NO = (True, False)
_SIYANG_FACTS = ("circumstancesMinor", "duePerformance", "forceMajeure", "transparent", "effectRemoved", "cooperative")
VALUES: dict[str, tuple[Any, ...]] = HUBEI_VALUES | dict.fromkeys((*_SIYANG_FACTS, "fitsExemptionList", "harmsMassesInterest"), _YES_NO)


@dataclass(frozen=True)
class Rule:
    """A rule over `facts`; `met` is asked when all of them are known. `gives` is the outcome of a situation."""

    name: str
    facts: tuple[str, ...]
    met: Callable[[Facts], bool]
    gives: str | None = None

    def _completions(self, known: Facts) -> Iterator[dict[str, Any]]:
        open_facts = [name for name in self.facts if known.get(name) is None]
        for values in itertools.product(*(VALUES[name] for name in open_facts)):
            yield {name: known.get(name) for name in self.facts} | dict(zip(open_facts, values, strict=True))

    def certain(self, known: Facts) -> bool:
        """Met, whatever the unknown facts are."""
        return all(map(self.met, self._completions(known)))

    def needs(self, known: Facts) -> list[str]:
        """The unknown facts that can still change the answer."""
        found = []
        for name in self.facts:
            if known.get(name) is None and any(
                self.met(facts) != self.met(facts | {name: value}) for facts in self._completions(known) for value in VALUES[name]
            ):
                found.append(name)
        return found


NATIONAL = (
    Rule("N3", ("personalGain", "motive"), lambda f: f["personalGain"] or f["motive"] == "PRIVATE"),
    Rule("N3b", ("intent",), lambda f: f["intent"] == "KNOWING"),
    Rule("N3c", ("explicitProhibition", "persisted"), lambda f: f["explicitProhibition"] == "EXPLICIT" and f["persisted"]),
)
SIYANG = (
    Rule(
        "SY-E1",
        ("explicitProhibition", "intent", "circumstancesMinor", "consequence"),
        lambda f: (
            f["explicitProhibition"] in ("NONE", "UNCLEAR")
            and f["intent"] == "INADVERTENT"
            and (f["circumstancesMinor"] or f["consequence"] in ("NONE", "MINOR"))
        ),
        "EXEMPT",
    ),
    Rule("SY-E2", ("decisionProcess", "personOpposed"), lambda f: f["decisionProcess"] == "COLLECTIVE" and f["personOpposed"], "EXEMPT"),
    Rule(
        "SY-E3",
        ("duePerformance", "forceMajeure", "consequence"),
        lambda f: f["duePerformance"] and f["forceMajeure"] and f["consequence"] in ("LOSS_RECOVERED", "LOSS_UNRECOVERED", "MAJOR_LOSS"),
        "EXEMPT",
    ),
    Rule(
        "SY-R1",
        ("decisionProcess", "transparent", "consequence", "remedy", "effectRemoved"),
        lambda f: (
            f["decisionProcess"] == "COLLECTIVE"
            and f["transparent"]
            and f["consequence"] in ("MINOR", "LOSS_RECOVERED")
            and f["remedy"] == "TIMELY"
            and f["effectRemoved"]
        ),
        "REDUCE",
    ),
    Rule("SY-R2", ("cooperative",), lambda f: f["cooperative"], "MANUAL"),
)
OUTSIDE_THE_LIST = Rule("MD-LIST", ("fitsExemptionList",), lambda f: not f["fitsExemptionList"])
_CITY = (
    Rule("N1", ("explicitProhibition", "persisted"), lambda f: f["explicitProhibition"] == "EXPLICIT" and f["persisted"]),
    Rule("N2", ("consequence",), lambda f: f["consequence"] in SEVERE),
)
CITIES = dict.fromkeys(("xiangyang", "yichang", "huangshi", "xiaogan"), _CITY)
"""What these cities of Hubei refuse beside what Hubei refuses."""
OWN_REFUSALS = {
    "model_defence": (OUTSIDE_THE_LIST,),
    "model_essay": (
        Rule(
            "N5",
            ("intent", "explicitProhibition"),
            lambda f: f["intent"] == "KNOWING" and f["explicitProhibition"] in ("RULE_BREACH", "EXPLICIT", "PARTY_DISCIPLINE_REDLINE"),
        ),
        Rule("N6", ("intent", "harmsMassesInterest"), lambda f: f["intent"] == "KNOWING" and f["harmsMassesInterest"]),
        Rule(
            "N7",
            ("nature", "personalGain", "motive"),
            lambda f: f["nature"] == "PIONEERING" and (f["personalGain"] or f["motive"] == "PRIVATE"),
        ),
    ),
    "model_s2": (
        Rule(
            "N8",
            ("consequence", "decisionProcess"),
            lambda f: f["consequence"] in ("MAJOR_LOSS", "MAJOR_SAFETY") and f["decisionProcess"] != "NOT_A_DECISION",
        ),
    ),
}
"""What a place refuses beside what the nation refuses."""
AS_HUBEI = ("hubei", "shiyan", "xianning", "jingmen", "wuhan", "hubei_zone", *CITIES)
AS_THE_NATION = (
    *("china", "siyang", "jiangsu", "suqian", "zhangjiagang", "wuxi", "tongren", "sanshui", "longxi", "chongqing", "jilin", "shenzhen"),
    *("guangdong_ftz", "qingdao", "hangzhou", "shaoxing", "chenzhou", "xcity", *OWN_REFUSALS),
)
"""The places whose negative lists were read here: a folder that somebody adds is its author's to read."""


@dataclass(frozen=True)
class Place:
    """The rules of a place, in the order of reasons: what refuses, and the situations."""

    refusals: tuple[Rule, ...]
    situations: tuple[Rule, ...] = ()

    def facts(self) -> list[str]:
        """All facts its rules read."""
        return list(dict.fromkeys(name for rule in (*self.refusals, *self.situations) for name in rule.facts))


PLACES = {
    "china": Place(NATIONAL),
    "siyang": Place(NATIONAL, SIYANG),
    "model_defence": Place((*NATIONAL, OUTSIDE_THE_LIST)),
}


@dataclass(frozen=True)
class Judgement:
    """What the reading gives for some facts; `rules` are the refusals and situations met, in order."""

    outcome: str
    modality: str
    rules: tuple[str, ...]
    missing: tuple[str, ...]


def judge(place: Place, facts: Facts) -> Judgement:
    """The outcome by the order of the steps: refusals, unknown facts, situations (exempt before reduce), else people."""
    refused = [rule.name for rule in place.refusals if rule.certain(facts)]
    met = [rule for rule in place.situations if rule.certain(facts)]
    missing = tuple(dict.fromkeys(name for rule in (*place.refusals, *place.situations) for name in _asked(rule, facts)))
    given = [rule.gives for rule in met]
    if refused:
        outcome = "NOT_TOLERATED"
    elif missing:
        outcome = "MANUAL"
    else:
        outcome = next((kind for kind in ("EXEMPT", "REDUCE") if kind in given), "MANUAL")
    modality = "SHOULD" if refused else "MAY"
    return Judgement(outcome, modality, (*refused, *(rule.name for rule in met)), missing)


def _asked(rule: Rule, facts: Facts) -> list[str]:
    """What the rule needs; whether somebody persisted is asked only once the prohibition is known to be express."""
    express = facts.get("explicitProhibition") == "EXPLICIT"
    return [name for name in rule.needs(facts) if name != "persisted" or express]
