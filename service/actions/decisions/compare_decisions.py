"""Compare decisions: the same facts under several tables side by side, and where they part. Nothing is stored."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from service.actions.decisions.decision_differences import ComparedOutcome, differences_of, fact_differences_of
from service.actions.decisions.decision_models import versioned
from service.actions.decisions.evaluate_decision import DecisionInForce, as_deployed
from service.actions.decisions.given_facts import FactUse, GivenFacts, Path, as_given, leaves, places_of, use_of_facts, without
from service.actions.decisions.outcomes import (
    MAX_CHARACTERS,
    Record,
    RequestBudget,
    as_invalid,
    evaluated,
    exceeded,
    listed,
    outputs_by_name,
    too_long,
)
from service.actions.deployments.jurisdiction_files import NO_PROCEDURE
from service.actions.instances.door_checks import pointer
from service.actions.instances.published import version_or_latest
from service.actions.ports import Questions, Services
from service.actions.presentation import timestamp
from service.dmn import DecisionFailure, Model, PathSet, input_paths, read_paths
from service.domain.access import require_may, visible_jurisdictions
from service.domain.definition import COMMON, KIND_DECISION, Definition
from service.domain.errors import Conflict, FieldError, Invalid, NotFound, RongjiuError
from service.domain.json_values import Json, TooLong, WrittenJson, bounded_json
from service.domain.principal import Principal

MAX_COMPARED = 50
"""Decisions in one comparison."""
MAX_PLACES = 1_000
"""Places looked through for decisions; were there more, some would be missing unnoticed, so that is refused."""
SECONDS = 10.0
"""Wall-clock time for all of them together. Their texts together, and that of the differences, are bounded as one evaluation is."""


@dataclass(frozen=True, slots=True)
class CompareDecisions:
    """`decision_keys` and, for each of `jurisdictions` and the places below it, the decision `<place>_<decision_suffix>`.

    Where neither is named, every place that has this decision. `versions` (by key) where not the latest is meant.
    """

    given: GivenFacts
    decision_keys: Sequence[str] = ()
    jurisdictions: Sequence[str] = ()
    decision_suffix: str = "outcome"
    versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One column of the comparison: `subject` is the decision to evaluate, or why there is none."""

    key: str
    jurisdiction: str | None
    subject: DecisionInForce | RongjiuError


@dataclass(frozen=True, slots=True)
class Comparison:
    """`body` is the answer without its `decisions`; `problems` tells of each why it could not be evaluated (None: it was)."""

    body: Mapping[str, object]
    decisions: Sequence[Mapping[str, Json]]
    problems: Sequence[RongjiuError | None]


def compare_decisions(services: Services, principal: Principal, command: CompareDecisions) -> Comparison:
    """Every decision's outcome, rules and facts, or its problem, and the differences. Raises Invalid and NotFound."""
    require_may(principal, "read")
    at = services.clock()
    with services.store.read() as questions:
        wanted = _wanted(questions, principal, command, at)
        entries = list(_entries(services, questions, command, wanted))
    _require_versions_used(command, entries)
    # What is compiled when it is first asked for is no part of the time that the facts may cost.
    budget = RequestBudget(SECONDS, MAX_CHARACTERS)
    outcomes = [_outcome(entry, command.given, at, budget) for entry in entries]
    found = [outcome for outcome in outcomes if isinstance(outcome, ComparedOutcome)]
    differences = list(differences_of(found))
    agree = False if differences else (True if len(found) == len(entries) > 1 else None)
    fact_differences = list(fact_differences_of(found, places_of(leaves(command.given.as_variables()))))
    body: dict[str, object] = {
        "evaluatedAt": timestamp(at),
        "agree": agree,
        "differences": _written(differences, command),
        "factDifferences": _written(fact_differences, command),
        "withoutDecision": list(wanted.without),
    }
    shown = [
        _shown(entry, None if isinstance(outcome, RongjiuError) else outcome) for entry, outcome in zip(entries, outcomes, strict=True)
    ]
    return Comparison(body, shown, [outcome if isinstance(outcome, RongjiuError) else None for outcome in outcomes])


