"""The second Ctrl+C ends the process at once.

The first one is an exception that everything cleans up after, which may take a moment: lines say goodbye, a simulator
is stopped, a recording is closed. Whoever presses again does not want to wait for that. Python's own handlers cannot
tell, since asyncio and some commands have theirs; so the kernel's word of each signal goes through a pipe to a thread.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["impatient"]

_INTERRUPTED = 128 + signal.SIGINT


@contextlib.contextmanager
def impatient(end: Callable[[int], object] = os._exit) -> Iterator[None]:
    """Has the second interrupt end the process by `end`, for as long as the block runs.

    On the main thread only, where signals are. Windows has no such pipe, so there the second waits like the first, and
    a loop that takes signals for itself (the console's web server) takes these, too.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    thread = threading.Thread(
        target=_watch, args=(reader, end), daemon=True, name="trunkline-interrupts"
    )
    thread.start()
    try:
        yield
    finally:
        # A loop may have put its own there meanwhile, and taken it away.
        signal.set_wakeup_fd(before)
        os.close(writer)
        thread.join()
        os.close(reader)


def _watch(reader: int, end: Callable[[int], object]) -> None:
    count = 0
    while numbers := os.read(reader, 64):
        count += numbers.count(signal.SIGINT)
        if count >= 2:
            end(_INTERRUPTED)
            return
