"""The tree that a new place is added to: its folders, its places, their codes."""

import re
from collections.abc import Mapping
from pathlib import Path

from service.actions.names import is_place
from service.actions.yaml_values import YamlFault, read_yaml
from service.cli.client import CommandError
from service.domain.json_values import Json

KINDS = ("bpmn", "dmn")
ABOUT = "jurisdiction.yaml"
REGISTER = Path("dmn/common/places.dmn")
_CODES = re.compile(r'(<allowedValues id="tPlace_values">\s*<text>)([^<]*)(</text>)')
_ASKED_WITH = re.compile(r'common_authority_at\(facts, "([^"]+)"\)')


def copyable(root: Path) -> list[str]:
    """The places that can be copied: those of a folder of their own right below bpmn/."""
    return sorted({path.parent.name for path in (root / "bpmn").glob(f"*/{ABOUT}")} - {"common"})


def places(root: Path) -> dict[str, Mapping[str, Json]]:
    """What every place says of itself by its id, comparators as well. CommandError names a file that cannot be read."""
    return {path.parent.name: _read(path) for path in sorted((root / "bpmn").rglob(ABOUT))}


def _read(path: Path) -> Mapping[str, Json]:
    try:
        document = read_yaml(path.read_bytes())
    except YamlFault as fault:
        raise CommandError(f"{path}: {fault.message}") from None
    if not isinstance(document, dict) or not isinstance(document.get("name"), str):
        raise CommandError(f"{path}: not a mapping with a name")
    return document


def chain(known: Mapping[str, Mapping[str, Json]], place: str | None) -> list[str]:
    """The place and those above it, nearest first; without `common`."""
    found: list[str] = []
    while place is not None and place in known and place not in found and place != "common":
        found.append(place)
        above = known[place].get("parent")
        place = above if isinstance(above, str) else None
    return found


def code_of(root: Path, place: str, document: Mapping[str, Json]) -> str | None:
    """The place's code in the shared tables: as it says itself, else as it asks them."""
    told = document.get("placeCode")
    if isinstance(told, str):
        return told
    path = root / "dmn" / place / f"{place}_common.dmn"
    found = _ASKED_WITH.search(path.read_text("utf-8")) if path.exists() else None
    return None if found is None else found[1]


def registered(root: Path, code: str) -> bytes | None:
    """The register of codes with this one added; None when it is there already, or there is no register."""
    path = root / REGISTER
    if not path.exists():
        return None
    text = path.read_text("utf-8")
    values = _CODES.search(text)
    if values is None:
        raise CommandError(f"{path}: the type tPlace has no allowed values to add {code} to")
    if f'"{code}"' in values[2].split(","):
        return None
    return _CODES.sub(lambda found: f'{found[1]}{found[2]},"{code}"{found[3]}', text, count=1).encode("utf-8")


def valid_name(name: str) -> bool:
    """True for what can begin keys, file names and FEEL names alike."""
    return is_place(name) and re.fullmatch(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", name) is not None
