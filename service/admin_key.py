"""The administrator's API key: given by the environment, or generated once into a file that only its owner reads."""

import os
import secrets
from pathlib import Path

import structlog

from service.settings import MIN_KEY_LENGTH, Settings

log = structlog.get_logger(__name__)


def admin_secret(settings: Settings) -> str:
    """The secret that opens everything. Replicas that share a database are given the same one (RONGJIU_ADMIN_KEY)."""
    if settings.admin_key is not None:
        return settings.admin_key.get_secret_value()
    if settings.database_url is not None and settings.database_url.startswith("postgresql"):
        # The key last started with is the one that is valid: a replica with a file of its own shuts the others' out.
        log.warning("the admin key is this process's own file; replicas on the same database must all be given one RONGJIU_ADMIN_KEY")
    path = settings.admin_key_file
    if not path.exists():
        _generate(path)
        log.info("admin key generated", file=str(path.absolute()))
    secret = path.read_text(encoding="ascii", errors="replace").strip()
    if len(secret) < MIN_KEY_LENGTH or not secret.isascii():
        raise ValueError(f"the file {path} holds no usable admin key; remove it to have a new one generated")
    return secret


def _generate(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # The mode is given at creation: at no moment may others read the file.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"rk_{secrets.token_urlsafe(32)}\n")
