"""Orthogonal ways for flows on a grid of ten pixels: cheap in bends and crossings, never on one another nor through a shape."""

import heapq
import itertools
from dataclasses import dataclass, field

STEP = 10
RIGHT, DOWN, LEFT, UP = range(4)
MOVES = ((1, 0), (0, 1), (-1, 0), (0, -1))
BEND, CROSS, BESIDE = 9.0, 30.0, 5.0


@dataclass(slots=True)
class Port:
    """Where a flow may leave or enter: the point on the border in pixels, the way out, its price and the cell where it may turn."""

    x: float
    y: float
    way: int
    price: float
    cell: tuple[int, int]
    inner: tuple[int, int]
    name: str


@dataclass(slots=True)
class Route:
    points: list[tuple[float, float]]
    cells: list[tuple[int, int]]
    ports: tuple[str, str]
    cost: float = 0.0


@dataclass(slots=True)
class Board:
    width: int
    height: int
    blocked: bytearray = field(init=False)
    soft: list[float] = field(init=False)
    across: list[str | None] = field(init=False)
    upright: list[str | None] = field(init=False)
    turn_x: list[float] = field(init=False)
    turn_y: list[float] = field(init=False)

    def __post_init__(self) -> None:
        size = self.width * self.height
        self.blocked = bytearray(size)
        self.soft = [0.0] * size
        self.across = [None] * size
        self.upright = [None] * size
        self.turn_x = [0.0] * self.width
        self.turn_y = [0.0] * self.height

    def block(self, x1: float, y1: float, x2: float, y2: float, margin: float) -> None:
        for y in range(max(0, int((y1 - margin) // STEP)), min(self.height, int((y2 + margin) // STEP) + 2)):
            for x in range(max(0, int((x1 - margin) // STEP)), min(self.width, int((x2 + margin) // STEP) + 2)):
                if x1 - margin < x * STEP < x2 + margin and y1 - margin < y * STEP < y2 + margin:
                    self.blocked[y * self.width + x] = 1

    def soften(self, x1: float, y1: float, x2: float, y2: float, price: float) -> None:
        for y in range(max(0, int(y1 // STEP)), min(self.height, int(y2 // STEP) + 1)):
            for x in range(max(0, int(x1 // STEP)), min(self.width, int(x2 // STEP) + 1)):
                self.soft[y * self.width + x] += price

    def occupy(self, name: str, cells: list[tuple[int, int]]) -> None:
        for (x1, y1), (x2, y2) in itertools.pairwise(cells):
            if y1 == y2:
                for x in range(min(x1, x2), max(x1, x2) + 1):
                    self.across[y1 * self.width + x] = name
            else:
                for y in range(min(y1, y2), max(y1, y2) + 1):
                    self.upright[y * self.width + x1] = name

    def free(self, name: str, cells: list[tuple[int, int]]) -> None:
        for (x1, y1), (x2, y2) in itertools.pairwise(cells):
            for y in range(min(y1, y2), max(y1, y2) + 1):
                for x in range(min(x1, x2), max(x1, x2) + 1):
                    place = y * self.width + x
                    if self.across[place] == name:
                        self.across[place] = None
                    if self.upright[place] == name:
                        self.upright[place] = None

    def route(self, sources: list[Port], targets: list[Port]) -> Route | None:
        """The cheapest way from one of the sources' ports to one of the targets'."""
        width, height = self.width, self.height
        blocked, soft, across, upright = self.blocked, self.soft, self.across, self.upright
        goals: dict[int, list[Port]] = {}
        for port in targets:
            if self._clear(port):
                goals.setdefault(port.cell[1] * width + port.cell[0], []).append(port)
        if not goals:
            return None
        gx1, gx2 = min(p.cell[0] for p in targets), max(p.cell[0] for p in targets)
        gy1, gy2 = min(p.cell[1] for p in targets), max(p.cell[1] for p in targets)

        def ahead(x: int, y: int) -> float:
            return max(gx1 - x, 0, x - gx2) + max(gy1 - y, 0, y - gy2)

        best: dict[int, float] = {}
        parent: dict[int, int] = {}
        first: dict[int, Port] = {}
        heap: list[tuple[float, float, int]] = []
        for port in sources:
            if not self._clear(port):
                continue
            x, y = port.cell
            state = ((y * width + x) * 4 + port.way) * 2 + 1
            if port.price < best.get(state, 1e18):
                best[state] = port.price
                first[state] = port
                heapq.heappush(heap, (port.price + ahead(x, y), port.price, state))
        found: tuple[float, int, Port] | None = None
        while heap:
            total, cost, state = heapq.heappop(heap)
            if found is not None and total >= found[0]:
                break
            if cost > best.get(state, 1e18):
                continue
            rest, long = divmod(state, 2)
            place, way = divmod(rest, 4)
            y, x = divmod(place, width)
            for port in goals.get(place, ()):
                inward = (port.way + 2) % 4
                final = cost + port.price
                if way != inward:
                    if way == port.way or not long:
                        continue
                    final += BEND
                    if across[place] is not None or upright[place] is not None:
                        continue
                if found is None or final < found[0]:
                    found = (final, state, port)
            for turn in (0, 1, 3):
                towards = (way + turn) % 4
                price = cost + 1.0
                if turn:
                    if not long or across[place] is not None or upright[place] is not None:
                        continue
                    price += BEND + (self.turn_y[y] if towards in (RIGHT, LEFT) else self.turn_x[x])
                dx, dy = MOVES[towards]
                nx, ny = x + dx, y + dy
                if not (0 <= nx < width and 0 <= ny < height):
                    continue
                there = ny * width + nx
                if blocked[there]:
                    continue
                if dx:
                    if across[there] is not None:
                        continue
                    if upright[there] is not None:
                        price += CROSS
                    if (ny > 0 and across[there - width] is not None) or (ny + 1 < height and across[there + width] is not None):
                        price += BESIDE
                else:
                    if upright[there] is not None:
                        continue
                    if across[there] is not None:
                        price += CROSS
                    if upright[there - 1] is not None or (nx + 1 < width and upright[there + 1] is not None):
                        price += BESIDE
                price += soft[there]
                following = (there * 4 + towards) * 2 + (0 if turn else 1)
                if price < best.get(following, 1e18):
                    best[following] = price
                    parent[following] = state
                    heapq.heappush(heap, (price + ahead(nx, ny), price, following))
        if found is None:
            return None
        return self._traced(found, parent, first)

    def _clear(self, port: Port) -> bool:
        (x1, y1), (x2, y2) = port.inner, port.cell
        marks = self.across if y1 == y2 else self.upright
        for y in range(min(y1, y2), max(y1, y2) + 1):
            for x in range(min(x1, x2), max(x1, x2) + 1):
                if not (0 <= x < self.width and 0 <= y < self.height) or marks[y * self.width + x] is not None:
                    return False
        x, y = port.cell
        return not self.blocked[y * self.width + x]

    def _traced(self, found: tuple[float, int, Port], parent: dict[int, int], first: dict[int, Port]) -> Route:
        cost, state, target = found
        cells = [target.inner, target.cell]
        while True:
            place = state // 8
            cells.append((place % self.width, place // self.width))
            if state not in parent:
                break
            state = parent[state]
        source = first[state]
        cells.append(source.inner)
        cells.reverse()
        kept = [cells[0]]
        for here, after in itertools.pairwise(cells):
            before = kept[-1]
            if here in (before, after):
                continue
            straight = (before[0] == here[0] == after[0]) or (before[1] == here[1] == after[1])
            if not straight:
                kept.append(here)
        kept.append(cells[-1])
        points = [(float(x * STEP), float(y * STEP)) for x, y in kept]
        points[0] = (source.x, source.y)
        points[-1] = (target.x, target.y)
        return Route(points, kept, (source.name, target.name), cost)
