"""The fields of a form, compiled: what `reader` makes of the JSON and `acceptance` enforces."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from service.feel import Expression
from service.forms.json_values import MISSING, Json, Missing, Path

TEXT_TYPES = frozenset({"textfield", "textarea"})
ONE_OF_TYPES = frozenset({"radio", "select"})
SOME_OF_TYPES = frozenset({"checklist", "taglist"})
DATA_TYPES = TEXT_TYPES | ONE_OF_TYPES | SOME_OF_TYPES | {"number", "checkbox", "datetime", "expression"}
SHOWN_TYPES = frozenset({"text", "html", "image", "button", "spacer", "separator", "table", "iframe", "documentPreview"})
"""Components that show something and hold no data."""

Bound: TypeAlias = "Decimal | Expression | None"


@dataclass(frozen=True, slots=True)
class Options:
    """Where the permitted values come from: exactly one of a fixed list, a variable (`valuesKey`), a FEEL expression."""

    fixed: tuple[Json, ...] = ()
    variable: str | None = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a value must fulfil. Lengths are characters without surrounding blanks, as form-js counts them."""

    required: bool = False
    required_when: Expression | None = None
    keeps_value: bool = False
    minimum: Bound = None
    maximum: Bound = None
    min_length: Bound = None
    max_length: Bound = None
    pattern: Any = None
    pattern_text: str = ""
    pattern_message: str | None = None
    validation_type: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One component that holds data. `path` is relative to its scope: the variables, or the row of a dynamic list."""

    component_id: str | None
    type: str
    path: Path
    label: str
    rules: Rules = field(default_factory=Rules)
    hide: tuple[Expression, ...] = ()
    disabled: bool = False
    read_only: bool | Expression = False
    default: Json | Missing = MISSING
    options: Options = field(default_factory=Options)
    decimal_digits: int | None = None
    number_as_text: bool = False
    subtype: str = "date"
    no_past_dates: bool = False
    no_future_dates: bool = False
    expression: Expression | None = None
    rows: Scope | None = None
    rows_fixed: bool = False

    @property
    def key(self) -> str:
        """The path as form-js writes it."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Scope:
    """Fields that share one object of data, in form order."""

    fields: tuple[Field, ...]

    def by_path(self) -> dict[Path, Field]:
        """Fields by their path."""
        return {one.path: one for one in self.fields}
