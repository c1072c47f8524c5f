"""Soundness: whether a run of each level can always reach its end, and no part waits for ever, runs for ever or is counted twice.

Decided by block structure where the level has it; otherwise by looking at every state of its token net, up to a bound. Data are not looked
at: an exclusive choice may go any way. Only what no choice can mend is an error; what some choices lead to is a warning.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from service.engine.findings import Report
from service.engine.lint.blocks import is_block_structured
from service.engine.lint.net import ENDED, Net, State
from service.engine.lint.structure import Structure
from service.engine.reading.diagram import Node

Reach = Callable[[str], Mapping[str, frozenset[str]]]
MAX_STATES = 5_000
MAX_WORK = 200_000
"""Tokens looked at in all states together: wide diagrams have few states, but each of them is much to look at."""
_MOST_TOKENS = 2
"""Two tokens on one sequence flow already show that branches were not joined; more are not followed."""

_INTERRUPTING_EVENTS = frozenset({"message", "timer", "signal", "conditional", "escalation", "error"})


def check_soundness(structure: Structure, reach: Reach, report: Report) -> None:
    """Judge every level of a process that is connected rightly; `reach` says for each inclusive join what can still come to it."""
    for scope in structure.scopes():
        owner = structure.nodes.get(scope)
        if owner is not None and owner.kind == "adHocSubProcess":
            continue  # A person or the order of the document chooses what happens there.
        if structure.inside(scope) and not is_block_structured(structure, scope):
            _Level(structure, scope, reach, report).judge()


class _Explored:
    """The states of a net that can be reached, and what follows from each."""

    def __init__(self, net: Net) -> None:
        self.following: dict[State, list[State]] = {}
        self.fired: set[str] = set()
        self.doubled: list[str] = []
        self.is_whole = True
        work = 0
        pending = deque(net.initial)
        while pending:
            state = pending.popleft()
            if state in self.following:
                continue
            if len(self.following) >= MAX_STATES:
                self.is_whole = False
                return
            over = [flow for flow, count in state if count >= _MOST_TOKENS]
            self.doubled += [flow for flow in over if flow not in self.doubled]
            if any(count > _MOST_TOKENS for _, count in state):
                self.is_whole = False
                self.following[state] = []
                continue
            following = []
            for name, after in net.steps(state):
                work += len(state)
                if work > MAX_WORK:
                    self.is_whole = False
                    return
                self.fired.add(name)
                following.append(after)
            self.following[state] = following
            pending.extend(following)

    def ending(self) -> set[State]:
        """The states from which the end can be reached."""
        before: dict[State, list[State]] = {}
        for state, following in self.following.items():
            for after in following:
                before.setdefault(after, []).append(state)
        found = {ENDED} if ENDED in self.following else set()
        # Beyond the bounds nothing is known, so nothing is claimed.
        found |= {state for state in self.following if any(count > _MOST_TOKENS for _, count in state)}
        found |= {after for following in self.following.values() for after in following if after not in self.following}
        pending = list(found)
        while pending:
            for state in before.get(pending.pop(), ()):
                if state not in found:
                    found.add(state)
                    pending.append(state)
        return found


class _Level:
    def __init__(self, structure: Structure, scope: str, reach: Reach, report: Report) -> None:
        self.structure = structure
        self.scope = scope
        self.reach = reach
        self.report = report

    def judge(self) -> None:
        net = Net(self.structure, self.scope, self.reach)
        explored = _Explored(net) if net.is_countable else None
        if explored is None or (not explored.is_whole and not explored.doubled):
            why = "it has a complex gateway or too many conditional flows" if explored is None else "it has too many states"
            message = f"whether {self.scope!r} can always reach its end was not decided: {why}"
            self.report.warn(self.scope, self._line(self.scope), "soundness-undecided", message)
            return
        self._doubled(net, explored)
        ending = explored.ending()
        stuck = [state for state, following in explored.following.items() if not following and state not in ending]
        endless = [state for state in explored.following if state not in ending and not _leads_to(state, stuck, explored)]
        never = explored.is_whole and not any(state in ending for state in net.initial)
        if never and self._is_certain():
            self._never(net, stuck, endless)
            return
        self._stuck(net, stuck, explored, never)
        if endless:
            self._endless(net, endless, "may-never-end", "a run that comes to {0} never ends: no way leads out to an end")

    def _is_certain(self) -> bool:
        """True when nothing from outside ends the level, and no choice helps, even of several ways where only one can be chosen."""
        owner = self.structure.nodes.get(self.scope)
        inside = self.structure.inside(self.scope)
        if any(node.triggered_by_event and self._may_interrupt(node) for node in inside):
            return False
        if owner is not None and any(event.interrupting for event in self.structure.boundaries[owner.id]):
            return False
        if any(node.start_quantity > 1 for node in inside):
            return False
        relaxed = Net(self.structure, self.scope, self.reach, relaxed=True)
        if not relaxed.is_countable:
            return False
        explored = _Explored(relaxed)
        ending = explored.ending()
        return explored.is_whole and not any(state in ending for state in relaxed.initial)

    def _may_interrupt(self, sub_process: Node) -> bool:
        return any(start.interrupting and start.event.kind in _INTERRUPTING_EVENTS for start in self.structure.starts(sub_process.id))

    # --- what is told

    def _never(self, net: Net, stuck: list[State], endless: list[State]) -> None:
        for name in self._waiting(net, stuck):
            self._tell(name, "never-completes", f"no run of {self.scope!r} reaches its end: {self._missing(net, name, stuck)}")
        if not stuck:
            self._endless(net, endless, "never-completes", "no run reaches an end: {0} leads only back into itself")

    def _stuck(self, net: Net, stuck: list[State], explored: _Explored, never: bool) -> None:
        for name in self._waiting(net, stuck):
            sure = name not in explored.fired
            what = "every run that comes to it stops there" if sure else "a run may stop there"
            whole = "; no run reaches the end" if never else ""
            self._tell(name, "deadlock", f"{self._missing(net, name, stuck)}; {what}{whole}")

    def _endless(self, net: Net, states: list[State], code: str, text: str) -> None:
        names = sorted({net.target[flow] for state in states for flow, _ in state}, key=self.structure.order.__getitem__)
        if names:
            message = text.format(", ".join(repr(name) for name in names[:5]))
            self._tell(names[0], code, message)

    def _doubled(self, net: Net, explored: _Explored) -> None:
        meeting = {net.source[flow] for flow in explored.doubled if flow in net.source}
        for name in sorted(meeting, key=self.structure.order.__getitem__):
            if len(self.structure.incoming[name]) > 1:
                message = (
                    f"branches that run at the same time come together at {name!r} without being joined: what follows happens once for each"
                )
                self._tell(name, "lack-of-synchronisation", message)

    def _waiting(self, net: Net, stuck: Iterable[State]) -> list[str]:
        return sorted({net.target[flow] for state in stuck for flow, _ in state}, key=self.structure.order.__getitem__)

    def _missing(self, net: Net, name: str, stuck: Iterable[State]) -> str:
        node = self.structure.nodes[name]
        if node.start_quantity > 1:
            return f"{name!r} waits for {node.start_quantity} tokens"
        flows = [flow.id for flow in self.structure.incoming[name]]
        held = {flow for state in stuck for flow, _ in state if net.target[flow] == name}
        missing = ", ".join(repr(flow) for flow in flows if flow not in held)
        none = f"none comes on {missing}" if missing else "tokens come on some of them only"
        return f"the {node.kind} {name!r} waits for a token on every incoming flow, and {none}"

    def _line(self, name: str) -> int:
        node = self.structure.nodes.get(name)
        line = node.line if node is not None else self.structure.process.line
        return line or 0

    def _tell(self, name: str, code: str, message: str) -> None:
        note = self.report.error if code == "never-completes" else self.report.warn
        note(name, self._line(name) or None, code, f"{message} (found by looking at the states of {self.scope!r})")


def _leads_to(state: State, targets: list[State], explored: _Explored) -> bool:
    wanted, seen, pending = set(targets), {state}, [state]
    while pending:
        for after in explored.following.get(pending.pop(), ()):
            if after in wanted:
                return True
            if after not in seen:
                seen.add(after)
                pending.append(after)
    return state in wanted
