"""Which lane, column and row each flow node stands in: layered left to right, the main path on one row."""

from collections import defaultdict
from dataclasses import dataclass, field

from .reading import DATA, GATEWAYS, Node, NotLaidOut, Scope


@dataclass(slots=True)
class Hints:
    """What a person wishes otherwise than the program would do; `hints/<diagram>.yaml` says it.

    lanes: candidate groups (as written in the diagram) from top to bottom; names: what a lane is called, by those groups.
    lane: the lane of a node; row: its row in the lane, 0 the main one, less above; col: its column.
    ports: "out/in" of a flow, each R, B, L, T (with an offset as T+10) or *. side: T puts a boundary event on top.
    pools: above or below for a collapsed pool. main: the main path; avoid: nodes that are not on it; back: flows that lead back.
    labels: the side of an event its name stands on. floats: subprocesses without flows, put at lane, row and col.
    phases: groups with their nodes; moved: the group of a node where its present place says otherwise.
    notes: the element a free annotation belongs to.
    """

    lanes: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    lane: dict[str, str] = field(default_factory=dict)
    row: dict[str, float] = field(default_factory=dict)
    col: dict[str, float] = field(default_factory=dict)
    ports: dict[str, str] = field(default_factory=dict)
    side: dict[str, str] = field(default_factory=dict)
    pools: dict[str, str] = field(default_factory=dict)
    main: list[str] = field(default_factory=list)
    avoid: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    floats: list[str] = field(default_factory=list)
    phases: list[tuple[str, list[str]]] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Places:
    lanes: list[str]
    lane: dict[str, str]
    col: dict[str, float]
    row: dict[str, float]
    back: set[str]
    main: list[str]


def satellites(scope: Scope) -> dict[str, str]:
    """End events that hang under a boundary event: the event of a reminder by its timer."""
    out: dict[str, str] = {}
    entering = defaultdict(list)
    for flow in scope.flows:
        entering[flow.target].append(flow.source)
    for flow in scope.flows:
        source, target = scope.nodes.get(flow.source), scope.nodes.get(flow.target)
        if (
            source
            and target
            and source.kind == "boundaryEvent"
            and target.kind == "endEvent"
            and len(entering[target.id]) == 1
            and not flow.data
        ):
            out[target.id] = source.id
    return out


def place(scope: Scope, hints: Hints) -> Places:
    hanging = satellites(scope)
    nodes = {
        i: n
        for i, n in scope.nodes.items()
        if n.kind != "boundaryEvent" and i not in hanging and n.kind not in DATA and i not in hints.floats
    }

    def base(identity: str) -> str:
        node = scope.nodes[identity]
        return node.host if node.host else identity

    flows = [f for f in scope.flows if not f.data and f.target in nodes and base(f.source) in nodes]
    edges = [(f.id, base(f.source), f.target) for f in flows]
    back = set(hints.back) | _back(nodes, edges, set(hints.back))
    ahead = [(i, s, t) for i, s, t in edges if i not in back and s != t]
    col = _columns(nodes, [*ahead, *_phased(hints, nodes, ahead)], hints)
    main = hints.main or _main(scope, nodes, ahead, hints)
    lane = _lanes(scope, nodes, ahead, edges, hints)
    lanes = list(hints.lanes)
    for identity in sorted(nodes, key=lambda n: (col[n], n)):
        if lane[identity] not in lanes:
            lanes.append(lane[identity])
    row = _rows(nodes, edges, ahead, back, col, lane, lanes, main, hints)
    for identity in scope.nodes:
        if identity in hints.floats:
            lane[identity] = hints.lane.get(identity, lanes[-1])
            col[identity] = hints.col.get(identity, 0)
            row[identity] = hints.row.get(identity, 1 + max((r for n, r in row.items() if lane[n] == lane[identity]), default=0))
    for identity, other in scope.nodes.items():
        if other.host:
            lane[identity] = lane[other.host]
    for end, timer in hanging.items():
        lane[end] = lane[scope.nodes[timer].host or ""]
    return Places(lanes, lane, col, row, back, main)


def _back(nodes: dict[str, Node], edges: list[tuple[str, str, str]], known: set[str]) -> set[str]:
    out: dict[str, list[tuple[str, str]]] = defaultdict(list)
    entered = set()
    for i, s, t in edges:
        if i not in known:
            out[s].append((i, t))
            entered.add(t)
    back: set[str] = set()
    state: dict[str, int] = {}
    for start in [n for n in nodes if n not in entered] + list(nodes):
        if state.get(start):
            continue
        stack = [(start, iter(out[start]))]
        state[start] = 1
        while stack:
            here, following = stack[-1]
            for i, t in following:
                if state.get(t) == 1:
                    back.add(i)
                elif not state.get(t):
                    state[t] = 1
                    stack.append((t, iter(out[t])))
                    break
            else:
                state[here] = 2
                stack.pop()
    return back


def _columns(nodes: dict[str, Node], ahead: list[tuple[str, str, str]], hints: Hints) -> dict[str, float]:
    col: dict[str, float] = dict.fromkeys(nodes, 0.0)
    order = _topological(nodes, ahead)
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for _, s, t in ahead:
        before[t].append(s)
        after[s].append(t)
    for n in order:
        col[n] = max((col[p] + 1 for p in before[n]), default=0.0)
        wish = hints.col.get(n)
        if wish is not None:
            col[n] = wish
    for n in reversed(order):
        if not before[n] and after[n] and n not in hints.col:
            col[n] = max(0.0, min(col[t] for t in after[n]) - 1)
    return col


