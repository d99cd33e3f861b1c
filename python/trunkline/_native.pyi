# ruff: noqa: PYI021 - the extension's documentation stands here, where editors look for it
"""Typed face of the Rust extension. Only `trunkline.audio` imports it; see there for what is meant.

Samples are pcm as bytes, bytearray or a memoryview of bytes, or a one-dimensional contiguous buffer
of little-endian int16 or float32. bytes and str are read in place, everything else is copied
piece by piece, so that others may change a buffer while a call runs. The GIL is released over long work.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any, Self, TypeAlias, final

import numpy as np
import numpy.typing as npt
from typing_extensions import Buffer, disjoint_base

# An array is a Buffer to a type checker from Python 3.12 on only.
_Samples: TypeAlias = Buffer | npt.NDArray[np.int16] | npt.NDArray[np.float32]

__all__ = [
    "Base64Decoder",
    "Base64Encoder",
    "Delta",
    "Meter",
    "Notes",
    "Resampler",
    "ShortWay",
    "append_frame",
    "append_message",
    "append_messages",
    "backend",
    "backends",
    "build_profile",
    "decode",
    "decode_floats",
    "decode_g711",
    "decode_samples",
    "encode",
    "follow_arrivals",
    "read_delta",
    "text_frame",
    "to_pcm",
    "use_backend",
]
if sys.platform == "linux":
    __all__ += ["Poller"]

@final
class Delta:
    """A piece of a reply's audio, and where it belongs."""

    def __new__(
        cls,
        event_id: str,
        response_id: str,
        item_id: str,
        output_index: int,
        content_index: int,
        pcm: bytes,
    ) -> Delta: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    @property
    def event_id(self) -> str:
        """The server's id of this event."""

    @property
    def response_id(self) -> str:
        """The response the audio belongs to."""

    @property
    def item_id(self) -> str:
        """The conversation item the audio belongs to."""

    @property
    def output_index(self) -> int:
        """The item's index in the response."""

    @property
    def content_index(self) -> int:
        """The content part's index in the item."""

    @property
    def pcm(self) -> bytes:
        """The audio, whole samples."""

    @property
    def samples(self) -> npt.NDArray[np.int16]:
        """The audio as a read-only int16 array, without a copy."""

    @property
    def floats(self) -> npt.NDArray[np.float32]:
        """The audio as a read-only float32 array in [-1, 1)."""

@disjoint_base
class Meter:
    """Measures samples in pieces of any size."""

    def __new__(cls) -> Self: ...
    def take(self, samples: _Samples) -> None:
        """Takes samples."""

    def read(self) -> tuple[float, int, int, int]:
        """RMS, peak, clipped samples and number of samples, in units of an int16 sample; then it begins anew."""

@final
class Base64Encoder:
    """Turns pcm in pieces of any size into the base64 text of the whole."""

    def __new__(cls) -> Base64Encoder: ...
    def update(self, piece: Buffer) -> bytes:
        """Takes bytes and gives the text that is certain by now."""

    def finish(self) -> bytes:
        """Gives the rest of the text; the encoder is as new afterwards."""

@final
class Base64Decoder:
    """Turns base64 text in pieces of any size into the bytes of the whole."""

    def __new__(cls) -> Base64Decoder: ...
    def update(self, piece: str | Buffer) -> bytes:
        """Takes text and gives the bytes that are certain by now."""

    def finish(self) -> None:
        """Checks that the text ended with a whole group; the decoder is as new afterwards."""

@final
class Resampler:
    """Turns samples of one rate into pcm of another while they arrive."""

    def __new__(cls, source_hz: int, target_hz: int) -> Resampler: ...
    @property
    def delay_ms(self) -> float:
        """How much later than it came audio leaves, in milliseconds."""

    def feed(self, samples: _Samples) -> bytes:
        """Takes samples and gives the pcm that is certain by now."""

    def flush(self) -> bytes:
        """Gives the filter's tail; the resampler is as new afterwards."""

