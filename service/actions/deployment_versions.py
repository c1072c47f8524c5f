"""What a deployment makes of its files: new versions of what changed; what did not change stays as it is."""

from collections.abc import Mapping, Sequence

from service.actions.deployment_files import Declared, ReadFile
from service.actions.ports import Transaction
from service.domain.definition import KIND_JURISDICTION, Definition, Deployment, Resource
from service.domain.identifiers import new_id
from service.domain.json_values import Json


def versions(tx: Transaction, read: Sequence[ReadFile], deployment: Deployment) -> tuple[list[Resource], list[Definition], list[Json]]:
    """The new resources and definitions, and all files as the answer shows them."""
    placing = _Placing(tx, read)
    resources: list[Resource] = []
    definitions: list[Definition] = []
    shown: list[Json] = []
    for index, file in enumerate(read):
        resource, unchanged = placing.place(index)
        listed: list[Json] = []
        if not unchanged:
            resources.append(resource)
        for declared in _named(file):
            before = tx.latest_definition(declared.kind, declared.key)
            if unchanged and before is not None:
                definition = before
            else:
                definition = _next_version(declared, before, file, resource, deployment)
                definitions.append(definition)
            listed.append({"id": definition.id, "key": definition.key, "version": definition.version})
        shown.append({"fileName": file.file_name, "kind": file.kind, "definitions": listed, "unchanged": unchanged})
    return resources, definitions, shown


class _Placing:
    """Where each file is kept: in the resource that holds the same law already, else in a new one."""

    def __init__(self, tx: Transaction, read: Sequence[ReadFile]) -> None:
        self._tx = tx
        self._read = read
        self._placed: dict[int, tuple[Resource, bool]] = {}

    def place(self, index: int) -> tuple[Resource, bool]:
        """The file's resource, and whether that is deployed already. A file changes with the files it imports."""
        if index not in self._placed:
            file = self._read[index]
            imports = {namespace: meant if isinstance(meant, str) else self.place(meant)[0].id for namespace, meant in file.imports.items()}
            kept = self._kept(file, imports)
            new = Resource(new_id(), file.file_name, file.kind, file.digest, file.content, file.namespace, imports)
            self._placed[index] = (new, False) if kept is None else (kept, True)
        return self._placed[index]

    def _kept(self, file: ReadFile, imports: Mapping[str, str]) -> Resource | None:
        """The resource in force that holds these bytes with these imports; None when there is none."""
        if file.document is not None:
            before = self._tx.jurisdiction(str(file.document["id"]))
            same = before is not None and dict(before.document) == dict(file.document)
            return Resource("", file.file_name, file.kind, file.digest, file.content) if same else None
        named = _named(file)
        if not named:
            # A model without decisions (types, knowledge) has no definitions: it is known by its namespace and name.
            candidates = () if file.namespace is None else self._tx.decision_models(file.namespace)
            of_name = [model for model in candidates if model.file_name == file.file_name]
            return next((model for model in of_name if _holds(model, file, imports)), None)
        latest = [self._tx.latest_definition(declared.kind, declared.key) for declared in named]
        first = latest[0]
        if first is None or any(before is None or before.digest != file.digest for before in latest):
            return None
        resource = self._tx.resource(first.resource_id)
        return resource if resource is not None and _holds(resource, file, imports) else None


def _holds(resource: Resource, file: ReadFile, imports: Mapping[str, str]) -> bool:
    return resource.digest == file.digest and dict(resource.imports) == dict(imports)


def _named(file: ReadFile) -> list[Declared]:
    return [declared for declared in file.declared if declared.kind != KIND_JURISDICTION]


def _next_version(declared: Declared, before: Definition | None, file: ReadFile, resource: Resource, deployment: Deployment) -> Definition:
    version = 1 if before is None else before.version + 1
    return Definition(
        id=f"{declared.key}:{version}",
        kind=declared.kind,
        key=declared.key,
        version=version,
        name=declared.name,
        jurisdiction=deployment.jurisdiction,
        deployment_id=deployment.id,
        deployment_seq=deployment.seq,
        resource_id=resource.id,
        file_name=file.file_name,
        digest=file.digest,
        deployed_at=deployment.deployed_at,
        detail=declared.detail,
    )
