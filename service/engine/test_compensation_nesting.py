"""Compensation of any nesting, against a model of what has to be undone and when."""

from random import Random

import pytest

from service.engine.conftest import Walk
from service.engine.sketches import COMPENSATE, START, UNDOES, chain, done_and_undone, noted, sub, thrown, undone_by

# --- any nesting, against a model of it


class _Model:
    """A random nesting of activities, and what running and then undoing it must leave in the log."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.number = 0

    def name(self) -> str:
        self.number += 1
        return f"n{self.number}"

    def sequence(self, depth: int) -> tuple[str, list[str], list[str], list[str]]:
        """XML, ids in order, words of running it, words of undoing it."""
        xml = ""
        ids: list[str] = []
        forward: list[str] = []
        backward: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            part, name, done, undone = self.sub(depth - 1) if depth and self.random.random() < 0.6 else self.leaf()
            xml, ids, forward, backward = xml + part, [*ids, name], forward + done, undone + backward
        return xml, ids, forward, backward

    def marks(self) -> tuple[str, int]:
        times = self.random.randint(1, 3)
        condition = f"<loopCondition>${{loopCounter &lt; {times}}}</loopCondition>"
        return self.random.choice(
            [
                ("", 1),
                (f"<standardLoopCharacteristics>{condition}</standardLoopCharacteristics>", times),
                (
                    f'<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>{times}</loopCardinality>'
                    "</multiInstanceLoopCharacteristics>",
                    times,
                ),
            ]
        )

    def leaf(self) -> tuple[str, str, list[str], list[str]]:
        name, (marks, times) = self.name(), self.marks()
        if self.random.random() < 0.3:
            return noted(name, name, marks=marks), name, [name] * times, []
        return done_and_undone(name, marks), name, [name] * times, [f"un{name}"] * times

    def sub(self, depth: int) -> tuple[str, str, list[str], list[str]]:
        name, (marks, times) = self.name(), self.marks()
        inside, ids, forward, backward = self.sequence(depth)
        first, last = self.name(), self.name()
        inside = f'<startEvent id="{first}"/>{inside}<endEvent id="{last}"/>' + chain(first, *ids, last)
        kind, outside = self.random.choice(["subProcess", "transaction"]), ""
        match self.random.randint(0, 4):
            case 0:
                outside, backward = noted(f"un{name}", f"un{name}", UNDOES) + undone_by(name, f"un{name}"), [f"un{name}"]
            case 1:
                body, start = self.name(), self.name()
                event = f'<startEvent id="{start}">{COMPENSATE}</startEvent>' + noted(f"e{body}", "before")
                event += thrown(f"t{body}", COMPENSATE, True) + chain(start, f"e{body}", f"t{body}")
                inside, backward = inside + sub(body, event, attributes='triggeredByEvent="true"'), ["before", *backward]
        return sub(name, inside, marks, kind=kind) + outside, name, forward * times, backward * times


@pytest.mark.parametrize("seed", range(40))
def test_any_nesting_is_undone_as_the_standard_says(walk: Walk, seed: int) -> None:
    xml, ids, forward, backward = _Model(seed).sequence(3)
    case = walk(START + xml + thrown("back", COMPENSATE, True) + chain("start", *ids, "back")).start(log=[])

    assert case.finished
    assert case.variables["log"] == forward + backward
