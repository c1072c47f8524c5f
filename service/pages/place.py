"""One place as its folders tell of it: jurisdiction.yaml, diagrams, decision files, cases, precedents; and the places above it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from service.actions.deployments.load_builtin import COMPARATORS
from service.actions.yaml_values import YamlFault, read_yaml
from service.domain.json_values import Json

COMMON = "common"

Entry = Mapping[str, Json]


class PlaceUnread(Exception):
    """A folder has no jurisdiction.yaml, or one that cannot be read. The message says which."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder below `bpmn/` and the one of the same name below `dmn/`; `about` is what its jurisdiction.yaml says."""

    root: Path
    id: str
    about: Entry

    @property
    def is_compared(self) -> bool:
        """Whether the place is only shown for comparison, with nothing loaded as rules."""
        return self.about.get("level") == "comparator"

    @property
    def name(self) -> str:
        return text(self.about, "name") or self.id

    def files(self, kind: str, pattern: str) -> list[Path]:
        """Files of `bpmn` or `dmn`, by name."""
        return sorted((self.root / kind / self.id).glob(pattern))

    def entries(self, key: str) -> list[Entry]:
        """The entries of a list of jurisdiction.yaml; none when it has no such list."""
        listed = self.about.get(key)
        return [cast(Entry, entry) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []

    def named(self, key: str) -> dict[str, Entry]:
        """The entries of a mapping of jurisdiction.yaml."""
        given = self.about.get(key)
        return {name: cast(Entry, entry) for name, entry in given.items() if isinstance(entry, dict)} if isinstance(given, dict) else {}


def read_place(root: Path, place_id: str) -> Place:
    """Raises PlaceUnread."""
    plain, compared = (root / "bpmn" / folder / place_id / "jurisdiction.yaml" for folder in ("", COMPARATORS))
    path = compared if compared.exists() else plain
    try:
        about = read_yaml(path.read_bytes())
    except (OSError, YamlFault) as fault:
        raise PlaceUnread(f"{path.relative_to(root)}: {fault}") from None
    if not isinstance(about, dict):
        raise PlaceUnread(f"{path.relative_to(root)}: not a mapping")
    return Place(root, place_id, about)


def places_in(root: Path) -> list[Place]:
    """Every folder with a jurisdiction.yaml, by name. Raises PlaceUnread."""
    found = [path.parent.name for pattern in ("*", f"{COMPARATORS}/*") for path in (root / "bpmn").glob(f"{pattern}/jurisdiction.yaml")]
    return [read_place(root, place_id) for place_id in sorted(found)]


def above(place: Place, known: Sequence[Place]) -> Iterator[Place]:
    """The places whose time limits and settings apply where the place has none of its own: its parents, and at last `common`."""
    by_id = {other.id: other for other in known}
    seen = {place.id}
    parent = text(place.about, "parent")
    while parent in by_id and parent not in seen:
        seen.add(parent)
        yield by_id[parent]
        parent = text(by_id[parent].about, "parent")
    if COMMON in by_id and COMMON not in seen:
        yield by_id[COMMON]


def text(entry: Entry, key: str) -> str:
    """What stands there in words; empty when nothing does."""
    value = entry.get(key)
    return "" if value is None else str(value)
