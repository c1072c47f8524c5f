"""The decision files of all places, and who uses whose: a page shows the rules of its place wherever their file lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from service.dmn.findings import Findings
from service.dmn.reading.document import parse_document
from service.dmn.reading.graph_reader import read_definitions
from service.dmn.reading.syntax import Definitions
from service.pages.place import Place


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """One decision file of a place."""

    place: Place
    path: Path
    definitions: Definitions

    @property
    def is_main(self) -> bool:
        """Whether it is one of the two files that every place with decisions has."""
        return self.path.stem in (f"{self.place.id}_tolerance", f"{self.place.id}_common")


class Library:
    """Every decision file of the places, by its namespace. Raises ValueError for a file that a deployment would refuse as well."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._by_namespace: dict[str, DecisionFile] = {}
        self._of: dict[str, list[DecisionFile]] = {}
        for place in places:
            for path in place.files("dmn", "*.dmn"):
                file = _read(place, path)
                self._by_namespace[file.definitions.namespace] = file
                self._of.setdefault(place.id, []).append(file)
        self._users: dict[Path, dict[str, Place]] = {}
        for file in self._by_namespace.values():
            for imported in self.imports(file):
                self._users.setdefault(imported.path, {})[file.place.id] = file.place

    def imports(self, file: DecisionFile) -> list[DecisionFile]:
        """The files it imports, where they are known."""
        found = [self._by_namespace.get(imported.namespace) for imported in file.definitions.imports]
        return [imported for imported in found if imported is not None]

    def named(self, name: str) -> DecisionFile | None:
        """The file of that name."""
        return next((file for file in self._by_namespace.values() if file.path.name == name), None)

    def own(self, place: Place) -> list[DecisionFile]:
        """The files in the place's folder: its rules, then what it takes from the tables of all, at last what only others use."""
        shared = f"{place.id}_common"
        return sorted(self._of.get(place.id, []), key=lambda file: (bool(self.only_for(file)), file.path.stem == shared, file.path.name))

    def only_for(self, file: DecisionFile) -> list[Place]:
        """The places that use a file of which the place that keeps it makes no use. None for a file that half of the places use: that
        is everybody's, and is not repeated on the page of each of them.
        """
        users = self._users.get(file.path, {})
        kept_for_others = not file.is_main and users and file.place.id not in users and 2 * len(users) < len(self._of)
        return [users[name] for name in sorted(users)] if kept_for_others else []

    def borrowed(self, place: Place) -> list[DecisionFile]:
        """The files kept elsewhere for this and a few other places: rules of the place that stand on no page of its own otherwise."""
        found = {used.path: used for used in self.used(place) if place.id in {user.id for user in self.only_for(used)}}
        return [found[path] for path in sorted(found)]

    def inherits(self, place: Place, other: Place) -> bool:
        """Whether the place's decisions are made of the other's, at least in part."""
        return any(file.place.id == other.id for file in self.used(place))

    def used(self, place: Place) -> Iterator[DecisionFile]:
        """Every file the place's own files import, and what those import."""
        waiting = list(self._of.get(place.id, []))
        seen = {file.path for file in waiting}
        while waiting:
            for imported in self.imports(waiting.pop()):
                if imported.path not in seen:
                    seen.add(imported.path)
                    waiting.append(imported)
                    yield imported


def _read(place: Place, path: Path) -> DecisionFile:
    definitions = _parsed(path.read_bytes())
    if isinstance(definitions, str):
        raise ValueError(f"{path}: {definitions}")
    return DecisionFile(place, path, definitions)


@lru_cache(maxsize=1024)
def _parsed(content: bytes) -> Definitions | str:
    """What is in the file, or why it cannot be read."""
    findings = Findings()
    root = parse_document(content, findings)
    return findings.all()[0].message if root is None else read_definitions(root, findings)
