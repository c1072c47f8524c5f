"""The law of one instance: what was latest when it started, looked up once and kept, since published definitions never change."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from service.actions.deadlines import counted, due_date
from service.actions.decision_files import DeployedModel, Library
from service.actions.ports import DecisionSource, Execution, Lookups, ProcessSource, Services
from service.actions.recorded_facts import FACTS, key_parts, paths_of, question_of
from service.dmn import DmnRefused, Model, read_model
from service.domain.definition import (
    COMMON,
    KIND_DECISION,
    KIND_FORM,
    KIND_PROCESS,
    Definition,
    Jurisdiction,
    ModelResource,
    Resource,
    key_at,
)
from service.domain.errors import Conflict, StepFailed
from service.domain.json_values import Json
from service.domain.law import DueDate, TimeLimit
from service.domain.recorded_fact import RecordedQuestion
from service.domain.step import CalledProcess
from service.forms import Form, FormRefused, read_form

UNREADABLE = "definition-unreadable"


@dataclass(frozen=True, slots=True)
class CaseLaw:
    """Satisfies the port Law for an instance that started when deployment number `seq` was the latest.

    `definition` is the process whose elements ask: that of the instance, or one it calls; `jurisdiction`, `business_key` and
    `process_instance_id` (None while it starts) are always the instance's.
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

    def deadline(self, element_id: str, key: str, now_ms: int) -> DueDate:
        """The end of the configured limit `key`, from the jurisdiction or the nearest of its parents that has it, at last from `common`."""
        entry = self._configured(element_id, "deadlines", key)
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
        for jurisdiction in (*self._places(), self._jurisdiction(COMMON)):
            entries = None if jurisdiction is None else jurisdiction.document.get(section)
            if isinstance(entries, dict):
                entry = entries.get(key)
                if isinstance(entry, dict):
                    return entry
        raise StepFailed(element_id, "definition", f"{key!r} is not configured under {section} of {self.jurisdiction!r}")

    def _places(self) -> Iterator[Jurisdiction]:
        """The jurisdiction, and those above it from below."""
        place = self.jurisdiction
        while place is not None and (jurisdiction := self._jurisdiction(place)) is not None:
            yield jurisdiction
            place = jurisdiction.parent

    def _jurisdiction(self, place: str) -> Jurisdiction | None:
        return self.services.shelf.get(("jurisdiction", place, self.seq), lambda: self.lookups.jurisdiction(place, self.seq))


def _in_range(element_id: str, count: Callable[[], DueDate]) -> DueDate:
    """What `count` gives; StepFailed when that lies beyond the years that there are."""
    try:
        return count()
    except OverflowError as error:
        raise StepFailed(element_id, "data", "the time limit ends after the year 9999") from error


def _content(lookups: Lookups, definition: Definition) -> bytes:
    resource = lookups.resource(definition.resource_id)
    if resource is None:
        raise Conflict(f"the file of {definition.kind} {definition.key!r} is missing from the store", UNREADABLE)
    return resource.content


def published_version(services: Services, lookups: Lookups, kind: str, key: str, version: int) -> Definition | None:
    """That version of a definition; None when it was never published."""
    return services.shelf.get(("version", kind, key, version), lambda: lookups.definition_version(kind, key, version))


def version_or_latest(lookups: Lookups, kind: str, key: str, version: int | None) -> Definition | None:
    """That version of a definition, the latest when `version` is None; None when there is none."""
    return lookups.latest_definition(kind, key) if version is None else lookups.definition_version(kind, key, version)


def tagged_definition(lookups: Lookups, kind: str, key: str, tag: int | str | None, up_to_seq: int | None = None) -> Definition | None:
    """The newest version with that version tag, of those up to a deployment number; None when there is none."""
    latest = lookups.latest_definition(kind, key, up_to_seq)
    for version in range(latest.version if latest is not None else 0, 0, -1):
        found = lookups.definition_version(kind, key, version)
        if found is not None and found.detail.get("versionTag") == tag:
            return found
    return None


def decision_model(services: Services, lookups: Lookups, definition: Definition) -> Model:
    """The compiled model of a deployed decision file; Conflict when this version of the program cannot read it any more."""
    return _compiled_model(services, lookups.resource, definition.resource_id)


