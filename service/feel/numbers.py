"""FEEL numbers: decimals of 34 digits under IEEE 754-2008 decimal128 rules, rounding half to even."""

from __future__ import annotations

import decimal
from decimal import Decimal

from service.feel.errors import Fault

CONTEXT = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


_LARGEST_INTEGER = Decimal(2**62)


def parse_number(text: str) -> Decimal:
    """A numeric literal, rounded to 34 digits; null-worthy sizes raise `Fault`."""
    try:
        return CONTEXT.plus(CONTEXT.create_decimal(text))
    except decimal.DecimalException as error:
        raise Fault("INVALID_NUMBER", f"{text} is not a number of FEEL's range") from error


def number_text(value: Decimal) -> str:
    """Canonical text: no exponent, no superfluous zeros."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole_part(value: Decimal, what: str) -> int:
    """The number without its fraction; one no position or length can have is a fault."""
    if abs(value) > _LARGEST_INTEGER:
        raise Fault("OUT_OF_BOUNDS", f"{what} is too large")
    return int(value)


def integer(value: object, what: str) -> int:
    """The integer a function needs as argument."""
    if not isinstance(value, Decimal):
        raise Fault("INVALID_TYPE", f"{what} must be a number")
    truncated = whole_part(value, what)
    if truncated != value:
        raise Fault("INVALID_TYPE", f"{what} must be an integer")
    return truncated
