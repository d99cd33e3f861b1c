"""One sample rate to another while the audio arrives, with less than 2 ms of delay.

Resamplers made for files hold back tens of milliseconds (soxr HQ: 23) for a transition that is
narrower than speech needs. This one is a linear-phase filter as long as 2 ms allow:

| lower rate      | delay         | flat within 0.1 dB | below -70 dB from    |
|-----------------|---------------|--------------------|----------------------|
| 8 kHz           | 1.91–1.94 ms  | to 3.6 kHz         | 4.4 kHz              |
| 16 kHz          | 1.93 ms       | to 7.2 kHz         | 8 kHz, the band's end |
| 24 kHz          | 1.28–1.29 ms  | to 10.8 kHz        | 12 kHz, the band's end |

At 8 kHz no linear-phase filter can be down at the band's end after 2 ms (it takes 3.5), so what is
between 4 and 4.4 kHz folds into 3.6 to 4 kHz, and nothing folds below. Audio that comes from a
network or a file at once is better served by soxr.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline import _native

if TYPE_CHECKING:
    from trunkline.audio.codec import Samples

__all__ = ["Resampler"]


class Resampler:
    """A stream on its way from one rate to another.

    The pieces the input comes in make no difference to the bit. Both rates are of 8000, 16000,
    24000, 44100 and 48000 Hz, and one of them is 8000 or 24000; a rate to itself changes nothing.
    Whoever owns the stream calls it, from one thread at a time.
    """

    __slots__ = ("_stream", "source_hz", "target_hz")

    def __init__(self, source_hz: int, target_hz: int) -> None:
        self._stream = _native.Resampler(source_hz, target_hz)
        self.source_hz = source_hz
        """Samples a second that come."""
        self.target_hz = target_hz
        """Samples a second that leave."""

    @property
    def delay_ms(self) -> float:
        """How much later than it came audio leaves; the same for all frequencies."""
        return self._stream.delay_ms

    def feed(self, pcm: Samples) -> bytes:
        """Takes samples, as the codec does, and gives the pcm that is certain by now.

        Raises CodecError for what are no whole samples; nothing is taken then.
        """
        return self._stream.feed(pcm)

    def flush(self) -> bytes:
        """The filter's tail, twice the delay long; a new stream may begin afterwards.

        Empty if nothing came.
        """
        return self._stream.flush()

    def reset(self) -> None:
        """Forgets what came, to begin a new stream."""
        self._stream.flush()
