"""The keys that frames are masked with."""

from __future__ import annotations

import os
import secrets

import pytest

from trunkline.audio.short_way import Notes, ShortWay
from trunkline.protocol.events import AudioDelta
from trunkline.transports import masking
from trunkline.transports.masking import next_key


def test_a_key_has_four_bytes_and_is_given_once(monkeypatch: pytest.MonkeyPatch):
    numbers = iter(range(10))

    def counted(size: int) -> bytes:
        start = next(numbers) * size // 4
        return b"".join(number.to_bytes(4, "big") for number in range(start, start + size // 4))

    monkeypatch.setattr(masking, "token_bytes", counted)
    monkeypatch.setattr(masking, "_keys", [])
    keys = [next_key() for _ in range(2500)]
    assert {len(key) for key in keys} == {4}
    assert len(set(keys)) == 2500


def test_keys_come_from_the_kernels_random_source(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    assert masking.token_bytes is secrets.token_bytes
    monkeypatch.setattr(masking, "token_bytes", lambda size: asked.append(size) or bytes(size))
    monkeypatch.setattr(masking, "_keys", [])
    next_key()
    assert asked == [4096]


def short_key() -> bytes:
    """The next key of the short way."""
    slots = ("response_id", "item_id", "output_index", "content_index", "pcm")
    notes, frames = Notes(AudioDelta, slots, law=None, longest_bytes=1), []
    notes.sums = True
    notes.open_chunks(2, 1, until=1.0)
    way = ShortWay()
    way.is_free = True
    way.open_way(
        notes,
        1,
        limit_bytes=1,
        clock=float,
        hear=frames.append,
        write=frames.append,
        next_key=next_key,
    )
    assert way.send_chunk(b"ab")
    return frames[0][2:6]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("key", [next_key, short_key])
def test_a_child_after_a_fork_has_keys_of_its_own(key):
    key()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, b"".join(key() for _ in range(8)))
        os._exit(0)
    mine = b"".join(key() for _ in range(8))
    os.waitpid(child, 0)
    theirs = os.read(reader, 100)
    assert len(theirs) == 32
    assert theirs != mine
