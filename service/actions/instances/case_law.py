"""The law of one instance: what was latest when it started, looked up once and kept, since published definitions never change."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from service.actions.deadlines.stopped_clocks import SETTING as STOPPED_CLOCKS
from service.actions.deadlines.stopped_clocks import limit_going_on
from service.actions.deadlines.time_limits import counted, due_date
from service.actions.decisions.decision_models import decision_model
from service.actions.instances.published import UNREADABLE, form_of, process_source, published_version, tagged_definition
from service.actions.ports import DecisionSource, Execution, Lookups, ProcessSource, Services
from service.actions.precedents.precedent_departure import SETTING, comparison_of, departure
from service.actions.presentation import signature_json
from service.actions.subjects.recorded_facts import FACTS, key_parts, paths_of, question_of
from service.actions.subjects.subject_views import subject_on_day
from service.domain.ballot import BallotBox, count_of
from service.domain.china_time import moment
from service.domain.definition import (
    COMMON,
    KIND_DECISION,
    KIND_FORM,
    KIND_PROCESS,
    Definition,
    Jurisdiction,
    key_at,
)
from service.domain.errors import Conflict, StepFailed
from service.domain.json_values import Json
from service.domain.law import ClockStops, DueDate, TimeLimit
from service.domain.recorded_fact import RecordedQuestion
from service.domain.step import CalledProcess


@dataclass(frozen=True, slots=True)
class CaseLaw:
    """Satisfies the port Law for an instance that started when deployment number `seq` was the latest.

    `definition` is the process whose elements ask: that of the instance, or one it calls; `jurisdiction`, `business_key` and
    `process_instance_id` are always the instance's.
    """

    services: Services
    lookups: Lookups
    definition: Definition
    seq: int
    jurisdiction: str | None
    business_key: str | None = None
    process_instance_id: str | None = None

    def find(self, kind: str, key: str, binding: str | None, version: int | str | None) -> Definition | None:
        """The definition that `binding` means: None = latest at the start; latest; deployment; version; versionTag.

        `version` is a number with the binding `version`, the tag with `versionTag`. The key of a decision may hold PLACE_IN_KEY.
        """
        if kind == KIND_DECISION:
            key = key_at(key, self.jurisdiction)
        if binding == "versionTag":
            return self.services.shelf.get(
                ("tag", kind, key, version, self.seq), lambda: tagged_definition(self.lookups, kind, key, version, self.seq)
            )
        if binding == "latest":
            return self.lookups.latest_definition(kind, key)
        if binding == "version":
            return published_version(self.services, self.lookups, kind, key, version) if isinstance(version, int) else None
        up_to = self.definition.deployment_seq if binding == "deployment" else self.seq
        return self.services.shelf.get(("latest", kind, key, up_to), lambda: self.lookups.latest_definition(kind, key, up_to))

    def decision(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> DecisionSource:
        """The decision in force; StepFailed when there is none."""
        found = self.find(KIND_DECISION, key, binding, version)
        if found is None:
            raise StepFailed(element_id, "definition", f"no decision {key_at(key, self.jurisdiction)!r} was in force")
        try:
            return DecisionSource(found.key, found.version, decision_model(self.services, self.lookups, found))
        except Conflict as unreadable:
            raise StepFailed(element_id, "definition", unreadable.message) from unreadable

    def form(self, element_id: str, key: str, binding: str | None, version: int | None) -> Definition:
        """The form's definition in force; StepFailed when there is none."""
        found = self.find(KIND_FORM, key, binding, version)
        if found is None:
            raise StepFailed(element_id, "definition", f"no form {key!r} was in force")
        return found

    def process(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> ProcessSource:
        """The diagram of the process in force; StepFailed when there is none."""
        found = self.find(KIND_PROCESS, key, binding, version)
        if found is None:
            raise StepFailed(element_id, "definition", f"no process {key!r} was in force")
        try:
            return process_source(self.services, self.lookups, found)
        except Conflict as unreadable:
            raise StepFailed(element_id, "definition", unreadable.message) from unreadable

    def within(self, called: CalledProcess | None) -> "CaseLaw":
        """The same law for the elements of a called process."""
        if called is None:
            return self
        found = published_version(self.services, self.lookups, KIND_PROCESS, called.key, called.version)
        if found is None:
            raise StepFailed(None, "definition", f"version {called.version} of the called process {called.key!r} is missing")
        return replace(self, definition=found)

    def deadline(self, element_id: str, key: str, now_ms: int, clock: ClockStops | None = None) -> DueDate:
        """The end of the configured limit `key`, from the jurisdiction or the nearest of its parents that has it, at last from `common`.

        With a `clock` it goes on where it was stopped, if it was.
        """
        entry = self._configured(element_id, "deadlines", key)
        if clock is not None and self.process_instance_id is not None:
            switch = self._find("settings", STOPPED_CLOCKS) or {}
            limit = limit_going_on(self.lookups, self.process_instance_id, element_id, key, clock, switch.get("value"), now_ms)
            if limit is not None:
                return self.counted(element_id, limit)
        return _in_range(element_id, lambda: due_date(key, entry, now_ms, self.lookups.working_years))

    def counted(self, element_id: str, limit: TimeLimit) -> DueDate:
        """The moment the limit ends, by what is known of working days now."""
        return _in_range(element_id, lambda: counted(limit, self.lookups.working_years))

    def setting(self, element_id: str, key: str) -> Json:
        """The value of the configured switch `key`."""
        return self._configured(element_id, "settings", key).get("value")

    def recorded(self, element_id: str, name: str, key: Json, now_ms: int) -> int | None:
        """How often the fact `name` was recorded for `key` in other cases; None when (a part of) the key is not known."""
        question = self._question(element_id, name, key, now_ms)
        return None if question is None else self.lookups.count_recorded(question)

    def records(self, element_id: str, name: str, key: Json, now_ms: int) -> list[Json] | None:
        """What `recorded` counts, the newest first."""
        question = self._question(element_id, name, key, now_ms)
        return None if question is None else [entry.as_json() for entry in self.lookups.find_recorded(question)]

    def precedents(self, element_id: str, facts: Json, advice: Json) -> Json:
        """The precedents nearest to a case with these facts and this advice, and which decisions depart from them."""
        place = None if self.jurisdiction is None else self._jurisdiction(self.jurisdiction)
        try:
            comparison = comparison_of(self.setting(element_id, SETTING))
        except ValueError as fault:
            raise StepFailed(element_id, "definition", f"the setting {SETTING!r}: {fault}") from None
        return departure(self.lookups, None if place is None else place.path, self.process_instance_id, comparison, facts, advice)

    def subject(self, element_id: str, subject_id: Json, day: Json, now_ms: int) -> Json:
        """What is registered of a person or unit on that day (None: that of the moment); None where nobody registered it."""
        if subject_id is not None and not isinstance(subject_id, str):
            raise StepFailed(element_id, "expression", "registeredSubject() is asked for the id of a person or unit, a text")
        meant = moment(now_ms).date().isoformat() if day is None else _iso_day(day)
        if meant is None:
            raise StepFailed(element_id, "expression", f"registeredSubject() is asked for a day, {day!r} is none")
        found = None if subject_id is None else self.lookups.subject(subject_id)
        return None if found is None else subject_on_day(found, meant)

    def ballots(self, element_id: str, box: BallotBox) -> dict[str, Json]:
        """The count of a secret ballot that is closed, with every choice of its form."""
        law = self if box.called is None else self.within(CalledProcess(*box.called))
        choices: tuple[str, ...] = ()
        if box.form_key is not None:
            form = law.form(element_id, box.form_key, box.form_binding, box.form_version)
            choices = form_of(self.services, self.lookups, form).choices
        return count_of(box, choices, self.lookups.ballots(box.id))

    def signatures(self, element_id: str, task_definition_key: str) -> list[Json]:
        """The signatures given at that user task in earlier steps of the case."""
        if self.process_instance_id is None:
            return []
        given = self.lookups.signatures(self.process_instance_id)
        return [signature_json(one) for one in given if one.task_definition_key == task_definition_key]

    def _question(self, element_id: str, name: str, key: Json, now_ms: int) -> RecordedQuestion | None:
        entry = self._configured(element_id, FACTS, name)
        parts = key_parts(entry, key)
        if parts is None:
            wanted = ", ".join(paths_of(entry))
            raise StepFailed(element_id, "expression", f"the fact {name!r} is asked for by {wanted}: a text, number or boolean for each")
        if None in parts:
            return None
        return question_of(entry, parts, now_ms, self.process_instance_id)

    def _configured(self, element_id: str, section: str, key: str) -> dict[str, Json]:
        entry = self._find(section, key)
        if entry is None:
            raise StepFailed(element_id, "definition", f"{key!r} is not configured under {section} of {self.jurisdiction!r}")
        return entry

    def _find(self, section: str, key: str) -> dict[str, Json] | None:
        for jurisdiction in (*self._places(), self._jurisdiction(COMMON)):
            entries = None if jurisdiction is None else jurisdiction.document.get(section)
            if isinstance(entries, dict):
                entry = entries.get(key)
                if isinstance(entry, dict):
                    return entry
        return None

    def _places(self) -> Iterator[Jurisdiction]:
        """The jurisdiction, and those above it from below."""
        place = self.jurisdiction
        while place is not None and (jurisdiction := self._jurisdiction(place)) is not None:
            yield jurisdiction
            place = jurisdiction.parent

    def _jurisdiction(self, place: str) -> Jurisdiction | None:
        return self.services.shelf.get(("jurisdiction", place, self.seq), lambda: self.lookups.jurisdiction(place, self.seq))


def _iso_day(day: Json) -> str | None:
    try:
        return date.fromisoformat(day).isoformat() if isinstance(day, str) else None
    except ValueError:
        return None


def _in_range(element_id: str, count: Callable[[], DueDate]) -> DueDate:
    """What `count` gives; StepFailed when that lies beyond the years that there are."""
    try:
        return count()
    except OverflowError as error:
        raise StepFailed(element_id, "data", "the time limit ends after the year 9999") from error


def resumed(services: Services, lookups: Lookups, law: CaseLaw, state_data: bytes | None) -> Execution:
    """The instance brought to life, to look at or to move; Conflict when this version of the program cannot read its diagram any more."""
    try:
        return services.engine.resume(process_source(services, lookups, law.definition), state_data or b"", law)
    except StepFailed as failure:
        raise Conflict(failure.message, UNREADABLE) from failure
