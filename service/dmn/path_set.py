"""Paths in variables, asked about by what contains what."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

Path = tuple[str, ...]


class PathSet:
    """A context contains its parts, so that paths touch where one is the beginning of the other."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._paths: set[Path] = set()
        self._beginnings: set[Path] = set()
        for path in paths:
            self.add(path)

    def add(self, path: Path) -> None:
        """Add a path; the empty one is everything."""
        self._paths.add(path)
        self._beginnings.update(path[:length] for length in range(len(path) + 1))

    @property
    def paths(self) -> AbstractSet[Path]:
        """The paths added."""
        return self._paths

    def touches(self, path: Path) -> bool:
        """Whether a path of the set is this one, a part of it, or contains it."""
        return path in self._beginnings or any(path[:length] in self._paths for length in range(len(path)))
