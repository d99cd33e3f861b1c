"""Packets: what a stream of telemetry is cut into, on a socket and on disk alike.

    stream  = opening, packet*
    opening = magic (8 bytes), major, minor, two zero bytes
    packet  = header, payload
    header  = length of the payload (u32), kind (u8), coding (u8), check (u16), Unix seconds (f64), CRC-32 (u32)

Numbers are little-endian. The magic is made like PNG's: a transfer that rewrites line ends or clears the eighth bit
breaks it at once. The CRC covers the packet's header and payload, so a stream that was cut or damaged is read up to
the packet before, and the offset is told. The check is of the header alone (16 bits of its CRC-32), for who only
steps from packet to packet. A reader passes over kinds that it does not know: within one major version, things are
only ever added.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

from trunkline.errors import StreamError
from trunkline.text import clean

__all__ = [
    "HEADER_BYTES",
    "MAJOR",
    "MOST_PAYLOAD_BYTES",
    "OPENING_BYTES",
    "Damage",
    "Header",
    "Kind",
    "OtherVersionError",
    "Packet",
    "Unpacker",
    "check_opening",
    "opening",
    "pack",
    "read_packet",
]

MAJOR = 1
"""Of the form; a stream of another one is refused."""
_MINOR = 0
MOST_PAYLOAD_BYTES = 64 * 2**20
"""What a packet may hold: far more than a block of a second or the state of a line, far less than memory."""

_MAGIC = b"\x89TRNK\r\n\x1a"
_OPENING = struct.Struct("<8sBBH")
_HEADER = struct.Struct("<IBBHd")
_CRC = struct.Struct("<I")
OPENING_BYTES = _OPENING.size
HEADER_BYTES = _HEADER.size + _CRC.size


class Kind(IntEnum):
    """What a packet holds."""

    INTRODUCTION = 1
    """JSON: who writes the stream, and with what."""
    BLOCK = 2
    """Frames of all lines, in the order in which they came (`fleet.block`)."""
    KEYFRAME = 3
    """The state of one line before the next block (`fleet.state`): what somebody needs who begins here."""
    NOTE = 4
    """JSON: what the writer tells of the stream itself, as how much was left out."""
    REQUEST = 5
    """JSON: what a reader asks of a publisher."""
    CUT = 6
    """How many keyframes come now, and what is known beside them; a recording can be entered here."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as it was read; `kind` may be one that is not known here."""

    kind: int
    at: float
    payload: bytes
    coding: int = 0
    """How the payload is compressed (`fleet.coding`)."""

    @property
    def size_bytes(self) -> int:
        """Of the whole packet on the stream."""
        return HEADER_BYTES + len(self.payload)


@dataclass(frozen=True, slots=True)
class Header:
    """A packet's header alone: enough to step over it."""

    length: int
    kind: int
    coding: int
    at: float
    crc: int

    @classmethod
    def read(cls, data: bytes | memoryview, offset: int = 0) -> Header:
        """The header at an offset, of which all `HEADER_BYTES` must be there. Raises StreamError if it is damaged."""
        length, kind, coding, check, at = _HEADER.unpack_from(data, offset)
        if check != _check(length, kind, coding, at):
            raise StreamError("a packet's header is damaged")
        if length > MOST_PAYLOAD_BYTES:
            raise StreamError(f"a packet claims {length} bytes, more than {MOST_PAYLOAD_BYTES}")
        (crc,) = _CRC.unpack_from(data, offset + _HEADER.size)
        return cls(length, kind, coding, at, crc)


class OtherVersionError(StreamError):
    """What is whole, and was made by a trunkline that is older or newer."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What of a stream cannot be read, and why."""

    offset: int
    """Of the first packet that is not whole, or not understood, in bytes from the beginning of the stream."""
    reason: str
    is_whole: bool = False
    """Whether nothing is broken, and it was only made by another version."""

    @classmethod
    def of(cls, offset: int, error: Exception) -> Damage:
        """What was met there."""
        return cls(offset, clean(error, limit_chars=120), isinstance(error, OtherVersionError))

    def words(self) -> str:
        """What is wrong with the recording, after its name."""
        if self.is_whole:
            return f"is not read in full: {self.reason} (byte {self.offset})"
        return f"is damaged at byte {self.offset}: {self.reason}"


