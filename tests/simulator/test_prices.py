from __future__ import annotations

import pytest

from trunkline.simulator.bill import Bill
from trunkline.simulator.prices import PRICES, dollars


def test_each_kind_of_token_has_its_price():
    bill = Bill(text_in=1_000_000, cached_text_in=500_000, audio_in=1_000_000, audio_out=100_000)
    assert dollars(bill, "gpt-realtime-2.1") == pytest.approx(2.0 + 0.2 + 32.0 + 6.4)
    assert dollars(bill, "gpt-realtime-2.1-mini") == pytest.approx(0.3 + 0.03 + 10.0 + 2.0)


def test_transcription_is_paid_by_the_minute_where_it_has_a_price_by_time():
    assert dollars(Bill(transcription_seconds=60.0), "gpt-realtime-2") == pytest.approx(0.017)


def test_a_model_without_a_known_price_costs_nothing_that_we_could_name():
    assert dollars(Bill(text_in=1), "somebody-elses") is None


@pytest.mark.parametrize("price", PRICES.values(), ids=list(PRICES))
def test_what_comes_from_the_cache_is_cheaper(price):
    assert all(kind[1] < kind[0] for kind in (price.text, price.audio, price.image))
