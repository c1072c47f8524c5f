"""Where the rooms meet: create_app(settings) joins store, engine, actions and the HTTP door."""

import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from importlib.metadata import version

import structlog
import uvicorn
from fastapi import FastAPI

from service.actions.deployments.load_builtin import load_builtin
from service.actions.people import ensure_admin_key
from service.actions.ports import Services
from service.admin_key import admin_secret
from service.api import (
    api_keys,
    attachments,
    audit,
    decision_comparison,
    decision_definitions,
    decision_evaluations,
    decision_questions,
    deployments,
    docs,
    document_templates,
    documents,
    engine_rest,
    external_tasks,
    groups,
    health,
    incidents,
    instance_operations,
    jurisdictions,
    messages,
    pending_events,
    precedents,
    process_definitions,
    process_instances,
    recusals,
    signals,
    signatures,
    start_timers,
    subjects,
    tasks,
    timers,
    users,
    working_days,
)
from service.api.metrics import Metrics
from service.api.openapi import describe
from service.api.problems import install_problem_handlers
from service.api.request_log import RequestLog
from service.services import StartRefused, open_services
from service.settings import Settings, procedures_root
from service.worker import run_worker

WORKER_STOP_SECONDS = 20

ROUTERS = (
    deployments.router,
    process_definitions.router,
    process_instances.router,
    instance_operations.router,
    attachments.router,
    documents.router,
    signatures.router,
    document_templates.router,
    messages.router,
    signals.router,
    tasks.router,
    timers.router,
    external_tasks.router,
    decision_definitions.router,
    decision_definitions.bulk_router,
    decision_comparison.router,
    decision_questions.router,
    decision_evaluations.router,
    incidents.router,
    pending_events.router,
    start_timers.router,
    audit.events_router,
    audit.verification_router,
    jurisdictions.router,
    working_days.router,
    subjects.router,
    recusals.router,
    recusals.case_router,
    precedents.router,
    precedents.instance_router,
    precedents.task_router,
    users.router,
    groups.router,
    api_keys.router,
    health.router,
    docs.router,
    engine_rest.router,
)

log = structlog.get_logger("rongjiu")


@contextmanager
def embedded_worker(services: Services) -> Iterator[None]:
    """The worker as a thread of this process, stopped (after the step it is at) when the block is left."""
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(services, stop), name="rongjiu-worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(WORKER_STOP_SECONDS)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """While the application serves: the embedded worker runs."""
    with embedded_worker(app.state.services) if app.state.settings.embedded else nullcontext():
        log.info("ready", embedded=app.state.settings.embedded)
        yield


def _admin_secret(settings: Settings) -> str:
    try:
        return admin_secret(settings)
    except (ValueError, OSError) as error:
        raise StartRefused(f"rongjiu does not start: {error}") from error


def create_app(settings: Settings) -> FastAPI:
    """The application, with the administrator's key and the built-in procedures in the database. Raises StartRefused."""
    services = open_services(settings)
    ensure_admin_key(services, _admin_secret(settings))
    if settings.builtin_procedures:
        loaded = load_builtin(services, procedures_root())
        for name in loaded.new:
            log.info("built-in procedures deployed", jurisdiction=name)
        for name, files in loaded.kept.items():
            log.warning("built-in files not deployed: somebody else deployed what is in force", jurisdiction=name, files=files)
    app = FastAPI(
        title="Rongjiu 容纠", version=version("rongjiu"), lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.settings, app.state.services, app.state.metrics = settings, services, Metrics()
    install_problem_handlers(app)
    app.add_middleware(RequestLog, metrics=app.state.metrics)
    for router in ROUTERS:
        app.include_router(router)
    describe(app)
    return app


def serve(settings: Settings) -> None:
    """Serve until told to stop (SIGTERM or SIGINT); says on standard output where it listens."""
    app = create_app(settings)
    address = f"http://{settings.host}:{settings.port}"
    key = "RONGJIU_ADMIN_KEY" if settings.admin_key is not None else str(settings.admin_key_file.absolute())
    sys.stdout.write(f"Rongjiu 容纠   {address}/\nAPI docs       {address}/docs\nadmin key in   {key}\n")
    sys.stdout.flush()
    uvicorn.run(app, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False)