def _written(differences: Sequence[Json], command: CompareDecisions) -> WrittenJson:
    """Every difference repeats values and rules of those that differ, so that many make a text far longer than theirs."""
    try:
        return WrittenJson(bounded_json(differences, MAX_CHARACTERS))
    except TooLong as error:
        message = "the account of the differences is longer than it may be: compare fewer decisions"
        raise exceeded(message, command.given.pointer(())) from error


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The decisions by key, with the place for which each is asked; the places not found, and those without such a decision."""

    keys: Mapping[str, str | None]
    unknown: Collection[str]
    without: Sequence[str]


def _wanted(questions: Questions, principal: Principal, command: CompareDecisions, now: int) -> _Wanted:
    keys: dict[str, str | None] = dict.fromkeys(command.decision_keys)
    unknown: set[str] = set()
    without: dict[str, None] = {}
    everywhere: Sequence[str | None] = [] if command.decision_keys else [None]
    for named in command.jurisdictions or everywhere:
        filters = {} if named is None else {"jurisdiction": named}
        page = questions.page("jurisdictions", filters, [], MAX_PLACES, None, now, visible_jurisdictions(principal))
        if page.next_cursor is not None:
            message = f"these are more than {MAX_PLACES} places: name decisions, or places with fewer below them"
            raise Invalid("too many places to look through", [FieldError("/jurisdictions", "too-many", message)])
        if named is not None and not page.items:
            unknown.add(named)
            keys.setdefault(f"{named}_{command.decision_suffix}", named)
        for place in page.items:
            place_id, key = str(place["id"]), f"{place['id']}_{command.decision_suffix}"
            if named is None and place_id == COMMON:
                continue  # The shared tables are no place's.
            # A place that only is in the registry has nothing to compare, unless it was asked for by name.
            asked = place_id == named or (named is not None and not _is_registered_only(place))
            if asked or _belongs(version_or_latest(questions, KIND_DECISION, key, None), place_id):
                keys.setdefault(key, place_id)
            else:
                without[place_id] = None
    if len(keys) > MAX_COMPARED:
        message = f"these are more than {MAX_COMPARED} decisions"
        raise Invalid("too many decisions to compare", [FieldError("/jurisdictions", "too-many", message)])
    if not keys:
        message = f"no place has a decision that ends in _{command.decision_suffix}"
        raise Invalid("nothing to compare", [FieldError("/decisionSuffix", "unknown", message)])
    return _Wanted(keys, unknown, list(without))


def _is_registered_only(place: Mapping[str, Json]) -> bool:
    document = place["document"]
    return isinstance(document, dict) and document.get("procedure") == NO_PROCEDURE


def _belongs(definition: Definition | None, place: str) -> bool:
    return definition is not None and definition.jurisdiction == place


def _entries(services: Services, questions: Questions, command: CompareDecisions, wanted: _Wanted) -> Iterator[_Entry]:
    for key, place_asked in wanted.keys.items():
        version = command.versions.get(key)
        definition = version_or_latest(questions, KIND_DECISION, key, version)
        if place_asked in wanted.unknown:
            yield _Entry(key, place_asked, NotFound("jurisdiction", str(place_asked)))
        elif definition is None:
            yield _Entry(key, place_asked, NotFound("decision definition", key if version is None else f"{key}:{version}"))
        elif place_asked is not None and definition.jurisdiction != place_asked:
            yield _Entry(key, place_asked, NotFound(f"decision definition of {place_asked}", key))
        else:
            yield _Entry(key, definition.jurisdiction, _subject(services, questions, definition))


def _subject(services: Services, questions: Questions, definition: Definition) -> DecisionInForce | RongjiuError:
    try:
        return as_deployed(services, questions, definition)
    except Conflict as unreadable:
        return unreadable


def _require_versions_used(command: CompareDecisions, entries: Sequence[_Entry]) -> None:
    strangers = sorted(command.versions.keys() - {entry.key for entry in entries})
    if strangers:
        errors = [FieldError(pointer(("versions", key)), "not-compared", f"the decision {key!r} is not compared") for key in strangers]
        raise Invalid("versions of decisions that are not compared", errors)


def _outcome(entry: _Entry, given: GivenFacts, at: int, budget: RequestBudget) -> ComparedOutcome | RongjiuError:
    """What the decision gives, or why it gives nothing."""
    if isinstance(entry.subject, RongjiuError):
        return entry.subject
    definition, model = entry.subject.definition, entry.subject.model
    variables = given.as_variables()
    try:
        plain, strange = _tolerant(model, definition.key, variables, at, budget)
        record = versioned(definition, entry.subject.versions, plain)
        budget.written(record)
    except DecisionFailure as failure:
        return as_invalid(failure, given.pointer)
    except TooLong:
        return too_long(given.pointer(()))
    admitted = PathSet(leaves(without(variables, strange)))
    reads = as_given(read_paths(model, definition.key), input_paths(model, definition.key), admitted)
    return ComparedOutcome(
        definition.key,
        definition.jurisdiction,
        record,
        outputs_by_name(record, _output_names(model, definition.key)),
        reads,
        use_of_facts(places_of(leaves(variables)), admitted, reads),
    )


def _tolerant(model: Model, key: str, variables: Mapping[str, Json], at: int, budget: RequestBudget) -> tuple[Record, list[Path]]:
    """The evaluation without the facts that the decision's closed types do not know, and the places of those. Raises DecisionFailure."""
    try:
        return evaluated(model, key, variables, at, budget.limits()), []
    except DecisionFailure as failure:
        strange = [
            cast(Path, one.path) for one in failure.problems if one.code == "unknown-key" and all(isinstance(n, str) for n in one.path)
        ]
        if not strange:
            raise
    return evaluated(model, key, without(variables, strange), at, budget.limits()), strange


def _output_names(model: Model, key: str) -> Sequence[str]:
    return model.services[key].outputs if key in model.services else model.decisions[key].outputs


def _shown(entry: _Entry, outcome: ComparedOutcome | None) -> dict[str, Json]:
    record: Record = {} if outcome is None else outcome.record
    use = FactUse((), (), ()) if outcome is None else outcome.use
    required = [one for one in listed(record, "requiredDecisions") if one.get("matchedRules") or one.get("warnings")]
    return {
        "decisionKey": entry.key,
        "version": None if isinstance(entry.subject, RongjiuError) else entry.subject.definition.version,
        "jurisdiction": entry.jurisdiction,
        **{name: record.get(name) for name in ("result", "outputs")},
        **{name: record.get(name, []) for name in ("inputs", "matchedRules", "warnings")},
        "requiredDecisions": cast(Json, required),
        "usedFacts": list(use.used),
        "unusedFacts": list(use.unused),
        "missingFacts": list(use.missing),
    }
