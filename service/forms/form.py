"""A form that was read: its keys, its schema, and what it accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.forms.acceptance import ScopeAcceptance
from service.forms.components import ONE_OF_TYPES, Scope
from service.forms.conditions import ZONE, Scene, local_now
from service.forms.json_values import Json, Missing, exact, measure
from service.forms.problems import FormFinding, FormProblem, Submission
from service.forms.reader import read_document, read_scope

MAX_DEPTH = 20
MAX_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class Form:
    """A form-js form the server can enforce. Immutable; may be shared between threads.

    `id` is the form key, `schema` the JSON as given (numbers are Decimal), `findings` the warnings.
    """

    id: str
    schema: Mapping[str, Json]
    findings: tuple[FormFinding, ...]
    _scope: Scope

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Paths of all fields in form order; a dynamic list counts as one."""
        return tuple(field.path for field in self._scope.fields)

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be chosen by a form that asks for one thing and lists the answers (a radio or select with fixed texts); else ()."""
        if len(self._scope.fields) != 1:
            return ()
        (field,) = self._scope.fields
        values = field.options.fixed
        closed = field.type in ONE_OF_TYPES and field.rules.required and not field.hide and all(isinstance(one, str) for one in values)
        # Who says nothing has not chosen.
        closed = closed and isinstance(field.default, Missing) and not (field.disabled or field.read_only or field.rules.keeps_value)
        return tuple(str(one) for one in values) if closed else ()

    def accept(
        self,
        submitted: Mapping[str, Json],
        standing: Mapping[str, Json],
        functions: Mapping[str, Callable[..., Any]] | None = None,
        now: Callable[[], datetime] = local_now,
    ) -> Submission:
        """Judge submitted data against the form.

        submitted: nested objects or keys with dots, or both; standing: the variables as they are; functions: additional
        callables for FEEL by name; now: the clock, whose date in China is "today". Nothing is changed; all problems are answered at once.
        """
        size = measure(dict(submitted), MAX_DEPTH)
        if size < 0 or size > MAX_VALUES:
            message = f"数据过大：至多 {MAX_VALUES} 个值、{MAX_DEPTH} 层 (too many values or levels)"
            return Submission((), (FormProblem("", "too-large", message),))
        given = {name: exact(value) for name, value in submitted.items()}
        stands = {name: exact(value) for name, value in standing.items()}
        instant = now().astimezone(ZONE)
        scene = Scene(stands, functions or {}, lambda: instant)
        accepted = ScopeAcceptance(self._scope, given, stands, stands, scene, ()).accept()
        return Submission(() if accepted.problems else tuple(accepted.values.items()), accepted.problems)


def read_form(data: bytes, file_name: str) -> Form:
    """Read a `*.form` file (form-js JSON schema). Raises FormRefused with every finding when it cannot be enforced."""
    document, reading = read_document(data, file_name)
    scope = read_scope(document, reading)
    if any(finding.severity == "error" for finding in reading.findings):
        raise reading.stop()
    return Form(str(document["id"]), document, tuple(reading.findings), scope)
