"""Random walks through diagrams that together have every element: an instance that is put away after every step, and one that never is,
do the same; and after every step the rows that a store would have are what the state says.
"""

import dataclasses
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from service.actions.ports import Circumstances
from service.domain.errors import StepFailed
from service.domain.standing import Standing, differences
from service.domain.step import Step
from service.engine import InstanceExecution, RestingInstances, SpiffEngine, read_diagrams
from service.engine.conftest import NOON, FixedLaw, source_of
from service.engine.instance import Instance
from service.engine.reading.vocabulary import EVENTS, FLOW_NODES
from service.engine.state.recorder import Recorder
from service.engine.walk_diagrams import CODES, WALKED, Walked, document

SEEDS = 15
MOST_MOVES = 60
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Rows:
    """What a store has of one instance after the steps so far."""

    tasks: dict[str, str] = field(default_factory=dict)
    timers: dict[str, str] = field(default_factory=dict)
    due_at: dict[str, int] = field(default_factory=dict)
    subscriptions: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    external_tasks: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    activities: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    stalled_at: str | None = None

    def take(self, step: Step) -> None:
        """As the store writes it: what is closed must have been open, what is opened must not."""
        for gone, rows in (
            (step.closed_tasks, self.tasks),
            (step.cancelled_timers, self.timers),
            (step.unsubscribed, self.subscriptions),
            (step.closed_external, self.external_tasks),
        ):
            for identifier in gone:
                del rows[identifier]
        opened: list[tuple[dict[str, Any], str, Any]] = [(self.tasks, one.id, one.element_id) for one in step.opened_tasks]
        opened += [(self.timers, one.id, one.element_id) for one in step.armed_timers]
        opened += [(self.subscriptions, one.id, (one.element_id, one.kind, one.name)) for one in step.subscribed]
        opened += [(self.external_tasks, one.id, (one.element_id, one.topic, one.priority)) for one in step.opened_external]
        for rows, identifier, row in opened:
            assert identifier not in rows
            rows[identifier] = row
        self.due_at.update({one.id: one.due_at for one in step.armed_timers})
        for visit in step.activities:
            self.activities.pop(visit.id, None)
            if visit.state == "active":
                self.activities[visit.id] = visit.element_id
        self.variables = dict(step.variables)
        self.stalled_at = step.stalled_at

    @property
    def standing(self) -> Standing:
        """The rows as the store gives them."""
        due_at = {identifier: self.due_at[identifier] for identifier in self.timers}
        waiting = (self.tasks, self.timers, self.subscriptions, self.external_tasks)
        return Standing(*waiting, self.activities, due_at, self.variables, self.stalled_at)


