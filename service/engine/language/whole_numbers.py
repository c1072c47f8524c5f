"""Whole numbers that an expression gives, as a number or as the text of one."""

import re
from decimal import Decimal

from service.domain.json_values import Json

_DIGITS = re.compile(r"\s*-?[0-9]{1,20}\s*")


def whole_number(value: Json, least: int, most: int) -> int | None:
    """The whole number that `value` is or spells in ASCII digits; None when it is none, or not from `least` to `most`."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = Decimal(value.strip())
    # Compared before it becomes an int: 1E+999999 is short to write and takes minutes to make.
    if not isinstance(value, Decimal) or not value.is_finite() or not least <= value <= most or value != value.to_integral_value():
        return None
    return int(value)
