"""The keys that frames are masked with."""

from __future__ import annotations

import os
import secrets

import pytest

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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_after_a_fork_has_keys_of_its_own():
    next_key()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, b"".join(next_key() for _ in range(8)))
        os._exit(0)
    mine = b"".join(next_key() for _ in range(8))
    os.waitpid(child, 0)
    theirs = os.read(reader, 100)
    assert len(theirs) == 32
    assert theirs != mine
