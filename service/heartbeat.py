"""The heartbeat of a worker process: a file whose age says when a poll last succeeded."""

import time
from pathlib import Path

BEAT_EVERY_MS = 5_000
STALE_SECONDS = 60


def beat(file: Path) -> None:
    """Make the file new, and its folder if need be. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def stillness(file: Path) -> str | None:
    """None when the file is younger than STALE_SECONDS, else a sentence that says what is wrong."""
    try:
        age = time.time() - file.stat().st_mtime
    except OSError as error:
        return f"no heartbeat: {file}: {error.strerror}"
    return None if age < STALE_SECONDS else f"no heartbeat: the last successful poll was {age:.0f} s ago"
