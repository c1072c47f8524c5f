"""What was published: definitions by their version, and their files as they are read. Never changes, so it is kept on the shelf."""

from service.actions.ports import Lookups, ProcessSource, Services
from service.domain.definition import KIND_PROCESS, Definition
from service.domain.errors import Conflict
from service.forms import Form, FormRefused, read_form

UNREADABLE = "definition-unreadable"


def _content(lookups: Lookups, definition: Definition) -> bytes:
    resource = lookups.resource(definition.resource_id)
    if resource is None:
        raise Conflict(f"the file of {definition.kind} {definition.key!r} is missing from the store", UNREADABLE)
    return resource.content


def published_version(services: Services, lookups: Lookups, kind: str, key: str, version: int) -> Definition | None:
    """That version of a definition; None when it was never published."""
    return services.shelf.get(("version", kind, key, version), lambda: lookups.definition_version(kind, key, version))


def version_or_latest(lookups: Lookups, kind: str, key: str, version: int | None) -> Definition | None:
    """That version of a definition, the latest when `version` is None; None when there is none."""
    return lookups.latest_definition(kind, key) if version is None else lookups.definition_version(kind, key, version)


def definition_named(lookups: Lookups, id_or_key: str) -> Definition | None:
    """The process definition with that id (`<key>:<version>`, which no key looks like), or the latest with that key."""
    return lookups.process_definition(id_or_key) or lookups.latest_definition(KIND_PROCESS, id_or_key)


def tagged_definition(lookups: Lookups, kind: str, key: str, tag: int | str | None, up_to_seq: int | None = None) -> Definition | None:
    """The newest version with that version tag, of those up to a deployment number; None when there is none."""
    latest = lookups.latest_definition(kind, key, up_to_seq)
    for version in range(latest.version if latest is not None else 0, 0, -1):
        found = lookups.definition_version(kind, key, version)
        if found is not None and found.detail.get("versionTag") == tag:
            return found
    return None


def form_of(services: Services, lookups: Lookups, definition: Definition) -> Form:
    """The compiled form of a deployed form file; Conflict when this version of the program cannot read it any more."""

    def read() -> Form:
        try:
            written = definition.detail.get("schema")
            content = written.encode() if isinstance(written, str) else _content(lookups, definition)
            return read_form(content, definition.file_name)
        except FormRefused as refused:
            raise Conflict(f"the deployed form {definition.id} cannot be read: {refused}", UNREADABLE) from refused

    return services.shelf.get(("form", definition.digest, definition.key), read)


def process_source(services: Services, lookups: Lookups, definition: Definition) -> ProcessSource:
    """The diagram of a deployed process, as the engine takes it."""
    return services.shelf.get(
        ("process", definition.id),
        lambda: ProcessSource(definition.key, definition.version, definition.digest, _content(lookups, definition)),
    )
