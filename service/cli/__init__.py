"""The command `rongjiu`."""

from service.cli.commands import app

__all__ = ["app"]
