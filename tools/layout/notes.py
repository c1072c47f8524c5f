"""The last touches: text annotations beside their elements, the pool's frame, the whole moved to its corner."""

import itertools

from .lettering import OPENS, STAYS, broken
from .picture import Picture, Rect, meets, passes, tie
from .placing import Hints
from .reading import Read

LEFT, TOP = 160, 80


def note_size(text: str, width: int) -> tuple[int, int]:
    """Near the width, where no line begins with a closing mark."""

    def bad(w: int) -> int:
        lines = broken(text, w - 14, 12.0)
        return sum(line[0] in STAYS for line in lines) * 10 + sum(line[-1] in OPENS for line in lines) * 10 + (len(lines[-1]) < 3)

    width = min(range(width - 24, width + 25, 4), key=lambda w: (bad(w), abs(w - width)))
    return width, len(broken(text, width - 14, 12.0)) * 15 + 12


def _pools(picture: Picture) -> None:
    """Collapsed pools moved so that none stands on another and each still receives its messages."""
    below = picture.frame[3]
    for side in (True, False):
        ids = sorted((n for n in picture.outside if (picture.boxes[n][1] >= below - 1) == side), key=lambda n: picture.boxes[n][0])
        ends = {
            n: [
                x
                for way in picture.ways.values()
                for x, y in (way[0], way[-1])
                if y in (picture.boxes[n][1], picture.boxes[n][3]) and picture.boxes[n][0] <= x <= picture.boxes[n][2]
            ]
            for n in ids
        }
        ids.sort(key=lambda n: min(ends[n], default=picture.boxes[n][0]))
        lefts = {}
        for n in ids:
            x1, _y1, x2, _y2 = picture.boxes[n]
            lefts[n] = (sum(ends[n]) / len(ends[n]) if ends[n] else (x1 + x2) / 2) - (x2 - x1) / 2
        wide = {n: picture.boxes[n][2] - picture.boxes[n][0] for n in ids}
        most, limit = {}, float("inf")
        for n in reversed(ids):
            most[n] = min([limit - 20 - wide[n], *[x - 15 for x in ends[n]]])
            limit = most[n]
        right = -float("inf")
        for n in ids:
            lefts[n] = min(max([lefts[n], right + 20, *[x + 15 - wide[n] for x in ends[n]]]), most[n])
            right = lefts[n] + wide[n]
        for n in ids:
            picture.boxes[n] = (lefts[n], picture.boxes[n][1], lefts[n] + wide[n], picture.boxes[n][3])


def fit_lanes(picture: Picture, names: dict[str, str]) -> Picture:
    """Lanes high enough for their names in one line."""
    for key, name in names.items():
        y1, y2 = next((a, b) for k, a, b in picture.lanes if k == key)
        lack = len(name) * 12 + 16 - (y2 - y1)
        if lack > 0:
            half = lack / 2
            picture = picture.moved(lambda x: x, lambda y, a=y1, b=y2, h=half: y + (2 * h if y >= b - 0.5 else h if y > a + 0.5 else 0))
    return picture


def noted(picture: Picture, read: Read, laned: bool, hints: Hints) -> Picture:
    _frame(picture, laned)
    _pools(picture)
    for name, (bx1, _, bx2, _) in list(picture.bands.items()):
        picture.bands[name] = (bx1, picture.frame[1] - 30, bx2, picture.frame[3] + 10)
    for note in read.process.notes:
        target = next((t for _, t, _ in note.ties if t in picture.boxes), hints.notes.get(note.id))
        box = _spot(picture, note.text, target, laned)
        picture.boxes[note.id] = box
        for association, element, first in note.ties:
            if element in picture.boxes:
                line = tie(box, picture.boxes[element])
                picture.ties[association] = line if first else line[::-1]
    x1 = min([picture.frame[0], *[b[0] for b in picture.boxes.values()], *[b[0] for b in picture.bands.values()]])
    y1 = min([picture.frame[1], *[b[1] for b in picture.boxes.values()], *[b[1] for b in picture.bands.values()]])
    return picture.moved(lambda x: round(x - x1 + LEFT), lambda y: round(y - y1 + TOP))


def _frame(picture: Picture, laned: bool) -> None:
    inside = [b for n, b in picture.boxes.items() if n not in picture.outside] + [b for n, b in picture.labels.items()]
    xs = [x for way in picture.ways.values() for x, _ in way]
    left = min([b[0] for b in inside] + xs) - (80 if laned else 60)
    right = max([b[2] for b in inside] + xs) + 30
    picture.frame = (left, picture.lanes[0][1], right, picture.lanes[-1][2])


def _spot(picture: Picture, text: str, target: str | None, laned: bool) -> Rect:
    x1, y1, x2, y2 = picture.frame
    x1 += 60 if laned else 40
    lines = [(p, q) for way in picture.ways.values() for p, q in itertools.pairwise(way)]
    taken = [b for n, b in picture.boxes.items() if n not in picture.outside] + list(picture.labels.values())
    borders = [y for _, a, b in picture.lanes for y in (a, b)]
    uprights = [x for b in picture.bands.values() for x in (b[0], b[2])]
    goal = (x1, y1, x1, y1) if target is None else picture.boxes[target]
    best: tuple[float, Rect] | None = None
    for width in (200, 240, 300, 380, 460):
        w, h = note_size(text, width)
        for top in range(int(y1) + 12, int(y2 - h) - 10, 10):
            if any(top - 6 < y < top + h + 6 for y in borders):
                continue
            for left in range(int(max(x1, goal[0] - 500)), int(min(x2 - w - 15, goal[2] + 500)), 10):
                box = (left, top, left + w, top + h)
                if any(left - 6 < x < left + w + 6 for x in uprights):
                    continue
                dx = max(goal[0] - box[2], box[0] - goal[2], 0)
                dy = max(goal[1] - box[3], box[1] - goal[3], 0)
                cost = dx * 1.4 + dy + abs((box[0] + box[2]) / 2 - (goal[0] + goal[2]) / 2) * 0.15 + (width - 200) * 0.05
                if best is not None and cost >= best[0]:
                    continue
                if target is not None:
                    (ax, ay), (bx, by) = tie(box, goal)
                    way = (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
                    cost += sum(90 for other in taken if other is not goal and meets(way, other, 1)) + sum(
                        20 for p, q in lines if passes(p, q, way, 1)
                    )
                    if best is not None and cost >= best[0]:
                        continue
                if any(meets(box, other, 10) for other in taken) or any(passes(p, q, box, 9) for p, q in lines):
                    continue
                best = (cost, box)
    if best is not None and (best[0] < 420 or target is None):
        return best[1]
    return _made_room(picture, text, goal)


def _made_room(picture: Picture, text: str, goal: Rect) -> Rect:
    """A strip opened at the top of the element's lane."""
    w, h = note_size(text, 300)
    y = next((a for _, a, b in picture.lanes if a <= goal[1] <= b), picture.frame[1])
    strip = h + 22

    def down(value: float) -> float:
        return value + strip if value > y + 1 else value

    moved = picture.moved(lambda x: x, down)
    for name in ("boxes", "labels", "ways", "lanes", "frame", "ties", "bands"):
        setattr(picture, name, getattr(moved, name))
    left = max(picture.frame[0] + 60, min((goal[0] + goal[2]) / 2 - w / 2, picture.frame[2] - w - 15))
    return left, y + 12, left + w, y + 12 + h
