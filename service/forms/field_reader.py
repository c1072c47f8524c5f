"""Reading one component that holds data: its rules, options, conditions and default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from service.feel import Expression, FeelLimitError, FeelSyntaxError, compile_expression
from service.forms.components import ONE_OF_TYPES, SOME_OF_TYPES, TEXT_TYPES, Bound, Field, Options, Rules, Scope
from service.forms.conditions import Scene, unknown_functions
from service.forms.json_values import MISSING, Json, Missing, Path
from service.forms.patterns import BadPattern, compile_pattern
from service.forms.values import check_value, option_value

MAX_EXPRESSION = 10_000
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PROPERTIES = frozenset({"requiredWhen", "keepsValue", "noFutureDates"})


class Findings(Protocol):
    """Takes findings."""

    def add(self, code: str, message: str, component: Component | None = None, severity: str = "error") -> None:
        """Record one."""


class Component:
    """The JSON of one component, read with findings instead of exceptions."""

    def __init__(self, raw: Mapping[str, Json], findings: Findings) -> None:
        self.raw = raw
        self._findings = findings

    def fault(self, code: str, message: str, severity: str = "error") -> None:
        """Record a finding at this component."""
        self._findings.add(code, message, self, severity)

    def text(self, name: str) -> str | None:
        """A text attribute, None where there is none."""
        value = self.raw.get(name)
        return value if isinstance(value, str) else None

    def section(self, name: str) -> Mapping[str, Json]:
        """An object attribute, empty where there is none."""
        value = self.raw.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault("bad-attribute", f'"{name}" is an object')
            return {}
        return value

    def flag(self, name: str, value: Json) -> bool:
        """A boolean attribute, False where there is none."""
        if value is None or isinstance(value, bool):
            return bool(value)
        self.fault("bad-attribute", f'"{name}" is true or false, not {str(value)[:40]!r}')
        return False

    def path(self, name: str) -> Path:
        """The path in `key` or `path`; empty with a finding where it is none."""
        value = self.raw.get(name)
        if not isinstance(value, str) or not value:
            self.fault("no-key", f'a {self.raw.get("type")} has a "{name}": the name of its variable')
            return ()
        segments = tuple(value.split("."))
        if len(value) > 500 or not all(segment and segment == segment.strip() for segment in segments):
            self.fault("bad-key", f'"{name}" {value[:60]!r} is not a path of names separated by dots')
            return ()
        return segments

    def expression(self, name: str, text: Json) -> Expression | None:
        """The FEEL of an attribute, with or without a leading `=`; None with a finding where it is none."""
        if not isinstance(text, str) or not text.strip().removeprefix("=").strip():
            self.fault("bad-feel", f'"{name}" is a FEEL expression')
            return None
        if len(text) > MAX_EXPRESSION:
            self.fault("bad-feel", f'"{name}" is longer than {MAX_EXPRESSION} characters')
            return None
        try:
            expression = compile_expression(text.strip().removeprefix("="))
            for function in sorted(unknown_functions(expression)):
                self.fault("unknown-function", f'"{name}" calls {function}, which is no function of FEEL, nor setting or deadline')
            return expression
        except FeelSyntaxError as error:
            self.fault("bad-feel", f'"{name}": {error}')
        except FeelLimitError as error:
            self.fault("bad-feel", f'"{name}": {error.message}')
        return None

    def condition(self) -> Expression | None:
        """`conditional.hide`."""
        hide = self.section("conditional").get("hide")
        if hide is None or hide == "" or hide == "=":
            return None
        return self.expression("conditional.hide", hide)

    def refuse_rules(self, why: str) -> None:
        """Warn of rules on a component that cannot have any."""
        if any(self.section("validate").values()) or _PROPERTIES & self.section("properties").keys():
            self.fault("rules-ignored", f"its rules have no effect: {why}", "warning")


def read_label(raw: Mapping[str, Json], fallback: str) -> str:
    """The label people see; an expression or template is no label here."""
    for name in ("label", "dateLabel", "timeLabel"):
        value = raw.get(name)
        if isinstance(value, str) and value.strip() and not value.startswith("=") and "{{" not in value:
            return value.strip()
    return fallback


def read_field(component: Component, kind: str, path: Path, hide: tuple[Expression, ...], rows: Scope | None) -> Field:
    """The compiled field."""
    raw = component.raw
    read_only = raw.get("readonly")
    properties = component.section("properties")
    field = Field(
        component_id=component.text("id"),
        type=kind,
        path=path,
        label=read_label(raw, ".".join(path)),
        rules=_read_rules(component, kind, properties),
        hide=hide,
        disabled=component.flag("disabled", raw.get("disabled")),
        read_only=_read_only(component, read_only),
        options=_read_options(component) if kind in ONE_OF_TYPES | SOME_OF_TYPES else Options(),
        decimal_digits=_read_decimal_digits(component) if kind == "number" else None,
        number_as_text=component.flag("serializeToString", raw.get("serializeToString")) if kind == "number" else False,
        subtype=_read_subtype(component) if kind == "datetime" else "date",
        no_past_dates=component.flag("disallowPassedDates", raw.get("disallowPassedDates")) if kind == "datetime" else False,
        no_future_dates=kind == "datetime" and properties.get("noFutureDates") in ("true", True),
        expression=component.expression("expression", raw.get("expression")) if kind == "expression" else None,
        rows=rows,
        rows_fixed=kind == "dynamiclist" and raw.get("allowAddRemove") is False,
    )
    if field.rules.required and (field.disabled or field.read_only is True) and kind != "expression":
        component.fault("required-read-only", "required has no effect on a field that cannot be filled in", "warning")
    if field.expression is not None and path in field.expression.paths:
        component.fault("bad-feel", "the expression refers to its own value")
    return _with_default(component, field)


def _read_only(component: Component, value: Json) -> bool | Expression:
    if isinstance(value, str) and value:
        expression = component.expression("readonly", value)
        return expression if expression is not None else True
    return component.flag("readonly", value if value != "" else None)


def _read_rules(component: Component, kind: str, properties: Mapping[str, Json]) -> Rules:
    validate = component.section("validate")
    when = properties.get("requiredWhen")
    keeps = properties.get("keepsValue")
    if keeps not in (None, "true", "false", True, False):
        component.fault("bad-property", 'the property keepsValue is "true" or "false"')
    pattern_text = validate.get("pattern")
    pattern = None
    if pattern_text not in (None, "") and kind in TEXT_TYPES:
        try:
            if not isinstance(pattern_text, str):
                raise BadPattern("not text")
            pattern = compile_pattern(pattern_text)
        except BadPattern as error:
            component.fault("bad-pattern", f"validate.pattern cannot be run (RE2 syntax): {error}")
    validation_type = validate.get("validationType")
    if validation_type not in (None, "", "custom", "email", "phone"):
        component.fault("bad-validate", f"validate.validationType {str(validation_type)[:40]!r} is unknown")
    message = validate.get("patternErrorMessage")
    bounds = {name: _read_bound(component, name, validate.get(name)) for name in ("min", "max", "minLength", "maxLength")}
    _check_order(component, "min", "max", bounds)
    _check_order(component, "minLength", "maxLength", bounds)
    return Rules(
        required=component.flag("validate.required", validate.get("required")),
        required_when=component.expression("properties.requiredWhen", when) if when not in (None, "") else None,
        keeps_value=keeps in ("true", True),
        minimum=bounds["min"],
        maximum=bounds["max"],
        min_length=bounds["minLength"],
        max_length=bounds["maxLength"],
        pattern=pattern,
        pattern_text=str(pattern_text),
        pattern_message=message if isinstance(message, str) and message else None,
        validation_type=validation_type if isinstance(validation_type, str) and kind in TEXT_TYPES else None,
    )


def _read_bound(component: Component, name: str, value: Json) -> Bound:
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.startswith("="):
        return component.expression(f"validate.{name}", value)
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    component.fault("bad-validate", f"validate.{name} is a number or a FEEL expression beginning with =")
    return None


def _check_order(component: Component, low: str, high: str, bounds: Mapping[str, Bound]) -> None:
    least, most = bounds[low], bounds[high]
    if isinstance(least, Decimal) and isinstance(most, Decimal) and least > most:
        component.fault("bad-validate", f"validate.{low} is greater than validate.{high}: no value fits")


def _read_options(component: Component) -> Options:
    raw = component.raw
    if raw.get("valuesExpression") not in (None, ""):
        return Options(expression=component.expression("valuesExpression", raw["valuesExpression"]))
    variable = raw.get("valuesKey")
    if variable not in (None, ""):
        if not isinstance(variable, str):
            component.fault("bad-values", '"valuesKey" is the name of a variable')
            return Options()
        return Options(variable=variable)
    entries = raw.get("values")
    if not isinstance(entries, list):
        component.fault("no-values", 'options are given by "values", "valuesKey" or "valuesExpression"')
        return Options()
    fixed: list[Json] = []
    for entry in entries:
        value = option_value(entry)
        if value is None:
            component.fault("bad-values", f"an entry of values has no value: {str(entry)[:60]}")
        elif any(type(value) is type(earlier) and value == earlier for earlier in fixed):
            component.fault("bad-values", f"the value {str(value)[:60]!r} is listed twice")
        else:
            fixed.append(value)
    if not fixed:
        component.fault("no-values", "values lists nothing to choose")
    return Options(fixed=tuple(fixed))


def _read_decimal_digits(component: Component) -> int | None:
    value = component.raw.get("decimalDigits")
    if value is None or value == "":
        return None
    if isinstance(value, Decimal) and value == value.to_integral_value() and 0 <= value <= 34:
        return int(value)
    component.fault("bad-validate", "decimalDigits is a whole number from 0 to 34")
    return None


def _read_subtype(component: Component) -> str:
    subtype = component.raw.get("subtype", "date")
    if isinstance(subtype, str) and subtype in ("date", "time", "datetime"):
        return subtype
    component.fault("bad-attribute", "the subtype of a datetime is date, time or datetime")
    return "date"


def _with_default(component: Component, field: Field) -> Field:
    default: Json | Missing = component.raw.get("defaultValue", MISSING)
    if isinstance(default, Missing) or default is None or default == "" or field.type in ("expression", "dynamiclist"):
        return field
    if field.type in ONE_OF_TYPES | SOME_OF_TYPES and (field.options.expression or field.options.variable):
        return replace(field, default=default)
    if field.type == "number" and isinstance(default, str) and _NUMBER.fullmatch(default) and not field.number_as_text:
        default = Decimal(default)
    value, faults = check_value(field, default, _no_data())
    for fault in faults:
        if fault.code not in ("condition-unknown", "past-date"):
            component.fault("bad-default", f"defaultValue {fault.message}")
    return replace(field, default=value)


def _no_data() -> Scene:
    return Scene({}, {}, lambda: datetime.now(UTC))
