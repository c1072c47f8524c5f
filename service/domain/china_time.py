"""The civil time of the procedures: one zone, as China keeps it."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time without daylight saving, so a fixed offset says the same as the zone database."""


def moment(at: int) -> datetime:
    """Epoch milliseconds as what now() and today() see there. Exact: no float in between."""
    return datetime(1970, 1, 1, tzinfo=UTC).astimezone(ZONE) + timedelta(milliseconds=at)


_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d|@[\w+\-/]+)?)?", re.ASCII)


def written_moment(text: str) -> datetime | None:
    """The moment that a text names which is an ISO 8601 date, or date and time; None for any other.

    A date is its first moment here, a time without an offset or zone (`Z`, `+08:00`, `@Asia/Urumqi`) is the time here.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return None
    day, clock, zone = written.groups()
    try:
        if clock is None:
            return datetime.combine(date.fromisoformat(day), time(), ZONE)
        if zone is not None and zone.startswith("@"):
            return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone[1:]))
        at = datetime.fromisoformat(f"{day}T{clock}{zone or ''}")
    except (ValueError, LookupError, OSError):
        return None
    return at if zone is not None else at.replace(tzinfo=ZONE)
