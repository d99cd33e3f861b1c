from __future__ import annotations

from telemetry.recorded import END, snapshot_at
from trunkline.cli.solo import SoloDesk
from trunkline.telemetry.desk import Desk


def test_before_the_first_snapshot_nothing_is_known():
    desk: Desk = SoloDesk()
    assert (desk.fleet(), desk.line(), desk.finished(), desk.playback) == (None, None, None, None)
    assert desk.entries() == ()


def test_the_fleet_is_the_one_line():
    desk = SoloDesk()
    desk.publish(snapshot_at(END), 1_763_994_725.0)
    fleet, line = desk.fleet(), desk.line()
    assert [row.key for row in fleet.rows] == [line.key]
    assert fleet.rows[0].turns == line.turns_total
    assert fleet.at == 1_763_994_725.0
    assert line.at + line.wall_offset == fleet.at


def test_a_value_that_did_not_change_is_the_same_object():
    desk = SoloDesk()
    desk.publish(snapshot_at(END), 1.0)
    assert desk.fleet() is desk.fleet()
    assert desk.line() is desk.line()


def test_the_end_is_one_clean_line():
    desk = SoloDesk()
    desk.finish("done\x1b[2J")
    assert desk.finished() == "done␛[2J"
    desk.window(60)
    desk.watch("demo")
    desk.mark("demo", "note")
