from __future__ import annotations

import pytest

from trunkline.tui import numbers


@pytest.mark.parametrize(
    ("made", "read"),
    [
        (numbers.clock(None), "-"),
        (numbers.clock(0), "00:00"),
        (numbers.clock(61.9), "01:01"),
        (numbers.clock(3600), "1:00:00"),
        (numbers.milliseconds(None), "-"),
        (numbers.milliseconds(0), "0 ms"),
        (numbers.milliseconds(1.25), "1.2 ms"),
        (numbers.milliseconds(391.4), "391 ms"),
        (numbers.milliseconds(391.4, ""), "391"),
        (numbers.milliseconds(12_345), "12.3 s"),
        (numbers.seconds(None), "-"),
        (numbers.seconds(0.42), "0.42 s"),
        (numbers.seconds(12.34), "12.3 s"),
        (numbers.seconds(100), "100 s"),
        (numbers.audio(640), "640 ms"),
        (numbers.audio(12_340), "12.34 s"),
        (numbers.audio(None), "-"),
        (numbers.rate(None, "ev"), "- ev/s"),
        (numbers.rate(50, "ev"), "50.0 ev/s"),
        (numbers.kilobytes(66_400), "66.4 kB/s"),
        (numbers.kilobytes(6_100_000), "6.1 MB/s"),
        (numbers.kilobytes(None), "- kB/s"),
        (numbers.percent(0.99996), "99.9 %"),
        (numbers.percent(1.0), "100.0 %"),
        (numbers.percent(None), "-"),
    ],
)
def test_numbers_as_they_are_read(made, read):
    assert made == read
