"""What a catching event waits for: a timer or a message. Arming tells the recorder; only the caller's clock ever fires a timer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from SpiffWorkflow.task import Task

from service.domain.china_time import moment
from service.domain.errors import StepFailed
from service.domain.step import ArmedTimer, Subscription
from service.engine import timers
from service.engine.expressions import Formula
from service.engine.scopes import identity

if TYPE_CHECKING:
    from service.engine.instance import Instance

_LEFT, _MONTHS, _MICROSECONDS, _DUE = "left", "months", "microseconds", "due"


class Trigger(Protocol):
    """A condition from outside."""

    def arm(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Begin to wait on behalf of `task`, whose id names the timer or subscription."""
        ...

    def disarm(self, instance: "Instance", task: Task) -> None:
        """No longer wait."""
        ...

    def arm_again(self, instance: "Instance", fired: Task, fresh: Task, element_id: str) -> bool:
        """After `fired`, wait once more on behalf of `fresh`; False when that was the last time."""
        ...


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """A timer. `kind`: date, duration or cycle."""

    kind: str
    formula: Formula

    def arm(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Compute when it is due, from the step's moment."""
        value = self.formula.evaluate(instance.inquiry(element_id, task))
        try:
            plan = timers.schedule(self.kind, value, moment(instance.moment.now))
        except timers.TimerFault as fault:
            raise StepFailed(element_id, "expression", f"{self.formula.text}: {fault}") from None
        self._arm(instance, task, element_id, timers.milliseconds(plan.due), plan.repetitions, plan.interval)

    def disarm(self, instance: "Instance", task: Task) -> None:
        """Take the timer back."""
        instance.recorder.disarmed(identity(task))

    def arm_again(self, instance: "Instance", fired: Task, fresh: Task, element_id: str) -> bool:
        """The next repetition is due one interval after the one that fired was due."""
        left = int(fired.internal_data.get(_LEFT, 0))
        if left == 0:
            return False
        interval = timers.Duration(int(fired.internal_data[_MONTHS]), int(fired.internal_data[_MICROSECONDS]))
        try:
            due = interval.after(moment(int(fired.internal_data[_DUE])))
        except timers.TimerFault as fault:
            raise StepFailed(element_id, "expression", f"{self.formula.text}: {fault}") from None
        self._arm(instance, fresh, element_id, timers.milliseconds(due), left - 1 if left > 0 else timers.EVER, interval)
        return True

    def _arm(self, instance: "Instance", task: Task, element_id: str, due: int, left: int, interval: timers.Duration | None) -> None:
        if left and interval is not None:
            task.internal_data.update({_LEFT: left, _MONTHS: interval.months, _MICROSECONDS: interval.microseconds, _DUE: due})
        instance.recorder.armed_timers[identity(task)] = ArmedTimer(identity(task), element_id, due)


@dataclass(frozen=True, slots=True)
class MessageTrigger:
    """A message of that name, sent to this subscription."""

    message_name: str

    def arm(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Subscribe."""
        instance.recorder.subscribed[identity(task)] = Subscription(identity(task), element_id, self.message_name)

    def disarm(self, instance: "Instance", task: Task) -> None:
        """End the subscription."""
        instance.recorder.unsubscribe(identity(task))

    def arm_again(self, instance: "Instance", fired: Task, fresh: Task, element_id: str) -> bool:
        """A message may come any number of times while the activity lives."""
        self.arm(instance, fresh, element_id)
        return True
