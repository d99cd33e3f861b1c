"""Whether the peer is still there.

The problem: TCP reports a dead peer after minutes. The plain way, a ping whose pong is awaited, fails
twice: written behind a full buffer it waits for that buffer instead of the pong (959 s measured on a link
that streams audio into a black hole), and on a slow but living link it gives up on a peer that is busy
taking our audio.

Our way: pings are written without waiting for anything, and death needs two signs. A link is dead if the
oldest unanswered ping is older than T, and for T + 0.7 s nothing was received and the kernel saw no
acknowledgement of our bytes; or if that ping is older than 3 T whatever else moves, since a frozen
process keeps an acknowledging kernel. T = clamp(4 * srtt + 2 s, 2.5 s, 10 s). Where the kernel tells nothing
about acknowledgements, T is at least 5 s. The 0.7 s are for a stall of 2 s: the kernel tries again up to a second
after its end. They cost nothing where audio flows, since the ping that waits is up to a second younger than the
last sign.

Time in which nobody listened is no silence: when the event loop was blocked, what had come is read first,
and the ages are counted without the block (`excuse`).

And what came and was not read is no silence either. A loop that has more to do than it can reads late, and a pong waits
behind seconds of audio: links that live must not be left for that, least of all by a process that has too much to do
already. While anything waits unread nothing is silent, and a ping has had its 3 T only once all that had come by then
was read without its pong (`waits`). That ends after a minute: by then a new link is of more use than this one.

Left out: any action. The connection asks `is_dead` and ends the link by abort, not by a close handshake that
would wait for the peer that is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Liveness"]

_BUSY_INTERVAL = 1.0
_IDLE_INTERVAL = 5.0
# Silence beyond T: the kernel's next retransmission after a stall of 2 s (at most 1 s apart, see `transports/tcp.py`),
# and its round trip: 2 + 1 + 0.1 s, with a little to spare.
_RETRANSMISSION = 0.7
# Audio counts as flowing until this long after the last chunk: longer than any chunk, shorter than a ping interval.
_BUSY_FOR = 1.0
# How long after what was not read was asked about it is asked about again, and for how long in all.
_ASKS_AGAIN = 0.25
_LONGEST_WAIT = 60.0
# Event loops round what a timer waits for to a millisecond.
_EARLY = 0.001


@dataclass(slots=True)
class _Ping:
    written_at: float
    counted_from: float
    """Later than that by the time in which nobody listened."""
    is_late: bool = False
    """Whether it was counted by `overdue`."""


@dataclass(slots=True, kw_only=True)
class Liveness:
    """The watch over one link; made anew for each epoch."""

    now: float
    """When the link was opened."""
    phase: float | None = None
    """At which part of a second it pings while audio flows: else links that were opened together go on together."""
    srtt: float | None = field(default=None, init=False)
    """Smoothed round trip in seconds, with the weights of RFC 6298."""
    received_at: float = field(init=False)
    """When anything arrived last."""
    _progress_at: float = field(init=False)
    _acked_bytes: int | None = field(default=None, init=False)
    audio_at: float = field(default=float("-inf"), init=False)
    """When audio was sent last."""
    pinged_at: float = field(default=float("-inf"), init=False)
    """When a ping was written last, or the moment of its phase before that."""
    _waits_until: float = field(default=float("-inf"), init=False)
    """Before that nobody can say that the peer is silent."""
    _due_bytes: int | None = field(default=None, init=False)
    """How much had come when the oldest ping had waited for 3 T; None if none has."""
    _pending: dict[bytes, _Ping] = field(default_factory=dict, init=False)
    _count: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.received_at = self.now
        self._progress_at = self.now

    def threshold(self) -> float:
        """T of the prologue, in seconds."""
        least = 2.5 if self._acked_bytes is not None else 5.0
        return min(max(4 * (self.srtt or 0.0) + 2.0, least), 10.0)

    def received(self, now: float) -> None:
        """Any frame arrived, pings and pongs included."""
        self.received_at = now

    def sent_audio(self, now: float) -> None:
        """Audio was handed to the link: pings come faster while it flows."""
        self.audio_at = now

    def progress(self, acked_bytes: int, now: float) -> None:
        """What the kernel knows of our bytes that the peer acknowledged."""
        if acked_bytes != self._acked_bytes:
            self._progress_at = now
        self._acked_bytes = acked_bytes

    def ping(self, now: float) -> bytes:
        """The payload of the ping that must be written now."""
        self._count += 1
        payload = self._count.to_bytes(4, "big")
        self._pending[payload] = _Ping(now, now)
        self.pinged_at = now if self.phase is None else self._moment(now)
        return payload

    def _moment(self, now: float) -> float:
        """The last one of the phase; a loop may come to it a little early."""
        assert self.phase is not None
        return min(now, now + _EARLY - (now + _EARLY - self.phase) % _BUSY_INTERVAL)

    def pong(self, payload: bytes, now: float) -> float | None:
        """The round trip in seconds; None if no such ping is pending (RFC 6455 §5.5.3 allows that)."""
        self.received(now)
        answered = self._pending.pop(payload, None)
        if answered is None:
            return None
        self._due_bytes = None
        # A pong answers all pings before it.
        written_at = answered.written_at
        self._pending = {
            key: ping for key, ping in self._pending.items() if ping.written_at > written_at
        }
        rtt = now - written_at
        if answered.counted_from == written_at:
            self._smooth(rtt)
        return rtt

    def _smooth(self, rtt: float) -> None:
        self.srtt = rtt if self.srtt is None else self.srtt + (rtt - self.srtt) / 8

    def excuse(self, seconds: float) -> None:
        """Nobody listened for so long: that silence is ours, and a round trip across it says nothing."""
        self.received_at += seconds
        self._progress_at += seconds
        for ping in self._pending.values():
            ping.counted_from += seconds

    def waits(self, received_bytes: int | None, unread_bytes: int, now: float) -> None:
        """So much has come, if the kernel tells, and so much of it was not read; ask before the peer is judged."""
        if not (self._pending and unread_bytes):
            return
        oldest = self._oldest()
        if now >= oldest + 3 * self.threshold():
            if received_bytes is None:
                return
            if self._due_bytes is None:
                self._due_bytes = received_bytes
            if received_bytes - unread_bytes >= self._due_bytes:
                return
        self._waits_until = min(now + _ASKS_AGAIN, oldest + _LONGEST_WAIT)

    def heard_since(self, at: float) -> bool:
        """Whether anything arrived after that moment."""
        return self.received_at > at

    def overdue(self, now: float) -> int:
        """How many more pings wait for longer than the threshold; each is counted once."""
        patience = self.threshold()
        late = [
            ping
            for ping in self._pending.values()
            if not ping.is_late and now - ping.counted_from >= patience
        ]
        for ping in late:
            ping.is_late = True
        return len(late)

    def ping_at(self) -> float:
        """When the next ping is due."""
        return self.pinged_at + (_BUSY_INTERVAL if self.is_busy() else _IDLE_INTERVAL)

    def soonest_ping_at(self) -> float:
        """When the next ping is due if audio flows from now on."""
        return self.pinged_at + _BUSY_INTERVAL

    def is_busy(self) -> bool:
        """Whether audio has flowed since the last ping; if not, the next audio makes another due earlier."""
        return self.audio_at + _BUSY_FOR >= self.soonest_ping_at()

    def check_at(self) -> float:
        """When death may first be found, if nothing more is heard."""
        if not self._pending:
            return float("inf")
        oldest, patience = self._oldest(), self.threshold()
        sign = max(self.received_at, self._progress_at)
        silent = max(oldest + patience, sign + patience + _RETRANSMISSION)
        return max(min(silent, oldest + 3 * patience), self._waits_until)

    def _oldest(self) -> float:
        return min(ping.counted_from for ping in self._pending.values())

    def looks_at(self, *, pings: bool = True) -> float:
        """When something is due: the question whether the peer is dead, and, of `pings`, the next one."""
        if not pings:
            return self.check_at()
        ping_at = self.ping_at()
        # Asked after every input, and mostly no ping is on its way.
        return min(ping_at, self.check_at()) if self._pending else ping_at

    def is_dead(self, now: float) -> bool:
        """The two-condition rule of the prologue."""
        return now >= self.check_at()
