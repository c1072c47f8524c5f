"""Identifiers: UUID version 7 (RFC 9562 §5.7), so that rows sort in the order they were made."""

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Return a new UUIDv7 as its 36-character text; two ids of one process never sort against their order of making."""
    global _last
    milliseconds = time.time_ns() // 1_000_000
    with _lock:
        # 12 bits of counter follow the millisecond so that ids made within one millisecond keep their order.
        stamp = max(milliseconds << 12, _last + 1)
        _last = stamp
    milliseconds, counter = stamp >> 12, stamp & 0xFFF
    random_bits = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    value = (milliseconds << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | random_bits
    return str(uuid.UUID(int=value))
