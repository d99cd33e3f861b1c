from __future__ import annotations

from trunkline.telemetry.flow import Flow


def test_rates_are_per_second_over_whole_seconds():
    flow = Flow(100.0, 24_000)
    for n in range(100):
        at = 100.0 + n * 0.02
        flow.message(at, 1_300)
        flow.audio(at, 480)
    view = flow.view(102.0)
    assert view.bytes_per_s == 65_000
    assert view.messages_per_s == view.chunks_per_s == 50
    assert view.audio_per_s == 1.0
    assert (view.bytes_total, view.messages_total, view.audio_ms) == (130_000, 100, 2000.0)


def test_nothing_is_known_in_the_first_second():
    view = Flow(100.0, 24_000).view(100.5)
    assert view.bytes_per_s is view.audio_per_s is None
    assert view.bytes_series == (None,) * 60