def _compiled_model(services: Services, resource_of: Callable[[str], Resource | None], resource_id: str) -> Model:
    """The compiled model in that resource, with the imports that were recorded when it was deployed.

    It was judged then: unknown names, which a later version may judge more strictly, do not stop the open cases.
    """

    def read() -> Model:
        resource = resource_of(resource_id)
        if resource is None:
            raise Conflict(f"the decision file {resource_id} is missing from the store", UNREADABLE)
        imports = [_compiled_model(services, resource_of, meant) for meant in resource.imports.values()]
        try:
            return read_model(resource.content, resource.file_name, imports=imports, checks="warn")
        except DmnRefused as refused:
            raise Conflict(f"the deployed decision file {resource.file_name} cannot be read: {refused}", UNREADABLE) from refused

    return services.shelf.get(("model", resource_id), read)


def library(services: Services) -> Library:
    """The deployed decision models, for the imports of files to come. Each question is a short read of its own: what is compiled and
    analysed between them holds no connection.
    """

    def models(namespace: str) -> list[DeployedModel]:
        with services.store.read() as questions:
            return [
                DeployedModel(
                    found.id,
                    found.file_name,
                    found.jurisdiction,
                    _import_depth(services, questions, found),
                    partial(_loaded, services, found.id),
                )
                for found in questions.decision_models(namespace)
            ]

    return models


def _loaded(services: Services, resource_id: str) -> Model:
    """The compiled model; its file and those it imports are read first, and compiled when the read is over. Raises Conflict."""

    def load() -> Model:
        files: dict[str, Resource] = {}
        with services.store.read() as questions:
            wanted = [resource_id]
            while wanted:
                found = questions.resource(wanted.pop())
                if found is not None:
                    files[found.id] = found
                    wanted.extend(meant for meant in found.imports.values() if meant not in files)
        return _compiled_model(services, files.get, resource_id)

    return services.shelf.get(("model", resource_id), load)


def _import_depth(services: Services, lookups: Lookups, model: ModelResource) -> int:
    def find() -> int:
        imported = [found for found in map(lookups.model_resource, model.imports.values()) if found is not None]
        return 1 + max((_import_depth(services, lookups, found) for found in imported), default=0)

    return services.shelf.get(("import-depth", model.id), find)


def versions_in(services: Services, lookups: Lookups, resource_id: str) -> Mapping[str, int]:
    """The version of every decision in the file and in what it imports, by decision key; its own come first."""

    def find() -> Mapping[str, int]:
        model = lookups.model_resource(resource_id)
        imported: dict[str, int] = {}
        for meant in model.imports.values() if model is not None else ():
            imported |= versions_in(services, lookups, meant)
        return imported | {found.key: found.version for found in lookups.definitions_in(resource_id) if found.kind == KIND_DECISION}

    return services.shelf.get(("versions", resource_id), find)


def with_versions(services: Services, lookups: Lookups, definition: Definition, record: Mapping[str, Json]) -> dict[str, Json]:
    """The evaluation record with the version of the decision and of every decision that it required: those of its file and imports."""
    return versioned(definition, versions_in(services, lookups, definition.resource_id), record)


def versioned(definition: Definition, versions: Mapping[str, int], record: Mapping[str, Json]) -> dict[str, Json]:
    """As with_versions, with the versions at hand."""
    required = cast(list[dict[str, Json]], record.get("requiredDecisions") or [])
    return {
        **record,
        "decisionKey": definition.key,
        "version": definition.version,
        "requiredDecisions": [{**one, "version": versions.get(str(one["decisionKey"]))} for one in required],
    }


def form_of(services: Services, lookups: Lookups, definition: Definition) -> Form:
    """The compiled form of a deployed form file; Conflict when this version of the program cannot read it any more."""

    def read() -> Form:
        try:
            written = definition.detail.get("schema")
            content = written.encode() if isinstance(written, str) else _content(lookups, definition)
            return read_form(content, definition.file_name)
        except FormRefused as refused:
            raise Conflict(f"the deployed form {definition.id} cannot be read: {refused}", UNREADABLE) from refused

    return services.shelf.get(("form", definition.digest, definition.key), read)


def process_source(services: Services, lookups: Lookups, definition: Definition) -> ProcessSource:
    """The diagram of a deployed process, as the engine takes it."""
    return services.shelf.get(
        ("process", definition.id),
        lambda: ProcessSource(definition.key, definition.version, definition.digest, _content(lookups, definition)),
    )


def resumed(services: Services, lookups: Lookups, law: CaseLaw, state_data: bytes | None) -> Execution:
    """The instance brought to life, to look at or to move; Conflict when this version of the program cannot read its diagram any more."""
    try:
        return services.engine.resume(process_source(services, lookups, law.definition), state_data or b"", law)
    except StepFailed as failure:
        raise Conflict(failure.message, UNREADABLE) from failure