@final
class Notes:
    """Ordinary audio of a line, noted until somebody asks for the books."""

    sums: bool
    """Whether nobody wants to know of each, so that who moves the bytes need not tell them."""

    def __new__(
        cls,
        event: type,
        slots: Sequence[str],
        *,
        law: str | None,
        longest_bytes: int,
    ) -> Notes: ...
    def open_chunks(self, size_bytes: int, count: int, until: float) -> None:
        """From here on `count` chunks of so many bytes may be noted, before the moment `until`."""

    def open_deltas(
        self,
        epoch: int,
        response_id: str,
        item_id: str,
        *,
        left: int,
        ran_at: float,
        lag: float,
        until: float,
    ) -> None:
        """From here on deltas of that answer may be noted."""

    def renew(self, room: int, left: int, until: float) -> None:
        """What may be noted goes on being it: chunks of so many samples, deltas of so many, before the moment `until`.

        What is shut stays shut.
        """

    def send(self, pcm: bytes, now: float) -> bytes | None:
        """Notes a chunk and gives its message; None if it may not be noted."""

    def receive(self, epoch: int, message: bytes, now: float) -> Any:
        """Notes a delta and gives its event; None if it may not be noted, or is none."""

    def take_chunks(self) -> tuple[list[bytes], float, float, int] | None:
        """Chunks of one size that were noted since the last call, when first and last went out, bytes of messages."""

    def take_deltas(self) -> tuple[bytes, bytes, int] | None:
        """When each delta came that was noted since the last call, the samples of each, bytes of messages.

        The first are those of an `array("d")`, the second those of an `array("Q")`.
        """

    @property
    def heard_at(self) -> float | None:
        """When the last delta came, or the way was opened; None while it is shut."""

    def shut(self) -> None:
        """No more may be noted; what was is still to be taken."""

@disjoint_base
class ShortWay:
    """Base of the class that an event loop's transport tells what it read."""

    is_usual: bool
    """Whether what is read next begins a frame, and nothing stands before it."""
    owed: int
    """How many bytes of a frame that began have not come; 0 if none did, or it is not known."""
    is_free: bool
    """Whether the link takes another message."""
    is_queued: bool
    """Whether anything may wait in the event loop before what is written next; set it where that may be."""

    def __new__(cls, *_arguments: object, **_options: object) -> Self: ...
    def read_into(self, buffer: bytearray, view: memoryview) -> None:
        """Where reads are written to from here on."""

    def open_way(
        self,
        notes: Notes,
        epoch: int,
        *,
        limit_bytes: int,
        clock: Callable[[], float],
        hear: Callable[[Any], None],
        write: Callable[[bytes], None],
        next_key: Callable[[], bytes],
        socket: int | None = None,
        waiting: Callable[[], int] | None = None,
        pong: Callable[[bytes], object] | None = None,
    ) -> None:
        """Begins: `hear` gets the event of a delta of at most so many bytes, `write` a frame masked with `next_key`.

        `pong` gets the payload of a pong that came where a delta may.
        With a socket frames are written to it (Linux), while `waiting` tells of nothing in the event loop before them;
        what is left of one is for `write`. It must end before the socket is closed: the number may be another's then.
        """

    def close_way(self) -> None:
        """Ends."""

    def get_buffer(self, _sizehint: int) -> memoryview:
        """The event loop's buffer; what was in it has been used."""

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes were read."""

    def send_chunk(self, pcm: object) -> bool:
        """Sends a chunk of the user's audio; False if nothing was done."""

    def send_frame(self, frame: bytes) -> bool:
        """Writes a whole frame where a chunk's would go; False, and nothing is done, if it must wait behind others."""

