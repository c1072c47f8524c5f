"""The format of `*.cases.yaml`: executable examples of a process and of decisions (docs/cases-format.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from service.actions.decision_cases import CaseFault, DecisionCase, decision_cases, source_text
from service.actions.yaml_values import YamlFault, read_yaml
from service.cli.client import CommandError
from service.domain.json_values import Json


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One act. Either `task` (its key) or `message`; `person` does it; `expect` is what must come of it."""

    task: str | None
    message: str | None
    person: str | None
    variables: Mapping[str, Json]
    expect: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Case:
    """One case that travels through a process."""

    name: str
    source: str
    message: str
    person: str | None
    business_key: str | None
    variables: Mapping[str, Json]
    steps: tuple[CaseStep, ...]
    expect: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file. `users` maps user id → {name, groups}."""

    path: Path
    users: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    decisions: tuple[DecisionCase, ...] = ()


def read_case_file(path: Path) -> CaseFile:
    """Read one file. CommandError names what is wrong with it."""
    try:
        document = read_yaml(path.read_bytes())
    except YamlFault as fault:
        raise CommandError(f"{path}: {fault.message} (line {fault.line})") from None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    if not isinstance(document, dict):
        raise CommandError(f"{path}: a cases file is a mapping")
    try:
        decisions = decision_cases(document)
    except CaseFault as fault:
        raise CommandError(f"{path}: {fault.message}") from None
    return CaseFile(
        path,
        cast(Mapping[str, Mapping[str, Json]], document.get("users") or {}),
        tuple(_case(path, entry) for entry in _list(path, document, "cases")),
        decisions,
    )


def _list(path: Path, document: Mapping[str, Json], key: str) -> list[Mapping[str, Json]]:
    entries = document.get(key) or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CommandError(f"{path}: {key} is a list of mappings")
    return cast(list[Mapping[str, Json]], entries)


def _mapping(path: Path, entry: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    value = entry.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CommandError(f"{path}: {entry.get('name', key)}: {key} is a mapping")
    return value


def _text(entry: Mapping[str, Json], key: str) -> str | None:
    value = entry.get(key)
    return None if value is None else str(value)


def _case(path: Path, entry: Mapping[str, Json]) -> Case:
    start = _mapping(path, entry, "start")
    if "name" not in entry or "message" not in start:
        raise CommandError(f"{path}: a case has a name and start.message")
    return Case(
        name=str(entry["name"]),
        source=source_text(entry),
        message=str(start["message"]),
        person=_text(start, "as"),
        business_key=_text(start, "businessKey"),
        variables=_mapping(path, start, "variables"),
        steps=tuple(_step(path, step) for step in _list(path, entry, "steps")),
        expect=_mapping(path, entry, "expect"),
    )


def _step(path: Path, entry: Mapping[str, Json]) -> CaseStep:
    if ("task" in entry) == ("message" in entry):
        raise CommandError(f"{path}: a step has either task or message: {dict(entry)}")
    return CaseStep(
        _text(entry, "task"),
        _text(entry, "message"),
        _text(entry, "as"),
        _mapping(path, entry, "variables"),
        _mapping(path, entry, "expect"),
    )
