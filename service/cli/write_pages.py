"""The pages of the places on disk: written, or compared with what the folders say now."""

from pathlib import Path

from service.actions.yaml_values import YamlFault
from service.cli.client import CommandError
from service.pages.all_defaults import defaults_of
from service.pages.index import index_of
from service.pages.library import Library
from service.pages.page import page_of
from service.pages.place import PlaceUnread, places_in
from service.pages.vocabulary import vocabulary_of


def pages_of(root: Path) -> dict[Path, str]:
    """Every file of the pages by its path below their folder. CommandError names a file that cannot be read."""
    try:
        places = places_in(root)
        library = Library(places)
        files = {Path("README.md"): index_of(places, library)} | defaults_of(places) | vocabulary_of(root)
        for place in places:
            files |= page_of(place, places, library)
    except (PlaceUnread, YamlFault, OSError, ValueError) as fault:
        raise CommandError(str(fault)) from None
    return files


def stale_pages(root: Path, folder: Path) -> list[Path]:
    """Files that are missing, say something else, or belong to no place any more; by name."""
    wanted = pages_of(root)
    found = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    same = {name for name, path in found.items() if name in wanted and path.read_text(encoding="utf-8") == wanted[name]}
    return sorted((wanted.keys() | found.keys()) - same)


def write_pages(root: Path, folder: Path) -> list[Path]:
    """Make the folder what the places say; the files that were written or removed, by name. Only pages and pictures are removed."""
    wanted = pages_of(root)
    stale = stale_pages(root, folder)
    for name in stale:
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        elif path.suffix in (".md", ".svg"):
            path.unlink()
    return stale
