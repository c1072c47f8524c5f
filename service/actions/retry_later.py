"""When something is tried again that went wrong for a reason outside the case: soon at first, then less and less often."""

FIRST_MS = 500
LONGEST_MS = 15 * 60_000


def moment_after(now: int, attempts: int) -> int:
    """The moment of the next attempt (epoch milliseconds), after `attempts` that failed before this one."""
    return now + min(FIRST_MS << min(attempts, 16), LONGEST_MS)
