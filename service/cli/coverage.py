"""What the cases of a folder walk and meet: every element and sequence flow of its diagrams, every rule of its decision tables."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

from service.cli.client import Client
from service.domain.json_values import Json
from service.engine import read_diagrams
from service.engine.reading.diagram import Flow, ProcessDiagram


@dataclass(frozen=True, slots=True)
class Covered:
    """Of one kind of thing in one file: how many there are, and which the cases do not meet."""

    file_name: str
    kind: str
    total: int
    missing: tuple[str, ...]


class Coverage:
    """Collects what happens while cases are played (`told` is a Tell of the case runner)."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._elements: dict[str, set[str]] = defaultdict(set)
        self._followed: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._rules: set[str] = set()

    def told(self, what: str, happened: Mapping[str, Json]) -> None:
        """Note a decision that was evaluated, or a case that was played."""
        if what == "decision":
            self._rules.update(_rules_in(happened))
        elif what == "end":
            self._rules.update(_rules_in(happened["evaluations"]))
            instance = cast(Mapping[str, Json], happened["instance"])
            self._note_way(str(instance["definitionKey"]), str(instance["id"]))

    def _note_way(self, key: str, instance_id: str) -> None:
        entered = [str(one["elementId"]) for one in self._client.rows(f"/process-instances/{instance_id}/activities")]
        self._elements[key].update(entered)
        self._followed[key].update(pairwise(entered))

    def of(self, folder: Path) -> Iterator[Covered]:
        """What was met of the files of a folder."""
        for path in sorted(folder.glob("*.bpmn")):
            for diagram in read_diagrams(path.name, path.read_bytes())[0]:
                entered = self._elements[diagram.key]
                elements = [node.id for node in diagram.nodes]
                yield Covered(path.name, "elements", len(elements), tuple(one for one in elements if one not in entered))
                unseen = tuple(flow.id for flow in diagram.flows if not self._walked(diagram, flow))
                yield Covered(path.name, "sequence flows", len(diagram.flows), unseen)
        for path in sorted(folder.glob("*.dmn")):
            rules = [str(rule.get("id")) for rule in ElementTree.parse(path).iter() if rule.tag.endswith("}rule")]
            yield Covered(path.name, "rules", len(rules), tuple(rule for rule in rules if rule not in self._rules))

    def _walked(self, diagram: ProcessDiagram, flow: Flow) -> bool:
        """History names elements: a flow was walked when nothing else leads to its target or away from its source, or both came in turn."""
        entered = self._elements[diagram.key]
        if flow.source not in entered or flow.target not in entered:
            return False
        source = next(node for node in diagram.nodes if node.id == flow.source)
        into = [other for other in diagram.flows if other.target == flow.target]
        out_of = [other for other in diagram.flows if other.source == flow.source]
        everything = source.kind == "parallelGateway" or len(out_of) == 1
        return everything or len(into) == 1 or (flow.source, flow.target) in self._followed[diagram.key]


def _rules_in(record: "Json | Mapping[str, Json]") -> Iterator[str]:
    """The ids of the matched rules in the record of an evaluation, at any depth."""
    if isinstance(record, list):
        for entry in record:
            yield from _rules_in(entry)
    elif isinstance(record, Mapping):
        for name, value in record.items():
            if name == "matchedRules":
                yield from (str(rule["ruleId"]) for rule in cast(Sequence[Mapping[str, Json]], value))
            else:
                yield from _rules_in(value)
