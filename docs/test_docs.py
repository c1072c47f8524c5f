"""What the documents list is what the code has."""

import ast
import re
from pathlib import Path

from service.cli.commands import app
from service.cli.write_pages import stale_pages
from service.settings import Settings

ROOT = Path(__file__).parent.parent
ERRORS = {"Conflict", "Forbidden", "Invalid", "Malformed", "RongjiuError", "Unauthenticated", "Unavailable"}
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
NOT_TOLD_OVER_HTTP = {"error", "forbidden", "foreign-schema"}
"""Codes of base classes, and of what only a command meets."""


def raised_codes() -> set[str]:
    """The second argument of every error made in the service, and the `code` of every error class."""
    found = set()
    for path in (ROOT / "service").rglob("*.py"):
        if path.name.startswith("test_") or path.parts[-2] in ("feel", "dmn", "forms"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                found |= {argument.value for argument in node.args[1:] if is_code(argument)}
            if isinstance(node, ast.ClassDef):
                found |= {
                    statement.value.value
                    for statement in node.body
                    if isinstance(statement, ast.Assign)
                    and [ast.unparse(target) for target in statement.targets] == ["code"]
                    and is_code(statement.value)
                }
    return found - NOT_TOLD_OVER_HTTP


def is_code(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value) is not None


def test_every_problem_is_listed_once() -> None:
    listed = re.findall(r"^\| \d{3} \| `([a-z-]+)` \|", (ROOT / "docs" / "problems.md").read_text("utf-8"), re.MULTILINE)

    assert sorted(listed) == sorted(set(listed))
    assert raised_codes() <= set(listed), raised_codes() - set(listed)
    assert len(raised_codes()) > 20


def test_every_setting_is_listed() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")

    assert [name for name in Settings.model_fields if f"RONGJIU_{name.upper()}" not in text] == []


def test_every_command_is_listed() -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback is not None]

    assert [name for name in names if f"`rongjiu {name}" not in text] == []
    assert "serve" in names


def test_links_between_the_documents_lead_somewhere() -> None:
    broken = []
    inside = [path for folder in ("docs", "service", "bpmn", "dmn") for path in (ROOT / folder).rglob("*.md")]
    for path in [*ROOT.glob("*.md"), *inside]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def test_the_pages_of_the_places_say_what_their_folders_say() -> None:
    """`make docs` writes them anew."""
    assert stale_pages(ROOT, ROOT / "docs" / "jurisdictions") == []
