"""Evaluating the FEEL of a form over its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from service.feel import Expression, FeelLimitError, Limits
from service.feel.free_names import free_functions
from service.forms.json_values import Json

LIMITS = Limits(steps=100_000, seconds=1.0, size=20_000)
"""Budget of one expression of a form."""


ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Where "today" is: China keeps one time all year."""
OFFERED_FUNCTIONS = frozenset({"setting", "deadline"})
"""What a form may call besides the functions of FEEL: the configured switches and time limits of the procedure."""


class Unknown:
    """The type of UNKNOWN."""

    __slots__ = ()


UNKNOWN: Final = Unknown()
"""An expression used up its budget."""


def local_now() -> datetime:
    """The present in the time zone of forms."""
    return datetime.now(ZONE)


def unknown_functions(expression: Expression) -> frozenset[str]:
    """The names under which the expression calls what neither FEEL nor the service offers nor the expression itself defines."""
    return free_functions(expression.tree) - OFFERED_FUNCTIONS


@dataclass(frozen=True, slots=True)
class Scene:
    """What an expression of a form sees.

    Outside dynamic lists: the variables, and as `this` the same. Within a row: the variables, `this` = the row, `parent` = the
    data around the list, `i` = 1-based indexes of the rows, outermost first. A variable named like one of the three hides it;
    `_this_`, `_parent_` and `_i_` always mean them (as form-js has it).
    """

    data: Mapping[str, Json]
    functions: Mapping[str, Callable[..., Any]]
    now: Callable[[], datetime] = local_now
    this: Mapping[str, Json] | None = None
    parent: Mapping[str, Json] | None = None
    indexes: tuple[int, ...] = ()
    _context: dict[str, Any] = field(default_factory=dict)

    def within_row(self, index: int) -> Scene:
        """The scene of row `index` (0-based) of a list in this scene, the row still empty."""
        around = self.data if self.this is None else self.this
        return Scene(self.data, self.functions, self.now, {}, around, (*self.indexes, index + 1))

    def with_own(self, values: Mapping[str, Json]) -> Scene:
        """The same scene with other values of its own: the row where it is one, else the variables."""
        if self.this is None:
            return Scene(values, self.functions, self.now)
        return Scene(self.data, self.functions, self.now, values, self.parent, self.indexes)

    def evaluate(self, expression: Expression) -> Any:
        """The FEEL value, null where FEEL says null, UNKNOWN where the budget was used up."""
        if not self._context:
            this = self.data if self.this is None else self.this
            indexes = [Decimal(index) for index in self.indexes]
            special = {"this": this, "parent": self.parent, "i": indexes}
            self._context.update(special)
            self._context.update(self.data)
            self._context.update({f"_{name}_": value for name, value in special.items()})
        try:
            return expression.evaluate(self._context, functions=self.functions, clock=self.now, limits=LIMITS).value
        except FeelLimitError:
            return UNKNOWN
