"""Reads the answer off one pass over the question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from service.dmn.nodes import DecisionNode
from service.dmn.path_set import PathSet
from service.dmn.prospects.answer import ANYTHING, Given, OpenInput, Origin, Outcome, PossibleRule, Prospects
from service.dmn.prospects.asked import Question
from service.dmn.prospects.askers import Askers
from service.dmn.prospects.diagrams import Diagram, identity_of, leaves, support, values
from service.dmn.prospects.distinctions import Places, distinctions_of
from service.dmn.prospects.inquiry import Inquiry
from service.dmn.prospects.limits import Undecided
from service.dmn.prospects.marks import Anything, Failure, Path, Within
from service.dmn.prospects.tables import NO_RULE, OpenTable
from service.dmn.prospects.walk import Walk

_ELSEWHERE: Any = object()
"""Marks where a rule does not apply."""
_ANY_VALUE = Anything(frozenset())
_LAST = 1_000_000_000


class Reading:
    """The answer is one diagram whose values are what the asked decision yields: a tuple of rows, or a failure."""

    def __init__(self, question: Question, inquiry: Inquiry, walk: Walk) -> None:
        self._question = question
        self._node = question.node
        self._inquiry = inquiry
        self._diagrams = inquiry.diagrams
        self._walk = walk

    def answer(self, again: Callable[[], bool]) -> Prospects | None:
        """Everything worked out; None where another pass, which knows more, is to come anyhow: `again` is asked before the reading."""
        self._walk.required(self._node)
        table = self._walk.table(self._node)
        try:
            found = self._with_failures(self._result(table))
            listed = self._listed(found)
        except Undecided as reason:
            if table is None or table.selector is not None:
                raise
            return self._summary(table, str(reason))
        if again():
            return None
        rules = self._rules(table, listed)
        origins: dict[Any, set[tuple[int, str, Path]]] = {}
        for value in values(found):
            origins.setdefault(identity_of(_alike(value)), set()).update(self._computed(value))
        outcomes = [self._outcome(value, rules[identity_of(value)], origins[identity_of(value)]) for value in values(listed)]
        wide = [outcome for outcome in outcomes if any(value is ANYTHING for row in outcome.rows for value in row.values())]
        kept = [next((other for other in wide if _covers(other, outcome)), outcome) for outcome in outcomes]
        ordered = sorted({id(outcome): outcome for outcome in kept}.values(), key=_order)
        numbers = {id(outcome): number for number, outcome in enumerate(ordered)}
        numbered = {identity_of(value): numbers[id(outcome)] for value, outcome in zip(values(listed), kept, strict=True)}
        places_of = {id(end): numbered[identity_of(_alike(end.value))] for end in leaves(found)}
        reasons = self._reasons(found)

        def places(left: Diagram) -> Sequence[int]:
            return sorted({places_of[id(end)] for end in leaves(left)})

        return self._prospects(tuple(ordered), reasons, self._open_inputs(found, places, certain=not reasons))

    def _prospects(self, outcomes: tuple[Outcome, ...], reasons: tuple[str, ...], open_inputs: tuple[OpenInput, ...]) -> Prospects:
        touched = {unknown.path for unknown in self._inquiry.unknowns if unknown.path is not None}
        unknown = dict.fromkeys((*self._question.facts.unknown, *sorted(touched)))
        return _prospects(self._question, outcomes, reasons, open_inputs, unknown)

    def _listed(self, found: Diagram) -> Diagram:
        """The outcomes to list: computed values all look alike. Raises `Undecided` when there are too many."""
        listed = self._diagrams.apply(_alike, (found,))
        if len(values(listed)) > self._inquiry.limits.outcomes:
            raise Undecided(f"more than {self._inquiry.limits.outcomes} outcomes are possible")
        return listed

    def _result(self, table: OpenTable | None) -> Diagram:
        if table is None:
            return self._diagrams.apply(lambda value: (self._shown(value),), (self._walk.logic(self._node),))
        return self._one_row(table) if table.selector is not None else self._rows(table)

    def _with_failures(self, rows: Diagram) -> Diagram:
        """The rows, or the first failure on the way to them."""
        for failure in reversed(self._failures()):
            rows = self._diagrams.choose(self._diagrams.apply(lambda value: value is not None, (failure,)), failure, rows)
        return rows

    def _failures(self) -> list[Diagram]:
        return [*self._walk.failures, *self._inquiry.failures]

    def _shown(self, value: Any) -> Any:
        """A value as an outcome shows it: what an input is stays so, what else is known by its class only is left open."""
        if isinstance(value, dict):
            return {name: self._shown(inner) for name, inner in value.items()}
        if isinstance(value, Within) and self._inquiry.unknowns[value.unknown].path is None:
            return Anything(self._inquiry.unknowns[value.unknown].sources, None, value)
        return value

    def _with_output(self, rows: Any, value: Any) -> Any:
        return (*rows[:-1], (*rows[-1], self._shown(value)))

    def _one_row(self, table: OpenTable) -> Diagram:
        """The row of a table that yields one; without a rule its outputs are null."""
        found: Diagram = self._diagrams.leaf(((),))
        for name in self._question.asked:
            found = self._diagrams.apply(self._with_output, (found, table.cell(name)))
        return found

    def _rows(self, table: OpenTable) -> Diagram:
        """The rows of a table that yields several, or of its aggregation."""
        if table.table.table.aggregation is not None:
            return self._diagrams.apply(lambda value: ((self._shown(value),),), (self._inquiry.assembly.whole(table.value()),))
        found: Diagram = self._diagrams.leaf(())
        for _, guard, row in table.items():
            more = self._diagrams.apply(lambda rows: (*rows, ()), (found,))
            for name in self._question.asked:
                more = self._diagrams.apply(self._with_output, (more, self._inquiry.assembly.whole(row[name].get())))
            found = self._diagrams.choose(guard, more, found)
            self._listed(found)
        return found

    def _summary(self, table: OpenTable, reason: str) -> Prospects:
        """Of too many combinations of rules: which rules can be among them, and what they depend on."""
        depends = [*table.matched, *self._failures()]
        for name in self._question.asked:
            depends.extend(self._inquiry.assembly.whole(row[name].get()) for row in [*table.rows, table.default])
        used = [self._inquiry.unknowns[number] for number in sorted({number for part in depends for number in support(part)})]
        paths = dict.fromkeys(source for unknown in used for source in sorted(unknown.sources))
        paths.update((source, None) for part in depends for source in sorted(_sources((values(part),))))
        rules = tuple(_rule(self._node, number) for number, guard in enumerate(table.matched) if guard is not self._diagrams.false)
        anything = Outcome((dict.fromkeys(self._question.asked, ANYTHING),), rules, table.no_rule is not self._diagrams.false)
        failures = dict.fromkeys(value for part in self._failures() for value in values(part) if value is not None)
        outcomes = (anything, *(Outcome((), (), False, failure) for failure in failures))
        askers = Askers(self._question, self._inquiry, self._walk)
        return self._prospects(outcomes, (reason,), tuple(OpenInput(path, False, (), askers.of(path)) for path in paths))

    def _rules(self, table: OpenTable | None, found: Diagram) -> dict[Any, list[int]]:
        """The numbers of the rules that give each outcome somewhere."""
        rules: dict[Any, list[int]] = {identity_of(value): [] for value in values(found)}
        elsewhere = self._diagrams.leaf(_ELSEWHERE)
        for number, guard in self._givers(table):
            for value in values(self._diagrams.choose(guard, found, elsewhere)):
                if value is not _ELSEWHERE:
                    rules[identity_of(value)].append(number)
        return rules

    def _givers(self, table: OpenTable | None) -> Iterator[tuple[int, Diagram]]:
        """Each rule's number and where its outputs are the result or part of it."""
        if table is None:
            return
        if table.selector is None:
            yield from enumerate(table.matched)
            yield NO_RULE, table.no_rule
            return
        for number in range(NO_RULE, len(table.rows)):
            yield number, table.selects(number)

    def _outcome(self, value: Any, rules: Iterable[int], computed: Iterable[tuple[int, str, Path]]) -> Outcome:
        numbers = sorted(rules)
        if isinstance(value, Failure):
            return Outcome((), (), False, value)
        rows = tuple({name: self._visible(cell) for name, cell in self._named(row).items()} for row in value)
        given = tuple(rule for rule in numbers if rule != NO_RULE)
        return Outcome(rows, tuple(_rule(self._node, number) for number in given), NO_RULE in numbers, None, _origins(rows, computed))

    def _named(self, row: Any) -> Mapping[str, Any]:
        if self._node.table is not None:
            return dict(zip(self._question.asked, row, strict=True))
        return row if isinstance(row, dict) else {self._node.variable: row}

    def _computed(self, found: Any) -> Iterator[tuple[int, str, Path]]:
        """Row, output and input of what is computed from inputs that are not known."""
        for number, row in enumerate(() if isinstance(found, Failure) else found):
            for name, value in self._named(row).items():
                if isinstance(value, Anything):
                    yield from ((number, name, source) for source in value.sources)

    def _visible(self, value: Any) -> Any:
        if isinstance(value, Within):
            unknown = self._inquiry.unknowns[value.unknown]
            return Given(unknown.path or (), unknown.classes.text([value.index]))
        return ANYTHING if isinstance(value, Anything) else value

    def _reasons(self, found: Diagram) -> tuple[str, ...]:
        """Why the answer is not exact; empty when it is."""
        used = [self._inquiry.unknowns[number] for number in sorted(support(found))]
        reasons = dict.fromkeys(unknown.reason for unknown in used if unknown.reason is not None)
        for source in sorted(_sources(values(found))):
            reasons.setdefault(f"an output is computed from {'.'.join(source)}")
        return (*reasons, *self._inquiry.notes) if reasons else ()

    def _open_inputs(self, found: Diagram, places: Places, *, certain: bool) -> tuple[OpenInput, ...]:
        used = [self._inquiry.unknowns[number] for number in sorted(support(found))]
        by_path = {unknown.path: unknown for unknown in used if unknown.path is not None}
        paths = dict.fromkeys(
            (*by_path, *(source for unknown in used for source in sorted(unknown.sources)), *sorted(_sources(values(found))))
        )
        askers = Askers(self._question, self._inquiry, self._walk)
        open_inputs = []
        for path in paths:
            unknown = by_path.get(path)
            inside = [other for other in used if other.path is not None and len(other.path) > len(path) and other.path[: len(path)] == path]
            distinctions = distinctions_of(unknown, inside, found, self._diagrams, places) if unknown is not None else ()
            open_inputs.append(OpenInput(path, certain and unknown is not None, distinctions, askers.of(path)))
        return tuple(open_inputs)


