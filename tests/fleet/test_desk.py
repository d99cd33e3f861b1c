"""The desk: what the thread folds, and what the screens read of it."""

from __future__ import annotations

import pytest

from fleet.hand import BREATH, WALL, Witness, heard, life, moved, said, stamped
from trunkline.errors import ConfigError
from trunkline.fleet import desk as module
from trunkline.fleet.desk import FoldingDesk
from trunkline.fleet.part import Hearing
from trunkline.fleet.state import FleetState
from trunkline.fleet.worker import Worker
from trunkline.protocol import observations as seen
from trunkline.telemetry.entry import Entry, Way
from trunkline.telemetry.frames import Inspected, Marked, Told
from trunkline.telemetry.thresholds import overridden
from trunkline.text import Clean


class Clock:
    def __init__(self, monkeypatch) -> None:
        self.now = 50.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


def told(desk: FoldingDesk, *frames, now: float = WALL) -> None:
    desk.take(stamped(*frames), BREATH)
    desk.tick(now)


@pytest.fixture
def desk(clock):
    desk = FoldingDesk()
    worker = Worker(desk, thread="test")
    worker.now = lambda: WALL
    with moved(worker):
        yield desk


def test_lines_are_judged_by_what_the_desk_was_told_also_after_a_jump(clock):
    desk = FoldingDesk(thresholds=overridden({"rtt_ms": {"warning": 1, "bad": 2}}))
    pings = [Told(line="a", fact=seen.RoundTrip(at=100.0 + n, epoch=1, rtt=0.02)) for n in range(4)]
    for _ in range(2):
        desk.rewind()
        told(desk, *life("a"), *pings, now=WALL + 5)
        desk.show(WALL + 5, at_once=True)
        assert [one.text for one in desk.fleet().alerts] == ["RTT 20 ms > 2 ms (3 of 3)"]


def test_nothing_is_known_before_anything_is_told():
    desk = FoldingDesk()
    assert (desk.fleet(), desk.line(), desk.entries(), desk.finished()) == (None, None, (), None)
    assert desk.playback is None
    assert desk.looks()


def test_another_part_may_join_gets_what_is_known_and_leave(desk):
    told(desk, *life("a"), *life("b"))
    part = Witness()
    desk.join(part)
    assert (part.starts, part.adopted) == (1, [])
    desk._worker._turn()
    assert [one.line for one in part.adopted] == ["a", "b"]
    desk._worker.give(stamped(said("a", 101.0, "x")))
    assert len(part.frames) == 1
    desk.leave(part)
    desk._worker._turn()
    assert part.stops == 1


def test_nothing_joins_a_desk_that_does_not_run():
    with pytest.raises(ConfigError, match="nothing is shown yet"):
        FoldingDesk().join(Witness())


def test_all_lines_are_shown_twice_a_second_and_the_same_object_in_between(desk, clock):
    told(desk, *life("a"))
    first = desk.fleet()
    assert [row.name for row in first.rows] == ["line a"]
    told(desk, *life("b"))
    assert desk.fleet() is first
    clock.now += 0.5
    desk.tick(WALL + 0.5)
    assert [row.name for row in desk.fleet().rows] == ["line a", "line b"]


def test_only_the_watched_line_has_details_and_never_those_of_another(desk):
    told(desk, *life("a"), *life("b"))
    assert desk.line() is None
    desk.watch("a")
    assert desk.watched() == {"a"}
    desk.tick(WALL + 0.1)
    assert desk.line().key == "a"
    desk.watch("b")
    assert desk.line() is None
    desk.tick(WALL + 0.2)
    assert desk.line().key == "b"
    desk.watch(None)
    assert (desk.line(), desk.entries(), desk.watched()) == (None, (), frozenset())


def test_a_line_that_is_not_known_has_no_details(desk):
    desk.watch("nobody")
    desk.tick(WALL)
    assert desk.line() is None


