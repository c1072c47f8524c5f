"""Deploying the files of the project's places."""

from pathlib import Path

from api_tests.api_client import ApiClient

_PROJECT = Path(__file__).parent.parent
_ENDINGS = (".bpmn", ".dmn", ".form", ".docx", "jurisdiction.yaml")


def deploy_places(api: ApiClient, *places: str, kinds: tuple[str, ...] = ("bpmn", "dmn")) -> None:
    """Deploy the procedures and decisions of the places (or one of the two), in this order: each after those it needs."""
    for place in places:
        folders = [_PROJECT / kind / place / part for kind in kinds for part in (".", "documents")]
        found = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if path.name.endswith(_ENDINGS)]
        response = api.deploy_files([(path.name, path.read_bytes()) for path in found], jurisdiction=place)
        assert response.status_code == 201, response.text
