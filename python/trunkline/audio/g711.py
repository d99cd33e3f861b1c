"""G.711, as telephone lines carry it: `audio/pcmu` (µ-law) and `audio/pcma` (A-law).

Samples are what `trunkline.audio.codec` takes, at 8000 Hz; a code is one byte of a sample. Bits are
those of ITU-T's reference program (G.191): the low bits that a law cannot tell are cut off and a
negative sample counts by its one's complement. `audioop.lin2alaw` agrees everywhere;
`audioop.lin2ulaw` takes the two's complement, and so gives for a negative sample the code that is
here the one of the sample 4 below it.

A session's messages are made and read by `trunkline.audio.codec`, told the law.

Everything here raises CodecError for input that cannot be converted, as the codec does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trunkline import _native
from trunkline.audio import codec
from trunkline.audio.codec import Law
from trunkline.audio.format import AudioFormat

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from trunkline.audio.codec import Samples

__all__ = [
    "PCMA",
    "PCMU",
    "Law",
    "decode_alaw",
    "decode_text",
    "decode_ulaw",
    "encode_alaw",
    "encode_ulaw",
]

PCMU = AudioFormat(name="audio/pcmu", rate_hz=8_000, bytes_per_sample=1)
"""µ-law: North America and Japan."""

PCMA = AudioFormat(name="audio/pcma", rate_hz=8_000, bytes_per_sample=1)
"""A-law: everywhere else, and on lines between."""


def encode_ulaw(samples: Samples) -> bytes:
    """The µ-law codes of these samples, a byte each."""
    return codec.to_pcm(samples, law="ulaw")


def decode_ulaw(data: Buffer) -> bytes:
    """The pcm that these µ-law codes stand for, two bytes each."""
    return _native.decode_g711(data, "ulaw")


def encode_alaw(samples: Samples) -> bytes:
    """The A-law codes of these samples, a byte each."""
    return codec.to_pcm(samples, law="alaw")


def decode_alaw(data: Buffer) -> bytes:
    """The pcm that these A-law codes stand for, two bytes each."""
    return _native.decode_g711(data, "alaw")


def decode_text(text: str | Buffer, *, law: Law) -> bytes:
    """The pcm that the base64 text of an audio delta stands for, in a session with that law.

    Strict as `codec.decode`, but any number of bytes is whole samples. One pass, one allocation.
    """
    return codec.decode(text, law=law)
