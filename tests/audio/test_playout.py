"""The playout buffer and its books."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from trunkline.audio.format import PCM_24K
from trunkline.audio.playout import Playout
from trunkline.errors import CodecError


def pcm(samples: int, value: int = 1) -> bytes:
    return value.to_bytes(2, "little") * samples


def test_audio_is_played_in_the_order_it_came_and_cut_where_the_speaker_asks():
    playout = Playout()
    playout.push("a", 0, pcm(3, 1))
    playout.push("a", 0, pcm(2, 2))
    playout.push("b", 0, pcm(4, 3))
    assert playout.pull(4) == pcm(3, 1) + pcm(1, 2)
    assert playout.pull(5) == pcm(1, 2) + pcm(4, 3)


def test_a_pull_is_padded_with_silence_that_no_item_is_charged_for():
    playout = Playout()
    playout.push("a", 0, pcm(3))
    assert playout.pull(5) == pcm(3) + bytes(4)
    assert playout.played_samples("a") == 3


def test_each_part_has_its_own_ledger():
    playout = Playout()
    playout.push("a", 0, pcm(24))
    playout.push("a", 1, pcm(48))
    playout.pull(48)
    assert (playout.played_ms("a"), playout.received_ms("a")) == (1, 1)
    assert (playout.played_ms("a", 1), playout.received_ms("a", 1)) == (1, 2)
    assert playout.buffered_ms == 1


def test_milliseconds_played_are_rounded_down():
    playout = Playout()
    playout.push("a", 0, pcm(48))
    playout.pull(47)
    assert playout.played_ms("a") == 1


def test_what_nothing_is_known_of_has_zero_everywhere():
    playout = Playout()
    assert playout.played_ms("a") == playout.received_ms("a") == 0
    playout.push("a", 0, pcm(24))
    assert playout.received_ms("a", 1) == 0


def test_running_dry_inside_a_reply_is_one_underrun_however_long_it_lasts():
    playout = Playout()
    playout.push("a", 0, pcm(3))
    playout.pull(5)
    playout.pull(5)
    assert (playout.stats.underruns, playout.stats.underrun_samples) == (1, 7)


def test_a_reply_that_runs_dry_again_has_a_second_underrun():
    playout = Playout()
    for _ in range(2):
        playout.push("a", 0, pcm(3))
        playout.pull(5)
    assert playout.stats.underruns == 2


def test_running_dry_behind_a_finished_reply_is_no_underrun():
    playout = Playout()
    playout.push("a", 0, pcm(3))
    assert playout.is_open
    playout.finish("a")
    playout.pull(5)
    assert not playout.is_open
    assert playout.stats.underruns == 0


def test_silence_before_any_reply_is_no_underrun():
    playout = Playout()
    assert playout.pull(2) == bytes(4)
    assert playout.stats.underruns == 0


def test_a_flush_drops_what_is_buffered_and_what_still_comes():
    playout = Playout()
    playout.push("a", 0, pcm(10))
    playout.pull(4)
    assert playout.flush() == 6
    assert playout.push("a", 0, pcm(5)) == 0
    assert playout.push("a", 1, pcm(1)) == 0
    assert playout.pull(1) == bytes(2)
    assert (playout.played_samples("a"), playout.received_samples("a")) == (4, 15)
    assert (playout.stats.flushed_samples, playout.stats.underruns) == (12, 0)


def test_a_flush_reaches_a_reply_whose_audio_has_all_been_played_but_is_unfinished():
    playout = Playout()
    playout.push("a", 0, pcm(4))
    playout.pull(4)
    assert playout.flush() == 0
    assert playout.push("a", 0, pcm(5)) == 0


def test_a_flush_of_one_item_leaves_the_others():
    playout = Playout()
    playout.push("a", 0, pcm(3, 1))
    playout.push("b", 0, pcm(3, 2))
    assert playout.flush("a") == 3
    assert playout.flush("unknown") == 0
    assert playout.pull(3) == pcm(3, 2)


def test_a_flush_may_leave_a_tail_of_what_is_played_next_and_of_nothing_behind_another_item():
    playout = Playout()
    for item_id, value in (("a", 1), ("a", 2), ("b", 3), ("a", 4)):
        playout.push(item_id, 0, pcm(3, value))
    assert playout.flush("b", tail_samples=2) == 3
    assert playout.flush("a", tail_samples=4) == 5
    assert playout.ahead_samples("a", 100) == 4
    playout.push("c", 0, pcm(3, 5))
    assert playout.flush(tail_samples=1) == 6
    assert playout.pull(2) == pcm(1, 1) + bytes(2)
    for item_id in ("d", "e", "d"):
        playout.push(item_id, 0, pcm(3))
    assert playout.flush("d", tail_samples=5) == 3
    assert playout.stats.played_samples == 1


def test_the_reply_after_a_flush_is_played():
    playout = Playout()
    playout.push("a", 0, pcm(3))
    playout.flush()
    assert playout.push("b", 0, pcm(2)) == 2
    assert playout.pull(2) == pcm(2)


def test_audio_over_the_limit_is_refused_and_so_is_the_rest_of_its_part():
    playout = Playout(limit_ms=1)
    assert playout.push("a", 0, pcm(30)) == 24
    playout.pull(24)
    assert playout.push("a", 0, pcm(5)) == 0
    assert playout.push("b", 0, pcm(5)) == 5
    assert playout.stats.refused_samples == 11
    assert playout.played_samples("a") == 24


def test_half_a_sample_is_refused_before_anything_is_booked():
    playout = Playout()
    with pytest.raises(CodecError):
        playout.push("a", 0, b"abc")
    assert not playout.is_open
    assert playout.stats.received_samples == 0


def test_a_negative_number_of_samples_cannot_be_pulled():
    with pytest.raises(CodecError):
        Playout().pull(-1)


def test_a_forgotten_item_has_no_ledger_and_no_audio():
    playout = Playout()
    playout.push("a", 0, pcm(24))
    playout.pull(10)
    playout.forget("a")
    playout.forget("a")
    assert playout.received_ms("a") == 0
    assert playout.pull(1) == bytes(2)


def test_stats_are_a_value_that_does_not_move():
    playout = Playout(audio_format=PCM_24K)
    before = playout.stats
    playout.push("a", 0, pcm(48))
    assert before.received_samples == 0
    assert (playout.stats.buffered_ms, playout.stats.unfinished) == (2, 1)
    with pytest.raises(FrozenInstanceError):
        before.received_samples = 1


class PlayoutBooks(RuleBasedStateMachine):
    """Any order of calls keeps the books: the model is a list of samples with their owners."""

    keys = st.tuples(st.sampled_from("abc"), st.integers(0, 1))

    def __init__(self):
        super().__init__()
        self.playout = Playout(limit_ms=2)
        self.pushed: dict[tuple[str, int], bytes] = {}
        self.heard: dict[tuple[str, int], int] = {}
        self.owners: dict[int, tuple[str, int]] = {}

    @rule(key=keys, samples=st.integers(0, 40))
    def push(self, key, samples):
        number = len(self.owners) + 1
        self.owners[number] = key
        self.pushed[key] = self.pushed.get(key, b"") + pcm(samples, number)
        assert 0 <= self.playout.push(*key, pcm(samples, number)) <= samples

    @rule(samples=st.integers(0, 60))
    def pull(self, samples):
        played = self.playout.pull(samples)
        assert len(played) == samples * 2
        for start in range(0, len(played), 2):
            sample = played[start : start + 2]
            key = self.owners.get(int.from_bytes(sample, "little"))
            if key is not None:
                position = self.heard.get(key, 0)
                # What is heard of a part is a prefix of what was received of it.
                assert self.pushed[key][position * 2 : position * 2 + 2] == sample
                self.heard[key] = position + 1

    @rule(item_id=st.sampled_from(["a", "b", "c", None]))
    def flush(self, item_id):
        self.playout.flush(item_id)

    @rule(item_id=st.sampled_from("abc"))
    def finish(self, item_id):
        self.playout.finish(item_id)

    @invariant()
    def played_is_what_was_heard_and_never_more_than_received(self):
        for key, stream in self.pushed.items():
            assert self.playout.played_samples(*key) == self.heard.get(key, 0)
            assert self.playout.received_samples(*key) == len(stream) // 2
            assert self.playout.played_ms(*key) <= self.playout.received_ms(*key)

    @invariant()
    def no_sample_is_lost_from_the_books(self):
        stats = self.playout.stats
        dropped = stats.flushed_samples + stats.refused_samples
        accounted = stats.played_samples + stats.buffered_samples + dropped
        assert stats.received_samples == accounted
        assert 0 <= stats.buffered_samples <= PCM_24K.samples_of_ms(2)


TestPlayoutBooks = PlayoutBooks.TestCase
TestPlayoutBooks.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
