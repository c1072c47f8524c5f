"""What a deployment makes of its files: new versions of what changed; what did not change stays as it is."""

from collections.abc import Mapping, Sequence

from service.actions.deployments.deployment_files import Declared, ReadFile
from service.actions.ports import Transaction
from service.domain.definition import KIND_JURISDICTION, Definition, Deployment, ModelResource, Resource
from service.domain.errors import Conflict
from service.domain.identifiers import new_id
from service.domain.json_values import Json


def versions(tx: Transaction, read: Sequence[ReadFile], deployment: Deployment) -> tuple[list[Resource], list[Definition], list[Json]]:
    """The new resources and definitions, and all files as the answer shows them."""
    placing = _Placing(tx, read)
    resources: list[Resource] = []
    definitions: list[Definition] = []
    shown: list[Json] = []
    for index, file in enumerate(read):
        resource = placing.place(index)
        unchanged = True
        listed: list[Json] = []
        if isinstance(resource, Resource) and not _is_unchanged_place(tx, file):
            unchanged = False
            resources.append(resource)
        for declared in _named(file):
            before = tx.latest_definition(declared.kind, declared.key)
            if unchanged and before is not None:
                definition = before
            else:
                definition = _next_version(declared, before, file, resource.id, deployment)
                definitions.append(definition)
            listed.append({"id": definition.id, "key": definition.key, "version": definition.version})
        entry: dict[str, Json] = {"fileName": file.file_name, "kind": file.kind, "definitions": listed, "unchanged": unchanged}
        if file.imports:
            entry["imports"] = placing.imports_shown(file, deployment)
        shown.append(entry)
    return resources, definitions, shown


class _Placing:
    """Where each file is kept: in the resource that holds the same law already, else in a new one."""

    def __init__(self, tx: Transaction, read: Sequence[ReadFile]) -> None:
        self._tx = tx
        self._read = read
        self._placed: dict[int, ModelResource | Resource] = {}

    def place(self, index: int) -> ModelResource | Resource:
        """The file's resource: one that is deployed already, or a new Resource. A file changes with the files it imports."""
        if index not in self._placed:
            file = self._read[index]
            imports = {namespace: meant if isinstance(meant, str) else self.place(meant).id for namespace, meant in file.imports.items()}
            new = Resource(new_id(), file.file_name, file.kind, file.digest, file.content, file.namespace, imports)
            self._placed[index] = self._kept(file, imports) or new
        return self._placed[index]

    def imports_shown(self, file: ReadFile, deployment: Deployment) -> list[Json]:
        """Which file each imported namespace means. `deploymentId` is null for one that is new in this deployment."""
        shown: list[Json] = []
        for namespace, meant in sorted(file.imports.items()):
            found = self._tx.model_resource(meant) if isinstance(meant, str) else self.place(meant)
            if found is None:
                raise Conflict(f"the imported model {namespace} is missing from the store; try again", "stale")
            if isinstance(found, Resource):
                jurisdiction, deployment_id = deployment.jurisdiction, None
            else:
                jurisdiction, deployment_id = found.jurisdiction, found.deployment_id
            shown.append(
                {
                    "namespace": namespace,
                    "fileName": found.file_name,
                    "digest": found.digest,
                    "jurisdiction": jurisdiction,
                    "deploymentId": deployment_id,
                }
            )
        return shown

    def _kept(self, file: ReadFile, imports: Mapping[str, str]) -> ModelResource | None:
        """The resource in force that holds these bytes with these imports; None when there is none."""
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
        resource = self._tx.model_resource(first.resource_id)
        return resource if resource is not None and _holds(resource, file, imports) else None


def _is_unchanged_place(tx: Transaction, file: ReadFile) -> bool:
    """Whether the file is a jurisdiction.yaml that says what is in force."""
    before = None if file.document is None else tx.jurisdiction(str(file.document["id"]))
    return before is not None and dict(before.document) == dict(file.document or {})


def _holds(resource: ModelResource, file: ReadFile, imports: Mapping[str, str]) -> bool:
    return resource.digest == file.digest and dict(resource.imports) == dict(imports)


def _named(file: ReadFile) -> list[Declared]:
    return [declared for declared in file.declared if declared.kind != KIND_JURISDICTION]


def _next_version(declared: Declared, before: Definition | None, file: ReadFile, resource_id: str, deployment: Deployment) -> Definition:
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
        resource_id=resource_id,
        file_name=file.file_name,
        digest=file.digest,
        deployed_at=deployment.deployed_at,
        detail=declared.detail,
    )
