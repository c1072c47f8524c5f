"""When something is tried again that went wrong for a reason outside the case: soon at first, then less and less often."""

from service.domain.errors import RongjiuError

FIRST_MS = 500
LONGEST_MS = 15 * 60_000
UNEXPECTED = "an unexpected error, written to the log of the service"
"""What people are told of an exception: its own words are for the log."""


def moment_after(now: int, attempts: int) -> int:
    """The moment of the next attempt (epoch milliseconds), after `attempts` that failed before this one."""
    return now + min(FIRST_MS << min(attempts, 16), LONGEST_MS)


def problem_of(error: Exception) -> str:
    """Why an attempt failed, in words for people."""
    return error.message if isinstance(error, RongjiuError) else UNEXPECTED
