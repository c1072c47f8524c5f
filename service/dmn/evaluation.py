"""What an evaluation yields: the result, the rows behind it, and the record that explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.dmn.nodes import DecisionNode
from service.dmn.run import DecisionTrace, MatchedRule, RunWarning, Value
from service.feel import to_json


class Evaluation:
    """One evaluated decision with everything it required."""

    def __init__(
        self, node: DecisionNode, trace: DecisionTrace, required: Sequence[tuple[DecisionNode, DecisionTrace]], micros: int
    ) -> None:
        self._node = node
        self._trace = trace
        self._required = tuple(required)
        self.duration_micros = micros

    @property
    def result(self) -> Value:
        """The FEEL value under the hit policy."""
        return self._trace.result

    @property
    def rows(self) -> list[dict[str, Value]]:
        """The outputs that make the result as maps, one per row; one row with the variable's name without a table."""
        return _rows(self._node, self._trace)

    @property
    def warnings(self) -> tuple[RunWarning, ...]:
        """Faults of this decision and those it required."""
        found = [warning for _, trace in self._required for warning in trace.warnings]
        return (*found, *self._trace.warnings)

    @property
    def matched_rules(self) -> tuple[MatchedRule, ...]:
        """The rules of this decision that applied, in table order."""
        return _matched(self._node, self._trace)

    def record(self) -> dict[str, Any]:
        """JSON-able account in camelCase; numbers stay `Decimal`, durations are microseconds."""
        return {
            **_record(self._node, self._trace),
            "requiredDecisions": [
                {**_record(node, trace), "requiredDecisions": [], "durationMicros": trace.micros} for node, trace in self._required
            ],
            "durationMicros": self.duration_micros,
        }


def _record(node: DecisionNode, trace: DecisionTrace) -> dict[str, Any]:
    return {
        "decisionKey": node.id,
        "result": to_json(trace.result),
        "outputs": to_json(_outputs(node, trace)),
        "inputs": [{"expression": text, "value": to_json(value)} for text, value in _inputs(node, trace)],
        "matchedRules": [
            {
                "ruleId": rule.rule_id,
                "index": rule.index,
                "description": rule.description,
                "outputs": to_json(rule.outputs),
            }
            for rule in _matched(node, trace)
        ],
        "warnings": [{"kind": warning.kind, "message": warning.message, "elementId": warning.element_id} for warning in trace.warnings],
    }


def _rows(node: DecisionNode, trace: DecisionTrace) -> list[dict[str, Value]]:
    if node.hit_policy is None:
        return [{node.variable: trace.result}]
    return trace.tables[0].rows


def _outputs(node: DecisionNode, trace: DecisionTrace) -> dict[str, Value] | list[dict[str, Value]]:
    if node.hit_policy is None:
        return trace.result if isinstance(trace.result, dict) else {node.variable: trace.result}
    rows = trace.tables[0].rows
    if node.multiple:
        return rows
    return rows[0] if rows else dict.fromkeys(node.outputs)


def _matched(node: DecisionNode, trace: DecisionTrace) -> tuple[MatchedRule, ...]:
    """A table's own rules; other logic shows those of every table it evaluated."""
    tables = trace.tables[:1] if node.hit_policy is not None else trace.tables
    return tuple(rule for table in tables for rule in table.matched)


def _inputs(node: DecisionNode, trace: DecisionTrace) -> list[tuple[str, Value]]:
    """A table's input expressions; other logic shows the values its expressions refer to."""
    if node.hit_policy is not None:
        return trace.tables[0].inputs
    return [(".".join(path), _value_at(trace.scope, path)) for path in node.used_paths]


def _value_at(scope: Mapping[str, Value], path: tuple[str, ...]) -> Value:
    current: Value = scope
    for part in path:
        if not isinstance(current, Mapping):
            return None
        current = current.get(part)
    return current
