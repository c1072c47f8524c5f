"""The format of `*.cases.yaml`: executable examples of a process and of decisions (docs/cases-format.md)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from service.actions.deployments.decision_cases import CaseFault, DecisionCase, decision_cases, require_known, source_text
from service.actions.yaml_values import YamlFault, read_yaml
from service.cli.client import CommandError
from service.domain.json_values import Json

FILE = ("process", "jurisdiction", "users", "cases", "decisions")
CASE = ("name", "source", "start", "steps", "expect")
START = ("message", "process", "element", "jurisdiction", "as", "businessKey", "variables")
STEP = ("task", "message", "awaits", "as", "variables", "correlationKeys", "expect")
STEP_EXPECT = ("status", "type", "pointers", "open", "joined")
EXPECT = (
    "path",
    "state",
    "outcome",
    "reasonRule",
    "modality",
    "reasons",
    "missing",
    "sixAspects",
    "decision",
    "messages",
    "payloads",
    "variables",
)


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One act: `task` (its key) or `message`, done by `person`; `expect` is what must come of it.

    Or a wait, until the instance has sent the messages of `awaits`, each as often as it is listed: what timers do needs no person.
    `correlation_keys` go with a message.
    """

    task: str | None
    message: str | None
    awaits: tuple[str, ...]
    person: str | None
    variables: Mapping[str, Json]
    correlation_keys: Mapping[str, Json]
    expect: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Case:
    """One case that travels through a process: begun by `message`, or as the process `process` by its plain start (`element`: its id,
    where several are there or it is for calls); one of both is given. `jurisdiction`: the place that a case of a shared process is for.
    """

    name: str
    source: str
    message: str | None
    process: str | None
    element: str | None
    jurisdiction: str | None
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
        require_known(document, FILE, "a cases file")
        decisions = decision_cases(document)
    except CaseFault as fault:
        raise CommandError(f"{path}: {fault.message}") from None
    return CaseFile(
        path,
        cast(Mapping[str, Mapping[str, Json]], document.get("users") or {}),
        tuple(_case(path, entry) for entry in _list(path, document, "cases")),
        decisions,
    )


def _known(path: Path, entry: Mapping[str, Json], known: Collection[str], what: str) -> Mapping[str, Json]:
    try:
        require_known(entry, known, what)
    except CaseFault as fault:
        raise CommandError(f"{path}: {fault.message}") from None
    return entry


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
    if "name" not in entry or ("message" in start) == ("process" in start):
        raise CommandError(f"{path}: a case has a name, and start.message or start.process")
    name = str(entry["name"])
    _known(path, entry, CASE, f"{name}: a case")
    _known(path, start, START, f"{name}: start")
    return Case(
        name=name,
        source=source_text(entry),
        message=_text(start, "message"),
        process=_text(start, "process"),
        element=_text(start, "element"),
        jurisdiction=_text(start, "jurisdiction"),
        person=_text(start, "as"),
        business_key=_text(start, "businessKey"),
        variables=_mapping(path, start, "variables"),
        steps=tuple(_step(path, name, step) for step in _list(path, entry, "steps")),
        expect=_known(path, _mapping(path, entry, "expect"), EXPECT, f"{name}: expect"),
    )


def _step(path: Path, case: str, entry: Mapping[str, Json]) -> CaseStep:
    if sum(key in entry for key in ("task", "message", "awaits")) != 1:
        raise CommandError(f"{path}: a step has one of task, message and awaits: {dict(entry)}")
    _known(path, entry, STEP, f"{case}: a step")
    awaits = entry.get("awaits", [])
    if not isinstance(awaits, list) or ("awaits" in entry and not awaits):
        raise CommandError(f"{path}: {case}: awaits is a list of the names of messages")
    return CaseStep(
        _text(entry, "task"),
        _text(entry, "message"),
        tuple(str(name) for name in awaits),
        _text(entry, "as"),
        _mapping(path, entry, "variables"),
        _mapping(path, entry, "correlationKeys"),
        _known(path, _mapping(path, entry, "expect"), STEP_EXPECT, f"{case}: expect of a step"),
    )
