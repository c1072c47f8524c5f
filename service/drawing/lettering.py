"""Text in boxes: broken into lines by its width, since SVG does not do that."""

from html import escape

from service.drawing.diagram import Point

SIZE = 11.0
LEADING = 14.0


def width_of(character: str) -> float:
    """About how wide a character is: Chinese ones are square, Latin ones a little over half."""
    return SIZE if ord(character) > 0x2E7F else SIZE * 0.56


def lines_of(text: str, width: float) -> list[str]:
    """The text in lines no wider than `width`. Words of Latin letters stay together where they fit."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line, used = "", 0.0
        for piece in _pieces(paragraph):
            wide = sum(map(width_of, piece))
            if line and used + wide > width:
                lines.append(line.rstrip())
                line, used = "", 0.0
            line += piece
            used += wide
        lines.append(line.rstrip())
    return [line for line in lines if line]


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for character in text:
        joined = pieces and character.isascii() and not character.isspace() and pieces[-1][-1].isascii() and not pieces[-1][-1].isspace()
        if joined and len(pieces[-1]) < 14:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def written(lines: list[str], at: Point, anchor: str = "middle", extra: str = "") -> str:
    """SVG text of lines around a point: centred on it upwards and downwards."""
    x, y = at
    first = y - LEADING * (len(lines) - 1) / 2 + SIZE * 0.36
    spans = "".join(f'<tspan x="{x:g}" y="{first + LEADING * index:g}">{escape(line)}</tspan>' for index, line in enumerate(lines))
    return f'<text text-anchor="{anchor}"{extra}>{spans}</text>' if lines else ""
