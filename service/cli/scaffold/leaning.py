"""Which other places' rules run when a place does: what its tables import and its diagrams name, which no copy makes its own."""

import re
from collections.abc import Mapping
from pathlib import Path

from service.cli.client import CommandError
from service.cli.scaffold.models import Models
from service.cli.scaffold.tree import chain, copyable
from service.domain.json_values import Json

_NAMED = re.compile(r'\b(?:calledElement|camunda:decisionRef|camunda:formRef)="([^"{]+)"')


def require_at_home(root: Path, known: Mapping[str, Mapping[str, Json]], source: str, parent: str | None) -> None:
    """CommandError unless the new place lies below every place whose rules would run in it."""
    models = Models({path.relative_to(root): path.read_bytes() for path in sorted((root / "dmn").rglob("*.dmn"))})
    foreign = sorted(_leans_on(root, known, models, source) - set(chain(known, parent)))
    if not foreign:
        return
    names = "、".join(str(known[place]["name"]) for place in foreign)
    alone = ", ".join(place for place in copyable(root) if not _is_everywhere(known, place) and not _leans_on(root, known, models, place))
    raise CommandError(
        f"{source!r} runs tables or diagrams of {', '.join(foreign)} ({names}): "
        f"with {f'--parent {parent}' if parent else 'no such place above it'} the copy would answer with their rules as its own. "
        f"Copy it below {' and '.join(foreign)} (--parent), or copy a place that stands alone: {alone}\n"
        f"{source} 要用{names}的表或者图，照搬到别处，{names}的规定就会当作本地的。"
        f"请把新地方放在{names}之下（--parent），或者照搬上列自成一体的地方。"
    )


def _leans_on(root: Path, known: Mapping[str, Mapping[str, Json]], models: Models, place: str) -> set[str]:
    folder = root / "dmn" / place
    tables = models.needed_by(path.relative_to(root) for path in folder.rglob("*.dmn")) if folder.is_dir() else {}
    found = {path.parts[1] for path in tables}
    for path in (root / "bpmn" / place).rglob("*.bpmn"):
        found.update(filter(None, (_of_place(known, key) for key in _NAMED.findall(path.read_text("utf-8")))))
    return {other for other in found if other != place and other in known and not _is_everywhere(known, other)}


def _of_place(known: Mapping[str, Mapping[str, Json]], key: str) -> str | None:
    """The place whose id the key begins with, the longest."""
    return max((place for place in known if key.startswith(f"{place}_")), key=len, default=None)


def _is_everywhere(known: Mapping[str, Mapping[str, Json]], place: str) -> bool:
    """True for what holds in every place: the shared tables and those of the nation."""
    return place == "common" or known[place].get("level") == "national"
