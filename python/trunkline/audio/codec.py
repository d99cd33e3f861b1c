"""Samples to wire text and back, one call each way.

Samples may be pcm (bytes, bytearray, a memoryview of bytes) or a one-dimensional contiguous array
of little-endian int16, or of float32 in [-1, 1]. Floats are scaled by 32768, rounded half to even
and clipped; NaN becomes silence. Only bytes and str are read in place. Anything else is copied
before it is looked at, so a buffer that another thread writes to meanwhile gives old or new
samples, but never a broken message.

Everything here raises CodecError for input that cannot be converted: with the offset of the first
bad byte where there is one, else with what was met and what would do.

numpy is imported when the first array is asked for, and not by importing this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from trunkline import _native
from trunkline._native import (
    Base64Decoder,
    Base64Encoder,
    Delta,
    backend,
    backends,
    build_profile,
    decode,
    decode_floats,
    decode_samples,
    encode,
    to_pcm,
    use_backend,
)
from trunkline._native import read_delta as read_delta_fast
from trunkline.audio.format import PCM_24K
from trunkline.audio.level import Level
from trunkline.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Buffer

    # An array is a Buffer to a type checker from Python 3.12 on only.
    Samples = Buffer | npt.NDArray[np.int16] | npt.NDArray[np.float32]

__all__ = [
    "Base64Decoder",
    "Base64Encoder",
    "Delta",
    "append_message",
    "append_messages",
    "backend",
    "backends",
    "build_profile",
    "decode",
    "decode_floats",
    "decode_samples",
    "delta_from_event",
    "encode",
    "level",
    "read_delta",
    "read_delta_fast",
    "to_pcm",
    "use_backend",
]

_DELTA_TYPES = frozenset({"response.output_audio.delta", "response.audio.delta"})
_INDEX_LIMIT = 2**32


def append_message(samples: Samples, *, event_id: str | None = None) -> bytes:
    """The finished `input_audio_buffer.append` message, ready to be sent as text.

    No samples make a valid message with empty audio. `event_id` must be 1 to 512 printable ASCII
    characters without quote or backslash: it is written as it is. One allocation, of the exact
    size.
    """
    return _native.append_message(samples, event_id)


def append_messages(samples: Samples, *, chunk_ms: int) -> list[bytes]:
    """A long recording at 24 kHz as append messages of `chunk_ms` each, the last one shorter.

    No samples make no message. `chunk_ms` is at least 1; 20 to 100 is what the API recommends.
    """
    if chunk_ms < 1:
        raise CodecError("chunk_ms must be at least 1")
    return _native.append_messages(samples, PCM_24K.samples_of_ms(chunk_ms))


def level(samples: Samples) -> Level:
    """RMS, peak and clipping of the samples, after conversion to int16: as they are sent."""
    rms, peak, clipped, count = _native.level(samples)
    return Level(rms=rms, peak=peak, clipped=clipped, samples=count)


def read_delta(message: str | bytes) -> Delta | None:
    """The audio delta that this message is, or None if it is another message, or not JSON.

    The common shapes are read without a JSON parser, all others with one; the result is the same.
    Raises CodecError as `delta_from_event` does.
    """
    found = read_delta_fast(message)
    if found is not None:
        return found
    try:
        event = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    return delta_from_event(event) if isinstance(event, dict) else None


def delta_from_event(event: Mapping[str, Any]) -> Delta | None:
    """The audio delta that this parsed event is, by its GA or beta name, or None if it is another.

    Raises CodecError if a field is missing or of the wrong kind, and if `delta` is not strict
    base64 of whole samples; the offset is then that of the first bad symbol in `delta`.
    """
    if event.get("type") not in _DELTA_TYPES:
        return None
    text = _string(event, "delta")
    pcm = decode(text)
    if len(pcm) % 2:
        # The symbol in which the last byte begins: three bytes are four symbols.
        raise CodecError("audio delta ends inside a sample of 2 bytes", (len(pcm) - 1) * 4 // 3)
    return Delta(
        event_id=_string(event, "event_id"),
        response_id=_string(event, "response_id"),
        item_id=_string(event, "item_id"),
        output_index=_index(event, "output_index"),
        content_index=_index(event, "content_index"),
        pcm=pcm,
    )


def _string(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    if isinstance(value, str):
        return value
    raise CodecError(f"audio delta without the string {key}")


def _index(event: Mapping[str, Any], key: str) -> int:
    value = event.get(key)
    # bool is an int to isinstance, and true is not an index.
    if type(value) is int and 0 <= value < _INDEX_LIMIT:
        return value
    raise CodecError(f"audio delta without the index {key}")
