"""The seam for roles and jurisdictions: what a caller may see and do, as one question per act.

Today an API key's scopes decide and every caller sees every jurisdiction; the full model (grants per role and jurisdiction prefix,
recusal) goes behind these two functions, so that lists and details can never disagree.
"""

from service.domain.principal import SCOPE_DEPLOY, SCOPE_READ, SCOPE_WORK, Principal

ACT_SCOPES = {"read": SCOPE_READ, "work": SCOPE_WORK, "deploy": SCOPE_DEPLOY, "administer": "admin"}


def require_may(principal: Principal, act: str) -> None:
    """Raise Forbidden unless the caller may do `act` (read, work, deploy, administer)."""
    principal.require(ACT_SCOPES[act])


def visible_jurisdictions(principal: Principal) -> tuple[str, ...] | None:
    """Path prefixes of the jurisdictions whose rows the caller sees; None = all."""
    return None
