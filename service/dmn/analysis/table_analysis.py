"""The analysis of one table: asks the examination everything the hit policy makes worth asking, and words the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from service.dmn.analysis.box_text import cell_text
from service.dmn.analysis.columns import Columns, Remark, read_columns
from service.dmn.analysis.coverage import Box, trimmed
from service.dmn.analysis.examination import Examination
from service.dmn.analysis.limits import AnalysisLimits, Budget, Exhausted
from service.dmn.analysis.outputs import ConstantOutputs
from service.dmn.analysis.report import (
    Duplicate,
    Gap,
    Input,
    OutputKind,
    Overlap,
    RuleReference,
    Shadowed,
    TableAnalysis,
    Undecided,
    UnreachableOutput,
)
from service.dmn.analysis.wording import FindingsOfTable
from service.dmn.tables.table import CompiledTable
from service.feel import to_json

_MOST_NULL_GAPS = 20
_FIRST = ("FIRST", "PRIORITY")


def analyse_table(
    decision_id: str, name: str, compiled: CompiledTable, functions: frozenset[str], limits: AnalysisLimits, deadline: float
) -> TableAnalysis:
    """Everything that can be said about a table without evaluating it for a case.

    `decision_id` and `name` are those of its decision or knowledge model, `functions` names that may stand for functions;
    what is not found by `deadline`, on the monotonic clock, is told as undecided.
    """
    return _TableAnalyst(decision_id, name, compiled, functions, limits, deadline).analysis()


class _TableAnalyst:
    def __init__(
        self, decision_id: str, name: str, compiled: CompiledTable, functions: frozenset[str], limits: AnalysisLimits, deadline: float
    ) -> None:
        self._decision_id = decision_id
        self._name = name
        self._compiled = compiled
        self._table = compiled.table
        self._limits = limits
        self._trimming = Budget(limits, deadline)
        self._columns: Columns = read_columns(compiled, functions, Budget(limits, deadline))
        self._outputs = ConstantOutputs(compiled, compiled.names & functions)
        self._examined = Examination(self._columns.dimensions, len(compiled.rules), limits, deadline)
        self._undecided: list[Remark] = list(self._columns.undecided)

    def analysis(self) -> TableAnalysis:
        """The answers and the findings about them."""
        table = self._table
        overlaps, total = self._overlaps()
        disjoint = total == 0 and self._examined.decided and not self._examined.has_related_columns
        complete, gaps = (True, ()) if disjoint and self._examined.is_filled() else self._gaps()
        null_gaps = self._null_gaps()
        unreachable = self._examined.unreachable()
        duplicates = self._duplicates()
        shadowed, null_only = self._shadowed()
        idle = {*unreachable, *(position for position, _ in shadowed)}
        outputs, open_outputs = self._unreachable_outputs(idle)
        self._possible_overlaps(bool(overlaps))
        findings = FindingsOfTable(self._compiled)
        findings.columns(self._columns)
        findings.basis()
        findings.unreachable_rules(unreachable, self._columns.dimensions)
        findings.gaps(gaps, null_gaps)
        findings.overlaps(_without_duplicates(overlaps, duplicates), total)
        findings.duplicates(duplicates, self._examined.certainly_applies)
        repeated = {found.rule.index for found in duplicates}
        findings.shadowed([found for found in map(self._as_shadowed, shadowed) if found.rule.index not in repeated])
        findings.null_only([self._reference(position) for position in null_only])
        findings.unreachable_outputs(outputs, open_outputs)
        findings.undecided(self._undecided)
        return TableAnalysis(
            decision_id=self._decision_id,
            element_id=table.place.element_id,
            name=self._name,
            line=table.place.line,
            hit_policy=table.hit_policy,
            aggregation=table.aggregation,
            rule_count=len(table.rules),
            inputs=tuple(Input(clause.label, clause.expression.text) for clause in table.inputs),
            complete=complete,
            gaps=gaps,
            null_gaps=null_gaps,
            overlaps=overlaps,
            overlap_count=total,
            shadowed=tuple(map(self._as_shadowed, shadowed)),
            duplicates=duplicates,
            unreachable_rules=tuple(map(self._reference, unreachable)),
            unreachable_outputs=outputs,
            undecided=tuple(Undecided(remark.place.element_id, remark.message) for remark in self._undecided),
            findings=findings.all(),
        )

    def _reference(self, position: int) -> RuleReference:
        return RuleReference(position + 1, self._table.rules[position].place.element_id)

    def _as_shadowed(self, found: tuple[int, tuple[int, ...]]) -> Shadowed:
        position, by = found
        return Shadowed(self._reference(position), tuple(map(self._reference, by)))

    def _remark(self, message: str) -> None:
        self._undecided.append(Remark(self._table.place, message))

    def _box(self, box: Box, domain: Box) -> dict[str, str]:
        return {
            dimension.text: cell_text(dimension.partition, values & of, of)
            for dimension, values, of in zip(self._examined.dimensions, box, domain, strict=True)
        }

    def _gaps(self) -> tuple[bool | None, tuple[Gap, ...]]:
        examined = self._examined
        space = examined.without_null(examined.domain)
        found: list[Box] = []
        complete: bool | None = None
        try:
            for box in examined.gaps():
                if len(found) == self._limits.gaps:
                    self._remark(f"there are more than {self._limits.gaps} gaps")
                    break
                found.append(box)
            if not found and examined.may_have_gaps():
                self._remark("whether every combination of values is covered depends on what cannot be decided")
            else:
                complete = not found
        except Exhausted:
            self._remark("the table is too large to find every gap")
            complete = False if found else None
        return complete, self._as_gaps(found, space, without_null=True)

    def _null_gaps(self) -> tuple[Gap, ...]:
        found: list[Box] = []
        try:
            found.extend(islice(self._examined.null_gaps(), _MOST_NULL_GAPS))
        except Exhausted:
            self._remark("the table is too large to find what is not covered when an input is null")
        return self._as_gaps(found, self._examined.domain, without_null=False)

    def _as_gaps(self, boxes: list[Box], space: Box, *, without_null: bool) -> tuple[Gap, ...]:
        examined = self._examined
        shown = trimmed(boxes, space, self._trimming)
        within = examined.without_null(examined.everything) if without_null else examined.everything
        try:
            shown = [examined.widened(box, without_null=without_null) for box in shown]
        except Exhausted:
            # The smaller boxes are true too.
            within = space
        return tuple(Gap(self._box(box, within)) for box in shown)

    def _overlaps(self) -> tuple[tuple[Overlap, ...], int | None]:
        """Those to list, and how many there are; None when that is not known."""
        found: list[Overlap] = []
        try:
            for position in range(len(self._table.rules)):
                for other, box in self._examined.overlapping(position):
                    kind = self._outputs.compare(position, other)
                    references = (self._reference(position), self._reference(other))
                    found.append(Overlap(references, self._box(box, self._examined.domain), kind, self._allows(kind)))
                    if len(found) == self._limits.overlaps:
                        self._remark(f"no more than {self._limits.overlaps} overlaps are listed")
                        return tuple(found), self._overlap_total()
        except Exhausted:
            self._remark("the table is too large to find every overlap")
            return tuple(found), None
        return tuple(found), len(found)

    def _allows(self, kind: OutputKind) -> bool:
        policy = self._table.hit_policy
        return policy != "UNIQUE" and not (policy == "ANY" and kind == "different-outputs")

    def _overlap_total(self) -> int | None:
        try:
            return self._examined.overlap_total()
        except Exhausted:
            return None

    def _possible_overlaps(self, known: bool) -> None:
        """Where overlaps are forbidden or must agree, pairs that may overlap deserve a word."""
        if self._table.hit_policy not in ("UNIQUE", "ANY") or known:
            return
        if self._examined.decided and not self._examined.has_related_columns:
            return
        try:
            for position in range(len(self._table.rules)):
                for other, _ in self._examined.overlapping(position, certainly=False):
                    if self._outputs.compare(position, other) == "equal-outputs" and self._table.hit_policy == "ANY":
                        continue
                    pair = f"{self._reference(position)} and {self._reference(other)}"
                    self._remark(f"whether rules {pair} overlap depends on what cannot be decided")
                    return
        except Exhausted:
            self._remark("the table is too large to find every overlap")

    def _shadowed(self) -> tuple[list[tuple[int, tuple[int, ...]]], list[int]]:
        """Rules without effect with those that take it away, and rules that have one only for null."""
        shadowed: list[tuple[int, tuple[int, ...]]] = []
        null_only: list[int] = []
        unreachable = set(self._examined.unreachable())
        try:
            for position, before in self._precedence():
                if position in unreachable or not before:
                    continue
                hiding = self._examined.hiding(position, before)
                if hiding is not None:
                    shadowed.append((position, hiding))
                elif self._examined.hiding_except_null(position, before) is not None:
                    null_only.append(position)
        except Exhausted:
            self._remark("the table is too large to find every shadowed rule")
        return shadowed, null_only

    def _precedence(self) -> Iterator[tuple[int, int]]:
        """Each rule with those that go before it."""
        policy = self._table.hit_policy
        if policy == "FIRST":
            for position in range(len(self._table.rules)):
                yield position, (1 << position) - 1
        elif policy == "PRIORITY":
            ranks = self._outputs.ranks()
            order = sorted((rank, position) for position, rank in enumerate(ranks) if rank is not None)
            before = 0
            for _, position in order:
                yield position, before
                before |= 1 << position

    def _duplicates(self) -> tuple[Duplicate, ...]:
        texts = [tuple(cell.text for cell in rule.inputs) for rule in self._table.rules]
        return tuple(
            Duplicate(self._reference(position), self._reference(first), self._outputs.compare(first, position))
            for position, first in self._examined.same_conditions(texts)
        )

    def _unreachable_outputs(self, idle: set[int]) -> tuple[tuple[UnreachableOutput, ...], tuple[str, ...]]:
        """Declared values that nothing gives, and the outputs of which this cannot be told."""
        found: list[UnreachableOutput] = []
        undecided: list[str] = []
        for index, column in enumerate(self._compiled.outputs):
            declared = column.priorities if column.clause.values is not None else None
            if not declared:
                continue
            given = [self._outputs.values[position][index] for position in range(len(self._table.rules)) if position not in idle]
            default = self._outputs.defaults[index]
            computed = self._outputs.is_computed_value(default) or any(map(self._outputs.is_computed_value, given))
            missing = [value for value in declared if not any(type(value) is type(other) and value == other for other in (*given, default))]
            if missing and computed:
                undecided.append(column.name)
            elif missing:
                found.extend(UnreachableOutput(column.name, to_json(value)) for value in missing)
        return tuple(found), tuple(undecided)


def _without_duplicates(overlaps: Sequence[Overlap], duplicates: Sequence[Duplicate]) -> list[Overlap]:
    """Rules with the same conditions overlap, but that is said of them already."""
    first = {found.rule.index: found.of.index for found in duplicates}
    indexes = [[first.get(rule.index, rule.index) for rule in found.rules] for found in overlaps]
    return [found for found, (one, other) in zip(overlaps, indexes, strict=True) if one != other]
