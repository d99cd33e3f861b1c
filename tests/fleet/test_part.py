"""A part alone is telemetry enough."""

from __future__ import annotations

from fleet.hand import BREATH, Loop, Witness
from trunkline.fleet.block import Stamped
from trunkline.fleet.intake import Held
from trunkline.fleet.part import Hearing, Part
from trunkline.protocol.observations import Anomaly
from trunkline.telemetry.batch import Batcher
from trunkline.telemetry.frames import Began


def test_a_part_alone_gets_what_its_lines_tell():
    part, loop = Witness(), Loop()
    observe = part.attach(object(), loop, name="x", server="", rate_hz=24_000)
    observe(Anomaly(at=101.0, epoch=1, kind="k", sample="s"))
    part.close()
    assert [type(frame).__name__ for frame in part.frames] == ["Began", "Told"]
    assert part.telemetry is part.telemetry


def test_a_part_that_was_never_used_closes_and_the_base_does_nothing():
    part = Part()
    part.close()
    part.take([], None)
    part.tick(0.0)
    part.forget("a")
    part.adopt(None)
    part.stop()
    assert part.watched() == frozenset()
    assert not part.looks()
    assert not part.controllable


def test_a_part_gets_what_was_held_back_frame_by_frame_unless_it_knows_better():
    part, told = Witness(), []
    batcher = Batcher("a", told.append)
    batcher.hold(told.append)
    batcher.beat(1.0, 1, sums={}, spreads={}, gauges={"outbox_samples": 0}, types={})
    batcher.release()
    part.take_late([Stamped(0.5, Began(line="a", at=0.5, wall_offset=0.0, name="a"))], BREATH)
    part.take_late([Held(0.0, told[0])], BREATH)
    assert [type(frame).__name__ for frame in part.frames] == ["Began", "Beat"]
    assert not part.is_patient()


def test_audio_is_wanted_of_nobody_of_the_watched_or_of_all():
    part = Witness()
    part.watching = frozenset({"a"})
    wanted = {}
    for hearing in Hearing:
        part.hears = hearing
        wanted[hearing] = [part.heard(key) for key in ("a", "b", None)]
    assert wanted == {
        Hearing.NOTHING: [False, False, False],
        Hearing.WATCHED: [True, False, False],
        Hearing.ALL: [True, True, True],
    }
    assert Part().hears is Hearing.NOTHING
