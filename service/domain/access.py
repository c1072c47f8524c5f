"""The seam for roles and jurisdictions: what a caller may see and do, as one question per act.

Today an API key's scopes decide and every caller sees every jurisdiction; the full model (grants per role and jurisdiction prefix,
recusal) goes behind these functions, so that lists and details can never disagree; details will then ask the second one as well.
"""

from service.domain.errors import Forbidden
from service.domain.principal import SCOPE_ADMIN, SCOPE_DEPLOY, SCOPE_EXTERNAL, SCOPE_READ, SCOPE_WORK, Principal

ACT_SCOPES = {"read": SCOPE_READ, "work": SCOPE_WORK, "deploy": SCOPE_DEPLOY, "administer": "admin", "execute": SCOPE_EXTERNAL}


def require_may(principal: Principal, act: str) -> None:
    """Raise Forbidden unless the caller may do `act` (read, work, deploy, administer, execute)."""
    principal.require(ACT_SCOPES[act])


def require_may_retry(principal: Principal, person: str | None, with_variables: bool) -> None:
    """A failed act is done again by an administrator or by the person whose it was; only the former may mend variables for it."""
    if SCOPE_ADMIN in principal.scopes:
        return
    if with_variables:
        raise Forbidden("only an administrator may change variables for a retry", "may-not-retry")
    if person is not None and person != principal.person:
        raise Forbidden("this act is retried by the person who did it, or by an administrator", "may-not-retry")


def require_may_drop_report(principal: Principal) -> None:
    """What a worker has reported is done again by a retry; only an administrator drops it, so that the work is done twice."""
    if SCOPE_ADMIN not in principal.scopes:
        message = "an incident keeps what a worker has reported of this task: retry it; only an administrator may drop the report"
        raise Forbidden(message, "may-not-drop-report")


def require_may_see_removed(principal: Principal) -> None:
    """What was taken out of a case is kept for those who answer for the record, and shown to nobody else."""
    if SCOPE_ADMIN not in principal.scopes:
        raise Forbidden("the attachment was removed from the case; only an administrator may still read it", "attachment-removed")


def visible_jurisdictions(principal: Principal) -> tuple[str, ...] | None:
    """Path prefixes of the jurisdictions whose rows the caller sees; None = all."""
    return None
