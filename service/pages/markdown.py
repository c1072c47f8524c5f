"""Writing Markdown: tables whose cells may hold any text."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of the rows, or a line that says there is none."""
    lines = [_row(row) for row in rows]
    return [_row(head), "|" + "---|" * len(head), *lines, ""] if lines else ["—", ""]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell_of(cell) for cell in cells) + " |"


def cell_of(text: str) -> str:
    """Text that neither ends a cell nor becomes markup."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def code(text: str) -> str:
    """A piece of code in a cell; nothing for nothing."""
    return f"`{text}`" if text else ""