if sys.platform == "linux":
    @final
    class Poller:
        """Reads sockets whose event loop's transports were told to pause."""

        def __new__(cls) -> Self: ...
        def fileno(self) -> int:
            """What the event loop is to watch: readable while any of the sockets is."""

        def __len__(self) -> int: ...
        def watch(self, socket: int, link: object) -> None:
            """Reads the link's socket from here on; `leave` must come before it is closed.

            Ordinary audio goes the link's short way, if it is a `ShortWay`; the rest comes to its `was_given(data)`, an
            end to `has_ended(number)`, the number of an error or 0, what either of them raised to `has_failed(error)`.
            Raises ValueError for a number below 0, OSError for what is no socket, or is watched already.
            """

        def leave(self, socket: int) -> None:
            """No longer."""

        @staticmethod
        def write(socket: int, data: bytes) -> int:
            """How many of these bytes the kernel took at once, without waiting; the rest is for the loop's transport.

            0 as well for a socket that is gone, whose owner finds out. Raises ValueError for a number below 0.
            """

        def look(self) -> None:
            """Reads each socket that has something, once, and 64 of them.

            Each eight looks in a row that leave some let it read 64 more, at most all once: who sends without a pause
            would leave what comes unread for good otherwise.
            """

def build_profile() -> str:
    """How the extension was compiled: "release" or "debug"."""

def backend() -> str:
    """The name of the backend in use."""

def backends() -> list[str]:
    """The names of the backends that this machine can run, slowest first."""

def use_backend(name: str | None) -> None:
    """Uses that backend in the whole process, or with None the detected one again."""

def follow_arrivals(
    times: Sequence[float],
    samples: Sequence[int],
    *,
    before: tuple[float, int] | None,
    jitter: float | None,
    rate_hz: int,
) -> tuple[list[int], float | None]:
    """The buckets of the gaps between pieces that arrived, and their jitter.

    Goes on behind `before`, when the last piece came and its samples, with those that came at `times` (seconds). Each
    gap's bucket is that of `telemetry.histogram.bucket_of`; the jitter, in seconds behind the last of them, is the
    filter of RFC 3550 §A.8, where transit is arrival less media position, and what was given where there is no gap.
    Cost: 3 µs for 50 pieces.
    """

def append_message(
    samples: _Samples,
    *,
    event_id: str | None = None,
    law: str | None = None,
    meter: Meter | None = None,
) -> bytes:
    """The finished `input_audio_buffer.append` message for these samples, measured on the way if asked."""

def append_frame(
    samples: _Samples, key: bytes, *, event_id: str | None = None, law: str | None = None
) -> bytes:
    """The same message as a whole WebSocket frame of a client, masked with these four bytes."""

def append_messages(samples: _Samples, count: int, *, law: str | None = None) -> list[bytes]:
    """One finished append message for every so many samples."""

def text_frame(message: str | Buffer, key: bytes) -> bytes:
    """A text message as a whole WebSocket frame of a client, masked with these four bytes."""

def encode(samples: _Samples, *, law: str | None = None) -> bytes:
    """The base64 text of these samples' pcm, or of a law's codes for them."""

def to_pcm(samples: _Samples, *, law: str | None = None) -> bytes:
    """These samples as pcm, or as a law's codes."""

def decode(text: str | Buffer, *, law: str | None = None) -> bytes:
    """The bytes that this base64 text stands for, or the pcm for a law's codes in it."""

def decode_samples(text: str | Buffer) -> npt.NDArray[np.int16]:
    """The samples that this base64 text stands for, as a read-only int16 array."""

def decode_floats(text: str | Buffer) -> npt.NDArray[np.float32]:
    """The samples that this base64 text stands for, as a read-only float32 array in [-1, 1)."""

def decode_g711(codes: Buffer, law: str) -> bytes:
    """The pcm that these G.711 codes stand for."""

def read_delta(message: str | bytes, *, law: str | None = None) -> Delta | None:
    """The audio delta that this message is by its exact shape; None for anything unusual."""
