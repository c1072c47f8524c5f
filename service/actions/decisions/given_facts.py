"""Facts as a request gives them, and what a decision makes of them.

A request gives `variables`, named as the decisions' input data are, or `facts`, of which each decision takes what it needs: an input data
called `facts` gets all of them, any other the fact of its own name. A fact's name is its path without a leading `facts`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from service.actions.instances.door_checks import pointer
from service.dmn import PathSet
from service.domain.json_values import Json

FACTS = "facts"

Path: TypeAlias = tuple[str, ...]


def fact_name(path: Path) -> str:
    """The name under which a fact is spoken of, wherever it stands: `facts.motive` and `motive` are the same fact."""
    return ".".join(path[1:] if len(path) > 1 and path[0] == FACTS else path)


@dataclass(frozen=True, slots=True)
class GivenFacts:
    """The members `facts` and `variables` of a request; where both give the same name, `variables` counts."""

    facts: Mapping[str, Json]
    variables: Mapping[str, Json]

    def as_variables(self) -> dict[str, Json]:
        """The variables for any decision; those it does not use are ignored by it."""
        whole: dict[str, Json] = {FACTS: dict(self.facts)} if self.facts else {}
        return {**whole, **self.facts, **self.variables}

    def pointer(self, path: Sequence[str | int]) -> str:
        """Where in the request the value at this path of the variables was given; that of the whole body for no path."""
        if not path:
            return ""
        first, *rest = path
        if first in self.variables:
            return pointer(("variables", first, *rest))
        if first == FACTS and FACTS not in self.facts:
            return pointer((FACTS, *rest))
        return pointer((FACTS, first, *rest))


def leaves(value: Mapping[str, Json], above: Path = ()) -> Iterator[Path]:
    """The paths of the values in nested contexts; a list is one value."""
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from leaves(inner, (*above, name))
        else:
            yield (*above, name)


def without(variables: Mapping[str, Json], paths: Collection[Path]) -> dict[str, Json]:
    """The variables without what stands at these paths; the given ones are left as they are."""
    kept: dict[str, Json] = {}
    for name, value in variables.items():
        below = [path[1:] for path in paths if path[0] == name]
        if () in below:
            continue
        kept[name] = without(value, below) if below and isinstance(value, dict) else value
    return kept


def as_given(reads: Collection[Path], inputs: Iterable[Sequence[Path]], given: PathSet) -> PathSet:
    """What is read, every input under one of its names only: the first under which it is given, else the last, its own.

    `inputs` are the names of each input: an imported one is found under the import's name or by its own.
    """
    chosen, left = set[Path](), set[Path]()
    for names in inputs:
        name = next((name for name in names if given.touches(name)), names[-1])
        chosen.add(name)
        left.update(other for other in names if other != name)
    return PathSet(path for path in reads if not any(path[: len(name)] == name for name in left - chosen))


@dataclass(frozen=True, slots=True)
class FactUse:
    """What one decision makes of the facts, by name: read and given, given but not read, read but not given."""

    used: tuple[str, ...]
    unused: tuple[str, ...]
    missing: tuple[str, ...]


def use_of_facts(given: Mapping[str, Collection[Path]], admitted: PathSet, reads: PathSet) -> FactUse:
    """`given` are the facts and where they stand; `admitted` what the decision's types know of them; `reads` what it reads."""
    used = {name for name, places in given.items() if any(admitted.touches(place) and reads.touches(place) for place in places)}
    missing = {fact_name(path) for path in reads.paths if not admitted.touches(path)}
    return FactUse(tuple(sorted(used)), tuple(sorted(given.keys() - used)), tuple(sorted(missing)))


def places_of(paths: Iterable[Path]) -> dict[str, set[Path]]:
    """Each fact's name with the places in the variables where it stands."""
    found: dict[str, set[Path]] = {}
    for path in paths:
        found.setdefault(fact_name(path), set()).add(path)
    return found
