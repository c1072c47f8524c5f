"""The decision files of the project, each read with the files it imports (found by namespace)."""

from functools import cache
from pathlib import Path

from service.dmn import Model, read_header, read_model

ROOT = Path(__file__).resolve().parent.parent / "dmn"
FILES = sorted(ROOT.rglob("*.dmn"))


@cache
def _by_namespace() -> dict[str, Path]:
    headers = {path: read_header(path.read_bytes()) for path in FILES}
    return {header.namespace: path for path, header in headers.items() if header is not None}


@cache
def imports_of(path: Path) -> tuple[Model, ...]:
    """The models the file at `path` imports."""
    header = read_header(path.read_bytes())
    return () if header is None else tuple(model_of(_by_namespace()[namespace]) for namespace in header.imports)


@cache
def model_of(path: Path) -> Model:
    """The model in the file at `path`; KeyError if an imported namespace is in none of the files."""
    return read_model(path.read_bytes(), path.name, imports=imports_of(path))