def _phased(hints: Hints, nodes: dict[str, Node], ahead: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """As if every step of a phase followed every step of the phase before."""
    out = []
    for (_, first), (_, second) in zip(hints.phases, hints.phases[1:], strict=False):
        out += [("", s, t) for s in first for t in second if s in nodes and t in nodes]
    order = {n: i for i, (_, members) in enumerate(hints.phases) for n in members}
    for _, s, t in ahead:
        if order.get(s, 0) > order.get(t, 99):
            raise NotLaidOut(f"{s} comes before {t} but stands in a later phase")
    return out


def _topological(nodes: dict[str, Node], ahead: list[tuple[str, str, str]]) -> list[str]:
    count: dict[str, int] = dict.fromkeys(nodes, 0)
    after: dict[str, list[str]] = defaultdict(list)
    for _, s, t in ahead:
        count[t] += 1
        after[s].append(t)
    ready = [n for n in nodes if not count[n]]
    order: list[str] = []
    while ready:
        n = ready.pop(0)
        order.append(n)
        for t in after[n]:
            count[t] -= 1
            if not count[t]:
                ready.append(t)
    return order


def _main(scope: Scope, nodes: dict[str, Node], ahead: list[tuple[str, str, str]], hints: Hints) -> list[str]:
    """The longest way from a start to an end, steps by people counting most."""
    after: dict[str, list[str]] = defaultdict(list)
    for _, s, t in ahead:
        after[s].append(t)
    best: dict[str, tuple[float, list[str]]] = {}
    for n in reversed(_topological(nodes, ahead)):
        own = -50.0 if n in hints.avoid else {"userTask": 3.0, "callActivity": 3.0, "subProcess": 4.0}.get(nodes[n].kind, 1.0)
        follow = max((best[t] for t in after[n] if t in best), key=lambda b: b[0], default=(0.0, []))
        best[n] = (own + follow[0], [n, *follow[1]])
    starts = [n for n in nodes if nodes[n].kind == "startEvent"] or list(nodes)[:1]
    return max((best[s] for s in starts if s in best), key=lambda b: b[0], default=(0.0, []))[1]


def _lanes(
    scope: Scope, nodes: dict[str, Node], ahead: list[tuple[str, str, str]], edges: list[tuple[str, str, str]], hints: Hints
) -> dict[str, str]:
    lane: dict[str, str] = {}
    for n, node in nodes.items():
        within = [inner.key for inner in node.scope.nodes.values() if inner.key] if node.scope else []
        if node.key or within:
            lane[n] = node.key or within[0]
    lane.update({n: k for n, k in hints.lane.items() if n in nodes})
    if not lane:
        return dict.fromkeys(nodes, "")
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for _, s, t in ahead:
        before[t].append(s)
        after[s].append(t)
    order = _topological(nodes, ahead)
    entered: dict[str, int] = defaultdict(int)
    for _, _, t in edges:
        entered[t] += 1
    for _ in range(8):
        for n in order:
            if n not in lane and before[n]:
                known = {lane[p] for p in before[n] if p in lane}
                merge = entered[n] > 1 and nodes[n].kind in GATEWAYS
                if len(known) == 1 and len([p for p in before[n] if p in lane]) == len(before[n]) and not merge:
                    lane[n] = known.pop()
        for n in reversed(order):
            if n not in lane and after[n] and (not before[n] or entered[n] > 1):
                known = [lane[t] for t in after[n] if t in lane]
                if known:
                    lane[n] = known[0]
    for n in order:
        if n not in lane:
            around = [lane[p] for p in before[n] + after[n] if p in lane]
            lane[n] = around[0] if around else next(iter(lane.values()))
    return lane


def _rows(nodes, edges, ahead, back, col, lane, lanes, main, hints) -> dict[str, float]:
    row: dict[str, float] = {n: r for n, r in hints.row.items() if n in nodes}
    taken: dict[tuple[str, float], list[tuple[float, float]]] = defaultdict(list)

    def free(n: str, r: float, first: float, last: float) -> bool:
        return all(last < a or b < first for a, b in taken[lane[n], r])

    for n in main:
        row.setdefault(n, 0.0)
    for n in row:
        taken[lane[n], row[n]].append((col[n], col[n]))
    before, after = defaultdict(list), defaultdict(list)
    for i, s, t in edges:
        after[s].append((i, t))
        before[t].append((i, s))
    index = {key: i for i, key in enumerate(lanes)}
    order = sorted((n for n in nodes if n not in row), key=lambda n: (col[n], list(nodes).index(n)))
    for n in order:
        if n in row:
            continue
        chain = [n]
        while True:
            following = [t for i, t in after[chain[-1]] if i not in back and t not in row and t not in chain and lane[t] == lane[n]]
            if len(following) != 1 or len([1 for i, s in before[following[0]] if i not in back]) != 1:
                break
            chain.append(following[0])
        placed = [s for i, s in before[n] if s in row]
        ends = [t for i, t in after[chain[-1]] if t in row]
        loop = any(i in back for i, t in after[chain[-1]])
        base = 0.0
        if placed and lane[placed[0]] == lane[n]:
            base = row[placed[0]]
        elif not placed and ends and lane[ends[0]] == lane[n]:
            base = row[ends[0]]
        down = not loop
        if placed and lane[placed[0]] != lane[n]:
            down = index[lane[placed[0]]] < index[lane[n]]
        last = col[chain[-1]]
        stretch = max([last, *[col[t] - 1 for t in ends if lane[t] == lane[n] and col[t] > last]])
        for distance in range(40):
            tries = [base + distance, base - distance] if down else [base - distance, base + distance]
            fit = next((r for r in tries if free(n, r, col[n], stretch)), None)
            if fit is not None:
                break
        else:
            fit = base + 41
        for each in chain:
            row[each] = fit
        taken[lane[n], fit].append((col[n], stretch))
    return row
