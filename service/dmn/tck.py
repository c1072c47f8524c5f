"""The DMN Technology Compatibility Kit's side of the JSON-lines protocol: one request per line, one answer per line.

Request: `{"model": {"name", "xml"}, "imports": [{…}], "invocable": {"type", "name"}, "inputs": {…}, "outputs": […]}`;
temporal values travel as `{"$feel": "date", "value": "2026-01-01"}`. Answer: `{"outputs": {…}, "errors": {…}}` or
`{"error": "why the request could not be read or the model not be loaded"}`. Answers are ASCII, whatever the locale.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NoReturn, TextIO

from service.dmn.findings import DecisionFailure, DmnRefused
from service.dmn.model import Model, read_model
from service.feel import (
    DEFAULT_LIMITS,
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
_MOST_MODELS = 50


class _Number(float):
    """A decimal written to JSON with all of its digits."""

    def __new__(cls, text: str) -> _Number:
        found = super().__new__(cls, text)
        found.text = text
        return found

    text: str

    def __repr__(self) -> str:
        return self.text


class BadRequest(ValueError):
    """A line that is no request; the message says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """One test case: `files` are (name, XML) of the model and then of what it may import."""

    files: tuple[tuple[str, str], ...]
    kind: str
    invocable: str | None
    inputs: Mapping[str, Any]
    outputs: tuple[str, ...]


def read_request(line: str) -> Request:
    """The request on a line of JSON; numbers are exact. Raises `BadRequest`."""
    try:
        line.encode()
        found = json.loads(line, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
    except UnicodeEncodeError:
        raise BadRequest("the line is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadRequest(f"the line is not JSON: {error}") from None
    except RecursionError:
        raise BadRequest("the JSON nests too deeply") from None
    if not isinstance(found, dict):
        raise BadRequest("the request is not a JSON object")
    invocable = _member(found, "invocable", dict) or {}
    imports = _member(found, "imports", list) or []
    outputs = _member(found, "outputs", list) or []
    if not all(isinstance(name, str) for name in outputs):
        raise BadRequest("outputs are not all names")
    return Request(
        tuple(_file(file, str(index)) for index, file in enumerate([found.get("model"), *imports])),
        _member(invocable, "type", str) or "decision",
        _member(invocable, "name", str),
        {name: _from_wire(value) for name, value in (_member(found, "inputs", dict) or {}).items()},
        tuple(outputs),
    )


def _member(found: Mapping[str, Any], name: str, kind: type) -> Any:
    value = found.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadRequest(f"{name} is not a JSON {_JSON[kind]}")
    return value


_JSON: dict[type, str] = {dict: "object", list: "array", str: "string"}


def _no_number(text: str) -> NoReturn:
    raise BadRequest(f"{text} is not a number of JSON")


def _file(found: Any, stand_in: str) -> tuple[str, str]:
    if not isinstance(found, dict) or not isinstance(found.get("xml"), str):
        raise BadRequest("a model is not an object with its xml")
    return _member(found, "name", str) or stand_in, found["xml"]


class Kit:
    """Answers requests; the models of the last ones are kept, so that each is compiled once for all cases in a row."""

    def __init__(self) -> None:
        self._model = lru_cache(_MOST_MODELS)(_read)

    def answer_line(self, line: str) -> str:
        """The answer to a line, as one line of ASCII without its end; a bad line is answered with an error."""
        try:
            answer = self.answer(read_request(line))
        except BadRequest as error:
            answer = {"error": str(error)}
        return json.dumps(answer)

    def answer(self, request: Request) -> dict[str, Any]:
        """One request's answer."""
        model = self._model(request.files)
        if isinstance(model, str):
            return {"error": model}
        outputs: dict[str, Any] = {}
        errors: dict[str, str] = {}
        for name in request.outputs:
            try:
                value, problems = _evaluate(model, request, name)
                outputs[name] = _to_wire(value)
                if problems and value is None:
                    errors[name] = problems
            except (DecisionFailure, FeelLimitError) as failure:
                errors[name] = str(failure)
        return {"outputs": outputs, "errors": errors}


def _read(files: tuple[tuple[str, str], ...]) -> Model | str:
    """The first file, after whatever of the others it needs; its errors as text."""
    read: dict[int, Model] = {}
    reasons: dict[int, str] = {}
    # Files may import one another in any order: each round reads those whose imports are there.
    while 0 not in read:
        before = len(read)
        for index, (name, xml) in enumerate(files):
            if index in read:
                continue
            try:
                read[index] = read_model(xml.encode(errors="replace"), name, imports=tuple(read.values()), checks="warn")
            except DmnRefused as refusal:
                reasons[index] = str(refusal)
        if len(read) == before:
            return reasons[0]
    return read[0]


def _evaluate(model: Model, request: Request, output: str) -> tuple[Any, str | None]:
    definitions = model.definitions
    if request.kind == "decisionService":
        services = [found.id for found in definitions.services if found.name == request.invocable]
        if not services:
            return None, f"there is no decision service {request.invocable}"
        service = model.explain_service(services[0], request.inputs)
        # A result is named by the output decision or by the service itself.
        return service.values.get(output, service.result), "the service yields null"
    if request.kind == "bkm":
        knowledge = [found.id for found in definitions.knowledge if found.name == request.invocable]
        if not knowledge:
            return None, f"there is no business knowledge model {request.invocable}"
        return model.evaluate_knowledge(knowledge[0], request.inputs), "the business knowledge model yields null"
    for decision in definitions.decisions:
        if decision.name == output:
            evaluation = model.evaluate(decision.id, request.inputs)
            return evaluation.result, "; ".join(warning.message for warning in evaluation.warnings) or None
    return None, f"there is no decision {output}"


def _from_wire(value: Any) -> Any:
    if isinstance(value, dict):
        if "$feel" in value:
            read = _TEMPORAL.get(str(value["$feel"]))
            if read is None:
                raise BadRequest(f"{value['$feel']!r} is no temporal type")
            return read.evaluate({"text": value.get("value")}).value
        return {key: _from_wire(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_from_wire(inner) for inner in value]
    return value


def _to_wire(value: Any, level: int = 0) -> Any:
    tag = _TAGS.get(type(value))
    if tag is not None:
        return {"$feel": tag, "value": to_json(value)}
    if isinstance(value, Decimal):
        return _Number(str(value)) if value.adjusted() < _LONGEST_EXACT else _Number(f"{value:E}")
    if isinstance(value, dict | list) and level >= DEFAULT_LIMITS.depth:
        raise FeelLimitError("depth", f"the value nests deeper than {level}")
    if isinstance(value, dict):
        return {key: _to_wire(inner, level + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_to_wire(inner, level + 1) for inner in value]
    return to_json(value)


def serve(source: TextIO, target: TextIO) -> None:
    """Answer every line of `source` on `target` until it ends; a file is read as UTF-8 whatever the locale."""
    if isinstance(source, io.TextIOWrapper):
        # Bytes that are no UTF-8 must not end the loop; their line is refused.
        source.reconfigure(encoding="utf-8", errors="surrogateescape")
    kit = Kit()
    for line in source:
        if line.strip():
            target.write(kit.answer_line(line) + "\n")
            target.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