def test_entries_of_the_watched_line_are_the_same_object_until_one_comes(desk):
    entry = Entry(number=1, at=1.0, until=1.0, way=Way.UP, type=Clean("t"))
    told(desk, *life("a"), Inspected(line="a", entry=entry))
    desk.watch("a")
    desk.tick(WALL)
    before = desk.entries()
    assert list(before) == [entry]
    desk.tick(WALL + 0.1)
    assert desk.entries() is before


def test_a_window_is_of_the_next_snapshot_and_stays_over_a_rewind(desk):
    told(desk, *life("a"))
    desk.window(60)
    desk.tick(WALL)
    assert desk.fleet().window_s == 60
    desk.rewind()
    told(desk, *life("b"))
    assert desk.fleet().window_s == 60
    assert [row.key for row in desk.fleet().rows] == ["b"]


def test_a_mark_goes_to_every_part_as_a_frame(desk):
    told(desk, *life("a"))
    marked: list = []
    desk._worker.give = marked.extend
    desk.mark("a", "here\x1b[2J")
    desk.mark("nobody", "there")
    desk.tick(WALL + 3.0)
    ((at, frame),) = marked
    assert at == WALL + 3.0
    assert isinstance(frame, Marked)
    assert (frame.mark.at, frame.mark.number) == (103.0, 1)
    assert "\x1b" not in frame.mark.note


def test_the_end_of_a_run_is_told_with_its_last_snapshot(desk):
    told(desk, *life("a"))
    desk.take(stamped(*life("b")), BREATH)
    desk.finish("all turns answered")
    assert desk.finished() is None
    desk.tick(WALL + 0.1)
    assert desk.finished() == "all turns answered"
    assert len(desk.fleet().rows) == 2


def test_a_state_that_was_followed_elsewhere_is_taken_and_a_line_can_leave(desk, clock):
    state = FleetState()
    for frame in [*life("a"), said("a", 101.0, "more")]:
        state.apply(frame)
    desk.adopt(state.keyframe("a"))
    desk.watch("a")
    desk.tick(WALL + 2)
    assert [one.text for one in desk.line().transcript] == ["hello", "more"]
    desk.forget("a")
    clock.now += 1
    desk.tick(WALL + 3)
    assert desk.fleet().rows == ()


def test_whoever_asks_wakes_the_thread():
    desk = FoldingDesk()
    woken = []

    class Waking(Worker):
        def wake(self):
            woken.append(1)

    desk.start(Waking(thread="test"))
    desk.watch("a")
    desk.window(60)
    desk.mark("a", "")
    desk.finish("")
    assert len(woken) == 4


def test_of_the_watched_line_all_entries_are_kept_also_after_a_rewind(desk):
    desk.watch("a")
    for _ in range(2):
        desk.rewind()
        told(desk, *life("a"))
        for number in range(1, 1001):
            entry = Entry(number=number, at=1.0, until=1.0, way=Way.UP, type=Clean("t"))
            desk.take(stamped(Inspected(line="a", entry=entry)), BREATH)
        desk.tick(WALL + 1)
        assert len(desk.entries()) == 1000


@pytest.mark.parametrize(("hears", "turns"), [(Hearing.NOTHING, ()), (Hearing.ALL, (1, 2))])
def test_sound_is_there_only_where_it_was_to_be_kept(hears: Hearing, turns):
    desk = FoldingDesk(hears=hears)
    with moved(Worker(desk, thread="test")):
        told(desk, *life("a"), heard("a", 101.0, b"ab" * 80), heard("a", 105.0, b"cd" * 80, 2))
        assert desk.turns_heard("a") == turns
        sound = desk.sound("a", 2)
        assert (sound and sound.user) == (b"cd" * 80 if turns else None)
        desk.forget("a")
        assert desk.sound("a", 2) is None


def test_another_moment_of_a_recording_has_other_sounds():
    desk = FoldingDesk(hears=Hearing.ALL)
    with moved(Worker(desk, thread="test")):
        told(desk, *life("a"), heard("a", 101.0, b"ab" * 80))
        desk.rewind()
        assert desk.turns_heard("a") == ()
