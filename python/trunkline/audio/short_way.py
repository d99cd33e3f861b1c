"""The short way of ordinary audio, in native code.

A chunk that is like the last one and a delta of the same answer pass through a line hundreds of times a second. In
Python each of the steps between the socket and the application is a call that costs more than moving the bytes; so
both are one call of the extension each way, as long as they mean what the last ones meant.

`Notes` is what the core keeps: what the next chunk and the next delta must be like to be ordinary, and what passed
since somebody asked for the books (`protocol/fast_path.py`, which opens and shuts it and posts what was noted). It
holds no clock and no dice. `ShortWay` is the base of a link's connection (`transports/connection.py`): it recognises a
whole usual frame in what the event loop's transport read, has it noted and gives its event to whoever hears, and makes
the frame of a chunk and writes it to the socket, or gives it to the transport. Both leave whatever is unusual to
Python, undone. `Poller` reads the sockets of many links in one call, and what one read brought of deltas is heard one
after the other (Linux; `transports/reading.py`).

A frame of either direction is copied once and its audio converted once (`benches/line_parts.py` times what they are
part of).
"""

from __future__ import annotations

import sys

from trunkline._native import Notes, ShortWay

if sys.platform == "linux":
    from trunkline._native import Poller

    __all__ = ["Notes", "Poller", "ShortWay"]
else:  # pragma: no cover - for machines that CI has not
    __all__ = ["Notes", "ShortWay"]