def opening() -> bytes:
    """What every stream begins with."""
    return _OPENING.pack(_MAGIC, MAJOR, _MINOR, 0)


def pack(kind: Kind, at: float, payload: bytes, *, coding: int = 0) -> bytes:
    """One packet. Raises StreamError for a payload beyond `MOST_PAYLOAD_BYTES`."""
    if len(payload) > MOST_PAYLOAD_BYTES:
        raise StreamError(f"a packet of {len(payload)} bytes is larger than {MOST_PAYLOAD_BYTES}")
    check = _check(len(payload), kind, coding, at)
    head = _HEADER.pack(len(payload), kind, coding, check, at)
    return head + _CRC.pack(zlib.crc32(payload, zlib.crc32(head))) + payload


def _check(length: int, kind: int, coding: int, at: float) -> int:
    return zlib.crc32(_HEADER.pack(length, kind, coding, 0, at)) & 0xFFFF


def check_opening(data: bytes) -> None:
    """Raises StreamError unless a stream that this version reads begins with the data."""
    if len(data) < OPENING_BYTES:
        what = "it is empty" if not data else "it ends within its opening"
        raise StreamError(f"no stream of telemetry: {what}")
    magic, major, minor, _ = _OPENING.unpack_from(data)
    if magic != _MAGIC:
        raise StreamError("no stream of telemetry: it begins with something else")
    if major != MAJOR:
        age = "a newer" if major > MAJOR else "an older"
        raise StreamError(
            f"written by {age} trunkline: form {major}.{minor}, this one reads {MAJOR}.x"
        )


def read_packet(data: memoryview, offset: int, *, most: int = MOST_PAYLOAD_BYTES) -> Packet | None:
    """The packet at an offset; None if the data ends before it does. Raises StreamError if it is damaged."""
    start = offset + HEADER_BYTES
    if len(data) < start:
        return None
    header = Header.read(data, offset)
    if header.length > most:
        raise StreamError(f"a packet claims {header.length} bytes, more than {most}")
    if len(data) < start + header.length:
        return None
    payload = bytes(data[start : start + header.length])
    head = bytes(data[offset : offset + _HEADER.size])
    if zlib.crc32(payload, zlib.crc32(head)) != header.crc:
        raise StreamError("a packet is damaged: its check sum is another")
    return Packet(header.kind, header.at, payload, header.coding)


class Unpacker:
    """Turns bytes as they come, cut anywhere, into packets."""

    def __init__(self, *, most_payload_bytes: int = MOST_PAYLOAD_BYTES) -> None:
        self._most = most_payload_bytes
        self._buffer = bytearray()
        self._opened = False
        self._offset = 0
        """Of the buffer's first byte in the stream."""
        self._damage: Damage | None = None

    def feed(self, data: bytes) -> list[Packet]:
        """The packets that are whole with this data; after damage there are none any more.

        Raises StreamError if the stream is none of ours, or of another version.
        """
        if self._damage is not None:
            return []
        self._buffer += data
        if not self._opened:
            if len(self._buffer) < OPENING_BYTES:
                return []
            check_opening(bytes(self._buffer[:OPENING_BYTES]))
            self._opened = True
            self._drop(OPENING_BYTES)
        return self._packets()

    @property
    def damage(self) -> Damage | None:
        """What stopped the reading; None while all is well."""
        return self._damage

    def finish(self) -> Damage | None:
        """Says that nothing more comes; gives what is wrong with the end, if something is.

        Raises StreamError if there was not even an opening.
        """
        if not self._opened:
            check_opening(bytes(self._buffer))
        if self._damage is None and self._buffer:
            self._damage = Damage(self._offset, "the stream ends within a packet")
        return self._damage

    def _packets(self) -> list[Packet]:
        found: list[Packet] = []
        position = 0
        with memoryview(self._buffer) as view:
            try:
                while (packet := read_packet(view, position, most=self._most)) is not None:
                    found.append(packet)
                    position += packet.size_bytes
            except StreamError as error:
                self._damage = Damage(self._offset + position, error.reason)
        self._drop(position)
        return found

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._offset += count
