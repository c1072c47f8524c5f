"""Making a new jurisdiction from an existing one, its page with it, and telling a designer what to do next."""

from collections.abc import Iterator
from pathlib import Path

from service.cli.client import CommandError
from service.cli.scaffold.new_place import Made, Wanted, new_place
from service.cli.write_pages import write_pages

PAGES = Path("docs/jurisdictions")


def make_jurisdiction(root: Path, wanted: Wanted) -> Iterator[str]:
    """Make it; the lines to print. CommandError when it cannot be made; then nothing is written.

    Its pages come last: where they fail, the place is there all the same, and the CommandError says so.
    """
    made = new_place(root, wanted)
    folders = dict.fromkeys(Path(*path.parts[:2]) for path in made.files if path.parts[1] == wanted.name)
    yield f"{len(made.files)} files: {', '.join(map(str, folders))}"
    yield from (f"also: {path}" for path in made.files if path.parts[1] != wanted.name)
    yield f"parent: {made.parent or 'none'}; code in the shared tables: {made.place_code or 'none'}"
    yield from (f"warning: {note}" for note in made.notes)
    if (root / PAGES).is_dir():
        yield f"{len(_pages_written(root, made))} pages written anew below {PAGES}"
    yield f"照搬自 {wanted.source}，没有一条是本地的规定；逐条核实：docs/new-jurisdiction.md"
    yield f"copied from {wanted.source}, not one rule of it is the new place's; verify each: docs/new-jurisdiction.md"


def _pages_written(root: Path, made: Made) -> list[Path]:
    try:
        return write_pages(root, root / PAGES)
    except (CommandError, OSError) as fault:
        message = f"{fault}\nthe place is written ({len(made.files)} files, named above), its pages below {PAGES} are not, or not all"
        raise CommandError(f"{message}: mend what is told here, then `rongjiu pages {root}`") from None
