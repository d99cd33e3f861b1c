"""What a stream of pcm is made of, and how samples, milliseconds and bytes convert.

Every conversion that is not exact rounds down: a duration that is told to a server must never
include audio that was not there. So `ms_of_samples(samples_of_ms(ms))` may be less than `ms` at a
rate that is not a multiple of 1000 Hz, and is equal to it at 24 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass

from trunkline.errors import CodecError

__all__ = ["PCM_24K", "AudioFormat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFormat:
    """One channel of audio at a constant rate."""

    name: str
    """The media type in a session's configuration."""
    rate_hz: int
    """Samples a second."""
    bytes_per_sample: int
    """Size of one sample on the wire, before base64."""

    def samples_of_ms(self, ms: int) -> int:
        """Whole samples in that time, rounded down."""
        return ms * self.rate_hz // 1000

    def ms_of_samples(self, samples: int) -> int:
        """Whole milliseconds that these samples last, rounded down."""
        return samples * 1000 // self.rate_hz

    def bytes_of_samples(self, samples: int) -> int:
        """Bytes that hold these samples; exact."""
        return samples * self.bytes_per_sample

    def samples_of_bytes(self, count: int) -> int:
        """Samples that so many bytes hold; exact.

        Raises CodecError if the last sample is cut, with the offset of its first byte.
        """
        samples, over = divmod(count, self.bytes_per_sample)
        if over:
            reason = f"audio ends inside a sample of {self.bytes_per_sample} bytes"
            raise CodecError(reason, count - over)
        return samples

    def bytes_of_ms(self, ms: int) -> int:
        """Bytes of the whole samples in that time, rounded down to a sample."""
        return self.bytes_of_samples(self.samples_of_ms(ms))

    def ms_of_bytes(self, count: int) -> int:
        """Whole milliseconds that so many bytes last, rounded down.

        Raises CodecError if the last sample is cut.
        """
        return self.ms_of_samples(self.samples_of_bytes(count))


PCM_24K = AudioFormat(name="audio/pcm", rate_hz=24_000, bytes_per_sample=2)
"""The protocol's default: 48 bytes a millisecond, and every one a whole number of samples."""
