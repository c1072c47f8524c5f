"""The DMN Technology Compatibility Kit's side of the JSON-lines protocol: one request per line, one answer per line.

Request: `{"model": {"name", "xml"}, "imports": [{…}], "invocable": {"type", "name"}, "inputs": {…}, "outputs": […]}`;
temporal values travel as `{"$feel": "date", "value": "2026-01-01"}`. Answer: `{"outputs": {…}, "errors": {…}}` or
`{"error": "why the model could not be loaded"}`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TextIO

from service.dmn.findings import DecisionFailure, DmnRefused
from service.dmn.model import Model, read_model
from service.feel import (
    Date,
    DateTime,
    DayTimeDuration,
    FeelLimitError,
    Time,
    YearMonthDuration,
    compile_expression,
    to_json,
)

_TEMPORAL = {
    "date": compile_expression("date(text)"),
    "time": compile_expression("time(text)"),
    "dateTime": compile_expression("date and time(text)"),
    "duration": compile_expression("duration(text)"),
}
_TAGS: dict[type, str] = {
    Date: "date",
    Time: "time",
    DateTime: "dateTime",
    DayTimeDuration: "duration",
    YearMonthDuration: "duration",
}
_LONGEST_EXACT = 40


class _Number(float):
    """A decimal written to JSON with all of its digits."""

    def __new__(cls, text: str) -> _Number:
        found = super().__new__(cls, text)
        found.text = text
        return found

    text: str

    def __repr__(self) -> str:
        return self.text


class Kit:
    """Answers requests; models are compiled once."""

    def __init__(self) -> None:
        self._models: dict[tuple[str, ...], Model | str] = {}

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """One request's answer."""
        model = self._model(request)
        if isinstance(model, str):
            return {"error": model}
        inputs = {name: _from_wire(value) for name, value in request["inputs"].items()}
        invocable = request.get("invocable") or {}
        kind = invocable.get("type") or "decision"
        outputs: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for name in request["outputs"]:
            try:
                value, problems = _evaluate(model, kind, invocable.get("name"), name, inputs)
                outputs[name] = _to_wire(value)
                if problems and value is None:
                    errors[name] = problems
            except (DecisionFailure, FeelLimitError) as failure:
                errors[name] = str(failure)
        return {"outputs": outputs, "errors": errors}

    def _model(self, request: Mapping[str, Any]) -> Model | str:
        files = [request["model"], *(request.get("imports") or [])]
        key = tuple(str(found["xml"]) for found in files)
        if key not in self._models:
            self._models[key] = _read(files)
        return self._models[key]


def _read(files: list[Mapping[str, Any]]) -> Model | str:
    """The first file, after whatever of the others it needs; its errors as text."""
    sources = {str(found.get("name") or index): str(found["xml"]).encode() for index, found in enumerate(files)}
    wanted = next(iter(sources))
    read: dict[str, Model] = {}
    reasons: dict[str, str] = {}
    # Files may import one another in any order: each round reads those whose imports are there.
    while wanted not in read:
        progress = False
        for name, source in sources.items():
            if name in read:
                continue
            try:
                read[name] = read_model(source, name, imports=tuple(read.values()), checks="warn")
                progress = True
            except DmnRefused as refusal:
                reasons[name] = str(refusal)
        if not progress:
            return reasons[wanted]
    return read[wanted]


def _evaluate(model: Model, kind: str, invocable: str | None, output: str, inputs: Mapping[str, Any]) -> tuple[Any, str | None]:
    definitions = model.definitions
    if kind == "decisionService":
        services = [found.id for found in definitions.services if found.name == invocable]
        if not services:
            return None, f"there is no decision service {invocable}"
        values = model.evaluate_service(services[0], inputs)
        return values.get(output, next(iter(values.values()), None)), "the service yields null"
    if kind == "bkm":
        knowledge = [found.id for found in definitions.knowledge if found.name == invocable]
        if not knowledge:
            return None, f"there is no business knowledge model {invocable}"
        return model.evaluate_knowledge(knowledge[0], inputs), "the business knowledge model yields null"
    for decision in definitions.decisions:
        if decision.name == output:
            evaluation = model.evaluate(decision.id, inputs)
            return evaluation.result, "; ".join(warning.message for warning in evaluation.warnings) or None
    return None, f"there is no decision {output}"


def _from_wire(value: Any) -> Any:
    if isinstance(value, dict):
        if "$feel" in value:
            return _TEMPORAL[value["$feel"]].evaluate({"text": value["value"]}).value
        return {key: _from_wire(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_from_wire(inner) for inner in value]
    return value


def _to_wire(value: Any) -> Any:
    tag = _TAGS.get(type(value))
    if tag is not None:
        return {"$feel": tag, "value": to_json(value)}
    if isinstance(value, Decimal):
        return _Number(str(value)) if value.adjusted() < _LONGEST_EXACT else _Number(f"{value:E}")
    if isinstance(value, dict):
        return {key: _to_wire(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_to_wire(inner) for inner in value]
    return to_json(value)


def serve(source: TextIO, target: TextIO) -> None:
    """Answer every line of `source` on `target` until it ends."""
    kit = Kit()
    for line in source:
        if not line.strip():
            continue
        request = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        target.write(json.dumps(kit.answer(request), ensure_ascii=False) + "\n")
        target.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
