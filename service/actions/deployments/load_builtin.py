"""Deploy the procedures that come with the service, each jurisdiction after those it needs; what is unchanged stays as it is."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from service.actions.deployments.deploy import Deploy, deploy
from service.actions.deployments.deployment_files import kind_of
from service.actions.ports import Services
from service.actions.yaml_values import YamlFault, read_yaml
from service.dmn import ModelHeader, read_header
from service.domain.definition import KIND_DECISION, KIND_JURISDICTION
from service.domain.principal import SCOPE_ADMIN, Principal

Files = tuple[tuple[str, bytes], ...]
"""(file name, content), by name."""
LOADER = Principal("builtin", "builtin", frozenset({SCOPE_ADMIN}))


def folders_of(root: Path) -> list[Path]:
    """The jurisdiction folders under `root`/bpmn and `root`/dmn, by name."""
    return sorted({folder for kind in ("bpmn", "dmn") for folder in (root / kind).glob("*") if folder.is_dir()}, key=lambda path: path.name)


def deployable(folder: Path) -> list[Path]:
    """The files of the folder that are deployed; templates of documents stand in its folder `documents`."""
    paths = [*folder.iterdir(), *(folder / "documents").glob("*.docx")]
    return [path for path in paths if kind_of(path.name) is not None and not path.name.startswith("~$")]


def files_in(folders: Iterable[Path]) -> Files:
    """The deployable files of the folders."""
    return tuple(sorted((path.name, path.read_bytes()) for folder in folders for path in deployable(folder)))


def in_order(folders: Mapping[str, Files]) -> list[str]:
    """The jurisdictions, each after its parent and after those whose decision files its own import; by name where that is open.

    Where they need each other in a circle, the deployment of the first one says what it misses.
    """
    homes = {header.namespace: name for name, files in folders.items() for header in _headers(files)}
    placed: dict[str, None] = {}
    begun: set[str] = set()

    def place(name: str) -> None:
        if name in begun:
            return
        begun.add(name)
        files = folders[name]
        needed = {homes.get(namespace) for header in _headers(files) for namespace in header.imports} | {_parent(files)}
        for other in sorted(found for found in needed if found is not None and found in folders):
            place(other)
        placed[name] = None

    for name in sorted(folders):
        place(name)
    return list(placed)


def _headers(files: Files) -> list[ModelHeader]:
    found = [read_header(content) for name, content in files if kind_of(name) == KIND_DECISION]
    return [header for header in found if header is not None]


def _parent(files: Files) -> str | None:
    """The jurisdiction above; None as well when jurisdiction.yaml cannot be read, which its deployment refuses."""
    for name, content in files:
        if kind_of(name) == KIND_JURISDICTION:
            try:
                document = read_yaml(content)
            except YamlFault:
                return None
            parent = document.get("parent") if isinstance(document, dict) else None
            return parent if isinstance(parent, str) else None
    return None


def load_builtin(services: Services, root: Path) -> list[str]:
    """Deploy what changed under `root`; returns the names of the jurisdictions that got new versions."""
    loaded = []
    folders = folders_of(root)
    found = {name: files_in(folder for folder in folders if folder.name == name) for name in {folder.name for folder in folders}}
    for name in in_order({name: files for name, files in found.items() if files}):
        files = found[name]
        rehearsal = deploy(services, LOADER, Deploy(f"builtin {name}", name, files, dry_run=True))
        resources = json.loads(rehearsal.body)["resources"]
        if any(not resource["unchanged"] and resource["kind"] != "cases" for resource in resources):
            deploy(services, LOADER, Deploy(f"builtin {name}", name, files))
            loaded.append(name)
    return loaded
