from __future__ import annotations

from trunkline.soak.agenda import Agenda
from trunkline.soak.speaker import Speaker


def test_it_plays_in_real_time_one_after_another_and_reports():
    agenda, told = Agenda(), []
    speaker = Speaker(agenda, lambda item_id, samples: told.append((agenda.now, item_id, samples)))
    speaker.take("a", 18_000, 5)
    speaker.take("b", 6_000, 9)
    agenda.run_until(10.0)
    assert told == [(0.5, "a", 12_000), (1.0, "a", 18_000), (1.0, "b", 6_000)]
    assert speaker.is_silent


def test_an_answer_that_was_stopped_is_played_no_further_and_says_so():
    agenda, told = Agenda(), []
    speaker = Speaker(agenda, lambda item_id, samples: told.append(samples))
    assert not speaker.take("a", 48_000, 5).is_stopped
    agenda.run_until(0.6)
    speaker.stop("a")
    agenda.run_until(5.0)
    assert told == [12_000]
    before = speaker.take("a", 10, 0)
    assert (before.is_stopped, before.received, before.start) == (True, 48_000, 5)
