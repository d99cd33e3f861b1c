from __future__ import annotations

from telemetry.recorded import START, snapshot_at
from trunkline.telemetry.handover import Handover


def test_a_reader_gets_the_newest_snapshot_itself():
    handover = Handover()
    assert handover.latest() is None
    old, new = snapshot_at(START + 1), snapshot_at(START + 2)
    handover.publish(old)
    handover.publish(new)
    assert handover.latest() is new


def test_the_last_word_is_cleaned():
    handover = Handover()
    assert handover.finished() is None
    handover.finish("done\x1b[2J")
    assert handover.finished() == "done␛[2J"
