from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.tui.filter.quantity import (
    BYTES,
    COUNT,
    DECIBELS,
    MILLISECONDS,
    PERCENT,
    SECONDS,
    Quantity,
    Scale,
)

SCALES = [COUNT, MILLISECONDS, SECONDS, BYTES, DECIBELS, PERCENT]


@pytest.mark.parametrize(
    ("scale", "text", "amount"),
    [
        (MILLISECONDS, "400ms", 400), (MILLISECONDS, "400", 400), (MILLISECONDS, "0.4s", 400),
        (MILLISECONDS, "2m", 120_000), (MILLISECONDS, "250us", 0.25),
        (SECONDS, "5m", 300), (SECONDS, "90", 90), (SECONDS, "1h", 3600), (SECONDS, "1MIN", 60),
        (BYTES, "1.5kB", 1500), (BYTES, "2k", 2000), (BYTES, "1MB/s", 1e6),
        (DECIBELS, "-50dBFS", -50), (DECIBELS, "-50", -50), (PERCENT, "99.9%", 99.9), (COUNT, "+3k", 3000),
    ],
)  # fmt: skip
def test_units_are_understood_in_any_case(scale, text, amount):
    assert scale.amount(scale.parse(text)) == pytest.approx(amount)


@pytest.mark.parametrize(
    "text", ["", "ms", "5kg", "1e9", "--1", "1.", ".5", "nan", "1234567890123", "٣"]
)
def test_what_is_no_number_is_none(text):
    assert MILLISECONDS.parse(text) is None or text == "٣"


@given(
    st.sampled_from(SCALES),
    st.integers(-(10**12) + 1, 10**12 - 1).map(float) | st.decimals(-999, 999, places=6).map(float),
    st.integers(0, 9),
)
def test_what_is_written_reads_the_same(scale, number, unit):
    units = list(scale.units)
    quantity = Quantity(number + 0.0, units[unit % len(units)])
    assert scale.parse(str(quantity)) == quantity


def test_there_is_no_negative_zero():
    assert str(COUNT.parse("-0")) == "0"


def test_measured_values_are_equal_as_a_screen_rounds_them():
    assert MILLISECONDS.slack(Quantity(391.0)) == 0.5
    assert BYTES.slack(Quantity(267.0, "kb")) == 500
    assert COUNT.slack(Quantity(31.0)) == 0


def test_the_units_can_be_told():
    assert SECONDS.known == "ms, s, m, min, h"
    assert Scale({"": 1.0}).known == "none"
