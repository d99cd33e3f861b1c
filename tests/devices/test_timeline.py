"""When samples were captured, or will be heard."""

from __future__ import annotations

from itertools import pairwise

import pytest

from trunkline.devices.timeline import DeviceClock, Timeline

BLOCK = 0.02


def ran(timeline, tolds, **how):
    return [timeline.follow(told, BLOCK, **how) for told in tolds]


def test_the_clock_of_a_device_is_read_as_ours():
    clock = DeviceClock(-0.04)
    assert clock.read(100.0, 5000.0, 4999.97) == pytest.approx(99.97)
    assert clock.is_sure


def test_a_call_that_waited_for_the_interpreter_is_known_by_the_others():
    clock = DeviceClock(-0.04)
    for number in range(3):
        clock.read(100.0 + number * BLOCK, 5000.0 + number * BLOCK, 4999.98 + number * BLOCK)
    # Called at 5000.06, but the interpreter was had 0.3 s later.
    assert clock.read(100.36, 5000.06, 5000.04) == pytest.approx(100.04)
    assert not clock.is_sure


def test_a_wall_clock_that_is_set_ahead_is_followed_at_once_and_one_set_back_within_eight_calls():
    clock = DeviceClock(0.0)
    clock.read(100.0, 5000.0, 5000.0)
    assert clock.read(100.02, 6000.02, 6000.02) == pytest.approx(100.02)
    sure = []
    for number in range(2, 11):
        told = clock.read(100 + number * BLOCK, 4000 + number * BLOCK, 4000 + number * BLOCK)
        sure.append(clock.is_sure)
    assert sure == [False] * 7 + [True] * 2
    assert told == pytest.approx(100.2)


@pytest.mark.parametrize(
    ("device_now", "told"), [(0.0, 0.0), (5000.0, 0.0), (0.0, 1.0), (5000.0, 3.0)]
)
def test_a_device_without_times_has_its_latency(device_now, told):
    clock = DeviceClock(-0.04)
    assert clock.read(100.0, device_now, told) == pytest.approx(99.96)
    assert clock.is_sure


def test_blocks_follow_each_other_whatever_the_jitter():
    timeline = Timeline()
    times = ran(timeline, [1.0, 1.023, 1.041, 1.064, 1.08])
    assert times == pytest.approx([1.0, 1.02, 1.04, 1.06, 1.08])
    assert timeline.hole == 0


def test_a_time_that_is_not_sure_changes_nothing():
    timeline = Timeline()
    ran(timeline, [1.0])
    times = ran(timeline, [1.9] * 40, is_sure=False)
    assert times[-1] == pytest.approx(1.8)


def test_a_known_break_is_a_hole_of_what_is_missing():
    timeline = Timeline()
    ran(timeline, [1.0])
    assert timeline.follow(2.52, BLOCK, is_broken=True) == pytest.approx(2.52)
    assert timeline.hole == pytest.approx(1.5)
    timeline.follow(2.54, BLOCK)
    assert timeline.hole == 0


def test_a_known_break_that_lost_less_than_a_block_is_none():
    timeline = Timeline()
    ran(timeline, [1.0])
    assert timeline.follow(1.039, BLOCK, is_broken=True) == pytest.approx(1.02)
    assert timeline.hole == 0


def test_samples_that_go_missing_without_a_word_are_found_after_half_a_second():
    timeline, holes = Timeline(), []
    for number in range(60):
        missing = 0.06 if number >= 10 else 0.0
        timeline.follow(1.0 + number * BLOCK + missing + (number % 3) * 0.001, BLOCK)
        holes.append(timeline.hole)
    found = [(number, hole) for number, hole in enumerate(holes) if hole]
    assert len(found) == 1
    number, hole = found[0]
    assert 25 <= number <= 60
    assert hole == pytest.approx(0.06, abs=0.002)


def test_a_first_time_that_was_too_early_is_corrected_and_is_no_hole():
    timeline = Timeline()
    for number in range(60):
        told = 1.0 + number * BLOCK + (0.012 if number else 0.0)
        at = timeline.follow(told, BLOCK)
        assert timeline.hole == 0
    assert at == pytest.approx(told)


def test_a_device_that_is_wrong_about_the_first_block_after_a_break_is_corrected_soon():
    timeline = Timeline()
    ran(timeline, [1.0])
    timeline.follow(2.0, BLOCK, is_broken=True)
    lost = timeline.hole
    for number in range(1, 7):
        timeline.follow(2.5 + number * BLOCK, BLOCK, is_sure=number % 2 == 0)
        lost += timeline.hole
    assert lost == pytest.approx(1.48)


def test_a_clock_that_drifts_is_followed_and_is_no_hole():
    timeline = Timeline()
    # 200 parts in a million slow, for two minutes.
    told = [1.0 + number * BLOCK * 1.0002 for number in range(6000)]
    times = []
    for each in told:
        times.append(timeline.follow(each, BLOCK))
        assert timeline.hole == 0
    assert times[-1] == pytest.approx(told[-1], abs=0.001)


def test_a_first_time_that_was_too_late_is_corrected_and_never_backwards():
    timeline = Timeline()
    times = ran(timeline, [1.3] + [1.0 + number * BLOCK for number in range(1, 60)])
    assert all(later - earlier >= 0.0049 for earlier, later in pairwise(times))
    assert times[-1] == pytest.approx(1.0 + 59 * BLOCK, abs=0.001)
