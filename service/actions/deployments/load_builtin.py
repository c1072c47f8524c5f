"""Deploy the procedures that come with the service, each jurisdiction after those it needs.

What is unchanged stays as it is, and so does what somebody else deployed in its place: no start takes back a rule that people set.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from service.actions.deployments.deploy import Deploy, deploy
from service.actions.deployments.deployment_files import kind_of
from service.actions.ports import Services
from service.actions.yaml_values import YamlFault, read_yaml
from service.dmn import ModelHeader, read_header
from service.domain.definition import KIND_CASES, KIND_DECISION, KIND_JURISDICTION
from service.domain.json_values import Json
from service.domain.principal import SCOPE_ADMIN, Principal

Files = tuple[tuple[str, bytes], ...]
"""(file name, content), by name."""
COMPARATORS = "comparators"
"""The folder below `bpmn` in which the places stand that are only shown for comparison: a jurisdiction.yaml each and nothing that runs."""
LOADER = Principal("builtin", "builtin", frozenset({SCOPE_ADMIN}))


def folders_of(root: Path) -> list[Path]:
    """The jurisdiction folders under `root`/bpmn and `root`/dmn, by name."""
    found = [folder for kind in ("bpmn", "dmn") for pattern in ("*", f"{COMPARATORS}/*") for folder in (root / kind).glob(pattern)]
    return sorted((folder for folder in found if folder.is_dir() and folder.name != COMPARATORS), key=lambda path: path.name)


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


@dataclass(frozen=True, slots=True)
class Loaded:
    """The jurisdictions that got new versions; the files of each that stay as somebody else deployed them."""

    new: list[str]
    kept: dict[str, list[str]]


def load_builtin(services: Services, root: Path) -> Loaded:
    """Deploy what changed under `root`, but for the files of which somebody else deployed something last: these are only told.

    A file that is in force as it is is not even read, so that a start after the first one does not take longer with every place.
    """
    folders = folders_of(root)
    found = {name: files_in(folder for folder in folders if folder.name == name) for name in {folder.name for folder in folders}}
    given = {name: files for name, files in found.items() if files}
    if all(map(_in_force(services), given.items())):
        return Loaded([], {})
    loaded = Loaded([], {})
    is_in_force = _in_force(services)
    for name in in_order(given):
        files = given[name]
        if is_in_force((name, files)):
            continue
        if _is_known(services, name):
            changed = _changed(services, name, files)
            kept = _of_others(services, name, changed)
            if kept:
                loaded.kept[name] = kept
                files = tuple(file for file in files if file[0] not in kept)
            if len(changed) == len(kept):
                continue
        deploy(services, LOADER, Deploy(f"builtin {name}", name, files))
        loaded.new.append(name)
        is_in_force = _in_force(services)
    return loaded


def _in_force(services: Services) -> Callable[[tuple[str, Files]], bool]:
    """Whether every file of a place, but its cases, is in force already byte for byte, with the imports that are in force now."""
    with services.store.read() as questions:
        now = {(found.jurisdiction, found.file_name): found for found in questions.files_in_force()}
    ids = {found.id for found in now.values()}

    def judge(place: tuple[str, Files]) -> bool:
        name, files = place
        for file_name, content in files:
            found = now.get((name, file_name))
            if kind_of(file_name) == KIND_CASES:
                continue
            if found is None or found.digest != hashlib.sha256(content).hexdigest() or not ids.issuperset(found.imports.values()):
                return False
        return True

    return judge


def _is_known(services: Services, name: str) -> bool:
    with services.store.read() as questions:
        return questions.jurisdiction(name) is not None


def _changed(services: Services, name: str, files: Files) -> list[Mapping[str, Json]]:
    """The files, as the answer to a deployment shows them, of which a deployment would make something new; nothing is stored."""
    rehearsal = deploy(services, LOADER, Deploy(f"builtin {name}", name, files, dry_run=True))
    resources = json.loads(rehearsal.body)["resources"]
    return [resource for resource in resources if not resource["unchanged"] and resource["kind"] != KIND_CASES]


def _of_others(services: Services, name: str, changed: Iterable[Mapping[str, Json]]) -> list[str]:
    """The names of the files that somebody else deployed last, or of which another file of somebody else declares something anew."""
    with services.store.read() as questions:
        files, keys = questions.files_of_others(LOADER.actor), questions.keys_of_others(LOADER.actor)
    found = []
    for resource in changed:
        declared = [(resource["kind"], definition["key"]) for definition in cast(list[dict[str, Json]], resource["definitions"])]
        if (name, resource["fileName"]) in files or not keys.isdisjoint(declared):
            found.append(str(resource["fileName"]))
    return sorted(found)