@dataclass
class Labels:
    """Ids in the order in which they were first told: what two runs of the same moves have in common."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, value: Any) -> Any:
        """The value with labels for ids, and numbers with all their digits."""
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {one.name: self.of(getattr(value, one.name)) for one in dataclasses.fields(value) if one.name != "state_data"}
        if isinstance(value, dict):
            # How long a decision took is told, and never the same twice.
            return {key: self.of(item) for key, item in value.items() if key != "durationMicros"}
        if isinstance(value, list | tuple):
            return [self.of(item) for item in value]
        if isinstance(value, str):
            return ID.sub(lambda found: f"#{self.numbers.setdefault(found[0], len(self.numbers))}", value)
        return str(Decimal(value)) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value

    def named(self, label: int) -> str:
        """The id with that label."""
        return next(identifier for identifier, number in self.numbers.items() if number == label)


def tokens(task: Any) -> Iterator[Any]:
    """The task and all inside it, in tree order."""
    yield task
    for child in task.children:
        yield from tokens(child)


def picture(instance: Instance, labels: Labels) -> Any:
    """Everything an instance at rest is made of."""
    own = {name: value for name, value in vars(instance).items() if name not in NOT_STATE}
    tree = [
        labels.of([str(task.id), task.task_spec.name, int(task.state), task.internal_data, task.data, len(task.children)])
        for task in tokens(instance.task_tree)
    ]
    return own, tree, [labels.of(str(one)) for one in instance.tasks], labels.of(list(instance.watched))


NOT_STATE = {"spec", "task_tree", "tasks", "watched", "processes", "circumstances", "recorder", "ends_by"} | {
    "completed_event",
    "task_removed_event",
}
"""What of an instance is compared otherwise, or is the same for all."""


class Travellers:
    """Two instances of one diagram on the same way: one is read from its state for every step, the other stays alive between them."""

    def __init__(self, engine: SpiffEngine, keeper: SpiffEngine, walked: Walked, dice: random.Random) -> None:
        for key, body in {"p": walked.body, **walked.called}.items():
            findings = engine.inspect(f"{key}.bpmn", document(body, key)).findings
            assert [finding for finding in findings if finding.severity == "error"] == []
        self.engine, self.keeper, self.dice = engine, keeper, dice
        self.source = source_of(document(walked.body, "p"), "p")
        self.law = FixedLaw(processes={key: (document(body, key),) for key, body in walked.called.items()})
        self.now = NOON
        self.rows, self.labels, self.living_labels = Rows(), Labels(), Labels()
        self.step = engine.start(self.source, walked.start, walked.variables, self.circumstances)
        self.living_step = keeper.start(self.source, walked.start, walked.variables, self.circumstances)
        self.rows.take(self.step)
        self._compare()

    @property
    def circumstances(self) -> Circumstances:
        return Circumstances(self.now, self.law, "li")

    @property
    def resting(self) -> Instance | None:
        """The instance that is alive, if it is: after a failed step it is not."""
        kept = self.keeper._resting
        assert kept is not None
        return kept._kept.get((self.source.digest, self.source.key, self.living_step.state_data))

    def possible(self) -> list[tuple[str, int]]:
        """What may happen next: (kind, label)."""
        number = self.labels.numbers
        found = [("complete", number[name]) for name in self.rows.tasks] + [("fire", number[name]) for name in self.rows.timers]
        found += [("deliver", number[name]) for name in self.rows.subscriptions]
        found += [(kind, number[name]) for name in self.rows.external_tasks for kind in ("work", "fault")]
        return sorted(found + [("throw", number[name]) for name in self.rows.tasks])

    def travel(self) -> bool:
        """One move of both, and everything compared. False when there is no further one."""
        possible = self.possible()
        if self.step.finished is not None or not possible:
            assert self.step.finished is not None or self.rows.activities, "it stands still where nothing waits"
            return False
        weights = {"throw": 1, "fault": 1, "deliver": 4}
        kind, label = self.dice.choices(possible, [weights.get(kind, 8) for kind, _ in possible])[0]
        self.now += 60_000
        brought = {"round": Decimal(self.dice.randint(0, 3)), "opinion": {"at": Decimal(self.now), "k": ["1"]}}
        code = self.dice.choice(CODES)
        ours = self._move(self.engine.resume(self.source, self.step.state_data, self.law), kind, label, brought, code, self.labels)
        living = self.keeper.resume(self.source, self.living_step.state_data, self.law)
        theirs = self._move(living, kind, label, brought, code, self.living_labels)
        if isinstance(ours, StepFailed) or isinstance(theirs, StepFailed):
            assert told(ours, self.labels) == told(theirs, self.living_labels)
            assert self.resting is None
            return True
        self.step, self.living_step = ours, theirs
        self.rows.take(ours)
        self._compare()
        return True

    def _compare(self) -> None:
        assert self.labels.of(self.step) == self.living_labels.of(self.living_step)
        if self.step.finished is not None:
            assert differences(Standing(variables=self.step.variables), self.rows.standing) == []
            return
        living, back = self.resting, self.engine.resume(self.source, self.step.state_data, self.law)
        assert living is not None
        assert picture(back._instance, self.labels) == picture(living, self.living_labels)
        assert back._instance.recorder == living.recorder == Recorder()
        assert differences(back.standing(), self.rows.standing) == []

    def _move(
        self, execution: InstanceExecution, kind: str, label: int, brought: dict[str, Any], code: str, labels: Labels
    ) -> Step | StepFailed:
        identifier, moment = labels.named(label), self.circumstances
        try:
            match kind:
                case "complete":
                    paths = [((name,), value) for name, value in brought.items()]
                    return execution.complete_task(identifier, [*paths, (("box", f"k{label}"), ["2"])], moment)
                case "fire":
                    return execution.fire_timer(identifier, moment)
                case "deliver":
                    return execution.deliver_message(identifier, brought, moment)
                case "work":
                    return execution.complete_external(identifier, brought, {}, {}, moment)
                case _:
                    return execution.throw_error(identifier, code, "it went wrong", {}, moment)
        except StepFailed as failure:
            return failure


@pytest.fixture(scope="module")
def keeper() -> SpiffEngine:
    """An engine that keeps every instance alive between its steps."""
    return SpiffEngine(resting=RestingInstances(least=1))


def told(outcome: Step | StepFailed, labels: Labels) -> Any:
    """A failure in words, without ids."""
    if isinstance(outcome, StepFailed):
        return outcome.element_id, outcome.kind, labels.of(outcome.message)
    return labels.of(outcome)


@pytest.mark.parametrize("name", WALKED)
def test_an_instance_put_away_after_every_step_does_what_one_does_that_never_is(
    engine: SpiffEngine, keeper: SpiffEngine, name: str
) -> None:
    for seed in range(SEEDS):
        travellers = Travellers(engine, keeper, WALKED[name], random.Random(f"{name} {seed}"))
        moves = 0
        while moves < MOST_MOVES and travellers.travel():
            moves += 1
        assert moves > 0


def test_the_walks_meet_every_element_and_every_event_that_is_executed() -> None:
    met: set[tuple[str, str]] = set()
    for name, walked in WALKED.items():
        for body in (walked.body, *walked.called.values()):
            diagrams, report = read_diagrams(name, document(body, "p"))
            assert not report.has_errors
            for node in diagrams[0].nodes:
                met.add((node.kind, ""))
                met.update((node.kind, f"{event.kind}EventDefinition") for event in node.events)
    wanted = {(kind, "") for kind in FLOW_NODES} | {(kind, event) for kind, events in EVENTS.items() for event in events}
    assert wanted <= met


def test_a_definition_is_the_same_after_its_instances(engine: SpiffEngine, keeper: SpiffEngine) -> None:
    def shape(name: str) -> Any:
        process = engine._process(source_of(document(WALKED[name].body, "p"), "p"))
        return {spec_name: {key: repr(value) for key, value in vars(spec).items()} for spec_name, spec in process.spec.task_specs.items()}

    before = {name: shape(name) for name in WALKED}
    for name, walked in WALKED.items():
        travellers = Travellers(engine, keeper, walked, random.Random(name))
        while travellers.travel() and travellers.now < NOON + 20 * 60_000:
            pass
    assert {name: shape(name) for name in WALKED} == before
