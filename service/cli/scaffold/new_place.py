"""Making the folders of a new jurisdiction from those of an existing one: all of it in memory, then written at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from service.cli.client import CommandError
from service.cli.scaffold.copying import copied
from service.cli.scaffold.landing import judged, write
from service.cli.scaffold.leaning import require_at_home
from service.cli.scaffold.naming import Naming
from service.cli.scaffold.place_file import PlaceFile
from service.cli.scaffold.tree import ABOUT, KINDS, chain, code_of, copyable, places, valid_name
from service.domain.divisions import lies_in
from service.domain.json_values import Json

RESERVED = {"common", "comparators", "defaults", "vocabulary", "readme"}
"""Names of folders and pages that are no place's."""


@dataclass(frozen=True)
class Wanted:
    """What the new place shall be: as asked for. `parent` "none" is no place above it; None leaves it where the source is."""

    name: str
    source: str
    display: str | None = None
    code: str | None = None
    parent: str | None = None
    place_code: str | None = None


@dataclass(frozen=True)
class Made:
    """What was written, by path below the root, and what a designer must know of it."""

    files: tuple[Path, ...]
    parent: str | None
    place_code: str | None
    notes: tuple[str, ...]


def new_place(root: Path, wanted: Wanted) -> Made:
    """Write the folders of the new place. CommandError says what is wrong with the wish; then nothing is written."""
    known = places(root)
    source = _checked(root, known, wanted)
    parent = _parent(known, source, wanted)
    _below(known, parent, wanted)
    require_at_home(root, known, wanted.source, parent)
    source_code = code_of(root, wanted.source, source)
    place_code = _place_code(root, known, source, source_code, parent, wanted)
    others = [other for other in known if other != wanted.source]
    name, *aliases = map(str, _names(source))
    naming = Naming(wanted.source, name, source_code, wanted.name, wanted.display or wanted.name, place_code, others, aliases)
    above = set(chain(known, parent))
    inherited = [known[place] for place in chain(known, wanted.source)[1:] if place not in above]
    files = copied(root, naming, PlaceFile(source, wanted.code, parent, inherited))
    notes = judged(root, files, naming)
    write(root, files)
    return Made(tuple(sorted(files)), parent, place_code, tuple(notes))


def _checked(root: Path, known: Mapping[str, Mapping[str, Json]], wanted: Wanted) -> Mapping[str, Json]:
    name = wanted.name
    if not valid_name(name) or len(name) > 40:
        raise CommandError(f"{name!r} is no name of a place: at most 40 small letters and digits, parted by _, a letter first")
    if name in RESERVED or wanted.source in RESERVED:
        raise CommandError(f"{name if name in RESERVED else wanted.source!r} is no place")
    if name in known or any((root / kind / name).exists() for kind in KINDS):
        raise CommandError(f"{name!r} is taken: bpmn/{name} or dmn/{name} is there already; nothing was written")
    if any((root / kind).is_dir() for kind in KINDS) and not all((root / kind).is_dir() for kind in KINDS):
        missing = " and ".join(f"{kind}/" for kind in KINDS if not (root / kind).is_dir())
        raise CommandError(f"{root.resolve()} has no {missing}: a place is made of both, bpmn/<place> and dmn/<place>; nothing was written")
    if wanted.source in known and known[wanted.source].get("level") == "comparator":
        raise CommandError(f"{wanted.source!r} is a comparator: it has neither procedure nor tables to copy")
    if wanted.source not in known or not (root / "bpmn" / wanted.source / ABOUT).is_file():
        raise CommandError(f"{wanted.source!r} is no place of {root.resolve()}; places: {', '.join(sorted(copyable(root)))}")
    if known[wanted.source].get("level") == "national":
        raise CommandError(f"{wanted.source!r} is the nation: what it has holds in every place already")
    if wanted.code is not None and re.fullmatch(r"[1-9]\d{5}", wanted.code) is None:
        raise CommandError(f"--code {wanted.code!r} is no number of GB/T 2260: six digits, the first not 0")
    holder = next((place for place, document in known.items() if wanted.code and document.get("code") == wanted.code), None)
    if holder is not None:
        raise CommandError(f"--code {wanted.code} is that of {holder}")
    if wanted.place_code is not None and re.fullmatch(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*", wanted.place_code) is None:
        raise CommandError(f"--place-code {wanted.place_code!r} is no code of a place: capitals and digits, parted by -, as JS-SQ-SY")
    if wanted.display is not None and (not wanted.display.strip() or re.search(r'[<>&"\x00-\x1f]', wanted.display)):
        raise CommandError("--name is a name that people read, without < > & and quotation marks")
    namesake = next((place for place, document in known.items() if wanted.display in _names(document)), None)
    if namesake is not None:
        raise CommandError(f"--name {wanted.display} is the name of {namesake}: nobody could tell the two apart")
    return known[wanted.source]


def _names(document: Mapping[str, Json]) -> list[Json]:
    aliases = document.get("aliases")
    return [document["name"], *(aliases if isinstance(aliases, list) else [])]


def _parent(known: Mapping[str, Mapping[str, Json]], source: Mapping[str, Json], wanted: Wanted) -> str | None:
    if wanted.parent == "none":
        return None
    if wanted.parent is None:
        return cast("str | None", source.get("parent"))
    if wanted.parent not in known or wanted.parent == "common":
        raise CommandError(f"--parent {wanted.parent!r} is no place here; places: {', '.join(sorted(known.keys() - {'common'}))}, or none")
    return wanted.parent


def _below(known: Mapping[str, Mapping[str, Json]], parent: str | None, wanted: Wanted) -> None:
    """The numbers of GB/T 2260 say what lies in what."""
    for place in chain(known, parent):
        above = known[place].get("code")
        if wanted.code is not None and isinstance(above, str) and not lies_in(wanted.code, above):
            raise CommandError(f"--code {wanted.code} does not lie in {place} ({above}); choose the place above it with --parent")


def _place_code(
    root: Path,
    known: Mapping[str, Mapping[str, Json]],
    source: Mapping[str, Json],
    source_code: str | None,
    parent: str | None,
    wanted: Wanted,
) -> str | None:
    """As wished for; else made of the code of the place above, so that its rules in the shared tables hold below it as well."""
    if wanted.place_code is None and source_code is None:
        return None
    code = wanted.place_code
    if code is None:
        beside = source_code.rpartition("-")[0] if source_code is not None and parent is not None and parent == source.get("parent") else ""
        above = [found for place in chain(known, parent) if (found := code_of(root, place, known[place])) is not None]
        code = f"{beside or next(iter(above), 'X')}-{wanted.name.upper().replace('_', '-')}"
    holder = next((place for place, document in known.items() if code_of(root, place, document) == code), None)
    if holder is not None:
        raise CommandError(f"the code {code} is that of {holder}; choose another with --place-code")
    _lies_under(root, known, code, parent)
    return code


def _lies_under(root: Path, known: Mapping[str, Mapping[str, Json]], code: str, parent: str | None) -> None:
    """The shared tables give a code the rules of the place whose code it begins with: that must be a place above."""
    above = chain(known, parent)
    for place, document in known.items():
        other = code_of(root, place, document)
        # The tables know a province by the letters that the code begins with.
        begins = other is not None and code.startswith(f"{other}-" if "-" in other else other)
        if begins and place not in above:
            raise CommandError(f"--place-code {code} begins with the code of {place} ({other}), which is not above the new place")
