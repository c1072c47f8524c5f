"""One pass over the question: its unknowns, and how a FEEL expression is worked out over diagrams."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.dmn.cut_points import INPUT, cut_points
from service.dmn.findings import DecisionFailure
from service.dmn.prospects.diagrams import Diagram, Diagrams, identity_of, support, values
from service.dmn.prospects.domains import Classes, Domain, classes_of
from service.dmn.prospects.limits import ProspectLimits
from service.dmn.prospects.marks import Anything, Failure, Path, Within
from service.dmn.prospects.symbolic import Assembly
from service.feel import FeelLimitError, UnaryTests, compile_tree
from service.feel.tree import And, Node, Or

_TRUTH = Domain("boolean")


@dataclass(frozen=True, slots=True)
class Unknown:
    """An input that is not known (`path`), or something computed that is left open (no path), with what it depends on.

    `cuts` are the constants its classes are parted by, besides those of its type.
    """

    number: int
    key: Hashable
    domain: Domain
    classes: Classes
    path: Path | None
    sources: frozenset[Path]
    reason: str | None = None
    cuts: frozenset[Hashable] = frozenset()


@dataclass(slots=True)
class Learnt:
    """What earlier passes found out about the unknowns: the constants they are compared with, the types they are taken for."""

    cuts: dict[Hashable, dict[Hashable, Any]] = field(default_factory=dict)
    assumed: dict[Hashable, Domain] = field(default_factory=dict)
    changed: bool = False


class Inquiry:
    """Unknowns are numbered in the order they are first asked for, so that those asked together stand together."""

    def __init__(self, limits: ProspectLimits, deadline: float, learnt: Learnt, moment: datetime) -> None:
        self.limits = limits
        self.diagrams = Diagrams(limits, deadline)
        self.assembly = Assembly(self.diagrams, lambda within: self.unknowns[within.unknown].sources)
        self.unknowns: list[Unknown] = []
        self.notes: dict[str, None] = {}
        self.failures: list[Diagram] = []
        self._learnt = learnt
        self._numbers: dict[Hashable, Diagram] = {}
        self._moment = moment

    def note(self, message: str) -> None:
        """Remember what made the work coarser."""
        self.notes.setdefault(message)

    def unknown(self, key: Hashable, domain: Domain, path: Path | None, sources: frozenset[Path], reason: str | None = None) -> Diagram:
        """The value of an unknown; `reason` says why not everything of its domain may be possible."""
        if key not in self._numbers:
            domain = self._learnt.assumed.get(key, domain)
            cuts = self._learnt.cuts.get(key, {})
            classes = classes_of(domain, cuts.values())
            name = ".".join(path or ())
            if not classes.exact:
                reason = f"the allowed values of {name} are more than values and ranges"
            elif path is not None and domain.kind is None:
                reason = f"{name} has no declared type"
            self._numbers[key] = self._add(Unknown(len(self.unknowns), key, domain, classes, path, sources, reason, frozenset(cuts)))
        return self._numbers[key]

    def choice(self, sources: frozenset[Path], reason: str) -> Diagram:
        """True or false, nobody knows."""
        return self._add(Unknown(len(self.unknowns), None, _TRUTH, classes_of(_TRUTH, ()), None, sources, reason))

    def _add(self, unknown: Unknown) -> Diagram:
        self.unknowns.append(unknown)
        leaves = [
            self.diagrams.leaf(found.value if found.single else Within(unknown.number, index, found.value))
            for index, found in enumerate(unknown.classes.members)
        ]
        return self.diagrams.branch(unknown.number, leaves)

    def assume(self, within: Within, domain: Domain) -> None:
        """Take an unknown without a declared type to have this one from the next pass on."""
        unknown = self.unknowns[within.unknown]
        if unknown.domain.kind is None and unknown.key not in self._learnt.assumed:
            self._learnt.assumed[unknown.key] = domain
            self._learnt.changed = True

    def tells_apart(self, within: Within, constants: Iterable[Any]) -> bool:
        """Whether all values of the class compare alike with the constants; if not, the next pass will know better."""
        unknown = self.unknowns[within.unknown]
        known = self._learnt.cuts.setdefault(unknown.key, {})
        alike = True
        for constant in constants:
            if not unknown.domain.supported or (unknown.domain.kind is None and not unknown.domain.tells_apart(constant)):
                return False
            if unknown.domain.tells_apart(constant) and identity_of(constant) not in unknown.cuts:
                alike = False
                if identity_of(constant) not in known and len(known) < self.limits.classes:
                    known[identity_of(constant)] = constant
                    self._learnt.changed = True
        return alike

    def compute(self, tree: Node, operands: Mapping[Path, Diagram], kind: str | None = None) -> Diagram:
        """The value of an expression whose variables are `operands`, by their paths; `kind` is its type or null for certain."""
        expression = compile_tree(tree)
        paths = tuple(operands)

        def evaluate(found: Sequence[Any]) -> Any:
            return expression.evaluate(_nested(paths, found), clock=lambda: self._moment).value

        def at(*found: Any) -> Any:
            return self._at(tree, paths, found, evaluate, kind)

        return self.diagrams.apply(at, tuple(operands.values()))

    def test(self, tests: UnaryTests, value: Diagram, operands: Mapping[Path, Diagram]) -> Diagram:
        """Whether the tests of a cell pass."""
        paths = ((INPUT,), *operands)

        def evaluate(found: Sequence[Any]) -> Any:
            return tests.evaluate(found[0], _nested(paths[1:], found[1:]), clock=lambda: self._moment).value

        return self.diagrams.apply(lambda *found: self._at(tests.tree, paths, found, evaluate, "boolean"), (value, *operands.values()))

    def _at(
        self, tree: Node, paths: Sequence[Path], found: tuple[Any, ...], evaluate: Callable[[Sequence[Any]], Any], kind: str | None
    ) -> Any:
        failure = next((value for value in found if isinstance(value, Failure)), None)
        if failure is not None:
            return failure
        try:
            if any(isinstance(value, Anything) for value in found):
                return self._decided(tree, found, evaluate, kind)
            within = [index for index, value in enumerate(found) if isinstance(value, Within)]
            if within and not self._comparable(tree, paths, found, within):
                return self.assembly.unsure(found, kind)
            return evaluate([value.sample if isinstance(value, Within) else value for value in found])
        except FeelLimitError as error:
            self.note(error.message)
            return self.assembly.unsure(found, kind)
        except DecisionFailure as failed:
            return Failure(failed.code, failed.decision_id.rpartition("#")[2], failed.element_id)

    def _decided(self, tree: Node, found: tuple[Any, ...], evaluate: Callable[[Sequence[Any]], Any], kind: str | None) -> Any:
        """`false and x` is false whatever x is."""
        if isinstance(tree, And | Or) and len(tree.operands) == len(found):
            result = evaluate([None if isinstance(value, Anything | Within) else value for value in found])
            if result is isinstance(tree, Or):
                return result
        return self.assembly.unsure(found, kind)

    def _comparable(self, tree: Node, paths: Sequence[Path], found: tuple[Any, ...], within: list[int]) -> bool:
        if len(within) > 1 or len(paths[within[0]]) > 1:
            return False
        index = within[0]
        others = _nested(
            [path for place, path in enumerate(paths) if place != index], [value for place, value in enumerate(found) if place != index]
        )
        constants = cut_points(tree, paths[index][0], lambda part: compile_tree(part).evaluate(others, clock=lambda: self._moment).value)
        return constants is not None and self.tells_apart(found[index], constants)

    def behind(self, diagram: Diagram) -> frozenset[Path]:
        """The unknown inputs a value depends on, be it by what it is or by what it was computed from."""
        sources = {source for number in support(diagram) for source in self.unknowns[number].sources}
        return frozenset(sources) | self.assembly.unsure(tuple(values(diagram))).sources

    def holds(self, diagram: Diagram, reason: str) -> Diagram:
        """Where the value is true; where that is not known, a choice."""
        known = not any(isinstance(value, Anything | Within) for value in values(diagram))
        if any(isinstance(value, Failure) for value in values(diagram)):
            self._may_fail(diagram)
        sure = self.diagrams.apply(lambda value: value is True, (diagram,))
        if known:
            return sure
        choice = self.choice(self.behind(diagram), reason)
        return self.diagrams.choose(self.diagrams.apply(lambda value: isinstance(value, Anything | Within), (diagram,)), choice, sure)

    def _may_fail(self, diagram: Diagram) -> None:
        """A condition that fails somewhere; whether it is evaluated there is left open."""
        choice = self.choice(frozenset(), "a condition calls a function that may fail")
        failure = self.diagrams.apply(lambda value: value if isinstance(value, Failure) else None, (diagram,))
        self.failures.append(self.diagrams.choose(choice, failure, self.diagrams.null))


def _nested(paths: Sequence[Path], found: Sequence[Any]) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for path, value in zip(paths, found, strict=True):
        inner = context
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = value
    return context
