"""A scope drawn: standing places, ways, then labels where nothing else is, and all blank strips taken out."""

import itertools

from .lettering import label_size
from .picture import Picture, Rect, compacted, meets, passes
from .reading import GATEWAYS, Flow
from .ways import Ways


class Drawing(Ways):
    def drawn(self) -> Picture:
        self._coordinates()
        self._route()
        self._label_gateways_and_flows()
        self.picture = compacted(self.picture)
        return self.picture

    def _label_gateways_and_flows(self) -> None:
        picture = self.picture
        lines = [(p, q) for way in picture.ways.values() for p, q in itertools.pairwise(way)]
        borders = [y for _, a, b in picture.lanes for y in (a, b)]

        def price(box: Rect, own: str) -> float:
            cost = 0.0
            for p, q in lines:
                if passes(p, q, box, 2):
                    cost += 100
            for n, other in picture.boxes.items():
                if meets(box, other, 2):
                    cost += 100 if n != own else 30
            for n, other in picture.labels.items():
                if n != own and meets(box, other, 2):
                    cost += 100
            cost += sum(80 for y in borders if box[1] - 3 < y < box[3] + 3)
            cost += sum(60 for x in self.band_edges if box[0] - 6 < x < box[2] + 6)
            return cost

        for n, node in self.scope.nodes.items():
            if node.kind not in GATEWAYS or not node.name:
                continue
            x1, y1, x2, y2 = picture.boxes[n]
            cx, _cy = (x1 + x2) / 2, (y1 + y2) / 2
            best = None
            w, h = label_size(node.name)
            for rank, (x, y) in enumerate(
                (
                    (cx - w / 2, y1 - h - 5),
                    (cx - 8 - w, y1 - h - 3),
                    (cx + 8, y1 - h - 3),
                    (cx - w / 2, y2 + 5),
                    (cx - 8 - w, y2 + 3),
                    (cx + 8, y2 + 3),
                    (cx - 18 - w, y1 - h - 3),
                    (cx - 18 - w, y2 + 3),
                    (cx + 18, y2 + 3),
                    (x1 - w - 3, y1 - h + 10),
                    (x2 + 3, y1 - h + 10),
                )
            ):
                box = (x, y, x + w, y + h)
                cost = price(box, "") + rank * 2
                if best is None or cost < best[0]:
                    best = (cost, box)
            picture.labels[n] = best[1]
        for _ in range(3):
            for f in sorted([*self.scope.flows, *self.messages], key=lambda f: -len(f.name)):
                if f.name and f.id in picture.ways:
                    picture.labels[f.id] = self._flow_label(f, price)

    def _flow_label(self, f: Flow, price) -> Rect:
        way = self.picture.ways[f.id]
        best = None
        w, h = label_size(f.name)
        travelled = 0.0
        for (x1, y1), (x2, y2) in list(itertools.pairwise(way))[:3]:
            length = abs(x1 - x2) + abs(y1 - y2)
            for along in range((22 if f.default else 5) if not travelled else 4, int(max(length, 30)), 6):
                if y1 == y2:
                    x = x1 + along if x2 > x1 else x1 - along - w
                    spots = [((x, y1 - h - 4), 0), ((x, y1 + 4), 3)]
                else:
                    y = y1 + along if y2 > y1 else y1 - along - h
                    spots = [((x1 + 6, y), 0), ((x1 - 6 - w, y), 2)]
                for (x, y), extra in spots:
                    box = (x, y, x + w, y + h)
                    cost = price(box, f.id) + (travelled + along) / 4 + extra
                    if y1 == y2:
                        over = (x + w - max(x1, x2)) if x2 > x1 else (min(x1, x2) - x)
                        cost += max(0.0, over) * 0.2
                    if best is None or cost < best[0]:
                        best = (cost, box)
            travelled += length
        return best[1]
