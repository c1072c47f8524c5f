"""Writing Markdown: tables whose cells may hold any text."""

import re
from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(`[^`]*`)")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of the rows, or a line that says there is none."""
    lines = [_row(row) for row in rows]
    return [_row(head), "|" + "---|" * len(head), *lines, ""] if lines else ["—", ""]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell_of(cell) for cell in cells) + " |"


def cell_of(text: str) -> str:
    """Text that neither ends a cell nor becomes markup."""
    return " ".join(prose(text).replace("|", "\\|").split())


def prose(text: str) -> str:
    """Text in which nothing is taken for HTML; pieces of code stay as they are, since a viewer shows them as they are."""
    return "".join(piece if piece.startswith("`") else piece.replace("<", "&lt;") for piece in _CODE.split(text))


def code(text: str) -> str:
    """A piece of code in a cell; nothing for nothing."""
    return f"`{text}`" if text else ""


def anchor(heading: str) -> str:
    """What GitHub calls a heading in links to it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
