"""What a catching event waits for. Arming a timer, message or signal tells the recorder; only the caller's clock ever fires a timer."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from SpiffWorkflow.task import Task

from service.domain.china_time import moment
from service.domain.errors import StepFailed
from service.domain.law import TimeLimit, read_kept_limit
from service.domain.step import MESSAGE, SIGNAL, ArmedTimer, Subscription
from service.engine.language import timers
from service.engine.language.derived_limits import limit_of
from service.engine.language.expressions import Formula
from service.engine.language.inquiry import Inquiry
from service.engine.reading.diagram import VariableChange
from service.engine.scopes import identity, sees

if TYPE_CHECKING:
    from service.engine.instance import Instance

_LEFT, _MONTHS, _MICROSECONDS, _DUE, _LIMIT = "left", "months", "microseconds", "due", "limit"
_TRUE = "true"
_CHANGED = "changed"
_NAME = "name"
MAX_EVENT_NAME = 255
"""Names of messages and signals are indexed."""


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
        inquiry = instance.inquiry(element_id, task)
        value = self.formula.evaluate(inquiry)
        try:
            plan = timers.schedule(self.kind, value, moment(instance.moment.now))
        except timers.TimerFault as fault:
            raise StepFailed(element_id, "expression", f"{self.formula.text}: {fault}") from None
        due = timers.milliseconds(plan.due)
        limit = limit_of(self.formula, inquiry, due, self.kind, repeating=bool(plan.repetitions))
        self._arm(instance, task, element_id, due, plan.repetitions, plan.interval, limit)

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
            was_due = int(fired.internal_data[_DUE])
            due = timers.milliseconds(interval.after(moment(was_due)))
        except timers.TimerFault as fault:
            raise StepFailed(element_id, "expression", f"{self.formula.text}: {fault}") from None
        kept = fired.internal_data.get(_LIMIT)
        limit = None if kept is None else read_kept_limit(kept)
        if limit is not None:
            # It keeps its distance to the limit.
            limit = replace(limit, shift=limit.shift + due - was_due, repeating=left != 1)
        self._arm(instance, fresh, element_id, due, left - 1 if left > 0 else timers.EVER, interval, limit)
        return True

    def move(self, task: Task, due: int, limit: TimeLimit) -> None:
        """The repetition that is waited for is due at another moment, since its limit is. A timer that does not repeat only has a row."""
        if _DUE in task.internal_data:
            task.internal_data[_DUE] = due
            task.internal_data[_LIMIT] = limit.as_kept_json()

    def known_due(self, task: Task) -> int | None:
        """When it is due, epoch milliseconds; None when the timer does not repeat, for then only its row knows."""
        due = task.internal_data.get(_DUE)
        return None if due is None else int(due)

    def _arm(
        self,
        instance: "Instance",
        task: Task,
        element_id: str,
        due: int,
        left: int,
        interval: timers.Duration | None,
        limit: TimeLimit | None,
    ) -> None:
        if left and interval is not None:
            task.internal_data.update({_LEFT: left, _MONTHS: interval.months, _MICROSECONDS: interval.microseconds, _DUE: due})
            if limit is not None:
                task.internal_data[_LIMIT] = limit.as_kept_json()
        instance.recorder.armed_timers[identity(task)] = ArmedTimer(identity(task), element_id, due, limit)


def event_name(formula: Formula, inquiry: Inquiry) -> str:
    """The name of a message or signal as it is now. Raises StepFailed when it is none."""
    name = formula.evaluate(inquiry)
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_EVENT_NAME:
        found = timers.describe(name)
        raise StepFailed(inquiry.element_id, "expression", f"the name {formula.text} gives {found}, not 1 to {MAX_EVENT_NAME} characters")
    return name


@dataclass(frozen=True, slots=True)
class _SubscribingTrigger:
    """Something that comes from outside to a subscription, under a name that is settled when the wait begins."""

    name: Formula

    def name_at(self, task: Task) -> str:
        """The name that `task` waits for."""
        return self.name.text if self.name.is_fixed else str(task.internal_data.get(_NAME))

    def subscription(self, task: Task, element_id: str) -> Subscription:
        """The subscription of `task`."""
        raise NotImplementedError

    def arm(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Subscribe."""
        if not self.name.is_fixed:
            task.internal_data[_NAME] = event_name(self.name, instance.inquiry(element_id, task))
        instance.recorder.subscribed[identity(task)] = self.subscription(task, element_id)

    def disarm(self, instance: "Instance", task: Task) -> None:
        """End the subscription."""
        instance.recorder.unsubscribe(identity(task))

    def arm_again(self, instance: "Instance", fired: Task, fresh: Task, element_id: str) -> bool:
        """It may come any number of times while the scope lives."""
        self.arm(instance, fresh, element_id)
        return True


