from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trunkline.protocol.observations import TakenOver
from trunkline.telemetry.books import Ledgers
from trunkline.telemetry.metrics import LineMetrics
from trunkline.telemetry.report import RunReport

_STEPS = st.lists(
    st.tuples(st.sampled_from(["accept", "consume", "gap"]), st.integers(1, 10_000)), max_size=50
)


@given(_STEPS)
def test_every_sample_is_consumed_retained_or_a_gap(steps):
    books = Ledgers(24_000)
    retained = 0
    for what, samples in steps:
        if what == "accept":
            books.accepted += samples
            retained += samples
        else:
            samples = min(samples, retained)
            retained -= samples
            if what == "consume":
                books.consumed += samples
            else:
                books.gap += samples
    books.compare(retained)
    assert books.retained == retained
    assert books.view().balanced is True


def test_books_are_neither_right_nor_wrong_before_the_line_told_its_own_count():
    assert Ledgers(24_000).view().balanced is None


def test_a_single_missing_sample_is_seen():
    books = Ledgers(24_000)
    books.accepted = 24_000
    books.compare(23_999)
    assert books.view().balanced is False
    assert books.view().imbalance_ms == -0.042


def test_milliseconds_are_rounded_to_thousandths():
    assert Ledgers(24_000).milliseconds(1) == 0.042
    assert Ledgers(16_000).milliseconds(16_000) == 1000.0


def test_books_go_on_from_those_of_another_process():
    books = Ledgers(1000)
    fact = TakenOver(
        at=0.0, epoch=0, items=1, accepted_samples=9, consumed_samples=4, gap_samples=2
    )
    books.take_over(fact)
    books.compare(3)
    assert (books.retained, books.view().imbalance_ms) == (3, 0.0)
    for fold in (LineMetrics("x", 1000), RunReport(1000)):
        fold.observe(fact)
