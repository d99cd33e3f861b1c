from __future__ import annotations

from trunkline.soak.consumed import Consumed


def test_it_tells_of_audio_and_keeps_none():
    heard = []
    record = Consumed(epoch=1, opened_at=0.0)
    record.note_append(0, b"\0\0", 1.0)
    record.heard = lambda pcm, at: heard.append((pcm, at))
    record.note_append(1, b"\1\0\2\0", 2.0)
    record.note_received("response.create", 3.0)
    assert heard == [(b"\1\0\2\0", 2.0)]
    assert (record.appends, record.received) == ([], [])
    assert (record.appended_total, record.messages, record.passed["response.create"]) == (3, 1, 1)