def coarse(question: Question, reason: str) -> Prospects:
    """The answer when nothing could be worked out: anything the decision can yield, depending on all it reads."""
    node = question.node
    rules = tuple(_rule(node, number) for number in range(len(node.table.rules))) if node.table is not None else ()
    anything = Outcome((dict.fromkeys(question.asked or (node.variable,), ANYTHING),), rules, node.table is not None)
    failure = Outcome((), (), False, Failure("undecided", node.id))
    behind = question.facts.unknown_behind(node.key)
    unknown = dict.fromkeys(question.facts.unknown)
    open_inputs = tuple(OpenInput(path, False, (), ()) for path in (*unknown, *sorted(behind - unknown.keys())) if path in behind)
    return _prospects(question, (anything, failure), (reason,), open_inputs, unknown)


def _prospects(
    question: Question, outcomes: tuple[Outcome, ...], reasons: tuple[str, ...], open_inputs: tuple[OpenInput, ...], unknown: Iterable[Path]
) -> Prospects:
    relevant = PathSet(found.path for found in open_inputs)
    irrelevant = tuple(path for path in unknown if not relevant.touches(path))
    return Prospects(
        question.node.id,
        question.asked,
        question.others,
        outcomes,
        not reasons,
        reasons,
        open_inputs,
        irrelevant,
        question.node.multiple,
    )


