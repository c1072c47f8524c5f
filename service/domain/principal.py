"""Who is asking: an API key, and the person it acts for."""

from dataclasses import dataclass

from service.domain.errors import Forbidden

SCOPE_ADMIN = "admin"
SCOPE_ACT_AS = "actAs"
SCOPE_READ = "read"
SCOPE_WORK = "work"
SCOPE_DEPLOY = "deploy"
SCOPE_EXTERNAL = "external"
SCOPES = (SCOPE_ADMIN, SCOPE_ACT_AS, SCOPE_READ, SCOPE_WORK, SCOPE_DEPLOY, SCOPE_EXTERNAL)
"""admin = everything; actAs = may name a person (On-Behalf-Of); read = questions; work = start, messages, tasks; deploy = deployments;
external = fetch external tasks and report what came of them, and nothing else: what a worker outside needs."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller. `person` is the user id the call is made for (None for a system), `groups` are that person's.

    `own_person`: the key is that person's own (None: a system's key).
    """

    key_id: str
    key_name: str
    scopes: frozenset[str]
    person: str | None = None
    groups: frozenset[str] = frozenset()
    own_person: str | None = None

    @property
    def actor(self) -> str:
        """What the audit trail records as the doer: the person, or the key when a system acts."""
        return self.person if self.person is not None else f"key:{self.key_name}"

    @property
    def speaks_for_another(self) -> bool:
        """Whether a person's own key names somebody else. A system's key names the person who is sitting at it."""
        return self.own_person is not None and self.own_person != self.person

    def require(self, scope: str) -> None:
        """Raise Forbidden unless the key has `scope` (admin has all)."""
        if scope not in self.scopes and SCOPE_ADMIN not in self.scopes:
            raise Forbidden(f"the API key lacks the scope {scope!r}", "missing-scope")

    def require_person(self) -> str:
        """The person's id; Forbidden when the call names none (tasks are completed by persons only)."""
        if self.person is None:
            raise Forbidden("a person must be named (header On-Behalf-Of): tasks are worked on by persons only", "person-required")
        return self.person
