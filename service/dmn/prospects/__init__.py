"""What remains possible when the inputs of a decision are known only in part, and which of them still matter."""

from service.dmn.prospects.answer import ANYTHING, Asker, Distinction, Given, OpenInput, Origin, Outcome, PossibleRule, Prospects
from service.dmn.prospects.limits import ProspectLimits
from service.dmn.prospects.marks import Failure
from service.dmn.prospects.question import prospects

__all__ = [
    "ANYTHING",
    "Asker",
    "Distinction",
    "Failure",
    "Given",
    "OpenInput",
    "Origin",
    "Outcome",
    "PossibleRule",
    "ProspectLimits",
    "Prospects",
    "prospects",
]
