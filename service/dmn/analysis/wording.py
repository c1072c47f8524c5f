"""The findings about one table, with their severities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from service.dmn.analysis.columns import Columns, Dimension, Remark
from service.dmn.analysis.report import Duplicate, Gap, Overlap, RuleReference, Shadowed, UnreachableOutput
from service.dmn.findings import Finding, Severity
from service.dmn.reading.syntax import Place, Rule
from service.dmn.tables.table import CompiledTable

_COLLECTING = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")
_MOST_NAMED = 5
_LONGEST = 200
_OUTPUTS = {"equal-outputs": " and the same outputs", "different-outputs": ", but other outputs", "computed-outputs": ""}


class FindingsOfTable:
    """Collects them. Errors block a deployment, warnings are shown, infos are for who looks at the analysis."""

    def __init__(self, compiled: CompiledTable) -> None:
        self._compiled = compiled
        self._table = compiled.table
        self._found: list[Finding] = []

    def all(self) -> tuple[Finding, ...]:
        """In the order of the file, each once."""
        return tuple(sorted(dict.fromkeys(self._found), key=lambda finding: finding.line))

    def _add(self, place: Place, code: str, severity: Severity, message: str) -> None:
        self._found.append(Finding(place.element_id, place.line, code, message, severity))

    def _rule(self, reference: RuleReference) -> Rule:
        return self._table.rules[reference.index - 1]

    def columns(self, columns: Columns) -> None:
        """What was taken for granted, and columns no value fits."""
        for remark in columns.assumed:
            self._add(remark.place, "assumed-type", "info", remark.message)
        for remark in columns.contradictory:
            self._add(remark.place, "impossible-input", "warning", remark.message)
        for remark in columns.mistyped:
            self._add(remark.place, "wrong-type", "error", remark.message)
        for remark in columns.valueless:
            self._add(remark.place, "no-value", "warning", remark.message)

    def basis(self) -> None:
        """Rules that do not say what they rest on."""
        for rule in self._table.rules:
            if not rule.description:
                self._add(rule.place, "missing-basis", "warning", f"rule {rule.index} has no basis: no description and no annotation")

    def unreachable_rules(self, positions: Iterable[int], dimensions: Sequence[Dimension]) -> None:
        """Rules with a condition that is never true, unless the condition is faulty itself."""
        told_already = {found.element_id for found in self._found if found.code in ("wrong-type", "no-value")}
        for position in positions:
            rule = self._table.rules[position]
            dimension = next(found for found in dimensions if not found.covered(position).possible)
            texts = [(rule.inputs[column].text, rule.inputs[column].place) for column in dimension.columns]
            told = [(text, place) for text, place in texts if text not in ("", "-")]
            place = told[0][1] if len(told) == 1 else rule.place
            if place.element_id is not None and place.element_id in told_already:
                continue
            condition = " and ".join(text for text, _ in told)
            message = f"rule {rule.index} never applies: {dimension.text} is never {condition}"
            self._add(place, "unreachable-rule", "warning", message)

    def gaps(self, gaps: Sequence[Gap], null_gaps: Sequence[Gap]) -> None:
        """Combinations without a rule; where nothing or a default is a planned answer they are only told."""
        table = self._table
        planned = table.hit_policy in _COLLECTING or all(default is not None for default in self._compiled.defaults)
        severity: Severity = "info" if planned else "warning"
        if planned and gaps:
            self._add(table.place, "gap", severity, f"no rule applies when {_conditions(gaps)}")
        else:
            for gap in gaps:
                self._add(table.place, "gap", severity, f"no rule applies when {_condition(gap.box)}")
        if null_gaps:
            self._add(table.place, "null-gap", "info", f"no rule applies when {_conditions(null_gaps)}")

    def overlaps(self, overlaps: Sequence[Overlap], total: int | None) -> None:
        """Each overlap that the hit policy forbids; those it allows in one sentence."""
        policy = self._table.hit_policy
        allowed = 0
        for overlap in overlaps:
            first, second = overlap.rules
            where = _condition(overlap.box)
            place = self._rule(second).place
            if policy == "UNIQUE":
                message = f"rules {first} and {second} both apply when {where}, and the hit policy is UNIQUE"
                self._add(place, "overlap", "error", message)
            elif policy == "ANY" and overlap.kind == "different-outputs":
                message = f"rules {first} and {second} both apply with different outputs when {where}, and the hit policy is ANY"
                self._add(place, "conflict", "error", message)
            elif policy == "ANY" and overlap.kind == "computed-outputs":
                message = f"rules {first} and {second} both apply when {where}; whether their outputs agree depends on the case"
                self._add(place, "possible-conflict", "warning", message)
            else:
                allowed += overlap.kind != "equal-outputs" or policy not in ("ANY", "FIRST", "PRIORITY")
        if allowed:
            examples = [f"{first} and {second}" for first, second in (overlap.rules for overlap in overlaps[:_MOST_NAMED])]
            count = f"{total} pairs" if total is not None and total > 1 else "one pair" if total == 1 else "pairs"
            self._add(self._table.place, "overlap", "info", f"{count} of rules overlap, which {policy} allows: {'; '.join(examples)}")

    def duplicates(self, duplicates: Iterable[Duplicate], applies: Callable[[int], bool]) -> None:
        """Rules with the conditions of another one; an error is only what certainly happens, `applies` tells by position."""
        policy = self._table.hit_policy
        for found in duplicates:
            message = f"rule {found.rule} has the same conditions as rule {found.of}{_OUTPUTS[found.kind]}"
            place = self._rule(found.rule).place
            certain = applies(found.rule.index - 1)
            if policy == "UNIQUE" and certain:
                self._add(place, "duplicate-rule", "error", f"{message}, and the hit policy is UNIQUE")
            elif policy == "ANY" and found.kind == "different-outputs" and certain:
                self._add(place, "conflict", "error", f"{message}, and the hit policy is ANY")
            elif policy in _COLLECTING and found.kind != "equal-outputs":
                # One condition that adds several rows.
                self._add(place, "duplicate-rule", "info", message)
            else:
                self._add(place, "duplicate-rule", "warning", message)

    def shadowed(self, shadowed: Iterable[Shadowed]) -> None:
        """Rules that other ones leave nothing to."""
        for found in shadowed:
            before = "of higher priority" if self._table.hit_policy == "PRIORITY" else "before it"
            cover = "together cover" if len(found.by) > 1 else "covers"
            message = f"rule {found.rule} never decides: {_rules(found.by)} {before} {cover} all of it"
            self._add(self._rule(found.rule).place, "shadowed-rule", "warning", message)

    def null_only(self, rules: Iterable[RuleReference]) -> None:
        """Rules that decide only where an input is null."""
        for reference in rules:
            message = f"rule {reference} decides only when an input is null; the rules before it cover the rest"
            self._add(self._rule(reference).place, "null-only-rule", "info", message)

    def unreachable_outputs(self, outputs: Iterable[UnreachableOutput], undecided: Iterable[str]) -> None:
        """Declared output values nothing gives."""
        clauses = {column.name: column.clause for column in self._compiled.outputs}
        missing: dict[str, list[str]] = {}
        for found in outputs:
            missing.setdefault(found.output, []).append(str(found.value))
        for name, values in missing.items():
            message = f"no rule gives {', '.join(values)} for the output {name}, though declared"
            self._add(clauses[name].place, "unreachable-output", "warning", message)
        for name in undecided:
            message = f"whether every declared value of the output {name} is given depends on computed outputs"
            self._add(clauses[name].place, "undecided", "info", message)

    def undecided(self, remarks: Iterable[Remark]) -> None:
        """What the analysis could not tell."""
        for remark in remarks:
            self._add(remark.place, "undecided", "info", remark.message)


def _condition(box: Mapping[str, str]) -> str:
    """`amount is (100..200] and kind is "B"`, leaving out what does not matter."""
    return " and ".join(f"{expression} is {_short(test)}" for expression, test in box.items() if test != "-") or "anything is given"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _conditions(gaps: Sequence[Gap]) -> str:
    more = "; or in further cases" if len(gaps) > _MOST_NAMED else ""
    return "; or ".join(_condition(gap.box) for gap in gaps[:_MOST_NAMED]) + more


def _rules(rules: Sequence[RuleReference]) -> str:
    shown = ", ".join(str(rule) for rule in rules[:_MOST_NAMED])
    more = f" and {len(rules) - _MOST_NAMED} more" if len(rules) > _MOST_NAMED else ""
    return f"rule{'s' if len(rules) > 1 else ''} {shown}{more}"
