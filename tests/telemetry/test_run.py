from __future__ import annotations

from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.levels import Level
from trunkline.telemetry.run import Run
from trunkline.text import Clean


def _run(**fields):
    return Run(number=1, at=2.0, way=Way.DOWN, type="x", **fields)


def test_a_message_alone_is_an_entry():
    run = _run(size_bytes=9, latency_s=0.25, note="n", level=Level.BAD, item_id="i", turn=3)
    assert run.entry() == Entry(
        number=1, at=2.0, until=2.0, way=Way.DOWN, type=Clean("x"), size_bytes=9, latency_ms=250.0,
        note=Clean("n"), level=Level.BAD, item_id=Clean("i"), turn=3,
    )  # fmt: skip


def test_a_run_of_audio_has_its_time_its_strip_and_its_level():
    run = _run(samples=2400)
    run.heard(b"")
    assert run.wave is None
    run.heard(bytes(4800))
    entry = run.entry()
    assert (entry.audio_ms, entry.rms_dbfs, entry.clipped) == (100.0, -96.0, 0)
    assert set(entry.wave) == {0.0}


def test_a_run_of_chunks_is_as_late_as_their_middle_one():
    run = _run(lates=[0.0004, 0.0003, 0.038, 0.0005])
    entry = run.entry()
    assert entry.latency_ms == 0.5
    assert entry.note == "late p95 38.0 ms"


def test_words_are_quoted_and_cut():
    run = _run()
    run.said("Sure. ")
    run.said("Thursday")
    assert run.entry().note == '"Sure. Thursday"'
    for _ in range(100):
        run.said(" and so on")
    assert len(run.entry().note) < 100
    assert run.entry().note.endswith('…"')


def test_what_a_server_calls_things_is_cleaned():
    run = Run(number=1, at=2.0, way=Way.DOWN, type="a\x1b", note="b\x1b", item_id="c\x1b")
    entry = run.entry()
    assert (entry.type, entry.note, entry.item_id) == ("a\u241b", "b\u241b", "c\u241b")
