"""The commands of `rongjiu dmn`: decisions without a service."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.cli.decision_report import report_lines
from service.cli.lint_files import given_files
from service.domain.json_values import canonical_json

app = typer.Typer(name="dmn", no_args_is_help=True, help="Decision files without a service.")


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="DMN files; they may import one another.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the analysis as JSON, as the API gives it.")] = False,
    warn: Annotated[bool, typer.Option("--warn", help="Judge as a deployment with checks=warn does.")] = False,
) -> None:
    """Check decision files as a deployment would, with gaps, overlaps and the like of every table; exits with 1 on errors."""
    from service.actions.decisions.analyse_decisions import analysis_of

    analysis = analysis_of(given_files(files), checks="warn" if warn else "strict")
    for line in [canonical_json(analysis)] if as_json else report_lines(analysis):
        typer.echo(line)
    if analysis["errors"]:
        raise typer.Exit(1)


@app.command()
def tck() -> None:
    """Answer the DMN compatibility kit on standard input and output: one JSON request per line, one JSON answer per line."""
    from service.dmn.tck import serve

    serve(sys.stdin, sys.stdout)
