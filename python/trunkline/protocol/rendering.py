"""What of the speaker's audio has been translated, as far as the interpreter's own output shows.

The problem: an interpreter lags behind the speaker, and nothing says how far its words have come. The server tells
of each piece of output which audio of the session it belongs to (`elapsed_ms`), so it is known what was *heard*. But
what was heard a second ago is translated a second from now, and a session that is lost in between takes it along.
The plain way, to keep only what was not heard, loses the sentence in the middle of which a link breaks.

Our way is to keep what was heard until one of three things shows that its translation came:

- The interpreter spoke and is quiet again: what it had heard before it began to speak is what it has just said.
- The audio is quiet itself, from the oldest that is kept on: there is nothing in it to translate.
- It was heard ten seconds ago: no interpreter lags further, and a speaker who never pauses must not fill the memory.

Whoever does not say `elapsed_ms` is measured by how much came, since output is as long as input. Either is taken
as the least that was heard: the piece itself is not counted.

Left out: any look at the words. They may come before they are spoken, and not every server sends them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.audio import codec

if TYPE_CHECKING:
    from trunkline.protocol.outbox import Outbox
    from trunkline.protocol.policy import LinePolicy

__all__ = ["LONGEST_LAG_MS", "Rendering"]

LONGEST_LAG_MS = 10_000
"""Our choice: people who interpret simultaneously follow two to four seconds behind, seldom more than six (Timarová,
Dragsted, Hansen, "Time lag in translation and interpreting", 2011). The model's lag is published nowhere."""
# Two frames of the server: a breath between two words is shorter.
_PAUSE_MS = 400
_STEP_MS = 100
# Well under quiet speech (-40 dBFS) and over what a microphone makes of an empty room (-60).
_QUIET_DBFS = -50.0


class Rendering:
    """The evidence of one line's interpreter, session after session; `translation.py` is its only caller."""

    def __init__(self, policy: LinePolicy, outbox: Outbox) -> None:
        self._policy = policy
        self._outbox = outbox
        self.begin()

    def begin(self) -> None:
        """A new session hears from its own beginning."""
        self._given_ms = 0
        self._elapsed_ms = 0
        self._began_ms: int | None = None
        """What the session had heard when the interpreter began to speak; None while it is quiet."""
        self._quiet_ms = 0

    @property
    def elapsed_ms(self) -> int:
        """How much audio the session has heard, at least."""
        return self._elapsed_ms

    def said(self, pcm: bytes, elapsed_ms: int | None) -> None:
        """A piece of the interpreter's output, and which audio the server says it belongs to."""
        at_ms = self._given_ms if elapsed_ms is None else elapsed_ms
        self._elapsed_ms = max(self._elapsed_ms, at_ms)
        length_ms = int(self._policy.milliseconds(len(pcm) // 2))
        self._given_ms += length_ms
        if _is_quiet(pcm):
            self._was_quiet(length_ms)
        else:
            self._quiet_ms = 0
            if self._began_ms is None:
                self._began_ms = self._elapsed_ms
        self._settle(self._elapsed_ms - LONGEST_LAG_MS)
        self._skip_quiet()

    def is_behind(self) -> bool:
        """Whether the session was sent a second more than it is known to have heard."""
        return self._outbox.cursor - self._position(self._elapsed_ms) >= self._policy.samples(1000)

    def closed(self) -> None:
        """The session said all it had to say of what it was given."""
        self._outbox.consume(0, self._outbox.cursor, "translated")

    def _was_quiet(self, length_ms: int) -> None:
        self._quiet_ms += length_ms
        if self._began_ms is not None and self._quiet_ms >= _PAUSE_MS:
            self._settle(self._began_ms)
            self._began_ms = None

    def _settle(self, heard_ms: int) -> None:
        if heard_ms > 0:
            self._outbox.consume(0, self._position(heard_ms), "translated")

    def _skip_quiet(self) -> None:
        outbox, step = self._outbox, self._policy.samples(_STEP_MS)
        heard = self._position(self._elapsed_ms)
        position = outbox.first_loose(0)
        while position + step <= heard:
            pcm = outbox.pcm(position, position + step)
            # What has left memory cannot be listened to.
            if not pcm or not _is_quiet(pcm):
                break
            position += step
        outbox.consume(0, position, "heard")

    def _position(self, heard_ms: int) -> int:
        """Where on the capture axis the session is when it has heard so much; 0 if it was sent nothing."""
        return self._outbox.locate(self._policy.samples(heard_ms), as_end=True) or 0


def _is_quiet(pcm: bytes) -> bool:
    return codec.level(pcm).rms_dbfs < _QUIET_DBFS
