"""jurisdiction.yaml of the new place: what runs is kept, what is told of the source place is not taken over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from service.cli.scaffold.files import list_note
from service.cli.scaffold.naming import Naming
from service.domain.json_values import Json

CONFIGURED = ("settings", "deadlines", "facts")
SWITCHES = "switches"
"""The setting that holds the switches of the shared tables that are on for the source place."""


@dataclass(frozen=True)
class PlaceFile:
    """The source's `about`, the new place's code of GB/T 2260 and parent, and the places above the source alone, nearest first."""

    about: Mapping[str, Json]
    code: str | None
    parent: str | None
    inherited: Sequence[Mapping[str, Json]]

    def document(self, naming: Naming, switches: Mapping[str, Json]) -> dict[str, Json]:
        """The jurisdiction.yaml of the new place. `switches` become a setting of it."""
        made: dict[str, Json] = {"id": naming.new, "name": naming.new_name, "code": self.code, "parent": self.parent}
        if naming.new_code is not None:
            made["placeCode"] = naming.new_code
        made["copiedFrom"] = naming.source
        made["documents"] = []
        made["lists"] = [_list(entry, naming) for entry in _entries(self.about, "lists") if not _is_known(entry)]
        made["groups"] = [_group(entry, naming) for entry in _groups(self.about, self.inherited)]
        for section in CONFIGURED:
            entries = _configured(self.about, self.inherited, section, naming)
            if section == "settings" and switches:
                entries[SWITCHES] = _switches(switches, naming)
            if entries:
                made[section] = entries
        return made


def _entries(document: Mapping[str, Json], key: str) -> list[Mapping[str, Json]]:
    listed = document.get(key)
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _groups(document: Mapping[str, Json], inherited: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    found: dict[Json, Mapping[str, Json]] = {}
    for place in (document, *inherited):
        for entry in _entries(place, "groups"):
            found.setdefault(str(entry.get("id")), entry)
    return list(found.values())


def _is_known(entry: Mapping[str, Json]) -> bool:
    """Whether the source's list is known to its last item: then it is nothing but the rules that were copied."""
    count, known = entry.get("count"), entry.get("textKnown")
    return isinstance(count, (int, Decimal)) and isinstance(known, (int, Decimal)) and known >= count


def _list(entry: Mapping[str, Json], naming: Naming) -> dict[str, Json]:
    return {
        "list": entry.get("list"),
        "name": naming.titled(str(entry.get("name"))),
        "count": None,
        "textKnown": 0,
        "note": list_note(naming),
    }


def _group(entry: Mapping[str, Json], naming: Naming) -> dict[str, Json]:
    return {name: naming.marked(value) if name in ("source", "note") and isinstance(value, str) else value for name, value in entry.items()}


def _configured(document: Mapping[str, Json], inherited: Sequence[Mapping[str, Json]], section: str, naming: Naming) -> dict[str, Json]:
    """The entries of the source, then those only places above it have; all of them defaults now."""
    found: dict[str, Json] = {}
    for place in (document, *inherited):
        entries = place.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict):
                found.setdefault(name, _default(entry, section, naming))
    return found


def _default(entry: Mapping[str, Json], section: str, naming: Naming) -> dict[str, Json]:
    made: dict[str, Json] = {**entry, "basis": "default"}
    told = [value for name in ("source", "note") if isinstance(value := entry.get(name), str)]
    made.pop("source", None)
    if section == "settings":
        made["markedDefault"] = True
    was = entry.get("basis")
    words = "；".join(told)
    if was != "default" or naming.is_the_sources(words):
        words = naming.of_source(words)
    if words:
        made["note"] = words
    return made


def _switches(switches: Mapping[str, Json], naming: Naming) -> dict[str, Json]:
    note = f"共用决策表里只在{naming.source_name}缺省开启的机制，本地的程序照样开启；不用的改为 false。"
    return {"value": dict(switches), "basis": "default", "markedDefault": True, "note": naming.mark + note}
