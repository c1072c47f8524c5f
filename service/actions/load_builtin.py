"""Deploy the procedures that come with the service, one jurisdiction after the other; what is unchanged stays as it is."""

import json
from collections.abc import Iterable
from pathlib import Path

from service.actions.deploy import Deploy, deploy
from service.actions.deployment_files import kind_of
from service.actions.ports import Services
from service.domain.principal import SCOPE_ADMIN, Principal

LOADER = Principal("builtin", "builtin", frozenset({SCOPE_ADMIN}))


def folders_of(root: Path) -> list[Path]:
    """The jurisdiction folders under `root`/bpmn and `root`/dmn, by name; parents are named before their children by jurisdiction.yaml."""
    return sorted({folder for kind in ("bpmn", "dmn") for folder in (root / kind).glob("*") if folder.is_dir()}, key=lambda path: path.name)


def files_in(folders: Iterable[Path]) -> tuple[tuple[str, bytes], ...]:
    """The deployable files of the folders: (file name, bytes), by name."""
    found = [(path.name, path.read_bytes()) for folder in folders for path in sorted(folder.iterdir()) if kind_of(path.name) is not None]
    return tuple(sorted(found))


def load_builtin(services: Services, root: Path) -> list[str]:
    """Deploy what changed under `root`; returns the names of the jurisdictions that got new versions."""
    loaded = []
    folders = folders_of(root)
    for name in sorted({folder.name for folder in folders}):
        files = files_in(folder for folder in folders if folder.name == name)
        if not files:
            continue
        rehearsal = deploy(services, LOADER, Deploy(f"builtin {name}", name, files, dry_run=True))
        resources = json.loads(rehearsal.body)["resources"]
        if any(not resource["unchanged"] and resource["kind"] != "cases" for resource in resources):
            deploy(services, LOADER, Deploy(f"builtin {name}", name, files))
            loaded.append(name)
    return loaded
