"""Assess the impact of a candidate version of a decision: what was decided, and its examples, decided again with it. Nothing is stored."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.actions.decisions.decision_models import decision_model, library
from service.actions.decisions.outcomes import LIMIT_EXCEEDED, RequestBudget
from service.actions.decisions.replay import CHANGED, UNCHANGED, Change, Judge, NotReplayed, Replayed, Told, account_of, kind_of
from service.actions.deployments.decision_cases import CaseFault, read_decision_cases
from service.actions.deployments.decision_files import read_decision_files, told
from service.actions.instances.published import published_version
from service.actions.ports import Questions, Services, TakenDecision
from service.actions.presentation import timestamp
from service.dmn import Model
from service.domain.access import require_may, visible_jurisdictions
from service.domain.definition import KIND_DECISION, Definition, Resource
from service.domain.errors import Conflict, FieldError, Finding, Invalid, NotFound, Refused
from service.domain.json_values import Json, TooLong
from service.domain.principal import Principal

_ENCODING = re.compile(r"""^(\ufeff?<\?xml[^>]*?)\s+encoding\s*=\s*(?:"[^">]*"|'[^'>]*')""")

MAX_REPLAYED = 1_000
"""Recorded evaluations replayed at once."""
SECONDS = 20.0
"""Wall-clock time for all evaluations of one request."""
CHARACTERS = 16 * 1_048_576
"""Of the texts of all changes that are shown."""


@dataclass(frozen=True, slots=True)
class AssessImpact:
    """The candidate is the file `xml`. Replayed are at most `limit` evaluations with `since` ≤ moment < `before` (epoch milliseconds),
    newest first, and the decision's examples: those in `cases`, else in the cases files deployed with the decision or later.
    """

    key: str
    xml: str
    file_name: str
    since: int | None = None
    before: int | None = None
    limit: int = 200
    cases: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """An example of the decision; `source` says where it stands."""

    source: Mapping[str, Json]
    variables: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Impact:
    """What came of it. `more`: the window holds more evaluations than were asked for; `unread`: cases files that cannot be read."""

    definition: Definition
    at: int
    findings: Sequence[Finding]
    more: bool
    unread: Sequence[tuple[str, str]]
    replayed: Sequence[Replayed]
    not_replayed: Sequence[NotReplayed]


def assess_impact(services: Services, principal: Principal, command: AssessImpact) -> Impact:
    """Replay everything. Raises NotFound, Invalid, Conflict, and Refused when the candidate could not be deployed."""
    require_may(principal, "read")
    if command.since is not None and command.before is not None and command.since >= command.before:
        raise Invalid("the window is empty", [FieldError("/to", "empty-window", "to must be later than from")])
    now = services.clock()
    with services.store.read() as questions:
        definition = questions.latest_definition(KIND_DECISION, command.key)
        if definition is None:
            raise NotFound("decision definition", command.key)
        case_files = [] if command.cases is not None else questions.case_files(definition.jurisdiction, definition.deployment_seq)
        window = command.since, command.before, command.limit + 1, visible_jurisdictions(principal)
        taken = questions.taken_decisions(command.key, *window)
        more, taken = len(taken) > command.limit, taken[: command.limit]
        judges = {one.version: _judge(services, questions, command.key, one.version) for one in taken}
        in_force = Judge(decision_model(services, questions, definition), command.key, definition.version)
    examples, unread = _examples(case_files, command)
    model, findings = _candidate(services, command)
    replay = _Replay(Judge(model, command.key, None), in_force, judges, RequestBudget(SECONDS, CHARACTERS))
    # The examples are few and chosen: they come first where not all can be decided again.
    examples_found = [replay.of_example(one, now) for one in examples]
    found = [*map(replay.of_taken, taken), *examples_found]
    return Impact(
        definition,
        now,
        findings,
        more,
        unread,
        [one for one in found if isinstance(one, Replayed)],
        [one for one in found if isinstance(one, NotReplayed)],
    )


