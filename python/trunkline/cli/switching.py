"""How threads take turns in a process that has a call and a screen."""

from __future__ import annotations

import contextlib
import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SWITCH_SECONDS", "switching_quickly"]

SWITCH_SECONDS = 0.0005
"""How long a thread may keep the interpreter while the network's waits for it. With the usual 5 ms a pacer of 20 ms was
29 ms late at p99 beside a screen, with this 1.3 ms."""


@contextlib.contextmanager
def switching_quickly() -> Iterator[None]:
    """Threads of this process take turns every half millisecond, and what was imported is not looked at for garbage.

    A collection of everything held all threads up for 28 to 60 ms, with 50 lines in the process.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()
    try:
        yield
    finally:
        sys.setswitchinterval(before)
        gc.unfreeze()
