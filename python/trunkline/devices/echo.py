"""What is done about the loudspeaker being heard by the microphone: nothing, half duplex, or an echo canceller.

Give `Player.on_played` the `played` of one of these, and each block of the microphone to its `clean` before the line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from trunkline.audio.echo_gate import EchoGate
from trunkline.audio.far_end import FarEnd
from trunkline.devices.base import RATE_HZ
from trunkline.errors import MediaError

if TYPE_CHECKING:
    from trunkline.devices.base import Block

__all__ = ["Echo", "EchoCanceller", "HalfDuplex", "NoEcho"]

_FRAME_SAMPLES = 240
"""10 ms: the only length that WebRTC's audio processing takes."""
_LEAD = 0.03
"""How much earlier than its echo the reference is given, in seconds. Devices tell their latency with an error; an echo
that comes before its reference is not cancelled at all; one that comes up to 250 ms later is (benches/echo.py). What
is played must be known by then: it is where both devices' latencies together are 50 ms or more."""


class Echo(Protocol):
    """What all of them do; `played` is called in the loudspeaker's thread, `clean` in the event loop."""

    def played(self, pcm: bytes, heard_at: float) -> None:
        """The loudspeaker plays this from that time on, silence included."""
        ...

    def clean(self, block: Block) -> Block:
        """The block as the line may have it: as long, and captured at the same time."""
        ...


class NoEcho:
    """For headphones: what the microphone gives is what the line gets."""

    def played(self, pcm: bytes, heard_at: float) -> None:
        """Is of no interest."""

    def clean(self, block: Block) -> Block:
        """The same block."""
        return block


class HalfDuplex:
    """Silence while the answer is heard, unless somebody speaks up (`audio.echo_gate`): works everywhere."""

    def __init__(self) -> None:
        self._gate = EchoGate()

    @property
    def is_closed(self) -> bool:
        """Whether the last block was replaced by silence."""
        return self._gate.is_closed

    def played(self, pcm: bytes, heard_at: float) -> None:
        """The loudspeaker plays this from that time on."""
        self._gate.played(pcm, heard_at)

    def clean(self, block: Block) -> Block:
        """The block, or as much silence."""
        return replace(block, pcm=self._gate.clean(block.pcm, block.at))


class EchoCanceller:
    """The echo is subtracted, so that both may speak at once: WebRTC's canceller (AEC3), from the extra `aec`.

    Costs some 0.5 ms of the event loop for each block of 20 ms, and delays what it gives by 9 ms inside the block.
    """

    def __init__(self) -> None:
        """Raises MediaError if the package is missing."""
        self._frame, self._processing = _library()
        self._far = FarEnd()

    def played(self, pcm: bytes, heard_at: float) -> None:
        """The loudspeaker plays this from that time on."""
        self._far.give(pcm, heard_at)

    def clean(self, block: Block) -> Block:
        """The block without its echo; a last one that is short is processed as if silence followed."""
        cleaned = bytearray()
        for start in range(0, len(block.pcm), 2 * _FRAME_SAMPLES):
            near = block.pcm[start : start + 2 * _FRAME_SAMPLES].ljust(2 * _FRAME_SAMPLES, b"\0")
            cleaned += self._cleaned(near, block.at + start / 2 / RATE_HZ)
        return replace(block, pcm=bytes(cleaned[: len(block.pcm)]))

    def _cleaned(self, near: bytes, at: float) -> bytes:
        far = self._far.take(at + _LEAD, _FRAME_SAMPLES)
        self._processing.process_reverse_stream(self._framed(far))
        self._processing.set_stream_delay_ms(round(1000 * _LEAD))
        frame = self._framed(near)
        self._processing.process_stream(frame)
        return bytes(frame.data.cast("B"))

    def _framed(self, pcm: bytes) -> Any:
        return self._frame(bytearray(pcm), RATE_HZ, 1, _FRAME_SAMPLES)


def _library() -> tuple[Any, Any]:
    """The class of a frame, and an audio processing of its own."""
    try:
        from livekit import rtc  # noqa: PLC0415 - an extra, and 30 MB of library
    except ImportError:
        advice = "cancelling needs the extra 'aec': pip install 'trunkline[aec]'"
        raise MediaError("echo", advice) from None
    # The high-pass takes away what a microphone picks up by its stand. No gain control: a server's detection of voice
    # has a threshold of its own, and no noise suppression, which models are trained to do without.
    processing = rtc.AudioProcessingModule(echo_cancellation=True, high_pass_filter=True)
    return rtc.AudioFrame, processing
