"""What every process that works on the database opens first, be it the server, the worker or a command; nothing of HTTP is loaded."""

import time
from functools import partial

from service.actions.events.pending_events import deliver_at_once
from service.actions.ports import Services
from service.domain.errors import RongjiuError
from service.domain.evidence import AttachmentLimits
from service.engine import RestingInstances, SpiffEngine
from service.logs import configure_logging
from service.settings import Settings
from service.store import migrate, open_store, schema_state


class StartRefused(SystemExit):
    """The service does not start. Ends the process with a message that says why and which command mends it."""


def prepare_database(settings: Settings) -> None:
    """Make sure that the database has this program's schema; the embedded one is brought there, any other is only asked."""
    url = settings.effective_database_url
    try:
        state = migrate(url) if settings.embedded else schema_state(url)
    except (RongjiuError, ValueError, OSError) as error:
        raise StartRefused(f"rongjiu does not start: {error}") from error
    if state.problem is not None:
        raise StartRefused(f"rongjiu does not start: {state.problem}")


def open_services(settings: Settings) -> Services:
    """What the actions need, joined, on a database with this program's schema. Raises StartRefused for any other.

    Every process that works on the database passes here, so this is where its logging is set up: the library's default prints
    the local variables of a failure, the database's password among them.
    """
    configure_logging(settings.log_level)
    prepare_database(settings)
    engine = SpiffEngine(settings.step_seconds, RestingInstances())
    store = open_store(settings.effective_database_url)
    limits = AttachmentLimits(
        settings.attachment_bytes, None if settings.attachment_types is None else frozenset(settings.attachment_types)
    )
    services = Services(
        store,
        engine,
        lambda: time.time_ns() // 1_000_000,
        external_retries=settings.external_retries,
        attachment_limits=limits,
    )
    store.after_throwing = partial(deliver_at_once, services)
    return services
