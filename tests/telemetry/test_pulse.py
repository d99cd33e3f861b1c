from __future__ import annotations

import pytest

from trunkline.telemetry import beat
from trunkline.telemetry.frames import Beat
from trunkline.telemetry.history import Track
from trunkline.telemetry.pulse import MOST_TYPES, Pulse

RATE_HZ = 24_000


def _beat(at, **fields):
    return Beat(line="x", at=at, epoch=1, **fields)


def _pulse(*beats):
    pulse = Pulse.begun(10.2, RATE_HZ)
    for told in beats:
        pulse.add(told)
    return pulse


def test_a_row_is_what_the_totals_grew_by():
    pulse = _pulse(
        _beat(10.5, sums={beat.UP_BYTES: 100}), _beat(11.0, sums={beat.UP_BYTES: 20, beat.SENT: 5})
    )
    pulse.close(0.25)
    pulse.add(_beat(11.5, sums={beat.UP_BYTES: 7}))
    pulse.close(None)
    history = pulse.history
    assert history.series(Track.UP_BYTES)[-2:] == (120.0, 7.0)
    assert history.series(Track.SENT)[-2:] == (5.0, 0.0)
    assert history.series(Track.RTT)[-2:] == (0.25, None)
    assert pulse.totals == {beat.UP_BYTES: 127, beat.SENT: 5}
    assert pulse.second == 12


def test_extremes_are_of_one_second_and_gauges_stay():
    pulse = _pulse(
        _beat(10.5, gauges={beat.BUFFERED_LEAST: 40.0, beat.INPUT_PEAK: 0.5, beat.BUFFERED: 90.0}),
        _beat(11.0, gauges={beat.BUFFERED_LEAST: 60.0, beat.INPUT_PEAK: 0.25, beat.BUFFERED: 80.0}),
    )
    pulse.close(None)
    pulse.close(None)
    assert pulse.history.series(Track.BUFFERED_LEAST)[-2:] == (40.0, None)
    assert pulse.history.series(Track.INPUT_PEAK)[-2:] == (0.5, None)
    assert pulse.gauges[beat.BUFFERED] == 80.0
    assert pulse.buffered_most == 90.0


def test_speech_is_shared_out_over_the_seconds():
    pulse = _pulse()
    pulse.speaks(10.75)
    pulse.speaks(10.9)
    pulse.close(None)
    pulse.close(None)
    pulse.is_silent(12.5)
    pulse.is_silent(12.9)
    pulse.close(None)
    assert pulse.history.series(Track.USER)[-3:] == pytest.approx((250, 1000, 500))


def test_a_second_of_its_own_is_kept_of_each_spread():
    pulse = _pulse(
        _beat(10.5, spreads={"lateness": (3,)}), _beat(11.0, spreads={"lateness": (3, 4, 4)})
    )
    pulse.close(None)
    assert pulse.passed == {"lateness": (3, 3, 4, 4)}
    pulse.measured("rtt", 11.2, 0.0)
    pulse.close(None)
    assert pulse.passed == {"rtt": (0,)}
    assert len(pulse.spread("lateness").merged(12.0, 60)) == 4


def test_types_are_told_apart_up_to_a_bound():
    pulse = _pulse(*(_beat(10.5, types={f"up t{n}": 1}) for n in range(MOST_TYPES + 3)))
    assert pulse.types["up other"] == 3


def test_a_link_that_ended_has_no_kernel_any_more():
    pulse = _pulse(_beat(10.5, gauges={beat.KERNEL_RTT: 0.1, beat.OUTBOX: 3}))
    pulse.link_ended()
    assert pulse.gauges == {beat.OUTBOX: 3}


def test_a_long_silence_is_skipped():
    pulse = _pulse()
    pulse.speaks(10.5)
    pulse.skip(500)
    pulse.close(None)
    assert pulse.history.series(Track.USER)[-2:] == (0.0, 1000.0)


def test_levels_reach_the_meter_of_their_direction():
    sums = {beat.INPUT_ENERGY: 240.0, beat.INPUT_SAMPLES: 480, beat.OUTPUT_SAMPLES: 480}
    pulse = _pulse(_beat(10.5, sums=sums))
    assert pulse.input.dbfs(10.5) == 0.0
    assert pulse.output.dbfs(10.5) == -96.0
