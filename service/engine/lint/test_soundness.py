"""Soundness: what is told of single diagrams, and that it agrees with running random ones through all their choices."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.engine import SpiffEngine
from service.engine.conftest import FixedLaw, Walker, document, source_of

SOUNDNESS = {"never-completes", "deadlock", "lack-of-synchronisation", "may-never-end", "soundness-undecided"}
GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway")


def told(engine: SpiffEngine, body: str) -> dict[str, list[str | None]]:
    """The findings on soundness: code → elements. Nothing else may be wrong."""
    found: dict[str, list[str | None]] = {}
    for finding in engine.inspect("test.bpmn", document(body)).findings:
        assert finding.severity == "warning" or finding.code in SOUNDNESS, finding
        if finding.code in SOUNDNESS:
            found.setdefault(finding.code, []).append(finding.element_id)
    return found


# --- single diagrams


def drawn(*lines: str) -> str:
    """A diagram in lines `a b [condition]` (a flow) or `kind id` (a gateway, an event); other ids are tasks, `s` starts and `e…` ends."""
    kinds = {"and": "parallelGateway", "xor": "exclusiveGateway", "or": "inclusiveGateway"}
    flows, gateways, names = [], {}, []
    for line in lines:
        first, second, *condition = line.split()
        if first in kinds:
            gateways[second] = kinds[first]
            continue
        flows.append((first, second, condition))
        names += [name for name in (first, second) if name not in names]
    text = "".join(f"<{gateways[name]} id='{name}'/>" for name in names if name in gateways)
    for name in names:
        if name not in gateways:
            text += (
                f"<startEvent id='{name}'/>" if name == "s" else f"<endEvent id='{name}'/>" if name[0] == "e" else f"<task id='{name}'/>"
            )
    for number, (source, target, condition) in enumerate(flows):
        formula = f"<conditionExpression>${{{condition[0]}}}</conditionExpression>" if condition else ""
        text += f"<sequenceFlow id='f{number}' sourceRef='{source}' targetRef='{target}'>{formula}</sequenceFlow>"
    return text


UNSOUND = [
    (("s x", "xor x", "x a p==1", "x b p==2", "a j", "b j", "and j", "j e"), {"deadlock": ["j"]}),
    (("s x", "and x", "x a", "x b", "a j", "b j", "xor j", "j c", "c e"), {"lack-of-synchronisation": ["j"]}),
    (("s x", "and x", "x a", "x b", "a c", "b c", "c e"), {"lack-of-synchronisation": ["c"]}),
    (("s j", "and j", "j a", "a j"), {"never-completes": ["j"]}),
    (("s j", "and j", "j x", "xor x", "x j p", "x e !p"), {"never-completes": ["j"]}),
    (("s m", "xor m", "m a", "a m"), {"never-completes": ["m"]}),
    (("s x", "xor x", "x e p", "x m !p", "xor m", "m a", "a b", "b m"), {"may-never-end": ["m"]}),
    (
        ("s x", "xor x", "x e p", "x y !p", "and y", "y a", "y z", "xor z", "z b q", "z e1 !q", "a j", "b j", "and j", "j e2"),
        {"deadlock": ["j"]},
    ),
]


@pytest.mark.parametrize(("lines", "expected"), UNSOUND)
def test_what_waits_or_runs_for_ever_or_happens_twice_is_told(engine: SpiffEngine, lines: tuple[str, ...], expected: object) -> None:
    assert told(engine, drawn(*lines)) == expected


SOUND = [
    ("s x", "and x", "x a", "x b", "a e1", "b e2"),
    ("s x", "or x", "x a p", "x b q", "a j", "b j", "or j", "j e"),
    ("s m", "xor m", "m a", "a x", "xor x", "x m p", "x e !p"),
    ("s x", "and x", "x a", "x y", "xor y", "y b p", "y c !p", "a j", "b m", "c m", "xor m", "m j", "and j", "j e"),
    # Not blocks: three branches joined crosswise, and an inclusive join behind an exclusive choice inside one of two branches.
    ("s x", "and x", "x a", "x b", "a y", "and y", "y c", "y d", "b j", "c j", "and j", "j k", "d k", "and k", "k e"),
    ("s x", "and x", "x a", "x y", "xor y", "y b p", "y e1 !p", "a j", "b j", "or j", "j e"),
]


@pytest.mark.parametrize("lines", SOUND)
def test_sound_diagrams_are_not_accused(engine: SpiffEngine, lines: tuple[str, ...]) -> None:
    assert told(engine, drawn(*lines)) == {}


def test_a_certain_deadlock_that_an_event_from_outside_can_end_is_no_error(engine: SpiffEngine) -> None:
    inner = drawn("s j", "and j", "j a", "a j").replace("'s'", "'t'").replace("'f", "'g")
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    body = (
        f"<startEvent id='s'/><sequenceFlow id='f1' sourceRef='s' targetRef='x'/><subProcess id='x'>{inner}</subProcess>"
        "<sequenceFlow id='f2' sourceRef='x' targetRef='e'/><endEvent id='e'/>"
        "<boundaryEvent id='b' attachedToRef='x'>{timer}</boundaryEvent>"
        "<sequenceFlow id='f3' sourceRef='b' targetRef='e2'/><endEvent id='e2'/>"
    )

    assert told(engine, body.replace("{timer}", timer)) == {"deadlock": ["j"]}
    assert told(engine, body.replace("{timer}", timer).replace("<boundaryEvent", "<boundaryEvent cancelActivity='false'")) == {
        "never-completes": ["j"]
    }


def test_boundary_events_links_and_terminate_are_followed(engine: SpiffEngine) -> None:
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    merged = drawn("s u", "u m", "b m", "xor m", "m e").replace("<task id='u'/>", "<userTask id='u'/>")

    for attribute, expected in (("true", {}), ("false", {"lack-of-synchronisation": ["m"]})):
        event = f"<boundaryEvent id='b' attachedToRef='u' cancelActivity='{attribute}'>{timer}</boundaryEvent>"
        assert told(engine, merged.replace("<task id='b'/>", event)) == expected
    stuck = drawn("s x", "and x", "x a", "x y", "xor y", "y j p", "y t !p", "a j", "and j", "j e", "t e9")
    assert told(engine, stuck) == {"deadlock": ["j"]}
    assert told(engine, stuck.replace("<endEvent id='e9'/>", "<endEvent id='e9'><terminateEventDefinition/></endEvent>")) == {}


def test_what_has_too_many_states_is_not_decided_and_says_so(engine: SpiffEngine) -> None:
    lines = ["s x", "and x"]
    for number in range(12):
        lines += [f"x y{number}", f"xor y{number}", f"y{number} a{number} p", f"y{number} b{number} !p"]
        lines += [f"a{number} z{number}", f"b{number} z{number}", f"xor z{number}", f"z{number} j"]
    crossing = ["x v", "x w", "v j", "w y", "and y", "y j", "y z", "z k", "and j", "j k", "and k", "k e"]

    assert told(engine, drawn(*lines, *crossing)) == {"soundness-undecided": ["p"]}


def test_reminders_make_no_more_states_to_look_at(engine: SpiffEngine) -> None:
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    lines = ["s m", "xor m", "m t0", "xor x", "x m p", "x e !p", "t11 x"]
    lines += [f"t{number} t{number + 1}" for number in range(11)]
    lines += [f"b{number} e{number}" for number in range(12)]
    body = drawn(*lines).replace("<task id='t", "<userTask id='t")
    for number in range(12):
        event = f"<boundaryEvent id='b{number}' attachedToRef='t{number}' cancelActivity='false'>{timer}</boundaryEvent>"
        body = body.replace(f"<task id='b{number}'/>", event)

    assert told(engine, body) == {}
    assert told(engine, body.replace("<exclusiveGateway id='m'", "<parallelGateway id='m'")) == {"never-completes": ["m"]}


# --- random diagrams, run through all their choices


@dataclass
class Drawing:
    """A random block-structured diagram; `choices` are the variables its conditions look at, with how many values each has."""

    rng: random.Random
    nodes: dict[str, str] = field(default_factory=dict)
    flows: list[tuple[str, str, str | None]] = field(default_factory=list)
    choices: dict[str, int] = field(default_factory=dict)
    gateways: list[str] = field(default_factory=list)

    def add(self, kind: str) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes[name] = kind
        if kind in GATEWAYS:
            self.gateways.append(name)
        return name

    def block(self, depth: int) -> tuple[str, str]:
        """A part with one way in and one out: the names of its first and last element."""
        shape = self.rng.choice(("task", "sequence", *GATEWAYS)) if depth else "task"
        if shape == "task" or (shape in GATEWAYS and len(self.gateways) >= 6):
            name = self.add("task")
            return name, name
        if shape == "sequence":
            parts = [self.block(depth - 1) for _ in range(2)]
            self.flows.append((parts[0][1], parts[1][0], None))
            return parts[0][0], parts[1][1]
        split, join = self.add(shape), self.add(shape)
        for number in range(2):
            first, last = self.block(depth - 1)
            self.flows += [(split, first, str(number)), (last, join, None)]
        return split, join

    def mutate(self, times: int) -> None:
        """Give some gateways another kind."""
        for name in self.rng.sample(self.gateways, min(times, len(self.gateways))):
            self.nodes[name] = self.rng.choice([kind for kind in GATEWAYS if kind != self.nodes[name]])

    def body(self) -> str:
        """The XML. An exclusive split takes the way its variable names, an inclusive one also both (2)."""
        text = "<startEvent id='start'/><endEvent id='end'/>" + "".join(f"<{kind} id='{name}'/>" for name, kind in self.nodes.items())
        for number, (source, target, way) in enumerate(self.flows):
            kind = self.nodes.get(source, "")
            condition = ""
            if way is not None and kind in ("exclusiveGateway", "inclusiveGateway"):
                self.choices[source] = 2 if kind == "exclusiveGateway" else 3
                condition = f"<conditionExpression>${{{source} == '{way}' or {source} == '2'}}</conditionExpression>"
            text += f"<sequenceFlow id='f{number}' sourceRef='{source}' targetRef='{target}'>{condition}</sequenceFlow>"
        return text

    def runs(self) -> Iterator[dict[str, str]]:
        """Every way to choose."""
        for values in product(*(map(str, range(count)) for count in self.choices.values())):
            yield dict(zip(self.choices, values, strict=True))


def random_drawing(seed: int, mutations: int) -> Drawing:
    drawing = Drawing(random.Random(seed))
    first, last = drawing.block(3)
    drawing.flows += [("start", first, None), (last, "end", None)]
    drawing.mutate(mutations)
    return drawing


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 10**6))
def test_random_blocks_are_sound_and_decided_by_their_structure(engine: SpiffEngine, seed: int) -> None:
    drawing = random_drawing(seed, 0)

    assert told(engine, drawing.body()) == {}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seed=st.integers(0, 10**6), mutations=st.integers(1, 3))
def test_what_is_told_of_broken_blocks_agrees_with_running_them(engine: SpiffEngine, seed: int, mutations: int) -> None:
    drawing = random_drawing(seed, mutations)
    body = drawing.body()

    found = told(engine, body)

    stuck, twice = False, False
    for variables in drawing.runs():
        walker = Walker(engine, source_of(document(body), "p"), FixedLaw()).start(**variables)
        stuck = stuck or not walker.finished
        visits = Counter(visit.element_id for visit in walker.visits.values())
        twice = twice or max(visits.values()) > 1
    assert ("lack-of-synchronisation" in found) == twice
    if not twice:
        # A gateway that is visited twice chooses the same way both times here, but not in the net.
        assert ("deadlock" in found or "never-completes" in found) == stuck
    elif stuck:
        assert "deadlock" in found or "never-completes" in found
