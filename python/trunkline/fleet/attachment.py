"""One process that is looked at: the console's end of a publisher's socket."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from trunkline.errors import StreamError
from trunkline.fleet.block import Stamped, unpack_block
from trunkline.fleet.coding import decompress
from trunkline.fleet.framing import Kind, Unpacker, opening, pack
from trunkline.fleet.state import Cut, Keyframe
from trunkline.telemetry import wireform
from trunkline.telemetry.frames import Began

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trunkline.fleet.framing import Packet
    from trunkline.fleet.runtime import Address

__all__ = ["Attachment", "Note", "read_block", "read_cut", "read_keyframe", "read_note"]

_READ_BYTES = 256 * 1024
_MOST_UNSENT_BYTES = 64 * 1024

Note = dict[str, Any]
"""What a publisher tells of itself or of the stream."""


class Attachment:
    """A connection to a process, and which lines are its."""

    def __init__(self, address: Address, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.address = address
        self.connection = connection
        self.controllable = False
        self.faults: tuple[str, ...] = ()
        """Names of what its simulator can be made to do."""
        self.offsets: dict[str, float] = {}
        """Keys of its lines, and what makes Unix seconds of their time."""
        self._unpacker = Unpacker()
        self._unsent = bytearray(opening())

    @classmethod
    def open(cls, address: Address) -> Attachment:
        """Connects without waiting. Raises OSError if nobody takes it."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            connection.setblocking(False)
            connection.connect(str(address.path))
        except OSError:
            connection.close()
            raise
        return cls(address, connection)

    def read(self) -> Iterator[list[Stamped] | Keyframe | Note]:
        """What came, in order. Raises OSError if the process is gone, StreamError if it does not make sense."""
        data = self.connection.recv(_READ_BYTES)
        if not data:
            raise ConnectionResetError
        for packet in self._unpacker.feed(data):
            yield from self._understand(packet)
        if self._unpacker.damage is not None:
            raise StreamError(self._unpacker.damage.reason)

    def ask(self, request: dict[str, Any]) -> bool:
        """Sends a request; gives whether there was room for it: a process that is stuck reads none."""
        if len(self._unsent) < _MOST_UNSENT_BYTES:
            self._unsent += pack(Kind.REQUEST, 0.0, json.dumps(request).encode())
            self.write()
            return True
        return False

    def write(self) -> bool:
        """Sends what waits; gives whether something still does. A process that is gone is told by `read`."""
        try:
            sent = self.connection.send(self._unsent)
        except OSError:
            return bool(self._unsent)
        del self._unsent[:sent]
        return bool(self._unsent)

    def _understand(self, packet: Packet) -> Iterator[list[Stamped] | Keyframe | Note]:
        if packet.kind == Kind.BLOCK:
            stamped = read_block(packet)
            for one in stamped:
                if isinstance(one.frame, Began):
                    self.offsets[one.frame.line] = one.frame.wall_offset
            yield stamped
        elif packet.kind == Kind.KEYFRAME:
            keyframe = read_keyframe(packet)
            self.offsets[keyframe.line] = keyframe.wall_offset
            yield keyframe
        elif packet.kind == Kind.INTRODUCTION:
            told = read_note(packet)
            self.controllable = told.get("controllable") is True
            self._take_faults(told)
        elif packet.kind == Kind.NOTE:
            note = read_note(packet)
            self._take_faults(note)
            yield note

    def _take_faults(self, told: Note) -> None:
        faults = told.get("faults")
        if isinstance(faults, list):
            self.faults = tuple(map(str, faults))


def read_block(packet: Packet) -> list[Stamped]:
    """The frames of a block; those that this version does not know are left out. Raises StreamError."""
    payload = decompress(packet.payload, packet.coding)
    found = []
    for at, document in unpack_block(packet.at, payload):
        frame = wireform.decode(document)
        if frame is not None:
            found.append(Stamped(at, frame))
    return found


def read_cut(packet: Packet) -> Cut:
    """The state of a fleet. Raises StreamError if it has no head."""
    return Cut.decode(decompress(packet.payload, packet.coding))


def read_keyframe(packet: Packet) -> Keyframe:
    """The state of a line. Raises StreamError if it has no head."""
    return Keyframe.decode(decompress(packet.payload, packet.coding))


def read_note(packet: Packet) -> Note:
    """A packet of JSON. Raises StreamError if it is no object."""
    try:
        told = json.loads(decompress(packet.payload, packet.coding))
    except ValueError:
        raise StreamError("a note is no JSON") from None
    if not isinstance(told, dict):
        raise StreamError("a note is no object")
    return told
