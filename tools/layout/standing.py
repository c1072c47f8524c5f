"""Coordinates of a scope: columns and rows with generous gaps, what hangs on a step beside it, pools above and below."""

import math
from collections import defaultdict
from dataclasses import replace

from .lettering import label_size
from .picture import Picture, Rect, meets
from .placing import Hints, Places, place, satellites
from .reading import DATA, EVENTS, GATEWAYS, Flow, Node, Pool, Scope

GAP_X, GAP_Y, EDGE = 140, 120, 160
TIMER_DX, REMINDER_DY = 30, 60


def pool_width(name: str) -> int:
    return max(140, up10((min(len(name), math.ceil(len(name) / 2) + 4) * 12 + 20) / 2) * 2)


def up10(value: float) -> int:
    return math.ceil(value / 10) * 10


class Standing:
    """Where everything stands, far apart yet: the room is needed for the ways and taken out at the end."""

    def __init__(self, scope: Scope, hints: Hints, pools: list[Pool] | None = None, messages: list[Flow] | None = None) -> None:
        self.scope, self.hints = scope, hints
        self.pools, self.messages = pools or [], messages or []
        self.picture = Picture()
        self.hanging = satellites(scope)
        self.guests: dict[str, list[Node]] = defaultdict(list)
        for node in scope.nodes.values():
            if node.host:
                self.guests[node.host].append(node)
        for node in scope.nodes.values():
            if node.scope is not None:
                inner = type(self)(node.scope, replace(hints, phases=[], main=[]), messages=self.messages).drawn()
                self.picture.inner[node.id] = inner
                x1, y1, x2, y2 = inner.frame
                node.width, node.height = up10((x2 - x1 + 40) / 2) * 2, up10((y2 - y1 + 55) / 2) * 2
        self.places: Places = place(scope, hints)
        self.centre: dict[str, tuple[int, int]] = {}
        self.within: dict[str, tuple[str, Rect]] = {}
        self.band_edges: list[float] = []
        self.target_pool = {m.source: m.target for m in self.messages}

    def _extent(self, node: Node) -> tuple[int, int]:
        """How far above and below its centre a node reaches, with what hangs on it."""
        above = below = node.height / 2
        if node.kind in EVENTS and node.name:
            tall = label_size(node.name)[1] + 6
            if self._label_side(node) == "T":
                above += tall
            elif self._label_side(node) == "B":
                below += tall
        if node.kind in GATEWAYS:
            above, below = above + 16, below + 16
        for guest in self.guests[node.id]:
            reach = 78 if guest.id in self.hanging.values() else 18 + 20
            if self.hints.side.get(guest.id) == "T":
                above = max(above, node.height / 2 + reach)
            else:
                below = max(below, node.height / 2 + reach)
        return up10(above), up10(below)

    def _label_side(self, node: Node) -> str:
        wish = self.hints.labels.get(node.id)
        if wish:
            return wish
        pool = self.target_pool.get(node.id)
        if pool and self.pool_side(pool) == "below":
            return "T"
        return "B"

    def _coordinates(self) -> None:
        places, nodes = self.places, self.scope.nodes
        ids = [n for n in places.col if n not in self.hints.floats]
        wide: dict[float, int] = defaultdict(int)
        for n in ids:
            wide[places.col[n]] = max(wide[places.col[n]], nodes[n].width)
        x, left = {}, EDGE
        begins = min((places.col[n] for _, members in self.hints.phases for n in members if n in places.col), default=None)
        for c in sorted(wide):
            if c == begins:
                left = max([left, *[EDGE + nodes[n].width + 80 + GAP_X for n in self.hints.floats if n in nodes]])
            x[c] = up10(left + wide[c] / 2)
            left = x[c] + wide[c] // 2 + GAP_X
        self.columns = [(x[c] - wide[c] / 2, x[c] + wide[c] / 2) for c in sorted(wide)]
        self.gaps_x = [0, *[(a[1] + b[0]) / 2 for a, b in zip(self.columns, self.columns[1:], strict=False)], left - GAP_X / 2]
        top = EDGE
        self.gaps_y = []
        spans = []
        laned = [key for key in places.lanes if any(places.lane[n] == key for n in places.row)]
        for key in laned:
            rows = sorted({places.row[n] for n in places.row if places.lane[n] == key})
            start = top
            top += GAP_Y // 2
            for r in rows:
                here = [nodes[n] for n in places.row if places.lane[n] == key and places.row[n] == r]
                above = max(self._extent(n)[0] for n in here)
                below = max(self._extent(n)[1] for n in here)
                y = up10(top + above)
                self.gaps_y.append(top - GAP_Y / 2)
                for n in here:
                    self.centre[n.id] = (0, y)
                top = y + below + GAP_Y
            top -= GAP_Y // 2
            spans.append((key, start, top))
        self.gaps_y.append(top)
        for n in places.row:
            cx = x[places.col[n]] - wide[places.col[n]] / 2 + nodes[n].width / 2 if n in self.hints.floats else x[places.col[n]]
            self.centre[n] = (up10(cx), self.centre[n][1])
        for n in ids:
            for guest in self.guests[n]:
                side = -1 if self.hints.side.get(guest.id) == "T" else 1
                many = [g for g in self.guests[n] if self.hints.side.get(g.id) == self.hints.side.get(guest.id)]
                dx = TIMER_DX if nodes[n].width <= 100 else nodes[n].width // 2 - 40
                if len(many) > 1:
                    dx -= (60 if nodes[n].width <= 100 else 160) * many.index(guest)
                    dx += 10 if nodes[n].width <= 100 else 0
                self.centre[guest.id] = (up10(self.centre[n][0] + dx), self.centre[n][1] + side * nodes[n].height // 2)
        for end, timer in self.hanging.items():
            side = -1 if self.hints.side.get(timer) == "T" else 1
            cx, cy = self.centre[timer]
            self.centre[end] = (cx, cy + side * REMINDER_DY)
        for n, (cx, cy) in self.centre.items():
            w, h = nodes[n].width, nodes[n].height
            self.picture.boxes[n] = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
        self._data_objects()
        right = max(b[2] for b in self.picture.boxes.values()) + EDGE
        self.picture.frame = (EDGE - 60, EDGE, right - 60, top)
        self.picture.lanes = spans
        self._bands()
        self._event_labels()
        self._pools(top)
        self.size = (right + 100, max(top + EDGE, max(b[3] for b in self.picture.boxes.values()) + 60))

    def _bands(self) -> None:
        edges: list[float] = []
        for group, members in self.hints.phases:
            known = [self.picture.boxes[n] for n in members if n in self.picture.boxes]
            x1, x2 = min(b[0] for b in known), max(b[2] for b in known)
            left = max((g for g in self.gaps_x if g < x1), default=x1 - 40)
            right = min((g for g in self.gaps_x if g > x2), default=x2 + 40)
            left = max(left, x1 - 40) if left < EDGE else left
            self.picture.bands[group] = (left + 4, 0, right - 4, 0)
            edges += [left, right]
        self.band_edges = edges

    def _data_objects(self) -> None:
        for node in self.scope.nodes.values():
            if node.kind in DATA:
                tied = next(f for f in self.scope.flows if f.data and node.id in (f.source, f.target))
                other = tied.target if tied.source == node.id else tied.source
                cx, cy = self.centre[other]
                w = self.scope.nodes[other].width / 2
                at = (cx - w - 90, cy) if tied.source == node.id else (cx + w + 90, cy)
                self.centre[node.id] = (up10(at[0]), up10(at[1] - 70))
                x, y = self.centre[node.id]
                self.picture.boxes[node.id] = (x - 18, y - 25, x + 18, y + 25)

    def _event_labels(self) -> None:
        for n, box in list(self.picture.boxes.items()):
            node = self.scope.nodes[n]
            if (node.kind not in EVENTS and node.kind not in DATA) or not node.name:
                continue
            cx, cy = self.centre[n]
            if node.host:
                side = -1 if self.hints.side.get(n) == "T" else 1
                w, h = label_size(node.name)
                y = cy + 6 if side > 0 else cy - 6 - h
                mates = self.guests[node.host]
                rightmost = all(self.centre[g.id][0] <= cx for g in mates)
                narrow = len(mates) > 1 and self.scope.nodes[node.host].width <= 100
                to_right = rightmost and (narrow or (len(mates) == 1 and n not in self.hanging.values()))
                x = cx + 24 if to_right else cx - 30 - w
                self.picture.labels[n] = (x, y, x + w, y + h)
                continue
            w, h = label_size(node.name)
            if n in self.hanging:
                timer = self.picture.labels.get(self.hanging[n])
                side = "L" if timer is None or timer[3] < cy - 9 else "R"
            else:
                side = self._label_side(node)
            at = {
                "B": (cx - w / 2, box[3] + 5),
                "T": (cx - w / 2, box[1] - 5 - h),
                "L": (box[0] - 4 - w, cy - h / 2),
                "R": (box[2] + 4, cy - h / 2),
            }[side]
            self.picture.labels[n] = (at[0], at[1], at[0] + w, at[1] + h)

    def _pools(self, bottom: float) -> None:
        by: dict[str, list[str]] = defaultdict(list)
        for message in self.messages:
            if message.target in {p.id for p in self.pools}:
                by[message.target].append(message.source)
            else:
                by[message.source].append(message.target)
        rows: dict[str, list[Rect]] = defaultdict(list)
        for pool in self.pools:
            if pool.process:
                continue
            outer = {n: o for o, inner in self.picture.inner.items() for n in inner.boxes}
            xs = [self.centre[outer.get(s, s)][0] for s in by[pool.id] if outer.get(s, s) in self.centre]
            cx = up10(sum(xs) / len(xs)) if xs else 400
            w = pool_width(pool.name)
            side = self.pool_side(pool.id)
            y = up10(bottom + 60) if side == "below" else EDGE - 120
            box = (cx - w / 2, y, cx + w / 2, y + 60)
            while any(meets(box, other, 20) for other in rows[side]):
                box = (box[0] + 20, box[1], box[2] + 20, box[3])
            rows[side].append(box)
            self.picture.boxes[pool.id] = box
            self.picture.outside.add(pool.id)

    def pool_side(self, pool: str) -> str:
        """Above or below: whichever border the event that sends is nearer to."""
        wish = self.hints.pools.get(pool)
        if wish:
            return wish
        places = self.places
        ranks = sorted({(places.lanes.index(places.lane[n]), places.row[n]) for n in places.row})
        senders = [m.source if m.target == pool else m.target for m in self.messages if pool in (m.source, m.target)]
        outer = {n: o for o, inner in self.picture.inner.items() for n in inner.boxes}
        senders = [outer.get(n, n) for n in senders]
        at = [ranks.index((places.lanes.index(places.lane[n]), places.row[n])) for n in senders if n in places.row]
        return "above" if at and len(ranks) > 1 and sum(at) / len(at) < (len(ranks) - 1) / 2 else "below"

    def drawn(self) -> Picture:
        raise NotImplementedError
