"""The ways of all flows of a scope: which port each takes, in which order they are laid, and laid again."""

import math
from collections import defaultdict

from .picture import Rect, tie
from .reading import GATEWAYS, Flow, Node, NotLaidOut
from .routing import DOWN, LEFT, MOVES, RIGHT, STEP, UP, Board, Port
from .standing import Standing, up10


class Ways(Standing):
    def _route(self) -> None:
        picture, nodes = self.picture, self.scope.nodes
        board = self._board()
        self._hang()
        flows = [f for f in self.scope.flows if f.id not in picture.ways and not f.data]
        main = set(zip(self.places.main, self.places.main[1:], strict=False))

        def weight(f: Flow) -> tuple:
            (x1, y1), (x2, y2) = self.centre[f.source], self.centre[f.target]
            skips = y1 == y2 and nodes[f.source].kind in GATEWAYS
            return (f.id in self.places.back, (f.source, f.target) not in main, skips, abs(x1 - x2) + abs(y1 - y2))

        flows.sort(key=weight)
        within: dict[str, tuple[str, Rect]] = {}
        for outer, inner in picture.inner.items():
            x1, y1 = picture.boxes[outer][0] + 20 - inner.frame[0], picture.boxes[outer][1] + 35 - inner.frame[1]
            for n, b in inner.boxes.items():
                within[n] = (outer, (b[0] + x1, b[1] + y1, b[2] + x1, b[3] + y1))
        self.within = within
        drawn = {*picture.boxes, *within} if self.pools else set()
        messages = [m for m in self.messages if m.source in drawn and m.target in drawn]
        ins, outs = defaultdict(int), defaultdict(int)
        for f in flows:
            outs[f.source] += 1
            ins[f.target] += 1
        used: dict[str, dict[str, str]] = defaultdict(dict)
        routes = {}

        def ports(f: Flow, end: str, outgoing: bool, message: bool) -> list[Port]:
            if end in within:
                return self._inner_ports(*within[end])
            wish = self.hints.ports.get(f.id, "*/*").split("/")[0 if outgoing else 1]
            if end in picture.outside:
                return self._pool_ports(end)
            given = self._ports(nodes[end], outgoing, ins[end] + outs[end], message)
            other = f.target if outgoing else f.source
            if nodes[end].kind in GATEWAYS and other in self.centre and not message:
                away = self.centre[other][1] - self.centre[end][1]
                for p in given:
                    p.price += 14 if (p.way == UP and away > 0) or (p.way == DOWN and away < 0) else 0
            given = [p for p in given if p.name not in used[end] or used[end][p.name] == f.id]
            if wish != "*":
                given = [p for p in given if p.name == wish] or [p for p in given if p.name.startswith(wish)] or given
            return given

        todo = [(f, False) for f in flows] + [(m, True) for m in messages]

        def lift(f: Flow) -> None:
            route = routes.pop(f.id, None)
            if route is not None:
                board.free(f.id, route.cells)
                for end, name in zip((f.source, f.target), route.ports, strict=True):
                    used[end].pop(name, None)

        def lay(f: Flow, message: bool) -> float:
            route = board.route(ports(f, f.source, True, message), ports(f, f.target, False, message))
            if route is None:
                return 9999.0
            keep(f, route)
            return route.cost

        def keep(f: Flow, route) -> None:
            routes[f.id] = route
            board.occupy(f.id, route.cells)
            for end, name in zip((f.source, f.target), route.ports, strict=True):
                used[end][name] = f.id

        def again() -> None:
            for f, message in todo:
                lift(f)
                lay(f, message)

        again()
        again()
        self._swap([f for f, _ in todo[: len(flows)]], routes, lift, lay, keep)
        again()
        lost = [f.id for f, _ in todo if f.id not in routes]
        if lost:
            raise NotLaidOut(f"no way found for {', '.join(lost)}; give its ends other ports, rows or columns")
        for name, route in routes.items():
            picture.ways[name] = route.points
        for f in self.scope.flows:
            if f.data:
                picture.ties[f.id] = self._straight(f.source, f.target)

    def _board(self) -> Board:
        """The grid with all that stands in the way, and what a turn costs where: cheapest in the middle of a gap, dear at borders."""
        picture, nodes = self.picture, self.scope.nodes
        board = Board(int(self.size[0] // STEP) + 2, int(self.size[1] // STEP) + 2)
        for n, box in picture.boxes.items():
            board.block(*box, 9 if n in nodes and nodes[n].host else 15)
            board.soften(box[0] - 30, box[1] - 30, box[2] + 30, box[3] + 30, 0.4)
        for box in picture.labels.values():
            board.block(*box, 4)
        for _, y1, y2 in picture.lanes:
            for y in (y1, y2):
                row = round(y / STEP)
                board.turn_y[min(row, board.height - 1)] += 30
                for near in (row - 1, row + 1):
                    if 0 <= near < board.height:
                        board.turn_y[near] += 6
        top, bottom = picture.frame[1], picture.frame[3]
        board.soften(0, 0, self.size[0], top - 10, 25)
        board.soften(0, bottom + 10, self.size[0], self.size[1], 25)
        for x in range(board.width):
            px = x * STEP
            near = min(self.gaps_x, key=lambda g: abs(g - px))
            away = abs(near - px)
            if any(abs(px - e) < 15 for e in self.band_edges):
                board.turn_x[x] += 8
            board.turn_x[x] += min(away, 60) / 40 + (0.6 if round(away / 10) % 2 else 0)
        for y in range(board.height):
            py = y * STEP
            near = min(self.gaps_y, key=lambda g: abs(g - py))
            board.turn_y[y] += min(abs(near - py), 60) / 60
        return board

    def _hang(self) -> None:
        """The short way from a boundary event to the end event under it."""
        picture = self.picture
        for end, timer in self.hanging.items():
            (x, y1), (_, y2) = self.centre[timer], self.centre[end]
            flow = next(f for f in self.scope.flows if f.source == timer)
            sign = 1 if y2 > y1 else -1
            picture.ways[flow.id] = [(x, y1 + sign * 18), (x, y2 - sign * 18)]

    def _swap(self, flows, routes, lift, lay, keep) -> None:
        """Two flows that share an end, laid in the other order where that is cheaper for both together."""
        for one in flows:
            for other in flows:
                if one.id >= other.id or not (one.source == other.source or one.target == other.target):
                    continue
                if one.id not in routes or other.id not in routes:
                    continue
                before = (routes[one.id], routes[other.id])
                best = None
                for order in ((one, other), (other, one)):
                    lift(one)
                    lift(other)
                    cost = sum(lay(f, False) for f in order)
                    if best is None or cost < best[0] - 0.5:
                        best = (cost, routes.get(one.id), routes.get(other.id))
                lift(one)
                lift(other)
                keep(one, best[1] or before[0])
                keep(other, best[2] or before[1])

    def _straight(self, source: str, target: str) -> list[tuple[float, float]]:
        a, b = self.picture.boxes[source], self.picture.boxes[target]
        return tie(a, b)

    def _inner_ports(self, outer: str, box: Rect) -> list[Port]:
        """Out of a subprocess, straight up or down from an event in it."""
        x, border = (box[0] + box[2]) / 2, self.picture.boxes[outer]
        x = round(x / 10) * 10
        out = []
        for way, y, edge, sign in ((DOWN, box[3], border[3], 1), (UP, box[1], border[1], -1)):
            cell = (x // STEP, round(edge / STEP) + 2 * sign)
            out.append(Port(x, y, way, 0, cell, (x // STEP, round(y / STEP)), "RBLT"[way]))
        return out

    def _pool_ports(self, pool: str) -> list[Port]:
        x1, y1, x2, y2 = self.picture.boxes[pool]
        above = y1 > self.picture.frame[1]
        out = []
        middle = (x1 + x2) / 2
        for x in range(up10(x1 + 20), int(x2 - 20) + 1, STEP):
            y, way = (y1, UP) if above else (y2, DOWN)
            cell = (x // STEP, int(y // STEP) + (-2 if above else 2))
            out.append(Port(x, y, way, abs(x - middle) / 40, cell, (x // STEP, int(y // STEP)), f"P{x}"))
        return out

    def _ports(self, node: Node, outgoing: bool, count: int, message: bool) -> list[Port]:
        cx, cy = self.centre[node.id]
        w, h = node.width / 2, node.height / 2
        out = []

        def add(way: int, price: float, offset: int = 0) -> None:
            dx, dy = MOVES[way]
            half = w if dx else h
            x, y = cx + dx * half, cy + dy * half
            if offset:
                if dx:
                    x, y = x - dx * abs(offset), y + offset
                else:
                    x, y = x + offset, y - dy * abs(offset)
            px, py = (cx + offset if dy else cx), (cy + offset if dx else cy)
            far = math.ceil((half + 20) / STEP)
            near = math.ceil(half / STEP)
            name = "RBLT"[way] + (f"{offset:+d}" if offset else "")
            out.append(
                Port(
                    x, y, way, price, (px // STEP + dx * far, py // STEP + dy * far), (px // STEP + dx * near, py // STEP + dy * near), name
                )
            )

        if node.host:
            side = self.hints.side.get(node.id) == "T"
            add(UP if side else DOWN, 0)
            return out
        if message:
            add(DOWN, 0)
            add(UP, 0)
            return out
        gateway = node.kind in GATEWAYS
        prices = (
            {RIGHT: 0, DOWN: 0, UP: 0, LEFT: 25} if outgoing and gateway else {RIGHT: 0, DOWN: 16, UP: 16, LEFT: 60} if outgoing else {}
        )
        if not outgoing:
            prices = {LEFT: 0, UP: 3, DOWN: 3, RIGHT: 40} if gateway else {LEFT: 0, UP: 13, DOWN: 13, RIGHT: 70}
        for way, price in prices.items():
            if gateway and count > 6 and way in (UP, DOWN):
                for offset in (-20, 0, 20):
                    add(way, price, offset)
            elif gateway and count > 4 and way in (UP, DOWN):
                add(way, price, -10)
                add(way, price, 10)
            else:
                add(way, price)
        return out
