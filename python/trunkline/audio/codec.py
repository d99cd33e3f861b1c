"""Samples to wire text and back, one call each way.

Samples may be pcm (bytes, bytearray, a memoryview of bytes) or a one-dimensional contiguous array
of little-endian int16, or of float32 in [-1, 1]. Floats are scaled by 32768, rounded half to even
and clipped; NaN becomes silence. Only bytes and str are read in place. Anything else is copied
piece by piece and only the copies are looked at, so a buffer that another thread writes to
meanwhile gives old or new samples, but never a broken message.

`append_message` writes the finished `input_audio_buffer.append` message with one allocation of the exact
size; no samples make a valid, empty one. `event_id` is written as it is, so it must be 1 to 512 printable
ASCII characters without quote or backslash. A `law` makes it the message of a G.711 session. A `meter`
measures what is sent on its way. `append_frame` gives the message as a whole WebSocket frame of a client,
masked with a `key` of 4 bytes that nobody can guess (RFC 6455 §10.3), and `text_frame` does so for any text.

Everything here raises CodecError for input that cannot be converted: with the offset of the first
bad byte where there is one, else with what was met and what would do.

numpy is imported when the first array is asked for, and not by importing this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import orjson

from trunkline import _native
from trunkline._native import (
    Base64Decoder,
    Base64Encoder,
    Delta,
    append_frame,
    append_message,
    backend,
    backends,
    build_profile,
    decode,
    decode_floats,
    decode_samples,
    encode,
    text_frame,
    to_pcm,
    use_backend,
)
from trunkline._native import read_delta as read_delta_fast
from trunkline.audio.format import PCM_24K
from trunkline.audio.level import Level, Meter
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
    "Law",
    "Meter",
    "append_frame",
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
    "text_frame",
    "to_pcm",
    "use_backend",
]

Law: TypeAlias = Literal["ulaw", "alaw"]
"""Which of G.711's compandings: `trunkline.audio.g711`."""

_DELTA_TYPES = frozenset({"response.output_audio.delta", "response.audio.delta"})
_INDEX_LIMIT = 2**32


def append_messages(samples: Samples, *, chunk_ms: int, law: Law | None = None) -> list[bytes]:
    """A long recording as append messages of `chunk_ms` each, the last one shorter.

    At 24 kHz, or with a law at 8 kHz. No samples make no message. `chunk_ms` is at least 1; 20 to
    100 is what the API recommends.
    """
    if chunk_ms < 1:
        raise CodecError("chunk_ms must be at least 1")
    rate_hz = PCM_24K.rate_hz if law is None else 8_000
    return _native.append_messages(samples, chunk_ms * rate_hz // 1000, law=law)


def level(samples: Samples) -> Level:
    """RMS, peak and clipping of the samples, after conversion to int16: as they are sent."""
    meter = Meter()
    meter.take(samples)
    return meter.level()


def read_delta(message: str | bytes, *, law: Law | None = None) -> Delta | None:
    """The audio delta that this message is, or None if it is another message, or not JSON.

    In a G.711 session `law` names its coding; the delta has pcm all the same. The common shapes
    are read without a JSON parser, all others with one; the result is the same. Raises CodecError
    as `delta_from_event` does.
    """
    found = read_delta_fast(message, law=law)
    if found is not None:
        return found
    try:
        event = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    return delta_from_event(event, law=law) if isinstance(event, dict) else None


def delta_from_event(event: Mapping[str, Any], *, law: Law | None = None) -> Delta | None:
    """The audio delta that this parsed event is, by its GA or beta name, or None if it is another.

    Raises CodecError if a field is missing or of the wrong kind, and if `delta` is not strict
    base64 of whole samples; the offset is then that of the first bad symbol in `delta`.
    """
    if event.get("type") not in _DELTA_TYPES:
        return None
    text = _string(event, "delta")
    pcm = decode(text, law=law)
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
