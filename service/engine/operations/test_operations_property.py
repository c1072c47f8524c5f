"""Whatever operation is accepted, wherever an instance stands: it can still be brought to its end, and its rows agree with its state."""

import random

import pytest

from service.domain.errors import OperationRefused
from service.domain.operations import Instruction
from service.engine.conftest import Walk, Walker
from service.engine.operations.test_modification import agrees, gateway, modify
from service.engine.operations.test_moving_back import been_through
from service.engine.sketches import END, START, chain, flow, user

MOST_STEPS = 300


class Sketch:
    """A random block structure: sequences, parallel, exclusive and inclusive blocks, loops; data is thrown like dice."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.parts: list[str] = []
        self.tasks: list[str] = []
        self.gates = 0
        inside = self.block("start", 3)
        self.parts += [START, END, chain(inside, "end")]

    @property
    def body(self) -> str:
        return "".join(self.parts)

    def block(self, before: str, depth: int) -> str:
        """Draw a block behind `before`; the id of its last element."""
        kind = self.dice.choice(["task", "task", "sequence", "parallel", "exclusive", "inclusive", "loop"]) if depth else "task"
        if kind == "task":
            name = f"t{len(self.tasks)}"
            self.tasks.append(name)
            self.parts += [user(name), chain(before, name)]
            return name
        if kind == "sequence":
            return self.block(self.block(before, depth - 1), depth - 1)
        self.gates += 1
        gate = self.gates
        opening, closing, leave = f"open{gate}", f"close{gate}", f"leave{gate}"
        if kind == "loop":
            self.parts += [gateway("exclusive", opening, closing), chain(before, opening), flow(closing, opening, "${again}")]
            self.parts.append(chain(self.block(opening, depth - 1), closing))
            self.parts += [f'<task id="{leave}"/>', flow(closing, leave, "${not again}")]
            return leave
        self.parts += [gateway(kind, opening, closing), chain(before, opening)]
        for number in range(2):
            first = f"way{gate}_{number}"
            self.parts.append(f'<task id="{first}"/>')
            condition = "" if kind == "parallel" else "${coin}" if number == 0 else "${not coin}" if kind == "exclusive" else "${true}"
            self.parts.append(flow(opening, first, condition))
            self.parts.append(chain(self.block(first, depth - 1), closing))
        return closing


def throw(dice: random.Random) -> dict[str, bool]:
    return {"coin": dice.random() < 0.5, "again": dice.random() < 0.2}


def begin(walker: Walker, dice: random.Random) -> Walker:
    thrown = throw(dice)
    return walker.start(coin=thrown["coin"], again=thrown["again"])


def complete_one(walker: Walker, dice: random.Random) -> None:
    task = dice.choice(sorted(walker.tasks))
    paths = [((name,), value) for name, value in throw(dice).items()]
    walker.take(walker.execution().complete_task(task, paths, walker.circumstances))


def finish(walker: Walker, dice: random.Random) -> None:
    for _ in range(MOST_STEPS):
        if walker.finished:
            return
        assert walker.tasks, f"nothing is open and the instance has not ended: {walker.execution().standing()}"
        complete_one(walker, dice)
    raise AssertionError(f"not finished after {MOST_STEPS} steps")


@pytest.mark.parametrize("seed", range(60))
def test_who_goes_back_still_comes_to_the_end(walk: Walk, seed: int) -> None:
    dice = random.Random(seed)
    walker = begin(walk(Sketch(dice).body), dice)
    for _ in range(dice.randrange(1, 12)):
        if walker.finished:
            return
        complete_one(walker, dice)
        places = [] if walker.finished else walker.execution().move_back_places(been_through(walker))
        options = [(place, target) for place in places for target in place.targets if target.objection is None]
        if options and dice.random() < 0.4:
            place, target = dice.choice(options)
            task = place.visits[0].id
            done = walker.execution().move_back(task, None, target.element_id, been_through(walker), walker.circumstances)
            walker.take(done.step)
            agrees(walker)
            assert sorted(one.id for one in done.cancelled) == sorted(one.id for one in target.taken)
            assert len(walker.open) == len(set(walker.open)), "an activity is open twice"
    finish(walker, dice)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_modification_is_accepted_comes_to_the_end(walk: Walk, seed: int) -> None:
    dice = random.Random(1_000 + seed)
    sketch = Sketch(dice)
    walker = begin(walk(sketch.body), dice)
    for _ in range(12):
        if walker.finished:
            return
        complete_one(walker, dice)
        instructions = [
            Instruction(dice.choice(["startBeforeActivity", "startAfterActivity", "cancel"]), dice.choice(sketch.tasks)) for _ in range(2)
        ]
        try:
            if not walker.finished:
                modify(walker, *instructions)
        except OperationRefused:
            agrees(walker)
    finish(walker, dice)
