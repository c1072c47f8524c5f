"""Accepting submitted data: what is hidden, what is missing, what is wrong, and what is to be set.

Which fields are hidden depends on the data, and what is hidden is not part of the data. So the data and the set of hidden fields
are worked out in turns until both stand still (`_settle`); only then are values judged (`_judge`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.feel import Expression, to_json
from service.forms.components import Field, Scope
from service.forms.conditions import UNKNOWN, Scene
from service.forms.flattening import Place, Sent, flatten
from service.forms.json_values import MISSING, Json, Missing, Path, exact, pointer_to, same, value_at, with_value
from service.forms.problems import FormProblem
from service.forms.values import MAX_ITEMS, check_value, is_empty

MAX_TURNS = 12


@dataclass(frozen=True, slots=True)
class Accepted:
    """Values to set in one scope, and its problems in form order."""

    values: Mapping[Path, Json]
    problems: tuple[FormProblem, ...]


@dataclass(frozen=True, slots=True)
class _Settled:
    """The data with which the conditions agree. `rows`: what was made of each dynamic list sent; `computed`: expression fields."""

    scene: Scene
    hidden: frozenset[Path]
    rows: Mapping[Path, tuple[Accepted, ...]]
    computed: Mapping[Path, Json]
    stable: bool


class ScopeAcceptance:
    """One scope at work: the variables (`base` empty), or one row of a dynamic list.

    `standing` are the values that stand unless something is sent; `repeatable` the values a read-only field may repeat (in a row
    nothing stands, since a list is replaced whole, but the row of the same index may be repeated). `scene` supplies functions and
    clock and, for a row, what is around it.
    """

    def __init__(
        self,
        scope: Scope,
        submitted: Mapping[str, Json],
        standing: Mapping[str, Json],
        repeatable: Mapping[str, Json],
        scene: Scene,
        base: Place,
    ) -> None:
        self._fields = scope.fields
        self._standing = standing
        self._repeatable = repeatable
        self._scene = scene
        self._base = base
        self._flat = flatten(submitted, scope.by_path(), base)

    def accept(self) -> Accepted:
        """All values and all problems of the scope."""
        settled = self._settle()
        values: dict[Path, Json] = {}
        problems: list[FormProblem] = []
        if not settled.stable:
            message = "表单的显示条件或计算式互相矛盾，得不出确定的结果 (conditions or computed values contradict each other)"
            problems.append(FormProblem(pointer_to(self._base), "condition-unstable", message))
        for field in self._fields:
            if field.path in settled.hidden:
                continue
            problems.extend(self._flat.problems.get(field.path, ()))
            value, found = self._judge(field, settled)
            problems.extend(found)
            if not isinstance(value, Missing):
                problems.extend(self._blocked(field))
                values[field.path] = value
        return Accepted(values, (*problems, *self._flat.unknown))

    def _settle(self) -> _Settled:
        """Take turns until hidden fields and computed values no longer change: they decide everything else."""
        hidden: frozenset[Path] = frozenset()
        computed: dict[Path, Json] = {}
        for _ in range(MAX_TURNS):
            data = dict(self._standing)
            for field in self._fields:
                value = self._given(field) if field.path not in hidden else MISSING
                if not isinstance(value, Missing):
                    data = with_value(data, field.path, value)
            for path, value in computed.items():
                data = with_value(data, path, value)
            rows = dict(self._accept_lists(hidden, self._scene.with_own(data)))
            for path, accepted in rows.items():
                data = with_value(data, path, [_row_value(row) for row in accepted])
            now_computed: dict[Path, Json] = {}
            for field in self._fields:
                if field.expression is not None and field.path not in hidden:
                    now_computed[field.path] = _compute(field.expression, self._scene.with_own(data))
                    data = with_value(data, field.path, now_computed[field.path])
            scene = self._scene.with_own(data)
            now_hidden = frozenset(field.path for field in self._fields if any(scene.evaluate(one) is True for one in field.hide))
            if (
                now_hidden == hidden
                and now_computed.keys() == computed.keys()
                and all(same(now_computed[path], computed[path]) for path in computed)
            ):
                return _Settled(scene, hidden, rows, now_computed, True)
            hidden, computed = now_hidden, now_computed
        return _Settled(scene, hidden, rows, now_computed, False)

    def _given(self, field: Field) -> Json | Missing:
        """What is sent, else the default where no value stands, else MISSING."""
        if field.expression is not None:
            return MISSING
        sent = self._flat.sent.get(field.path)
        if sent is not None:
            return sent.value
        stands = value_at(self._standing, field.path)
        if field.disabled or not (stands is None or isinstance(stands, Missing)):
            return MISSING
        return field.default

    def _accept_lists(self, hidden: frozenset[Path], scene: Scene) -> Iterator[tuple[Path, tuple[Accepted, ...]]]:
        for field in self._fields:
            sent = self._flat.sent.get(field.path)
            if field.rows is None or sent is None or field.path in hidden or not _is_list_of_rows(sent.value):
                continue
            assert isinstance(sent.value, list)
            earlier = value_at(self._repeatable, field.path)
            accepted = []
            for index, row in enumerate(sent.value):
                assert isinstance(row, dict)
                repeated = earlier[index] if isinstance(earlier, list) and index < len(earlier) else None
                work = ScopeAcceptance(
                    field.rows, row, {}, repeated if isinstance(repeated, dict) else {}, scene.within_row(index), (*sent.place, index)
                )
                accepted.append(work.accept())
            yield field.path, tuple(accepted)

    def _judge(self, field: Field, settled: _Settled) -> tuple[Json | Missing, list[FormProblem]]:
        """The value to set (MISSING for none) and the problems of one visible field."""
        sent = self._flat.sent.get(field.path)
        if field.expression is not None:
            return self._judge_computed(field, sent, settled.computed.get(field.path))
        locked = self._locked(field, settled.scene)
        if locked is not None and sent is not None:
            repeated = value_at(self._repeatable, field.path)
            if same(sent.value, None if isinstance(repeated, Missing) else repeated):
                return (sent.value if self._base else MISSING), []
            return MISSING, [locked]
        value = self._given(field)
        if locked is None and is_empty(field, None if isinstance(value, Missing) else value):
            missing = self._missing(field, settled.scene, kept=isinstance(value, Missing))
            if missing is not None:
                return MISSING, [missing]
        if isinstance(value, Missing):
            return MISSING, []
        if field.rows is not None:
            return self._judge_list(field, value, settled)
        kept, faults = check_value(field, value, settled.scene)
        place = self._place(field)
        return kept, [self._problem(field, fault.code, fault.message, (*place, *fault.within)) for fault in faults]

    def _judge_computed(self, field: Field, sent: Sent | None, computed: Json) -> tuple[Json, list[FormProblem]]:
        if sent is None or same(sent.value, computed):
            return computed, []
        return computed, [self._problem(field, "read-only", "由系统计算，不接受其他值 (computed by the server)", sent.place)]

    def _judge_list(self, field: Field, value: Json, settled: _Settled) -> tuple[Json, list[FormProblem]]:
        place = self._place(field)
        if value is None:
            return None, []
        if field.path not in settled.rows:
            return value, [self._problem(field, "wrong-type", f"应为至多 {MAX_ITEMS} 行的列表，每行为对象 (list of objects)", place)]
        rows = settled.rows[field.path]
        problems = [problem for row in rows for problem in row.problems]
        stands = value_at(self._standing, field.path)
        if field.rows_fixed and isinstance(stands, list) and len(stands) != len(rows):
            problems.insert(0, self._problem(field, "rows-fixed", f"应为 {len(stands)} 行，不可增减 (rows are fixed)", place))
        return [_row_value(row) for row in rows], problems

    def _locked(self, field: Field, scene: Scene) -> FormProblem | None:
        """The problem of sending a value to this field, None where it may be filled in."""
        read_only = scene.evaluate(field.read_only) if isinstance(field.read_only, Expression) else field.read_only
        if field.disabled or read_only is True:
            return self._problem(field, "read-only", "为只读，不可修改 (read-only)", self._place(field))
        if read_only is not False:
            return self._problem(field, "condition-unknown", "是否只读无法判断，按只读处理 (readonly cannot be told)", self._place(field))
        return None

    def _missing(self, field: Field, scene: Scene, kept: bool) -> FormProblem | None:
        """The problem of an empty field, None where it may be empty. `kept`: nothing was sent, so a value may stand."""
        if kept and field.rules.keeps_value:
            stands = value_at(self._standing, field.path)
            if not isinstance(stands, Missing) and not is_empty(field, stands):
                return None
        if field.rules.required:
            return self._problem(field, "required", "为必填项 (required)", self._place(field))
        if field.rules.required_when is None:
            return None
        needed = scene.evaluate(field.rules.required_when)
        if needed is False:
            return None
        if needed is True:
            return self._problem(field, "required", "在此情形下为必填项 (required here)", self._place(field))
        return self._problem(field, "condition-unknown", "是否必填无法判断，按必填处理 (requiredWhen cannot be told)", self._place(field))

    def _blocked(self, field: Field) -> Iterator[FormProblem]:
        for length in range(1, len(field.path)):
            stands = value_at(self._standing, field.path[:length])
            if stands is not None and not isinstance(stands, Missing | dict):
                name = ".".join(field.path[:length])
                yield self._problem(field, "path-blocked", f"不能写入：变量“{name}”不是对象 (not an object)", self._place(field))

    def _place(self, field: Field) -> Place:
        sent = self._flat.sent.get(field.path)
        return sent.place if sent is not None else (*self._base, *field.path)

    def _problem(self, field: Field, code: str, message: str, place: Place) -> FormProblem:
        return FormProblem(pointer_to(place), code, f"“{field.label}”{message}")


def _compute(expression: Expression, scene: Scene) -> Json:
    value = scene.evaluate(expression)
    return None if value is UNKNOWN else exact(to_json(value))


def _is_list_of_rows(value: Json) -> bool:
    return isinstance(value, list) and len(value) <= MAX_ITEMS and all(isinstance(row, dict) for row in value)


def _row_value(row: Accepted) -> Json:
    built: dict[str, Json] = {}
    for path, value in row.values.items():
        built = with_value(built, path, value)
    return built
