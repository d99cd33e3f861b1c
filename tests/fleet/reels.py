"""Recordings made by hand: so many seconds of a line that says a word in each."""

from __future__ import annotations

import struct
from pathlib import Path

import orjson

from fleet.hand import BREATH, WALL, life, said
from trunkline.fleet.attachment import read_block, read_cut, read_note
from trunkline.fleet.block import Stamped
from trunkline.fleet.coding import Coding, decompress
from trunkline.fleet.framing import Kind, Packet, Unpacker, opening, pack
from trunkline.fleet.scribe import Scribe
from trunkline.fleet.state import Keyframe
from trunkline.protocol.observations import RoundTrip
from trunkline.telemetry.frames import Told

OLD_BEAT = (
    b'{"v":1,"kind":"beat","line":"a","at":%.1f,"epoch":1,"sums":{"timed_chunks":3.0},'
    b'"gauges":{},"spreads":{"lateness":{"10":2,"300":1}},"types":{}}'
)
"""Lateness of 0.1 ms twice and of 114 ms once, by 32 buckets to a power of two."""


def word(second: int) -> str:
    return f"word {second}"


def write_words(path: Path, seconds: int, **options) -> list[int]:
    """A recording of a line that begins at `WALL`; gives the size of the file after each second."""
    data, sizes = bytearray(), []
    scribe = Scribe(data.extend, coding=Coding.PLAIN, **options)
    scribe.begin(WALL)
    for second in range(seconds):
        now = WALL + second
        frames = life("a", at=100.0) if not second else [said("a", 100.0 + second, word(second))]
        scribe.take([Stamped(now, frame) for frame in frames], BREATH)
        scribe.tick(now + 1.0, BREATH)
        sizes.append(len(data))
    path.write_bytes(data)
    return sizes


def write_pings(path: Path, seconds: int, *, rtt: float) -> None:
    """A recording of a live line with a ping each second, all of them as slow."""
    data = bytearray()
    scribe = Scribe(data.extend, coding=Coding.PLAIN)
    scribe.begin(WALL)
    for second in range(seconds):
        now = WALL + second
        ping = Told(line="a", fact=RoundTrip(at=100.5 + second, epoch=1, rtt=rtt))
        frames = [ping] if second else [*life("a", at=100.0), ping]
        scribe.take([Stamped(now + 0.5, frame) for frame in frames], BREATH)
        scribe.tick(now + 1.0, BREATH)
    path.write_bytes(data)


def write_old_words(path: Path, seconds: int) -> None:
    """The same as trunklines before the first release wrote it: states and the durations of beats had another form."""
    write_words(path, seconds, cut_seconds=30.0)
    data = opening()
    for packet in packets(path.read_bytes()):
        payload = packet.payload
        if packet.kind == Kind.KEYFRAME:
            head, _, document = payload.partition(b"\n")
            state = orjson.loads(document)
            state["fold"]["pulse"]["history"] = {"series": [[1.0, None], [2.0, None]]}
            payload = head + b"\n" + orjson.dumps(state)
        elif packet.kind == Kind.BLOCK:
            beat = OLD_BEAT % (100.5 + packet.at - WALL)
            payload += struct.pack("<II", len(beat), 500) + beat
        data += pack(Kind(packet.kind), packet.at, payload, coding=packet.coding)
    path.write_bytes(data)


def packets(data: bytes) -> list[Packet]:
    unpacker = Unpacker()
    found = unpacker.feed(data)
    assert unpacker.finish() is None
    return found


def understood(data: bytes) -> list[tuple[str, object]]:
    """Kinds and contents of all packets of a recording."""
    found: list[tuple[str, object]] = []
    for packet in packets(data):
        kind = Kind(packet.kind)
        if kind is Kind.BLOCK:
            found.append((kind.name, [one.frame for one in read_block(packet)]))
        elif kind is Kind.KEYFRAME:
            keyframe = Keyframe.decode(decompress(packet.payload, packet.coding))
            found.append((kind.name, keyframe.line))
        elif kind is Kind.CUT:
            found.append((kind.name, {"lines": read_cut(packet).lines}))
        else:
            found.append((kind.name, read_note(packet)))
    return found
