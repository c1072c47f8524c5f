"""The commands of `rongjiu`, one function each; what they do lives elsewhere."""

import signal
import sys
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from service.cli.client import DEFAULT_URL, Client, CommandError, admin_key
from service.cli.dmn_commands import app as dmn_app
from service.domain.errors import Refused, RongjiuError

app = typer.Typer(
    name="rongjiu",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Rongjiu 容纠: tolerance procedures that run.",
)
app.add_typer(dmn_app)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

MOST_TOLD = 100
"""Discrepancies that `rongjiu verify` tells one by one."""

Url = Annotated[str, typer.Option(help="Address of the running service.")]
Key = Annotated[str | None, typer.Option(help="API key; default RONGJIU_ADMIN_KEY or var/admin-key.")]


def _fail(message: str) -> NoReturn:
    err.print(message, markup=False)
    raise typer.Exit(1)


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port; default RONGJIU_PORT or 8000.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default RONGJIU_HOST or 127.0.0.1.")] = None,
) -> None:
    """Serve the REST API (with the worker inside when the database is the embedded one)."""
    from service.main import serve as run_server
    from service.settings import Settings

    overrides = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
    run_server(Settings().model_copy(update=overrides))


@app.command()
def worker(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the worker of this DATA_DIR is polling; exits with 1 if not.")
    ] = False,
) -> None:
    """Fire timers until told to stop (SIGTERM or SIGINT)."""
    from service.settings import Settings

    settings = Settings()
    if check:
        from service.heartbeat import stillness

        wrong = stillness(settings.worker_heartbeat_file)
        if wrong is not None:
            _fail(wrong)
        return
    from service.services import open_services
    from service.worker import run_worker

    stop = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    run_worker(open_services(settings), stop, settings.worker_heartbeat_file)


@app.command()
def migrate() -> None:
    """Bring the database's schema to this version's."""
    from service.settings import Settings
    from service.store import migrate as bring_to_head

    settings = Settings()
    try:
        bring_to_head(settings.effective_database_url)
    except (ValueError, OSError) as error:
        _fail(f"rongjiu: {error}")
    out.print("the schema is up to date")


@app.command()
def verify(
    stream: Annotated[str | None, typer.Option(help="Only this process instance (or `service`).")] = None,
) -> None:
    """Recompute the audit trail of the configured database, lay the rows of every instance beside its state, and recompute stored files.

    Names the first broken event, every row that says something else than the state or the trail (recusals, ballots and signatures too),
    and every file whose bytes are not those of its digest; exits with 1 when there is one.
    """
    from service.actions.evidence.evidence_views import content_faults
    from service.actions.instances.verify_instances import verify_instances
    from service.actions.recusals.verify_recusals import verify_recusals
    from service.actions.registers.verify_registers import verify_registers
    from service.actions.views import verification
    from service.actions.votes.verify_votes import verify_votes
    from service.domain.audit import SERVICE_STREAM
    from service.domain.errors import NotFound
    from service.services import open_services
    from service.settings import Settings

    services = open_services(Settings())
    try:
        result = verification(services, stream)
    except NotFound as error:
        _fail(error.message)
    first = result["firstBroken"]
    if isinstance(first, dict):
        said = f"{first['reason']} at event {first['seq']} of stream {first['stream']}"
        err.print(f"BROKEN: {said} ({result['events']} events recomputed)", markup=False)
    else:
        out.print(f"ok: {result['events']} events recomputed")
    agree = True
    if stream in (None, SERVICE_STREAM):
        for name, rows, unlike in (("recusals", *verify_recusals(services)), *verify_registers(services)):
            agree = agree and not unlike
            for words in unlike[:MOST_TOLD]:
                err.print(f"DIFFERS: no instance: {words}", markup=False)
            if len(unlike) > MOST_TOLD:
                err.print(f"… and {len(unlike) - MOST_TOLD} more", markup=False)
            if not unlike:
                out.print(f"ok: {rows} {name} are what the audit trail says")
    if stream != SERVICE_STREAM:
        verified = verify_instances(services, stream)
        agree = agree and not verified.discrepancies
        for found in verified.discrepancies[:MOST_TOLD]:
            err.print(f"DIFFERS: {found.process_instance_id or 'no instance'}: {found.message}", markup=False)
        if len(verified.discrepancies) > MOST_TOLD:
            err.print(f"… and {len(verified.discrepancies) - MOST_TOLD} more", markup=False)
        if not verified.discrepancies:
            out.print(f"ok: the rows of {verified.instances} instances say what their states say")
        files, faults = content_faults(services, stream)
        agree = agree and not faults
        for process_instance_id, words in faults[:MOST_TOLD]:
            err.print(f"DIFFERS: {process_instance_id or 'no instance'}: {words}", markup=False)
        if not faults and stream is None:
            out.print(f"ok: {files} stored files have their digests")
        unlike_votes = verify_votes(services, stream)
        agree = agree and not unlike_votes
        for process_instance_id, words in unlike_votes[:MOST_TOLD]:
            err.print(f"DIFFERS: {process_instance_id or 'no instance'}: {words}", markup=False)
        if len(unlike_votes) > MOST_TOLD:
            err.print(f"… and {len(unlike_votes) - MOST_TOLD} more", markup=False)
        if not unlike_votes:
            out.print("ok: ballots and signatures are what the audit trail says")
    if first is not None or not agree:
        raise typer.Exit(1)


