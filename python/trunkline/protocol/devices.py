"""What the application tells of its microphone and its speaker, and what an operator wishes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.protocol import observations as seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trunkline.protocol.drains import Drains
    from trunkline.protocol.entry import Entry
    from trunkline.protocol.ledger import Ledger
    from trunkline.protocol.observations import Observation

__all__ = ["Devices"]

# An application that plays tells so many times a second; one that has not for so long was stopped without a word.
_PLAYS_FOR = 2.0


class Devices:
    """Both ends of one line's audio; the connection, the reception and the client call it."""

    def __init__(self, ledger: Ledger, drains: Drains) -> None:
        self._ledger = ledger
        self._drains = drains
        self.changed: Callable[[], None] = lambda: None
        """Called before it is muted, or no longer."""
        self.is_muted = False
        """Whether silence is sent in place of what the microphone gives."""
        self._item_id = ""
        """Of the answer that is being played, as the application calls it."""
        self._entry: Entry | None = None
        self._last: Entry | None = None
        """The answer whose end was told last: what is still told of it does not begin it again."""
        self._heard = 0
        self._grew_at = 0.0

    # The microphone.

    def mute(self, *, on: bool, now: float) -> None:
        """From here on silence is sent, or no longer."""
        if on != self.is_muted:
            self.changed()
            self.is_muted = on
            self._tell(seen.Muted(at=now, epoch=self._drains.epoch, on=on))

    def overran(self, lost_ms: float, now: float) -> None:
        """The microphone lost audio before the line got it."""
        self._tell(seen.CaptureOverrun(at=now, epoch=self._drains.epoch, lost_ms=lost_ms))

    # The speaker.

    def sampled(
        self,
        buffered_ms: float,
        underruns: int,
        *,
        target_ms: float | None,
        underrun_ms: float,
        now: float,
    ) -> None:
        """How the playout stands."""
        self._tell(
            seen.PlayoutSampled(
                at=now,
                epoch=self._drains.epoch,
                buffered_ms=buffered_ms,
                underruns=underruns,
                target_ms=target_ms,
                underrun_ms=underrun_ms,
            )
        )

    def played(self, item_id: str, heard: int, now: float) -> None:
        """So much of an answer was played, in all."""
        self._tell(
            seen.AudioHeard(at=now, epoch=self._drains.epoch, item_id=item_id, samples=heard)
        )
        entry = self._ledger.get(item_id)
        if entry is not self._entry:
            if not heard or entry is self._last:
                return
            self._begin(item_id, entry, heard, now)
        if heard > self._heard:
            self._heard, self._grew_at = heard, now
        self.look(now)

    def _begin(self, item_id: str, entry: Entry | None, heard: int, now: float) -> None:
        # Whatever was played before is not played any more.
        self._end(now, cut=self._is_short())
        self._item_id, self._entry, self._heard = item_id, entry, 0
        self._tell(
            seen.PlayStarted(at=now, epoch=self._drains.epoch, item_id=item_id, samples=heard)
        )

    def _is_short(self) -> bool:
        """Whether more of the answer came than was played, or it was cut to what was."""
        entry = self._entry
        return entry is not None and (entry.cut or self._heard < entry.received_samples)

    def look(self, now: float) -> None:
        """Tells the end of an answer that was played to its end."""
        if self._entry is not None and self._entry.complete and not self._is_short():
            self._end(now, cut=False)

    def stopped(self, item_id: str, now: float) -> None:
        """The application knows that it must stop playing the answer, or the server has cut it."""
        if self._entry is not None and self._ledger.get(item_id) is self._entry:
            self._end(now, cut=True)

    def plays_until(self) -> float | None:
        """Until when the application plays, as far as it tells; None if it does not."""
        return None if self._entry is None else self._grew_at + _PLAYS_FOR

    def _end(self, now: float, *, cut: bool) -> None:
        if self._entry is not None:
            self._last, self._entry = self._entry, None
            stopped = seen.PlayStopped(
                at=now, epoch=self._drains.epoch, item_id=self._item_id, cut=cut
            )
            self._tell(stopped)

    def _tell(self, fact: Observation) -> None:
        self._drains.observations.append(fact)
