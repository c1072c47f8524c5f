"""What the actions need from the store for deployments and what they declare."""

from collections.abc import Sequence, Set
from typing import Protocol

from service.domain.definition import Definition, Deployment, FileInForce, Jurisdiction, ModelResource, Resource


class DefinitionLookups(Protocol):
    """Published things, which never change."""

    def latest_definition(self, kind: str, key: str, up_to_seq: int | None = None) -> Definition | None: ...
    def definition_version(self, kind: str, key: str, version: int) -> Definition | None: ...
    def process_definition(self, definition_id: str) -> Definition | None: ...

    def start_definitions(self, kind: str, name: str) -> Sequence[Definition]:
        """The latest versions of the processes that start with the message or signal (`kind`) of that name, by key."""
        ...

    def resource(self, resource_id: str) -> Resource | None: ...

    def definitions_in(self, resource_id: str) -> Sequence[Definition]:
        """What the file declares, by key."""
        ...

    def decision_models(self, namespace: str) -> Sequence[ModelResource]:
        """The decision models of that namespace, by file name: of each jurisdiction those of its last deployment that brought any."""
        ...

    def model_resource(self, resource_id: str) -> ModelResource | None:
        """The deployed decision file, without its bytes."""
        ...

    def files_in_force(self) -> Sequence[FileInForce]:
        """Of each jurisdiction and file name what was deployed last, unless another file declares something of it anew."""
        ...

    def keys_of_others(self, deployer: str) -> Set[tuple[str, str]]:
        """Kind and key of what somebody else deployed last."""
        ...

    def files_of_others(self, deployer: str) -> Set[tuple[str | None, str]]:
        """Jurisdiction and file name of what somebody else deployed last."""
        ...

    def jurisdiction(self, jurisdiction_id: str, up_to_seq: int | None = None) -> Jurisdiction | None: ...
    def latest_deployment_seq(self) -> int: ...


class DeploymentWriting(Protocol):
    """Part of a write transaction."""

    def lock_deployments(self) -> int:
        """Serialise deployments; returns the number the next one gets."""
        ...

    def move_jurisdiction(self, old_path: str, new_path: str, deployment_seq: int) -> None:
        """A place has moved in the hierarchy: those below it, and the instances and tasks of all of them, follow it."""
        ...

    def insert_deployment(
        self,
        deployment: Deployment,
        resources: Sequence[Resource],
        definitions: Sequence[Definition],
        jurisdictions: Sequence[Jurisdiction],
    ) -> None: ...
