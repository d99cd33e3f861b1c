"""Pieces of pcm of any size, as chunks of one size."""

from __future__ import annotations

from trunkline.errors import CodecError

__all__ = ["Chunker"]

_SAMPLE_BYTES = 2


class Chunker:
    """Cuts a stream of pcm into chunks of exactly `chunk_samples`, however it arrives.

    The chunks joined are the stream: nothing is dropped, doubled or padded. A piece may end inside
    a sample. One thread at a time; usually the one that reads the microphone.
    """

    __slots__ = ("_chunk_bytes", "_held")

    def __init__(self, chunk_samples: int) -> None:
        if chunk_samples < 1:
            raise CodecError("a chunk must have at least one sample")
        self._chunk_bytes = chunk_samples * _SAMPLE_BYTES
        self._held = b""

    @property
    def held_bytes(self) -> int:
        """Bytes that wait for the rest of their chunk; always less than a chunk."""
        return len(self._held)

    def feed(self, pcm: bytes | bytearray | memoryview) -> list[bytes]:
        """Takes a piece of any size, even an odd one, and gives the chunks that are full by now.

        Cost: one copy; none if the piece is bytes, exactly a chunk, and nothing is held.
        """
        if not self._held and len(pcm) == self._chunk_bytes and isinstance(pcm, bytes):
            return [pcm]
        stream = b"".join((self._held, pcm))
        size = self._chunk_bytes
        end = len(stream) - len(stream) % size
        self._held = stream[end:]
        return [stream[start : start + size] for start in range(0, end, size)]

    def flush(self) -> bytes:
        """The rest, shorter than a chunk and perhaps empty; the chunker is as new afterwards.

        Raises CodecError if the stream ends inside a sample; the rest is kept then.
        """
        over = len(self._held) % _SAMPLE_BYTES
        if over:
            raise CodecError("audio ends inside a sample of 2 bytes", len(self._held) - over)
        rest, self._held = self._held, b""
        return rest
