"""Deployed decision models, compiled with the imports recorded when they were deployed, and the versions of the decisions in them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import cast

from service.actions.deployments.decision_files import DeployedModel, Library
from service.actions.instances.published import UNREADABLE
from service.actions.ports import Lookups, Services
from service.dmn import DmnRefused, Model, read_model
from service.domain.definition import KIND_DECISION, Definition, ModelResource, Resource
from service.domain.errors import Conflict
from service.domain.json_values import Json


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