@app.command()
def lint(files: Annotated[list[Path], typer.Argument(help="BPMN, DMN, form, cases and jurisdiction files; folders of them.")]) -> None:
    """Read files as a deployment would, without a service; prints every finding, exits with 1 when there is an error."""
    from service.cli.lint_files import given_files, lint_files

    given = given_files(files)
    findings = lint_files(given)
    for finding in findings:
        where = f":{finding.line}" if finding.line is not None else ""
        element = f" <{finding.element_id}>" if finding.element_id else ""
        out.print(f"{finding.file}{where}:{element} {finding.severity}: {finding.message} [{finding.code}]", markup=False)
        if finding.hint is not None and finding.severity == "error":
            out.print(f"    {finding.hint}", markup=False)
    errors = sum(finding.severity == "error" for finding in findings)
    out.print(f"{len(given)} file(s), {errors} error(s), {len(findings) - errors} warning(s)")
    if errors:
        raise typer.Exit(1)


@app.command()
def deploy(
    directory: Annotated[Path, typer.Argument(help="Folder with the files of one jurisdiction.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    jurisdiction: Annotated[str | None, typer.Option(help="Jurisdiction id; default the folder's name.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Check only, store nothing.")] = False,
    warn: Annotated[
        bool, typer.Option("--warn", help="Let decision files in with their findings recorded as warnings (checks=warn).")
    ] = False,
) -> None:
    """Deploy the files of a folder to a running service."""
    from service.cli.deploy_folder import deploy_folder

    for line in deploy_folder(Client(url, admin_key(key)), directory, jurisdiction or directory.resolve().name, dry_run, warn):
        out.print(line, markup=False)


@app.command()
def cases(
    files: Annotated[list[Path], typer.Argument(help="*.cases.yaml files.")],
    url: Url = DEFAULT_URL,
    key: Key = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Also say which elements, flows and rules of the files beside them no case meets.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds that timers which are due and messages on their way may take.")] = 20,
) -> None:
    """Play every case of the files against a running service; exits with 1 when one comes out otherwise (or something is not met)."""
    from service.cli.case_report import report_cases

    if not report_cases(Client(url, admin_key(key)), files, out, coverage, wait):
        raise typer.Exit(1)


@app.command()
def pages(
    root: Annotated[Path, typer.Argument(help="Folder with bpmn/ and dmn/.")] = Path(),
    folder: Annotated[Path, typer.Option("--out", help="Where the pages stand.")] = Path("docs/jurisdictions"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 when a page is not what its folder says.")] = False,
) -> None:
    """Write a page for every place: its diagrams as pictures, its tables, what is unknown, every default, its cases."""
    from service.cli.write_pages import stale_pages, write_pages

    stale = stale_pages(root, folder) if check else write_pages(root, folder)
    for name in stale:
        out.print(f"{'stale' if check else 'written'} {folder / name}", markup=False)
    if check and stale:
        _fail("the pages are not what the folders say; run `rongjiu pages`")


@app.command("new-jurisdiction")
def new_jurisdiction(
    name: Annotated[str, typer.Argument(help="The folder's name, with which its keys begin.")],
    source: Annotated[str, typer.Option("--from", help="The place whose procedures are copied.")],
    root: Annotated[Path, typer.Argument(help="Folder with bpmn/ and dmn/.")] = Path(),
    display: Annotated[str | None, typer.Option("--name", help="The name that people read; default NAME.")] = None,
    code: Annotated[str | None, typer.Option(help="Its number of GB/T 2260.")] = None,
    parent: Annotated[str | None, typer.Option(help="The place above it, or none; default that of the source.")] = None,
    place_code: Annotated[
        str | None, typer.Option(help="Its code in the shared tables, as JS-SQ-SY; default made of that above it.")
    ] = None,
) -> None:
    """Make the folders of a new place from those of another one: it runs, and everything in it is marked as copied and not verified."""
    from service.cli.new_jurisdiction import make_jurisdiction
    from service.cli.scaffold.new_place import Wanted

    for line in make_jurisdiction(root, Wanted(name, source, display, code, parent, place_code)):
        out.print(line, markup=False)


@app.command()
def demo(url: Url = DEFAULT_URL, key: Key = None) -> None:
    """Let the real cases C01–C04 travel through Hubei's procedure and tell each step."""
    from service.cli.demo import run_demo
    from service.settings import procedures_root

    if not run_demo(Client(url, admin_key(key)), procedures_root() / "bpmn" / "hubei" / "tolerance.cases.yaml", out):
        raise typer.Exit(1)


def main() -> None:
    """Run a command; what a person must be told is one line, not a traceback."""
    try:
        app()
    except CommandError as error:
        err.print(f"rongjiu: {error}", markup=False)
    except ValidationError as error:
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"]).upper()
            err.print(f"rongjiu: the setting RONGJIU_{name} cannot be used: {fault['msg']}", markup=False)
    except RongjiuError as error:
        err.print(f"rongjiu: {error.message}", markup=False)
        for finding in error.findings if isinstance(error, Refused) else ():
            err.print(f"{finding.file}: {finding.message} [{finding.code}]", markup=False)
    else:
        return
    sys.exit(1)
