"""A picture under way: boxes, labels and ways, in pixels."""

import itertools
from dataclasses import dataclass, field

Rect = tuple[float, float, float, float]


def meets(a: Rect, b: Rect, margin: float = 0.0) -> bool:
    return a[0] < b[2] + margin and b[0] < a[2] + margin and a[1] < b[3] + margin and b[1] < a[3] + margin


def passes(p: tuple[float, float], q: tuple[float, float], box: Rect, margin: float = 0.0) -> bool:
    """Whether an upright or level line goes through a box."""
    return meets((min(p[0], q[0]), min(p[1], q[1]), max(p[0], q[0]), max(p[1], q[1])), box, margin)


@dataclass(slots=True)
class Picture:
    """`boxes` and `labels` are left, top, right, bottom by element; `ways` the points of each flow, `ties` those of associations.

    `inner` are the pictures within subprocesses, `outside` the collapsed pools, `bands` the groups, `lanes` key, top and bottom of each.
    """

    boxes: dict[str, Rect] = field(default_factory=dict)
    labels: dict[str, Rect] = field(default_factory=dict)
    ways: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    lanes: list[tuple[str, float, float]] = field(default_factory=list)
    frame: Rect = (0, 0, 0, 0)
    inner: dict[str, "Picture"] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)
    ties: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    bands: dict[str, Rect] = field(default_factory=dict)

    def moved(self, dx, dy) -> "Picture":
        """Through two functions, one for each axis."""

        def box(r: Rect) -> Rect:
            return dx(r[0]), dy(r[1]), dx(r[0]) + r[2] - r[0], dy(r[1]) + r[3] - r[1]

        out = Picture()
        out.boxes = {k: box(r) for k, r in self.boxes.items()}
        out.labels = {k: box(r) for k, r in self.labels.items()}
        out.ways = {k: [(dx(x), dy(y)) for x, y in w] for k, w in self.ways.items()}
        out.ties = {k: [(dx(x), dy(y)) for x, y in w] for k, w in self.ties.items()}
        out.lanes = [(k, dy(a), dy(b)) for k, a, b in self.lanes]
        f = self.frame
        out.frame = (dx(f[0]), dy(f[1]), dx(f[2]), dy(f[3]))
        out.inner = dict(self.inner)
        out.outside = set(self.outside)
        out.bands = {k: (dx(r[0]), dy(r[1]), dx(r[2]), dy(r[3])) for k, r in self.bands.items()}
        return out


def tie(a: Rect, b: Rect) -> list[tuple[float, float]]:
    """A straight line between the borders of two boxes, on their common middle where they face each other."""
    lo, hi = max(a[0], b[0]), min(a[2], b[2])
    if lo < hi:
        x = (lo + hi) / 2
        return [(x, a[3]), (x, b[1])] if a[3] <= b[1] else [(x, a[1]), (x, b[3])]
    lo, hi = max(a[1], b[1]), min(a[3], b[3])
    if lo < hi:
        y = (lo + hi) / 2
        return [(a[2], y), (b[0], y)] if a[2] <= b[0] else [(a[0], y), (b[2], y)]
    ax = a[2] if a[2] < b[0] else a[0]
    bx = b[0] if a[2] < b[0] else b[2]
    ay = a[3] if a[3] < b[1] else a[1]
    by = b[1] if a[3] < b[1] else b[3]
    return (
        [((a[0] + a[2]) / 2, ay), ((b[0] + b[2]) / 2, by)]
        if abs(ax - bx) < abs(ay - by)
        else [(ax, (a[1] + a[3]) / 2), (bx, (b[1] + b[3]) / 2)]
    )


def compacted(picture: Picture) -> Picture:
    """Without the strips in which nothing stands and nothing turns."""
    xs, ys = [], []
    for n, box in picture.boxes.items():
        if n not in picture.outside:
            xs.append((box[0] - 25, box[2] + 25))
        ys.append((box[1] - 20, box[3] + 20))
    for box in picture.labels.values():
        xs.append((box[0] - 3, box[2] + 3))
        ys.append((box[1] - 3, box[3] + 3))
    for way in picture.ways.values():
        for (x1, y1), (_x2, y2) in itertools.pairwise(way):
            if y1 == y2:
                ys.append((y1 - 10, y1 + 10))
            else:
                xs.append((x1 - 10, x1 + 10))
    for _, a, b in picture.lanes:
        ys += [(a - 15, a + 15), (b - 15, b + 15)]
    f = picture.frame
    xs += [(f[0] - 10, f[0] + 10), (f[2] - 10, f[2] + 10)]
    for box in picture.bands.values():
        xs += [(box[0] - 8, box[0] + 8), (box[2] - 8, box[2] + 8)]
    return picture.moved(_shrink(xs), _shrink(ys))


def _shrink(spans: list[tuple[float, float]]):
    spans = sorted(spans)
    gaps, end = [], spans[0][0]
    for a, b in spans:
        if a > end:
            gaps.append((end, a))
        end = max(end, b)

    def moved(value: float) -> float:
        cut = 0.0
        for a, b in gaps:
            if value >= b:
                cut += b - a
            elif value > a:
                cut += value - a
        return value - cut

    return moved
