"""Where decisions part on the same facts: in what they give, by which rules, and in what they look at."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from service.actions.decisions.given_facts import FactUse, Path, places_of
from service.actions.decisions.outcomes import Record, deciding_rules
from service.dmn import PathSet
from service.domain.json_values import Json, same_json

RESULT = "result"
"""The name under which decisions with a single output are compared, whatever each of them calls it."""


@dataclass(frozen=True, slots=True)
class ComparedOutcome:
    """A decision with its outcome: the record, its outputs by name, the facts it reads and what it made of those given."""

    key: str
    jurisdiction: str | None
    record: Record
    outputs: Mapping[str, Json]
    reads: PathSet
    use: FactUse


def differences_of(found: Sequence[ComparedOutcome]) -> Iterator[Json]:
    """The outputs that are not equal everywhere, with who gave what and the rules behind it."""
    single = all(len(one.outputs) == 1 for one in found)
    columns = [(one, {RESULT: one.record["result"]} if single else one.outputs) for one in found]
    rules = {one.key: cast(Json, deciding_rules(one.record)) for one in found}
    for name in dict.fromkeys(name for _, outputs in columns for name in outputs):
        sides: list[tuple[Json, list[ComparedOutcome]]] = []
        for one, outputs in columns:
            if name not in outputs:
                continue
            for value, holders in sides:
                if same_json(value, outputs[name]):
                    holders.append(one)
                    break
            else:
                sides.append((outputs[name], [one]))
        absent = [one.key for one, outputs in columns if name not in outputs]
        if len(sides) > 1 or absent:
            yield {
                "output": name,
                "values": [
                    {
                        "value": value,
                        "decisions": [
                            {"decisionKey": one.key, "jurisdiction": one.jurisdiction, "rules": rules[one.key]} for one in holders
                        ],
                    }
                    for value, holders in sides
                ],
                "absentIn": cast(Json, absent),
            }


def fact_differences_of(found: Sequence[ComparedOutcome], given: Mapping[str, Collection[Path]]) -> Iterator[Json]:
    """The facts, given (with the places where they stand) or not, that some of the decisions read and others do not."""
    places = {name: set(where) for name, where in given.items()}
    for name, where in places_of(path for one in found for path in one.reads.paths).items():
        places.setdefault(name, set()).update(where)
    for name in sorted(places):
        readers = [one.key for one in found if _reads(one, name, places[name])]
        others = [one.key for one in found if one.key not in readers]
        if readers and others:
            yield {"fact": name, "given": name in given, "readBy": cast(Json, readers), "notReadBy": cast(Json, others)}


def _reads(one: ComparedOutcome, name: str, places: Collection[Path]) -> bool:
    if name in one.use.used:
        return True
    return name not in one.use.unused and any(one.reads.touches(place) for place in places)
