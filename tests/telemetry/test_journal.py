from __future__ import annotations

from telemetry.recorded import RATE_HZ, recorded
from trunkline.protocol.observations import Anomaly
from trunkline.telemetry.journal import KEPT_LINES, Journal


def _anomaly(at, kind="odd"):
    return Anomaly(at=at, epoch=1, kind=kind, sample="{}")


def test_equal_facts_in_a_row_are_one_line():
    journal = Journal(RATE_HZ)
    for n in range(5):
        journal.observe(_anomaly(float(n)))
    (line,) = journal.view()
    assert (line.count, line.at) == (5, 4.0)


def test_the_journal_is_bounded():
    journal = Journal(RATE_HZ)
    for n in range(KEPT_LINES * 2):
        journal.observe(_anomaly(float(n), f"kind {n}"))
    assert len(journal.view()) == KEPT_LINES


def test_a_run_of_half_a_minute_is_read_at_a_glance():
    journal = Journal(RATE_HZ)
    for fact in recorded():
        journal.observe(fact)
    assert 20 < len(journal.view()) < 60


def test_the_view_is_the_same_object_until_something_happens():
    journal = Journal(RATE_HZ)
    journal.observe(_anomaly(1.0))
    assert journal.view() is journal.view()
