"""Deploying the files of a folder to a running service."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from service.actions.deployments.load_builtin import files_in
from service.cli.client import Client, CommandError
from service.domain.json_values import Json


def deploy_folder(client: Client, directory: Path, jurisdiction: str, dry_run: bool, warn: bool = False) -> list[str]:
    """Deploy; the lines to print. CommandError lists every finding when the deployment is refused."""
    if not directory.is_dir():
        raise CommandError(f"{directory} is no folder")
    files = list(files_in([directory]))
    if not files:
        raise CommandError(f"{directory} holds no .bpmn, .dmn, .form, .cases.yaml, precedents.yaml or jurisdiction.yaml")
    path = "/deployments?dryRun=true" if dry_run else "/deployments"
    checks = "warn" if warn else "strict"
    reply = client.upload(path, files, {"name": directory.name, "jurisdiction": jurisdiction, "checks": checks})
    body = reply.body if isinstance(reply.body, dict) else {}
    if reply.status >= 300:
        errors = cast(list[Mapping[str, Json]], body.get("errors") or [])
        raise CommandError("\n".join([f"refused ({reply.status}): {body.get('detail')}", *(f"  {_told(error)}" for error in errors)]))
    lines = []
    for resource in cast(list[Mapping[str, Json]], body["resources"]):
        definitions = cast(list[Mapping[str, Json]], resource["definitions"])
        versions = ", ".join(str(definition["id"]) for definition in definitions)
        done = "unchanged" if resource["unchanged"] else "would deploy" if dry_run else "deployed"
        lines.append(f"{resource['fileName']}: {done} {versions}".rstrip())
    return lines + [f"warning: {_told(warning)}" for warning in cast(list[Mapping[str, Json]], body["warnings"])]


def _told(finding: Mapping[str, Json]) -> str:
    return f"{finding.get('file')}:{finding.get('line') or ''} {finding.get('elementId') or ''} {finding.get('message')}"
