"""What an evaluation yields: the result, the rows behind it, and the record that explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.dmn.nodes import DecisionNode, ServiceNode
from service.dmn.run import DecisionTrace, MatchedRule, RunWarning, Value
from service.feel import Function, JsonWriter, Limits

RECORD_LIMITS = Limits(size=1_000_000)
"""The parts of all values of one record together: decisions can hand the same large list on to one another."""
_MOST_CALLED = 100
"""Called tables kept in a record: a function may be called for every element of a list."""


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
        return tuple(_matched(self._node, self._trace))

    def record(self) -> dict[str, Any]:
        """JSON-able account in camelCase; numbers stay `Decimal`, durations are microseconds.

        Raises `FeelLimitError` when its values are too large together.
        """
        to_json = JsonWriter(RECORD_LIMITS)
        record = _record(self._node, self._trace, to_json)
        record["requiredDecisions"] = _required_records(self._required, to_json)
        record["durationMicros"] = self.duration_micros
        return record


class ServiceEvaluation:
    """One call of a decision service with every decision behind it. `values` are its output decisions' values by name."""

    def __init__(
        self,
        node: ServiceNode,
        inputs: Sequence[tuple[str, Value]],
        result: Value,
        values: Mapping[str, Value],
        own_warnings: Sequence[RunWarning],
        decisions: Sequence[tuple[DecisionNode, DecisionTrace]],
        micros: int,
    ) -> None:
        self._node = node
        self._inputs = tuple(inputs)
        self._own_warnings = tuple(own_warnings)
        self._decisions = tuple(decisions)
        self.result = result
        self.values = values
        self.duration_micros = micros

    @property
    def warnings(self) -> tuple[RunWarning, ...]:
        """Faults of the decisions and of the call itself."""
        return (*(warning for _, trace in self._decisions for warning in trace.warnings), *self._own_warnings)

    def record(self) -> dict[str, Any]:
        """As that of a decision: `inputs` are the service's parameters, its decisions the required ones; it has no rules of its own."""
        to_json = JsonWriter(RECORD_LIMITS)
        return {
            "decisionKey": self._node.id,
            "result": to_json(self.result),
            "outputs": to_json(self.values),
            "inputs": _input_records(self._inputs, to_json),
            "matchedRules": [],
            "requiredDecisions": _required_records(self._decisions, to_json),
            "warnings": [_warning(warning) for warning in self._own_warnings],
            "durationMicros": self.duration_micros,
        }


def _required_records(required: Sequence[tuple[DecisionNode, DecisionTrace]], to_json: JsonWriter) -> list[dict[str, Any]]:
    return [{**_record(node, trace, to_json), "requiredDecisions": [], "durationMicros": trace.micros} for node, trace in required]


def _warning(warning: RunWarning) -> dict[str, Any]:
    return {
        "kind": warning.kind,
        "message": warning.message,
        "elementId": warning.element_id,
        "line": warning.line,
        "column": warning.column,
    }


def _record(node: DecisionNode, trace: DecisionTrace, to_json: JsonWriter) -> dict[str, Any]:
    record = {
        "decisionKey": node.id,
        "result": to_json(trace.result),
        "outputs": to_json(_outputs(node, trace)),
        "inputs": _input_records(_inputs(node, trace), to_json),
        "matchedRules": _rule_records(_matched(node, trace), to_json),
        "warnings": [_warning(warning) for warning in trace.warnings],
    }
    if node.hit_policy is not None and len(trace.tables) > 1:
        record["calledTables"] = [
            {
                "elementId": called.element_id,
                "inputs": _input_records(called.inputs, to_json),
                "matchedRules": _rule_records(called.matched, to_json),
            }
            for called in trace.tables[1 : _MOST_CALLED + 1]
        ]
    return record


def _input_records(inputs: Sequence[tuple[str, Value]], to_json: JsonWriter) -> list[dict[str, Any]]:
    return [{"expression": text, "value": to_json(value)} for text, value in inputs]


def _rule_records(rules: Sequence[MatchedRule], to_json: JsonWriter) -> list[dict[str, Any]]:
    return [
        {
            "ruleId": rule.rule_id,
            "index": rule.index,
            "description": rule.description,
            "outputs": to_json(rule.outputs),
        }
        for rule in rules
    ]


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


def _matched(node: DecisionNode, trace: DecisionTrace) -> list[MatchedRule]:
    """A table's own rules; other logic shows those of every table it evaluated."""
    if node.hit_policy is not None:
        return trace.tables[0].matched
    return [rule for table in trace.tables for rule in table.matched]


def _inputs(node: DecisionNode, trace: DecisionTrace) -> list[tuple[str, Value]]:
    """A table's input expressions; other logic shows the values its expressions refer to, without the functions it calls."""
    if node.hit_policy is not None:
        return trace.tables[0].inputs
    found = ((".".join(path), _value_at(trace.scope, path)) for path in node.used_paths)
    return [(text, value) for text, value in found if not isinstance(value, Function)]


def _value_at(scope: Mapping[str, Value], path: tuple[str, ...]) -> Value:
    current: Value = scope
    for part in path:
        if not isinstance(current, Mapping):
            return None
        current = current.get(part)
    return current