def _alike(value: Any) -> Any:
    """A result with no difference left between what is computed one way or another."""
    if isinstance(value, Anything):
        return _ANY_VALUE
    if isinstance(value, dict):
        return {name: _alike(inner) for name, inner in value.items()}
    return tuple(map(_alike, value)) if isinstance(value, tuple) else value


def _origins(rows: Sequence[Mapping[str, Any]], computed: Iterable[tuple[int, str, Path]]) -> tuple[Origin, ...]:
    """Where the open outputs come from."""
    behind = sorted(computed)
    return tuple(
        Origin(number, name, (value.path,), value.test)
        if isinstance(value, Given)
        else Origin(number, name, tuple(path for row, output, path in behind if (row, output) == (number, name)), None)
        for number, row in enumerate(rows)
        for name, value in row.items()
        if value is ANYTHING or isinstance(value, Given)
    )


def _sources(found: Iterable[Any]) -> frozenset[Path]:
    """The unknown inputs behind what is left open in these rows."""
    cells = (cell for rows in found if not isinstance(rows, Failure) for row in rows for cell in _cells(row))
    return frozenset(source for cell in cells if isinstance(cell, Anything) for source in cell.sources)


def _cells(row: Any) -> Iterable[Any]:
    return row.values() if isinstance(row, dict) else row if isinstance(row, tuple) else (row,)


def _covers(wide: Outcome, narrow: Outcome) -> bool:
    """Whether all of an outcome is said by another one that leaves values of the same rules open."""
    if wide is narrow or wide.failure or narrow.failure or len(wide.rows) != len(narrow.rows):
        return False
    if not set(narrow.rules) <= set(wide.rules) or narrow.without_rule > wide.without_rule:
        return False
    return all(_row_covers(row, other) for row, other in zip(wide.rows, narrow.rows, strict=True))


def _row_covers(wide: Mapping[str, Any], narrow: Mapping[str, Any]) -> bool:
    same = wide.keys() == narrow.keys()
    return same and all(value is ANYTHING or identity_of(value) == identity_of(narrow[name]) for name, value in wide.items())


def _order(outcome: Outcome) -> tuple[bool, int]:
    """In the order of the rules; without a rule after them, failures last."""
    return outcome.failure is not None, outcome.rules[0].index if outcome.rules else _LAST


def _rule(node: DecisionNode, number: int) -> PossibleRule:
    assert node.table is not None
    rule = node.table.rules[number].rule
    return PossibleRule(rule.id, rule.index, rule.description)
