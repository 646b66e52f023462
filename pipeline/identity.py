"""Identities for rows: UUIDs that grow with time (RFC 9562, version 7), so that tables are appended to, not filled at random."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """A new UUID version 7: 48 bits of milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
