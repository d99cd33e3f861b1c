"""A microphone beside a loudspeaker: half duplex, with a way in for whoever speaks up.

The problem: without headphones the microphone hears the answer, the server takes that for a user who speaks, and the
model interrupts itself.

The plain way is to mute the microphone while something plays. Then nobody can interrupt, and what follows the answer is
muted too soon or too late, since a loudspeaker is heard later than it is given and a room later still.

Our way: the gate goes by when samples are heard, and by a tail behind that. Blocks become silence of the same length,
so the server's clock of the turn goes on. Meanwhile it learns how loud the echo is beside what is played
(`coupling_db`, five sixths of the blocks are below), and opens for a voice that is clearly louder than that. It
begins by believing that the echo is as loud as what is played, and learns 10 dB a second: it would rather miss an
interruption in the first seconds than let the model interrupt itself. It goes on learning while it is open, so that a
loudspeaker that was turned up closes it again.

Left out on purpose: subtracting the echo (`devices.echo.EchoCanceller` does), spectra, and telling voices from noise.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from trunkline.audio.fade import faded_in
from trunkline.audio.format import PCM_24K
from trunkline.audio.level import Meter

__all__ = ["EchoGate"]

_TAIL = 0.25
"""Seconds: a living room's echo is 40 dB down by then (RT60 of 0.4 s)."""
_EARLY = 0.04
"""Devices know their own latency to some ten milliseconds; an echo must not come before the gate is closed."""
_AUDIBLE_DBFS = -60.0
"""What is fainter is no speech, and its echo is below any detection of voice."""
_DECAY_DB = 100.0
"""How much an echo loses in a second at least, in a room that is not a hall."""
_COUPLING_DB = 0.0
_MARGIN_DB = 9.0
"""Of 9534 blocks of echo in twelve rooms (benches/echo.py) 118 pass with 3 dB, 34 with 6, 13 with 9 and 12."""
_NEAR_DBFS = -50.0
"""Nobody who wants to interrupt is fainter."""
_LEARN_DB = 10.0
"""A second; upwards five times as fast, which is what makes it settle above five sixths of the blocks."""
_RISE = 5.0
_LEARNABLE_DBFS = -45.0
"""Fainter sound is not what the echo is made of, but what the room does anyway."""
_COUPLINGS_DB = (-60.0, 20.0)
_PROOF = 0.06
"""Seconds a voice must be loud for: a click or a door is shorter."""
_HOLD = 0.4
"""It stays open for so long behind the last loud block: words have gaps."""


class _Heard(NamedTuple):
    begins: float
    ends: float
    dbfs: float


class EchoGate:
    """`played` may be called in the loudspeaker's thread, `clean` in another; times are of one clock."""

    def __init__(self) -> None:
        self._given: deque[_Heard] = deque()
        self._heard: deque[_Heard] = deque()
        self._far_meter, self._near_meter = Meter(), Meter()
        self._loud = 0.0
        self._open_until = 0.0
        self._was_closed = False
        self.coupling_db = _COUPLING_DB
        """How loud the echo is beside what is played, as far as is known."""
        self.is_closed = False
        """Whether the last block was replaced by silence."""

    def played(self, pcm: bytes, heard_at: float) -> None:
        """The loudspeaker plays this from that time on."""
        ends = heard_at + len(pcm) / 2 / PCM_24K.rate_hz
        self._far_meter.take(pcm)
        self._given.append(_Heard(heard_at, ends, self._far_meter.level().rms_dbfs))

    def clean(self, pcm: bytes, at: float) -> bytes:
        """What a microphone captured from that time on, or as much silence."""
        seconds = len(pcm) / 2 / PCM_24K.rate_hz
        far = self._loudest(at, at + seconds)
        self._near_meter.take(pcm)
        near = self._near_meter.level().rms_dbfs
        was_closed, self.is_closed = self.is_closed, self._closes(far, near, at, seconds)
        if self.is_closed:
            return bytes(len(pcm))
        return faded_in(pcm) if was_closed else pcm

    def _loudest(self, begins: float, ends: float) -> float | None:
        """How loud the loudest of what may be heard meanwhile was, less what its echo has lost since."""
        while self._given:
            self._heard.append(self._given.popleft())
        while self._heard and self._heard[0].ends < begins - _TAIL:
            self._heard.popleft()
        return max(
            (
                heard.dbfs - _DECAY_DB * max(0.0, begins - heard.ends)
                for heard in self._heard
                if heard.begins < ends + _EARLY and heard.dbfs > _AUDIBLE_DBFS
            ),
            default=None,
        )

    def _closes(self, far: float | None, near: float, at: float, seconds: float) -> bool:
        if far is None:
            self._loud = 0.0
            return False
        is_loud = near > max(far + self.coupling_db + _MARGIN_DB, _NEAR_DBFS)
        self._loud = self._loud + seconds if is_loud else 0.0
        if self._loud > _PROOF - 1e-6:
            self._open_until = at + seconds + _HOLD
        self._learn(near - far, far, seconds)
        return at >= self._open_until

    def _learn(self, ratio_db: float, far: float, seconds: float) -> None:
        if far < _LEARNABLE_DBFS:
            return
        step = _LEARN_DB * seconds * (_RISE if ratio_db > self.coupling_db else -1.0)
        low, high = _COUPLINGS_DB
        self.coupling_db = min(high, max(low, self.coupling_db + step))