def _candidate(services: Services, command: AssessImpact) -> tuple[Model, Sequence[Finding]]:
    """The candidate, read and checked as at a deployment, with everything found. Raises Refused."""
    # The text is Unicode already: the encoding it declares was that of the file it came from.
    content = _ENCODING.sub(r"\1", command.xml).encode()
    read = read_decision_files({0: (command.file_name, content)}, library(services))[0]
    findings = told(read.findings)
    model = read.model
    if model is not None and command.key not in model.decisions and command.key not in model.services:
        message = f"the file has no decision {command.key!r}; it has {', '.join([*model.decisions, *model.services][:20]) or 'none'}"
        findings.append(Finding(command.file_name, None, None, "missing-decision", message))
    if model is None or any(finding.severity == "error" for finding in findings):
        raise Refused(findings)
    return model, findings


def _judge(services: Services, questions: Questions, key: str, version: int) -> Judge | None:
    """An earlier version; None when it cannot be read any more."""
    definition = published_version(services, questions, KIND_DECISION, key, version)
    if definition is None:
        return None
    try:
        return Judge(decision_model(services, questions, definition), key, version)
    except Conflict:
        return None


def _examples(files: Sequence[Resource], command: AssessImpact) -> tuple[list[Example], list[tuple[str, str]]]:
    """The examples of the decision, and the files that could not be read with the reason."""
    if command.cases is not None:
        try:
            return list(_of_file(None, command.cases.encode(), command.key)), []
        except CaseFault as fault:
            raise Invalid("the cases cannot be read", [FieldError("/cases", "cases", fault.message)]) from fault
    found: list[Example] = []
    unread: list[tuple[str, str]] = []
    for file in files:
        try:
            found.extend(_of_file(file.file_name, file.content, command.key))
        except CaseFault as fault:
            unread.append((file.file_name, fault.message))
    return found, unread


def _of_file(file_name: str | None, content: bytes, key: str) -> Iterator[Example]:
    for case in read_decision_cases(content):
        if case.decision == key:
            yield Example({"kind": "case", "fileName": file_name, "name": case.name, "basis": case.source}, case.variables)


@dataclass(frozen=True, slots=True)
class _Replay:
    """`judges` are the versions that made the records; None for one that cannot be read any more."""

    candidate: Judge
    in_force: Judge
    judges: Mapping[int, Judge | None]
    budget: RequestBudget

    def of_taken(self, taken: TakenDecision) -> Replayed | NotReplayed:
        """What was decided in a process instance: before is what was recorded then, and the clock stands as it did."""
        source: dict[str, Json] = {
            "kind": "evaluation",
            "id": taken.id,
            "processInstanceId": taken.process_instance_id,
            "elementId": taken.element_id,
            "at": timestamp(taken.at),
        }
        if taken.variables is None:
            return NotReplayed(source, "not-recorded", "what it was evaluated with was not recorded then")
        wanted = self.candidate.wants(taken.variables, self.judges[taken.version])
        if wanted:
            names = ", ".join(wanted)
            return NotReplayed(
                source, "input-not-recorded", f"version {taken.version} did not use {names}, which was therefore not recorded"
            )
        return self._decided_again(source, Told(taken.version, taken.record), taken.variables, taken.at)

    def of_example(self, example: Example, now: int) -> Replayed | NotReplayed:
        """An example: before is what the version in force says."""
        if self.budget.is_spent:
            return self._spent(example.source)
        return self._decided_again(example.source, self.in_force.says(example.variables, now, self.budget), example.variables, now)

    def _decided_again(self, source: Mapping[str, Json], before: Told, variables: Mapping[str, Json], at: int) -> Replayed | NotReplayed:
        if self.budget.is_spent:
            return self._spent(source)
        after = self.candidate.says(variables, at, self.budget)
        kind = kind_of(before, after)
        in_force = self.in_force.says(variables, at, self.budget) if kind == CHANGED and before.version != self.in_force.version else None
        if self.budget.is_spent:
            return self._spent(source)
        if kind == UNCHANGED:
            return Replayed(source, kind, None)
        try:
            latest = None if in_force is None else account_of(in_force, self.budget)
            change = Change(account_of(before, self.budget), account_of(after, self.budget), latest)
        except TooLong:
            return NotReplayed(source, LIMIT_EXCEEDED, "its account is longer than those of the request together may still be")
        return Replayed(source, kind, change)

    def _spent(self, source: Mapping[str, Json]) -> NotReplayed:
        message = f"the {SECONDS:.0f} seconds, or the {CHARACTERS} characters, of the request were spent"
        return NotReplayed(source, LIMIT_EXCEEDED, message)
