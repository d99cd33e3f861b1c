from __future__ import annotations

import pytest

from trunkline.tui import numbers
from trunkline.tui.numbers import age, bare, dbfs, size, thousands, utc


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


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "-"), (0, "0"), (0.4, "0.4"), (9.0, "9"), (9.96, "10"), (38.4, "38"), (1420, "1420")],
)
def test_milliseconds_under_a_head_have_no_unit(value, words):
    assert bare(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [(None, "-"), (-17.4, "-17"), (-96.0, "-inf"), (-120.0, "-inf"), (-3, "-3")]
)
def test_levels(value, words):
    assert dbfs(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        (0, "00:00"),
        (451, "07:31"),
        (5999, "99:59"),
        (6000, "1h40m"),
        (86_399, "23h59m"),
        (273_600, "3d04h"),
    ],
)
def test_an_age_in_few_cells(value, words):
    assert age(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        (0, "0 B"),
        (999, "999 B"),
        (2100, "2.1 kB"),
        (267_000, "267 kB"),
        (73e6, "73.0 MB"),
    ],
)
def test_sizes(value, words):
    assert size(value) == words


def test_counts_and_moments():
    assert [thousands(value) for value in (None, 999, 5200)] == ["-", "999", "5.2k"]
    assert (utc(0.0), utc(None), utc(3600.0, "%H:%M")) == ("00:00:00", "--:--:--", "01:00")
