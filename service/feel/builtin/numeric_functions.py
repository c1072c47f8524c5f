"""Numeric functions (10.3.4.5)."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from service.feel.builtin.registry import builtin, need_integer, need_number, single
from service.feel.errors import Fault
from service.feel.evaluation import Run
from service.feel.numbers import CONTEXT
from service.feel.temporal import DayTimeDuration, YearMonthDuration

_MIN_SCALE = -6111
_MAX_SCALE = 6176
_WHOLE = Decimal(0)


def _rounded(value: Any, scale: Any, rounding: str) -> Decimal:
    amount = need_number(value, "n")
    places = need_integer(scale, "scale")
    if not _MIN_SCALE <= places <= _MAX_SCALE:
        raise Fault("OUT_OF_BOUNDS", f"the scale {places} is outside {_MIN_SCALE} to {_MAX_SCALE}")
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return amount
    wide = decimal.Context(prec=7000, rounding=rounding, Emin=-99999, Emax=99999)
    return CONTEXT.plus(amount.quantize(Decimal((0, (1,), -places)), context=wide))


@builtin("decimal", ("n", "scale"))
def round_half_even(run: Run, n: Any, scale: Any) -> Decimal:
    """Rounded to `scale` places, half to even."""
    return _rounded(n, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor", ("n", "scale?"))
def floor(run: Run, n: Any, scale: Any = _WHOLE) -> Decimal:
    """Rounded towards minus infinity."""
    return _rounded(n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling", ("n", "scale?"))
def ceiling(run: Run, n: Any, scale: Any = _WHOLE) -> Decimal:
    """Rounded towards plus infinity."""
    return _rounded(n, scale, decimal.ROUND_CEILING)


@builtin("round up", ("n", "scale"))
def round_up(run: Run, n: Any, scale: Any) -> Decimal:
    """Rounded away from zero."""
    return _rounded(n, scale, decimal.ROUND_UP)


@builtin("round down", ("n", "scale"))
def round_down(run: Run, n: Any, scale: Any) -> Decimal:
    """Rounded towards zero."""
    return _rounded(n, scale, decimal.ROUND_DOWN)


@builtin("round half up", ("n", "scale"))
def round_half_up(run: Run, n: Any, scale: Any) -> Decimal:
    """Rounded to the nearest, half away from zero."""
    return _rounded(n, scale, decimal.ROUND_HALF_UP)


@builtin("round half down", ("n", "scale"))
def round_half_down(run: Run, n: Any, scale: Any) -> Decimal:
    """Rounded to the nearest, half towards zero."""
    return _rounded(n, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs", ("n",))
def absolute(run: Run, n: Any) -> Any:
    """The absolute value of a number or duration."""
    value = single(n)
    if isinstance(value, YearMonthDuration):
        return YearMonthDuration(abs(value.months))
    if isinstance(value, DayTimeDuration):
        return DayTimeDuration(abs(value.nanos))
    return CONTEXT.abs(need_number(value, "n"))


def _calculated(calculation: Callable[[], Decimal]) -> Decimal:
    try:
        return calculation()
    except decimal.DecimalException as error:
        raise Fault("INVALID_NUMBER", "there is no result within FEEL's numbers") from error


@builtin("modulo", ("dividend", "divisor"))
def modulo(run: Run, dividend: Any, divisor: Any) -> Decimal:
    """The remainder with the sign of the divisor: dividend - divisor * floor(dividend / divisor)."""
    left, right = need_number(dividend, "dividend"), need_number(divisor, "divisor")
    if not right:
        raise Fault("DIVISION_BY_ZERO", "division by zero")

    def remainder() -> Decimal:
        wide = decimal.Context(prec=12500, Emin=-99999, Emax=99999)
        rest = wide.remainder(left, right)
        if rest and (rest < 0) != (right < 0):
            rest = wide.add(rest, right)
        return CONTEXT.plus(rest)

    return _calculated(remainder)


@builtin("sqrt", ("number",))
def square_root(run: Run, number: Any) -> Decimal:
    """The square root; null for negative numbers."""
    value = need_number(number, "number")
    return _calculated(lambda: CONTEXT.sqrt(value))


@builtin("log", ("number",))
def logarithm(run: Run, number: Any) -> Decimal:
    """The natural logarithm; null unless positive."""
    value = need_number(number, "number")
    if value <= 0:
        raise Fault("OUT_OF_BOUNDS", "the logarithm needs a positive number")
    return _calculated(lambda: CONTEXT.ln(value))


@builtin("exp", ("number",))
def exponential(run: Run, number: Any) -> Decimal:
    """e to the power of the number."""
    value = need_number(number, "number")
    return _calculated(lambda: CONTEXT.exp(value))


@builtin("odd", ("number",))
def odd(run: Run, number: Any) -> bool:
    """Whether an integer is odd."""
    return abs(_remainder_by_two(number)) == 1


@builtin("even", ("number",))
def even(run: Run, number: Any) -> bool:
    """Whether an integer is even."""
    return not _remainder_by_two(number)


def _remainder_by_two(number: Any) -> int:
    value = need_number(number, "number")
    whole = int(value)
    if whole != value:
        return 2
    return whole % 2
