"""How reply audio arrives: the gaps between deltas, their jitter, and how far they are ahead of the speaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline.audio.arrivals import follow_arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trunkline.protocol.compound_facts import DeltaPassed
    from trunkline.protocol.observations import AudioReceived, PlayStarted

__all__ = ["Delivery"]


class Delivery:
    """Follows the audio deltas of one answer after another.

    Gap: from one delta to the next of the same response. Jitter: the filter of RFC 3550 §A.8, where transit is arrival
    less media position. Lead: `(first play + audio before) - arrival`; below 0 the speaker would have starved. Servers
    send faster than real time, so the jitter is large by design, and the lead is what counts.
    """

    __slots__ = (
        "_at",
        "_before",
        "_item",
        "_last_samples",
        "_played_from",
        "_playing",
        "_rate_hz",
        "_response",
        "gaps",
        "jitter",
        "lead_least",
    )

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._response = ""
        self._item = ""
        self._playing = ""
        self._played_from: float | None = None
        self._at: float | None = None
        """When the last delta of this answer came."""
        self._last_samples = 0
        self._before = 0
        self.gaps: list[int] = []
        """Buckets of the histogram, since they were last taken."""
        self.jitter: float | None = None
        """Seconds; None before two deltas of an answer."""
        self.lead_least: float | None = None
        """Seconds, since it was last taken; None where nothing was played."""

    def received(self, fact: AudioReceived | DeltaPassed) -> None:
        """A delta came."""
        self.arrived(fact.response_id, fact.item_id, (fact.at,), (fact.samples,))

    def arrived(
        self, response_id: str, item_id: str, times: Sequence[float], samples: Sequence[int]
    ) -> None:
        """Deltas of an item came: when, and how many samples each."""
        if response_id != self._response:
            # There is no gap before the first.
            self._response, self._at = response_id, None
        if item_id != self._item:
            self._item, self._before = item_id, 0
        self._lead(times, samples)
        before = None if self._at is None else (self._at, self._last_samples)
        gaps, self.jitter = follow_arrivals(
            times, samples, before=before, jitter=self.jitter, rate_hz=self._rate_hz
        )
        self.gaps += gaps
        self._at, self._last_samples = times[-1], samples[-1]

    def _lead(self, times: Sequence[float], samples: Sequence[int]) -> None:
        """How far they are ahead of the speaker."""
        if self._played_from is None or self._playing != self._item:
            self._before += sum(samples)
            return
        for at, count in zip(times, samples, strict=True):
            lead = self._played_from + self._before / self._rate_hz - at
            if self.lead_least is None or lead < self.lead_least:
                self.lead_least = lead
            self._before += count

    def play_started(self, fact: PlayStarted) -> None:
        """An answer is heard; when its first sample was follows from how much of it was played by then."""
        self._playing = fact.item_id
        self._played_from = fact.at - fact.samples / self._rate_hz

    def play_stopped(self) -> None:
        """Nothing is heard any more."""
        self._played_from = None

    def take(self) -> tuple[list[int], float | None]:
        """The gaps and the least lead since this was last asked."""
        taken = self.gaps, self.lead_least
        self.gaps, self.lead_least = [], None
        return taken