@dataclass(frozen=True, slots=True)
class MessageTrigger(_SubscribingTrigger):
    """A message of that name, sent to this subscription."""

    def subscription(self, task: Task, element_id: str) -> Subscription:
        """To the message."""
        return Subscription(identity(task), element_id, self.name_at(task), MESSAGE)


@dataclass(frozen=True, slots=True)
class SignalTrigger(_SubscribingTrigger):
    """A signal of that name, from this instance or any other."""

    def subscription(self, task: Task, element_id: str) -> Subscription:
        """To the signal."""
        return Subscription(identity(task), element_id, self.name_at(task), SIGNAL)


@dataclass(frozen=True, slots=True)
class ConditionTrigger:
    """A condition over the variables; it happens when it becomes true, or is true when the wait begins.

    What is not there yet is unknown, and unknown is not true. `change`: as in Camunda 7 it is looked at only when the wait begins and
    after such a change of a variable in sight, and happens whenever it is true then.
    """

    formula: Formula
    change: VariableChange | None = None

    def arm(self, instance: "Instance", task: Task, element_id: str) -> None:
        """Look at it whenever something in the instance has moved, or changed."""
        if self.change is not None:
            task.internal_data[_CHANGED] = True
        instance.watched[identity(task)] = task

    def disarm(self, instance: "Instance", task: Task) -> None:
        """No longer look."""
        instance.watched.pop(identity(task), None)

    def arm_again(self, instance: "Instance", fired: Task, fresh: Task, element_id: str) -> bool:
        """It has to become false, or the variable has to change, before it can happen again."""
        if self.change is None:
            fresh.internal_data[_TRUE] = True
        instance.watched[identity(fresh)] = fresh
        return True

    def variable_changed(self, task: Task, scope: Task, name: str, created: bool) -> None:
        """A variable was set in `scope`: `task` is to look again if it waits for that."""
        if self.change is not None and self.change.is_meant(name, created) and sees(task, scope, name):
            task.internal_data[_CHANGED] = True

    def became_true(self, instance: "Instance", task: Task, element_id: str) -> bool:
        """Look now. Raises StepFailed when the condition fails."""
        if self.change is not None:
            changed = task.internal_data.pop(_CHANGED, False)
            return bool(changed) and self.formula.holds(instance.inquiry(element_id, task))
        value = self.formula.holds(instance.inquiry(element_id, task))
        was = task.internal_data.pop(_TRUE, False)
        if value:
            task.internal_data[_TRUE] = True
        return value and not was


@dataclass(frozen=True, slots=True)
class CodeTrigger:
    """An error or escalation (`kind`) thrown inside, with that code (None: any). It comes from within the instance, so nothing is armed."""

    kind: str
    code: str | None
    code_variable: str | None
    text_variable: str | None

    def arm(self, instance: "Instance", task: Task, element_id: str) -> None:
        """The waiting task is found when something is thrown."""

    def disarm(self, instance: "Instance", task: Task) -> None:
        """Nothing was armed."""

    def arm_again(self, instance: "Instance", fired: Task, fresh: Task, element_id: str) -> bool:
        """An escalation may come any number of times."""
        return True
