"""What one evaluation of an expression may see, and the functions that diagrams have besides those of FEEL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.actions.deadlines.time_limits import fault_of, limit_of
from service.actions.ports import Circumstances
from service.actions.presentation import signature_json
from service.domain.ballot import BallotBox
from service.domain.china_time import moment
from service.domain.errors import StepFailed
from service.domain.json_values import Json
from service.domain.law import BASIS_DIAGRAM, ClockStops, DueDate, TimeLimit
from service.engine.language import timers
from service.engine.language.diagram_functions import (
    BALLOTS,
    CURRENT_USER,
    DEADLINE,
    PRECEDENTS,
    RECORDED,
    RECORDS,
    SETTING,
    SIGNATURES,
    SUBJECT,
    WORKING_DAYS,
)
from service.engine.language.juel_words import BUSINESS_KEY, FUNCTIONS, HAS_VARIABLE, VARIABLE
from service.feel import from_python, to_json


@dataclass(slots=True)
class Inquiry:
    """One look at the variables on behalf of an element. `limits` are the time limits asked for, with deadline() or workingDays().

    `clock`: where a limit of the element goes on that was stopped; None: every limit begins now. `closed_box`: the box of the
    last ballot held at a user task, as seen from here; it raises StepFailed when there is none, or it is open.
    """

    element_id: str
    variables: Mapping[str, Json]
    circumstances: Circumstances
    clock: ClockStops | None = None
    closed_box: Callable[[str], BallotBox] | None = None
    limits: list[DueDate] = field(default_factory=list, init=False)
    known: Mapping[str, TimeLimit] = field(default_factory=dict, init=False)
    """Limits that began before and are only counted again, by name."""

    def deadline(self, key: Any, by: Any = None) -> Any:
        """FEEL function deadline(key, by): the end of the day `by`; null: the moment a configured time limit ends when it begins now."""
        if by is not None:
            return self._set_day(to_json(by))
        if not isinstance(key, str):
            raise StepFailed(self.element_id, "expression", f"deadline() needs the name of a time limit, got {timers.describe(key)}")
        law, known = self.circumstances.law, self.known.get(key)
        if known is not None:
            limit = law.counted(self.element_id, known)
        else:
            limit = law.deadline(self.element_id, key, self.circumstances.now, self.clock)
        self.limits.append(limit)
        return from_python(limit.at)

    def _set_day(self, by: Json) -> Any:
        day = timers.read_day(by)
        if day is None:
            words = f"deadline(): {timers.describe(by)} was set in place of the time limit, which is no date such as 2026-03-31"
            raise StepFailed(self.element_id, "data", words)
        return from_python(day)

    def setting(self, key: Any) -> Any:
        """FEEL function setting(key): the value of a configured switch."""
        if not isinstance(key, str):
            raise StepFailed(self.element_id, "expression", f"setting() needs the name of a setting, got {timers.describe(key)}")
        return self.circumstances.law.setting(self.element_id, key)

    def recorded(self, name: Any, key: Any) -> Any:
        """FEEL function recorded(name, key): how often a fact was recorded in other cases."""
        law, now = self.circumstances.law, self.circumstances.now
        return from_python(law.recorded(self.element_id, self._fact(RECORDED, name), to_json(key), now))

    def records(self, name: Any, key: Any) -> Any:
        """FEEL function records(name, key): what `recorded` counts."""
        law, now = self.circumstances.law, self.circumstances.now
        return from_python(law.records(self.element_id, self._fact(RECORDS, name), to_json(key), now))

    def precedents(self, facts: Any, advice: Any) -> Any:
        """FEEL function nearestPrecedents(facts, advice): the nearest ones, and which outcomes depart from them."""
        return from_python(self.circumstances.law.precedents(self.element_id, to_json(facts), to_json(advice)))

    def subject(self, subject_id: Any, day: Any = None) -> Any:
        """FEEL function registeredSubject(id, day): what is registered of a person or unit on that day."""
        law, now = self.circumstances.law, self.circumstances.now
        return from_python(law.subject(self.element_id, to_json(subject_id), to_json(day), now))

    def ballots(self, activity: Any) -> Any:
        """FEEL function ballotCount(activity): the count of the last secret ballot held there."""
        name = self._activity(BALLOTS, activity)
        if self.closed_box is None:
            raise StepFailed(self.element_id, "expression", f"{BALLOTS}() cannot be asked here; ask in a script after the ballot")
        return from_python(self.circumstances.law.ballots(self.element_id, self.closed_box(name)))

    def signatures(self, activity: Any) -> Any:
        """FEEL function givenSignatures(activity): those given at that user task."""
        name = self._activity(SIGNATURES, activity)
        earlier = self.circumstances.law.signatures(self.element_id, name)
        signed = self.circumstances.signature
        now = [signature_json(signed)] if signed is not None and signed.task_definition_key == name else []
        return from_python([*earlier, *now])

    def _activity(self, function: str, activity: Any) -> str:
        if not isinstance(activity, str):
            found = timers.describe(to_json(activity))
            raise StepFailed(self.element_id, "expression", f"{function}() needs the id of a user task, got {found}")
        return activity

    def _fact(self, function: str, name: Any) -> str:
        if not isinstance(name, str):
            raise StepFailed(self.element_id, "expression", f"{function}() needs the name of a fact, got {timers.describe(to_json(name))}")
        return name

    def working_days(self, days: Any, since: Any = None) -> Any:
        """FEEL function workingDays(days, from): the end of the last of so many working days after `from`, which is now if not given."""
        entry = {"workingDays": to_json(days), "basis": BASIS_DIAGRAM}
        if fault_of(entry | {"basis": "default"}) is not None:
            raise StepFailed(
                self.element_id, "expression", f"workingDays() needs a whole number from 0 to 36500, got {timers.describe(to_json(days))}"
            )
        begin = self.circumstances.now
        if since is not None:
            try:
                begin = timers.milliseconds(timers.read_moment(str(to_json(since))))
            except timers.TimerFault as fault:
                raise StepFailed(self.element_id, "expression", f"workingDays(): {fault}") from None
        limit = self.circumstances.law.counted(self.element_id, limit_of(WORKING_DAYS, entry, begin))
        self.limits.append(limit)
        return from_python(limit.at)

    def variable(self, name: Any) -> Any:
        """execution.getVariable(name), with a name that is computed."""
        if not isinstance(name, str):
            raise StepFailed(self.element_id, "expression", f"a variable has a name, not {timers.describe(to_json(name))}")
        return self.variables.get(name)

    @property
    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions diagrams have besides those of FEEL."""
        return {
            DEADLINE: self.deadline,
            SETTING: self.setting,
            WORKING_DAYS: self.working_days,
            RECORDED: self.recorded,
            RECORDS: self.records,
            PRECEDENTS: self.precedents,
            SUBJECT: self.subject,
            BALLOTS: self.ballots,
            SIGNATURES: self.signatures,
            CURRENT_USER: lambda: self.circumstances.actor,
            VARIABLE: self.variable,
            HAS_VARIABLE: lambda name: name in self.variables,
            BUSINESS_KEY: lambda: self.circumstances.business_key,
            **FUNCTIONS,
        }

    def now(self) -> datetime:
        """The moment of the step."""
        return moment(self.circumstances.now)
