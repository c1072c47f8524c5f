"""The civil time of the procedures: one zone, as China keeps it."""

from datetime import UTC, datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time without daylight saving, so a fixed offset says the same as the zone database."""


def moment(at: int) -> datetime:
    """Epoch milliseconds as what now() and today() see there. Exact: no float in between."""
    return datetime(1970, 1, 1, tzinfo=UTC).astimezone(ZONE) + timedelta(milliseconds=at)
