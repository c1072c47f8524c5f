"""How much room a text takes in bpmn.io's drawing: 11 px outside of shapes, 12 px within, Chinese characters square."""

import math

OUTSIDE = 11.0
INSIDE = 12.0
LEADING = 14
STAYS = "，。、；：？！）」』”’》…·,.;:?!)"
OPENS = "（「『“‘《("


def wide(text: str, size: float = OUTSIDE) -> float:
    return sum(size * _share(each) for each in text)


def _share(character: str) -> float:
    """Of the height, as in Arial for Latin letters."""
    if ord(character) > 0x2E7F or character in "“”‘’…—·":
        return 1.0
    if character in "[](){}.,:;!|'`ijltf/ -":
        return 0.3
    return 0.68 if character.isupper() else 0.56


def broken(text: str, width: float, size: float = OUTSIDE) -> list[str]:
    """The lines bpmn.io breaks a text into: at spaces where there are any, else shortened in proportion until it fits."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        rest = paragraph
        while rest:
            line = rest
            while len(line) > 1 and wide(line, size) > round(width):
                share = len(line) * width / wide(line, size)
                space = max(line.rfind(" ", 0, int(share) + 1), line.rfind("-", 0, int(share)))
                line = line[: space + 1] if 0 < space < len(line) - 1 else line[: max(math.floor(share - 0.5), 1)]
            lines.append(line.rstrip())
            rest = rest[len(line) :].lstrip()
    return lines or [""]


def lettered(text: str, width: float) -> list[str]:
    """The lines of a label. Older bpmn.io breaks at 90 px or more, then once more at the width that came out; newer at the width alone."""
    first = broken(text, max(width, LEAST))
    again = broken(text, max(math.ceil(max(wide(line) for line in first)), 1))
    return max(again, broken(text, width), key=len)


LEAST = 90


def label_width(text: str) -> int:
    """The width a label is written with. bpmn.io breaks lines at 90 px or, where it is more, at this width."""
    total = math.ceil(wide(text)) + 3
    if total < LEAST:
        return total
    best: tuple[float, int] | None = None
    for width in range(LEAST, 136, 2):
        parts = lettered(text, width)
        every = {*parts, *broken(text, width)}
        bad = sum(part[0] in STAYS for part in every) + sum(part[-1] in OPENS for part in every)
        short = len(parts) > 1 and len(parts[-1]) < 2
        cost = bad * 100 + short * 40 + (width - LEAST) * 0.4 + len(parts) * 5
        if best is None or cost < best[0]:
            best = (cost, width)
    assert best is not None
    return best[1]


def label_size(text: str) -> tuple[int, int]:
    """Width and height of the ink of a label."""
    if not text:
        return 0, 0
    parts = lettered(text, label_width(text))
    return math.ceil(max(wide(part) for part in parts)) + 2, LEADING * len(parts)
