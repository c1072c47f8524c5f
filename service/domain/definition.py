"""Deployed things: deployments, resources, and the definitions in them. A published definition never changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.domain.json_values import Json

KIND_PROCESS = "process"
KIND_DECISION = "decision"
KIND_FORM = "form"
KIND_DOCUMENT = "document"
KIND_CASES = "cases"
KIND_PRECEDENT = "precedent"
KIND_JURISDICTION = "jurisdiction"

COMMON = "common"
"""The folder of what places share. It is no place: a case of its procedures belongs to the place that it is for."""

PLACE_IN_KEY = "{jurisdiction}"
"""In the key of a decision, or of a process that a message goes to: the place of the case, so that places share a diagram and keep tables
and processes of their own."""

TYPE_DECISION = "decision"
TYPE_DECISION_SERVICE = "decisionService"
"""What a decision definition is, in detail["type"] (where none is written: a decision)."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One deployed file, byte for byte. `digest` is the SHA-256 of `content` in hex; `kind` one of the KIND_ words.

    `namespace` is that of a decision model, None for other files. `imports` says for each namespace that the model imports which
    resource (its id) was meant when it was deployed: that never changes, whatever is deployed later.
    """

    id: str
    file_name: str
    kind: str
    digest: str
    content: bytes
    namespace: str | None = None
    imports: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelResource:
    """A deployed decision file as an import sees it: everything of its Resource but the bytes, and whose deployment it came with."""

    id: str
    file_name: str
    digest: str
    imports: Mapping[str, str]
    jurisdiction: str | None
    deployment_id: str


@dataclass(frozen=True, slots=True)
class FileInForce:
    """A deployed file by the last name it was deployed under, all of whose definitions are the latest. `imports` as of a ModelResource."""

    id: str
    jurisdiction: str | None
    file_name: str
    digest: str
    imports: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a process, decision or form.

    `id` is `<key>:<version>` (with the kind in front for decisions and forms inside the store); `deployment_seq` numbers deployments in
    commit order, so "what was latest when" is "the highest version with deployment_seq ≤ then".
    `detail` holds what the room that read the file found (start events, messages, decision inputs …).
    """

    id: str
    kind: str
    key: str
    version: int
    name: str
    jurisdiction: str | None
    deployment_id: str
    deployment_seq: int
    resource_id: str
    file_name: str
    digest: str
    deployed_at: int
    detail: Mapping[str, Json] = field(default_factory=dict)

    @property
    def is_decision_service(self) -> bool:
        """Whether this decision definition is a decision service."""
        return self.detail.get("type") == TYPE_DECISION_SERVICE


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment: all its files went in together or not at all."""

    id: str
    seq: int
    name: str
    jurisdiction: str | None
    deployed_at: int
    deployed_by: str
    warnings: tuple[Mapping[str, Json], ...] = ()


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A place. `path` is the ids from the root, joined by "/" (`hubei/xianning`); `document` the deployed jurisdiction.yaml as JSON."""

    id: str
    name: str
    path: str
    parent: str | None
    document: Mapping[str, Json]
    deployment_seq: int


def key_at(key: str, jurisdiction: str | None) -> str:
    """The key of a decision or process as a diagram names it, for a case of that place; without a place it stays and means nothing."""
    return key if jurisdiction is None else key.replace(PLACE_IN_KEY, jurisdiction)
