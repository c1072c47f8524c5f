"""What ids and keys may be: short enough to be indexed, plain enough to stand in a URL and a log."""

import re

MAX_ID = 255
KEY = re.compile(r"[^\W\d][\w.\-]{0,254}")
"""Keys of definitions: XML's NCName without combining characters, at most 255 characters."""
LINE = re.compile(r"[^\x00-\x1f\x7f/]{1,255}")
"""Whatever can stand in a URL's path and on one line."""
PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")
"""Ids of jurisdictions: a folder's name."""


def is_key(text: str) -> bool:
    """True when `text` can be the key of a process, decision or form."""
    return KEY.fullmatch(text) is not None


def is_line(text: str) -> bool:
    """True when `text` can be stored and asked for over HTTP, though it is no proper key."""
    return LINE.fullmatch(text) is not None and text.strip() == text and text not in (".", "..")


def is_place(text: str) -> bool:
    """True when `text` can be the id of a jurisdiction."""
    return PLACE.fullmatch(text) is not None
