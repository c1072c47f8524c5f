"""precedents.yaml: the published cases that come with a place's files, each an own definition with versions as others have."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from service.actions.deployments.decision_files import Library
from service.actions.precedents.precedent_content import Recorded, content_faults, needs_place, precedent_of, vocabulary_of
from service.actions.yaml_values import YamlFault, read_yaml
from service.dmn import Model
from service.domain.definition import KIND_PRECEDENT, Definition
from service.domain.errors import Finding
from service.domain.json_values import Json
from service.domain.precedent import BUILT_IN, Precedent

FILE_NAME = "precedents.yaml"
MAX_PRECEDENTS = 2_000

Entry = tuple[str, str, Mapping[str, Json]]
"""Id, title and content."""


def read_precedents(file_name: str, content: bytes, library: Library, beside: Mapping[str, Model]) -> tuple[list[Entry], list[Finding]]:
    """The precedents of the file, none when it has findings. `beside` are the models deployed with it, by namespace."""
    try:
        document = read_yaml(content)
    except YamlFault as fault:
        return [], [Finding(file_name, None, fault.line, "yaml", fault.message)]
    listed = document.get("precedents") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(listed, list) or document.keys() != {"precedents"} or len(listed) > MAX_PRECEDENTS:
        message = f"a precedents file is a mapping with a list `precedents` of at most {MAX_PRECEDENTS}"
        return [], [Finding(file_name, None, None, "precedents", message)]
    vocabulary = vocabulary_of(library, beside)
    findings = [finding for index, entry in enumerate(listed) for finding in _findings(file_name, index, entry, vocabulary)]
    named = Counter(str(entry.get("id")) for entry in listed if isinstance(entry, dict))
    twice = [identifier for identifier, count in named.items() if count > 1]
    findings += [Finding(file_name, identifier, None, "duplicate", f"precedent {identifier!r} is given twice") for identifier in twice]
    return ([] if findings else [_entry(entry) for entry in listed if isinstance(entry, dict)]), findings


def _findings(file_name: str, index: int, entry: Json, vocabulary: Model | None) -> Iterator[Finding]:
    identifier = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(identifier, str) or not identifier:
        yield Finding(file_name, f"precedents[{index}]", None, "precedents", "a precedent is a mapping with an id")
        return
    content = {name: value for name, value in entry.items() if name != "id"}
    for fault in content_faults(content, vocabulary):
        where = ".".join(map(str, fault.path))
        yield Finding(file_name, identifier, None, "precedents", f"{where}: {fault.message}")


def _entry(entry: Mapping[str, Json]) -> Entry:
    return str(entry["id"]), str(entry["title"]), {name: value for name, value in entry.items() if name != "id"}


def place_findings(file_name: str, entries: Sequence[Mapping[str, Json]], jurisdiction: str | None) -> list[Finding]:
    """What is published to a place only must be deployed for one."""
    if jurisdiction is not None or not any(needs_place(entry) for entry in entries):
        return []
    message = "a precedent of scope UNIT or LIMITED is deployed for a jurisdiction: without one it would be shown nowhere"
    return [Finding(file_name, None, None, "precedents", message)]


def deployed_precedents(definitions: Sequence[Definition], path: str | None, actor: str) -> list[Precedent]:
    """The precedents among new definitions, of the place with that path."""
    return [
        precedent_of(
            definition.detail,
            Recorded(definition.key, definition.version, BUILT_IN, definition.jurisdiction, path, definition.deployed_at, actor),
        )
        for definition in definitions
        if definition.kind == KIND_PRECEDENT
    ]
