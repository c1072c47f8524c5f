"""Settings of a place where there is no case: for timers that start processes, which follow what is deployed last."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.actions.ports import Lookups
from service.domain.definition import COMMON, Jurisdiction
from service.domain.errors import StepFailed
from service.domain.json_values import Json


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """Satisfies the port PlaceLaw for the place `jurisdiction`; what is being deployed just now (`deployed`) comes first."""

    lookups: Lookups
    jurisdiction: str | None
    deployed: Sequence[Jurisdiction] = ()

    def setting(self, element_id: str, key: str) -> Json:
        """The value of the switch, from the place or the nearest of its parents that has it, at last from `common`."""
        for name in (self.jurisdiction, COMMON):
            while name is not None and (place := self._place(name)) is not None:
                entries = place.document.get("settings")
                entry = entries.get(key) if isinstance(entries, dict) else None
                if isinstance(entry, dict):
                    return entry.get("value")
                name = place.parent
        raise StepFailed(element_id, "definition", f"{key!r} is not configured under settings of {self.jurisdiction!r}")

    def _place(self, name: str) -> Jurisdiction | None:
        found = next((place for place in self.deployed if place.id == name), None)
        return found if found is not None else self.lookups.jurisdiction(name)
