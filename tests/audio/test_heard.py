"""What of that which a loudspeaker was given has been heard."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.heard import HeardLedger
from trunkline.audio.jitter import Span

BLOCK = 480
SECONDS = BLOCK / 24_000


def block(item_id: str, position: int, offset: int = 0, samples: int = BLOCK) -> tuple[Span, ...]:
    return (Span(offset, item_id, position, samples),)


def test_what_was_given_is_not_heard_before_its_time():
    ledger = HeardLedger()
    ledger.give(5.0, block("a", 0))
    assert ledger.heard(5.0) == []
    assert not ledger.is_empty


def test_a_block_is_heard_sample_by_sample():
    ledger = HeardLedger()
    ledger.give(5.0, block("a", 0))
    assert ledger.heard(5.0 + SECONDS / 2) == [("a", 240)]
    assert ledger.heard(5.0 + SECONDS / 2) == []
    assert ledger.heard(5.0 + SECONDS) == [("a", 480)]
    assert ledger.is_empty


def test_whoever_asks_for_an_earlier_time_again_is_told_nothing_twice():
    ledger = HeardLedger()
    ledger.give(5.0, block("a", 0))
    ledger.heard(5.0 + SECONDS / 2)
    assert ledger.heard(5.0) == []
    assert ledger.heard(5.0 + SECONDS / 2) == []


def test_silence_before_a_piece_is_no_part_of_it():
    ledger = HeardLedger()
    ledger.give(5.0, block("a", 100, offset=240, samples=240))
    assert ledger.heard(5.0 + SECONDS / 2) == []
    assert ledger.heard(5.0 + SECONDS) == [("a", 340)]


def test_items_are_told_in_the_order_they_were_played_each_once():
    ledger = HeardLedger()
    ledger.give(0.0, block("b", 0))
    ledger.give(SECONDS, block("b", BLOCK) + block("a", 0))
    assert ledger.heard(1.0) == [("b", 960), ("a", 480)]


def test_what_a_lost_device_holds_is_never_heard():
    ledger = HeardLedger()
    for number in range(3):
        ledger.give(number * SECONDS, block("a", number * BLOCK))
    assert ledger.lose(SECONDS / 2) == 1200
    assert ledger.heard(100.0) == [("a", 240)]
    assert ledger.is_empty


def test_what_was_told_before_the_loss_is_not_told_again():
    ledger = HeardLedger()
    ledger.give(0.0, block("a", 0))
    assert ledger.heard(SECONDS / 2) == [("a", 240)]
    assert ledger.lose(SECONDS / 2) == 240
    assert ledger.is_empty
    ledger.give(1.0, block("a", 480))
    assert ledger.heard(2.0) == [("a", 960)]


def test_a_loss_that_lies_before_what_was_told_takes_nothing_back():
    ledger = HeardLedger()
    ledger.give(0.0, block("a", 0))
    ledger.heard(SECONDS / 2)
    assert ledger.lose(0.0) == 480
    assert ledger.heard(10.0) == []


def test_a_loss_with_nothing_given_loses_nothing():
    assert HeardLedger().lose(1.0) == 0


def test_behind_a_loss_the_position_is_beyond_what_was_swallowed():
    ledger = HeardLedger()
    ledger.give(0.0, block("a", 0))
    ledger.lose(0.0)
    ledger.give(1.0, block("a", 480))
    assert ledger.heard(1.0) == []
    assert ledger.heard(2.0) == [("a", 960)]


@given(st.lists(st.tuples(st.integers(1, 600), st.floats(0, 0.05)), max_size=20), st.data())
def test_heard_only_grows_and_never_passes_what_was_given(pieces, data):
    ledger = HeardLedger()
    given_samples, heard_samples, now, due = 0, 0, 0.0, 0.0
    for samples, later in pieces:
        due += later
        ledger.give(due, block("a", given_samples, samples=samples))
        given_samples += samples
        due += samples / 24_000
        now += data.draw(st.floats(0, 0.05))
        if data.draw(st.booleans()):
            ledger.lose(now)
        for _, heard in ledger.heard(now):
            assert heard_samples < heard <= given_samples
            heard_samples = heard
