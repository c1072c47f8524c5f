"""The law of an instance: what was in force when it started."""

from dataclasses import dataclass
from datetime import datetime

BASIS_LAW = "law"
BASIS_RULE = "rule"
BASIS_DEFAULT = "default"
BASIS_RECOMMENDATION = "recommendation"


@dataclass(frozen=True, slots=True)
class DueDate:
    """A moment that a configured time limit gives, and where the limit comes from (law, rule, recommendation, default)."""

    at: datetime
    basis: str
    key: str
