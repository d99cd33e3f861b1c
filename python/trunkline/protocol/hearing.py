"""What the server has heard of the user, on the capture axis: the evidence for audio that is in no answer yet.

Nothing acknowledges audio; these reports are all there is (names as in the tests, which hold each of them):

E4 `speech_started`: all before its start was heard and was silence: it is settled.
E5 `speech_stopped`: the end of the utterance. It settles nothing: the item does not exist yet.
E6 `committed`: an item holds the audio, which from now on is replayed with the item and not as audio.
E7 `item.added`, `item.done`: the same, from servers that do not say `committed`.
E8 the finished transcript: we own the words, so the audio need not be kept.
E9 `timeout_triggered`: the item that follows is silence, which stands in a replay as a note.

A failed transcript settles nothing: the audio is then the only form in which the turn can be told again, and is kept
until it is older than the retention. From these follows the replay point: where an utterance that is still open
began; else what follows the last report; at the latest a margin before what the far end has read.

A pong proves only that the far end's WebSocket parsed so far. Behind it, what serves the session may stand still, and
be closed with all that waits for it unread: such an end answers every ping at once and closes at once. So a pong counts
when another one comes `_REPORT_SECONDS` after it, through which a report of speech could have come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trunkline.protocol.outbox import Outbox
    from trunkline.protocol.settings import Settings

__all__ = ["Hearing", "Span"]

Span = tuple[int, int]

# Speech that began in the last second may not have been reported yet.
_REPORT_DELAY_MS = 1000
# How long the one who parsed the audio has for a report of it. Pings are a second apart while audio flows, so that a
# pong is confirmed by the next one even if that one is early.
_REPORT_SECONDS = 0.5


class Hearing:
    """The utterances of one line; `conversation.py` is its only caller."""

    def __init__(self, outbox: Outbox, settings: Settings, *, rate_hz: int) -> None:
        self._outbox = outbox
        self._settings = settings
        self._rate_hz = rate_hz
        self._open: dict[str, list[int | None]] = {}
        """Item id to capture start and end of an utterance that is not yet committed."""
        self._silent: dict[str, None] = {}
        self.broken_speech: int | None = None
        """Capture position where the utterance began that a lost session left open."""
        self._broken_end = 0
        """Up to where any session that was lost had audio."""
        self._settled = 0
        """Capture end of the last committed turn."""
        self._parsed: tuple[float, int] | None = None
        """When a pong came that no later one confirmed yet, and the position that it proves."""

    def samples(self, milliseconds: int) -> int:
        """How many samples that many milliseconds of the line's audio are."""
        return milliseconds * self._rate_hz // 1000

    def _position(self, milliseconds: int, *, as_end: bool = False) -> int | None:
        return self._outbox.locate(self.samples(milliseconds), as_end=as_end)

    def is_open(self, item_id: str) -> bool:
        """Whether the utterance is one that was reported and not committed."""
        return item_id in self._open

    # What the server reports.

    def started(self, item_id: str, start_ms: int) -> None:
        """The user began to speak (E4)."""
        start = self._position(start_ms)
        self._open[item_id] = [start, None]
        if start is not None:
            self._outbox.consume_silence(start)

    def stopped(self, item_id: str, end_ms: int) -> None:
        """The user stopped (E5)."""
        self._open.setdefault(item_id, [None, None])[1] = self._position(end_ms, as_end=True)

    def timed_out(self, item_id: str, start_ms: int, end_ms: int) -> None:
        """The server will commit silence, to say something by itself (E9)."""
        self._open[item_id] = [self._position(start_ms), self._position(end_ms, as_end=True)]
        self._silent[item_id] = None

    def committed(self, item_id: str) -> Span | None:
        """The input buffer became an item (E6); gives what it holds: as reported, or up to the commit we asked for."""
        start, end = self._open.pop(item_id, (None, None))
        if end is None:
            mark = self._outbox.marks.answered()
            end = mark.position if mark is not None else self._outbox.cursor
        return self._hold(start, end)

    def added(self, item_id: str) -> Span | None:
        """An item stands in the conversation (E7): it holds its utterance, if the end of that was reported."""
        if self._open.get(item_id, [None, None])[1] is None:
            return None
        start, end = self._open.pop(item_id)
        assert end is not None
        return self._hold(start, end)

    def _hold(self, start: int | None, end: int) -> Span | None:
        if start is None:
            start = self._outbox.first_loose(self._settled)
        if start >= end:
            return None
        self._outbox.consume_silence(start)
        self._outbox.itemise(start, end)
        self._settled = end
        self.broken_speech = None
        return start, end

    def was_silence(self, item_id: str) -> bool:
        """Whether the item holds silence; asked once, when it is there."""
        if item_id not in self._silent:
            return False
        del self._silent[item_id]
        return True

    def cleared(self) -> None:
        """The input buffer was thrown away there."""
        self._open.clear()

    # What happens here.

    def clear(self) -> None:
        """The application throws the input buffer away."""
        self._outbox.clear()
        self.broken_speech = None

    def dropped(self) -> None:
        """The session is gone: an utterance that was not committed begins anew in the next one."""
        self.broken_speech = self._first_start(self.broken_speech)
        self._broken_end = max(self._broken_end, self._outbox.cursor)
        self._open.clear()
        self._silent.clear()
        self._parsed = None

    def parsed(self, position: int, now: float) -> None:
        """A pong came: the far end has parsed everything before the position."""
        if self._parsed is None:
            self._parsed = now, position
        elif now - self._parsed[0] >= _REPORT_SECONDS:
            self._read(self._parsed[1])
            self._parsed = now, position

    def _read(self, position: int) -> None:
        self._outbox.heard(position)
        if self.broken_speech is None:
            return
        # All that the lost session had was read again, and no speech was reported in it.
        if position >= self._broken_end + (self._margin() or 0):
            self.broken_speech = None

    def silent_until(self) -> int:
        """The capture position before which all that was heard, and is in no item, was silence."""
        margin = self._margin()
        if margin is None:
            return 0
        starts = [start for start, _ in self._open.values() if start is not None]
        if self.broken_speech is not None:
            starts.append(self.broken_speech)
        return min([self._outbox.read - margin, *starts])

    def _margin(self) -> int | None:
        padding_ms = self._settings.padding_ms()
        return None if padding_ms is None else self.samples(padding_ms + _REPORT_DELAY_MS)

    def _first_start(self, default: int | None) -> int | None:
        starts = [start for start, _ in self._open.values() if start is not None]
        return min(starts, default=default)

    # For a snapshot.

    def dump(self) -> dict[str, int | None]:
        """What the next session must know, as if this one were lost now."""
        return {
            "broken_speech": self._first_start(self.broken_speech),
            "broken_end": max(self._broken_end, self._outbox.cursor),
            "settled": self._settled,
        }

    def adopt(self, *, broken_speech: int | None, broken_end: int, settled: int) -> None:
        """Takes over what another process knew."""
        self.broken_speech = broken_speech
        self._broken_end = broken_end
        self._settled = settled
