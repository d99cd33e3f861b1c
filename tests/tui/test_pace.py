from __future__ import annotations

from trunkline.tui.pace import Due, Pace


def test_meters_follow_every_tick_and_text_four_in_a_second():
    pace = Pace()
    dues = [pace.next(took=0.001, watched=True) for _ in range(10)]
    assert all(due.meters for due in dues)
    assert sum(due.text for due in dues) == 4
    assert sum(due.rows for due in dues) == 2


def test_the_first_tick_draws_everything():
    assert Pace().next(took=0.0, watched=True) == Due(meters=True, text=True, rows=True)


def test_a_slow_or_unwatched_terminal_gets_two_in_a_second():
    for took, watched in ((0.05, True), (0.001, False)):
        pace = Pace()
        dues = [pace.next(took=took, watched=watched) for _ in range(10)]
        assert sum(due.meters for due in dues) == sum(due.text for due in dues) == 2
