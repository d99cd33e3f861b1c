"""When a reply is begun, and what is played at the edges of holes and interruptions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from trunkline.audio.format import PCM_24K
from trunkline.audio.jitter import FADE_SAMPLES, JitterBuffer
from trunkline.errors import CodecError

BLOCK = 480
LOUD = 12_000
SLOPE = LOUD / FADE_SAMPLES + 1


def level(samples: int, value: int = LOUD) -> bytes:
    return np.full(samples, value, "<i2").tobytes()


def ints(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(int)


def buffer(**options) -> JitterBuffer:
    return JitterBuffer(**({"prefill_ms": 0, "target_ms": 0} | options))


def noise(samples: int) -> bytes:
    return np.random.default_rng(1).integers(-32768, 32768, samples, "<i2").tobytes()


# Untouched.


def test_a_reply_that_comes_in_time_is_played_bit_for_bit():
    playing, pcm = buffer(prefill_ms=40), noise(BLOCK * 10)
    playing.push("a", 0, pcm[: BLOCK * 12])
    playing.push("a", 0, pcm[BLOCK * 12 :])
    playing.finish("a")
    assert b"".join(playing.pull(BLOCK).pcm for _ in range(10)) == pcm
    assert playing.stats.faded_samples == 0


def test_five_milliseconds_behind_each_pull_are_enough_to_leave_an_unfinished_reply_untouched():
    playing, pcm = buffer(), noise(BLOCK * 3 + FADE_SAMPLES)
    playing.push("a", 0, pcm)
    assert b"".join(playing.pull(BLOCK).pcm for _ in range(3)) == pcm[: BLOCK * 6]


def test_a_reply_follows_another_without_a_fade():
    playing = buffer()
    playing.push("a", 0, noise(100))
    playing.finish("a")
    playing.push("b", 0, level(1000))
    pulled = playing.pull(600)
    assert pulled.pcm == noise(100) + level(500)
    assert [tuple(span) for span in pulled.spans] == [(0, "a", 0, 100), (100, "b", 0, 500)]


def test_each_part_of_an_item_begins_untouched_and_positions_run_on():
    playing = buffer()
    playing.push("a", 0, level(100))
    playing.push("a", 1, level(100))
    playing.finish("a")
    assert playing.pull(BLOCK).spans[1].position == 100
    assert playing.stats.faded_samples == 0


# When a reply begins.


def test_a_reply_waits_for_its_prefill_and_the_silence_is_no_underrun():
    playing = buffer(prefill_ms=40)
    playing.push("a", 0, level(959))
    assert playing.pull(BLOCK) == (bytes(2 * BLOCK), ())
    playing.push("a", 0, level(1))
    assert playing.pull(BLOCK).spans
    assert (playing.stats.underruns, playing.stats.underrun_samples) == (0, 0)


def test_a_reply_shorter_than_the_prefill_begins_when_it_is_whole():
    playing = buffer(prefill_ms=40)
    playing.push("a", 0, level(100))
    playing.pull(BLOCK)
    playing.finish("a")
    assert playing.pull(100).pcm == level(100)


def test_the_reply_behind_another_waits_for_its_own_prefill():
    playing = buffer(prefill_ms=40)
    playing.push("a", 0, level(1000))
    playing.finish("a")
    playing.push("b", 0, level(10))
    assert playing.pull(1500).pcm == level(1000) + bytes(1000)
    assert playing.stats.underruns == 0


def test_nobody_waits_longer_than_half_a_second_for_what_is_there():
    playing = buffer(prefill_ms=1000)
    playing.push("a", 0, level(BLOCK))
    silent = 0
    while not playing.pull(BLOCK).spans:
        silent += 20
    assert silent == 500


def test_silence_without_any_reply_is_no_underrun():
    playing = buffer()
    assert playing.pull(3).pcm == bytes(6)
    assert playing.stats.underruns == 0


def test_a_negative_number_of_samples_cannot_be_pulled():
    with pytest.raises(CodecError):
        buffer().pull(-1)


# Holes.


def test_a_reply_that_runs_dry_is_faded_out_and_comes_back_faded_in():
    playing = buffer()
    playing.push("a", 0, level(BLOCK - 100))
    first = ints(playing.pull(BLOCK).pcm)
    assert first[0] == LOUD
    assert first[379] == 0
    playing.push("a", 0, level(2 * BLOCK))
    second = ints(playing.pull(BLOCK).pcm)
    assert second[0] == LOUD // FADE_SAMPLES
    assert second[FADE_SAMPLES] == LOUD
    assert abs(np.diff(np.concatenate([first, second]))).max() <= SLOPE
    assert playing.stats.played_samples == 380 + BLOCK


def test_a_hole_counts_once_and_its_silence_by_the_sample():
    playing = buffer()
    playing.push("a", 0, level(100))
    playing.pull(BLOCK)
    playing.pull(BLOCK)
    assert (playing.stats.underruns, playing.stats.underrun_samples) == (1, 2 * BLOCK - 100)


def test_behind_a_hole_playing_goes_on_when_the_grown_target_is_there():
    playing = buffer(target_ms=20)
    playing.push("a", 0, level(BLOCK))
    playing.pull(BLOCK + 1)
    assert playing.stats.target_ms == 30
    playing.push("a", 0, level(719))
    assert not playing.pull(BLOCK).spans
    playing.push("a", 0, level(1))
    assert playing.pull(BLOCK).spans
    assert playing.stats.underruns == 1


def test_a_reply_that_runs_dry_again_has_a_second_hole_and_all_before_it_is_played():
    playing = buffer(target_ms=20)
    playing.push("a", 0, level(BLOCK))
    playing.pull(BLOCK + 1)
    playing.push("a", 0, level(BLOCK + 240))
    playing.pull(BLOCK)
    assert playing.pull(BLOCK).spans[0].samples == 240
    assert playing.stats.underruns == 2


def test_the_end_of_a_reply_behind_a_hole_is_played_at_once():
    playing = buffer(target_ms=200)
    playing.push("a", 0, level(BLOCK))
    playing.pull(BLOCK + 1)
    playing.push("a", 0, level(100))
    playing.pull(BLOCK)
    playing.finish("a")
    assert playing.pull(BLOCK).spans[0].samples == 100
    assert playing.stats.underrun_samples == 1 + BLOCK


def test_what_a_hole_has_taught_is_asked_for_before_the_next_reply():
    playing = buffer(prefill_ms=20, target_ms=100)
    playing.push("a", 0, level(BLOCK))
    playing.pull(BLOCK + 1)
    playing.finish("a")
    playing.pull(1)
    playing.push("b", 0, level(69 * 24))
    assert not playing.pull(BLOCK).spans
    playing.push("b", 0, level(24))
    assert playing.pull(BLOCK).spans


def test_a_reply_that_is_nearly_dry_at_the_end_of_a_pull_dips_and_recovers():
    playing = buffer()
    playing.push("a", 0, level(BLOCK + 60))
    first = ints(playing.pull(BLOCK).pcm)
    assert first[-1] == LOUD * 60 // FADE_SAMPLES
    playing.push("a", 0, level(BLOCK))
    second = ints(playing.pull(BLOCK - 100).pcm)
    assert abs(np.diff(np.concatenate([first, second]))).max() <= SLOPE
    assert second[60] == LOUD
    assert playing.stats.underruns == 0


# Interruptions.


def test_a_flushed_reply_fades_over_five_milliseconds_that_count_as_played():
    playing = buffer()
    playing.push("a", 0, level(10 * BLOCK))
    playing.pull(BLOCK)
    assert playing.flush("a") == 9 * BLOCK - FADE_SAMPLES
    pulled = playing.pull(BLOCK)
    played = ints(pulled.pcm)
    assert abs(np.diff(np.concatenate([[LOUD], played]))).max() <= SLOPE
    assert not played[FADE_SAMPLES - 1 :].any()
    assert pulled.spans[0].samples == FADE_SAMPLES
    stats = playing.stats
    assert (stats.played_samples, stats.underruns) == (BLOCK + FADE_SAMPLES, 0)


def test_a_reply_that_has_not_begun_is_flushed_whole():
    playing = buffer()
    playing.push("a", 0, level(BLOCK))
    assert playing.flush() == BLOCK
    assert not playing.pull(BLOCK).spans


def test_what_comes_for_a_flushed_reply_is_dropped():
    playing = buffer()
    playing.push("a", 0, level(2 * BLOCK))
    playing.pull(BLOCK)
    playing.flush()
    assert playing.push("a", 0, level(BLOCK)) == 0
    playing.pull(BLOCK)
    assert playing.pull(BLOCK).pcm == bytes(2 * BLOCK)


def test_the_next_reply_begins_right_behind_the_fade_with_its_own_gain():
    playing = buffer()
    playing.push("a", 0, level(2 * BLOCK))
    playing.push("b", 0, level(2 * BLOCK, -LOUD))
    playing.finish("b")
    playing.pull(BLOCK)
    playing.flush("a")
    played = ints(playing.pull(BLOCK).pcm)
    assert (played[FADE_SAMPLES:] == -LOUD).all()


def test_a_second_flush_does_not_make_the_fade_longer():
    playing = buffer()
    playing.push("a", 0, level(3 * BLOCK))
    playing.push("b", 0, level(BLOCK))
    playing.pull(BLOCK)
    playing.flush("a")
    playing.pull(50)
    assert playing.flush() == BLOCK
    assert playing.flush("b") == 0
    assert playing.pull(BLOCK).spans == ((0, "a", BLOCK + 50, FADE_SAMPLES - 50),)


def test_a_fade_that_is_pulled_in_pieces_goes_on_where_it_was():
    playing = buffer()
    playing.push("a", 0, level(2 * BLOCK))
    playing.pull(BLOCK)
    playing.flush()
    played = ints(b"".join(playing.pull(7).pcm for _ in range(20)))
    assert abs(np.diff(np.concatenate([[LOUD], played]))).max() <= 2 * SLOPE
    assert played[FADE_SAMPLES - 1] == 0


def test_less_than_the_fade_at_the_end_of_a_reply_is_faded_faster():
    playing = buffer()
    playing.push("a", 0, level(BLOCK + 10))
    playing.finish("a")
    playing.pull(BLOCK)
    assert playing.flush() == 0
    played = ints(playing.pull(BLOCK).pcm)
    assert list(played[:10]) == [LOUD * gain // FADE_SAMPLES for gain in range(108, -1, -12)]


def test_a_flush_of_a_later_reply_leaves_the_one_that_plays():
    playing = buffer()
    playing.push("a", 0, level(2 * BLOCK))
    playing.push("b", 0, level(BLOCK))
    playing.finish("a")
    playing.pull(BLOCK)
    assert playing.flush("b") == BLOCK
    assert playing.pull(BLOCK).pcm == level(BLOCK)


def test_a_flush_inside_a_hole_has_nothing_to_fade():
    playing = buffer(target_ms=100)
    playing.push("a", 0, level(BLOCK))
    playing.pull(BLOCK + 1)
    playing.push("a", 0, level(BLOCK))
    assert playing.flush("a") == BLOCK


def test_audio_that_cannot_be_taken_is_booked_as_refused_with_all_behind_it():
    playing = buffer()
    playing.refuse("a", 0, 100)
    assert playing.push("a", 0, level(10)) == 0
    assert playing.stats.refused_samples == 110
    assert playing.stats.received_samples == 110


class JitterBooks(RuleBasedStateMachine):
    """Any order of calls: no sample is lost, none is heard out of order, and no edge is steeper than a fade."""

    items = st.sampled_from("abc")

    def __init__(self):
        super().__init__()
        self.buffer = JitterBuffer(prefill_ms=10, target_ms=20, limit_ms=200)
        self.received: dict[str, int] = {}
        self.played: dict[str, int] = {}
        self.finished: set[str] = set()
        self.is_flushed: set[str] = set()
        self.last = 0
        self.item = ""
        self.natural = False

    @rule(item=items, samples=st.integers(0, 700))
    def push(self, item, samples):
        self.received[item] = self.received.get(item, 0) + samples
        if item in self.finished:
            # What comes behind the end has an edge of its own.
            self.natural = True
        self.buffer.push(item, 0, level(samples))

    @rule(item=items)
    def finish(self, item):
        if item in self.received:
            self.buffer.finish(item)
            self.finished.add(item)

    @rule(item=st.sampled_from(["a", "b", "c", None]))
    def flush(self, item):
        self.buffer.flush(item)

    @rule(samples=st.integers(0, 600))
    def pull(self, samples):
        pulled = self.buffer.pull(samples)
        assert len(pulled.pcm) == 2 * samples
        played, edges = ints(pulled.pcm), set()
        end = 0
        for span in pulled.spans:
            # Each item is heard from its beginning on, without a hole.
            assert span.position == self.played.get(span.item_id, 0)
            assert not played[end : span.offset].any()
            end = span.offset + span.samples
            if span.position == 0 or span.item_id != self.item:
                edges.add(span.offset)
            self.item = span.item_id
            self.played[span.item_id] = span.position + span.samples
            if span.item_id in self.finished:
                edges.add(end)
        assert not played[end:].any()
        self._check_edges(played, edges)

    def _check_edges(self, played, edges):
        steps = np.diff(np.concatenate([[self.last], played]))
        steep = set(np.flatnonzero(abs(steps) > SLOPE).tolist())
        # Only where a reply begins, or has its own end.
        if not self.natural:
            assert steep <= edges
        self.last = int(played[-1]) if len(played) else self.last

    @invariant()
    def no_sample_is_lost_from_the_books(self):
        stats = self.buffer.stats
        dropped = stats.flushed_samples + stats.refused_samples
        assert stats.received_samples == stats.played_samples + stats.buffered_samples + dropped
        assert stats.received_samples == sum(self.received.values())
        assert stats.played_samples == sum(self.played.values())
        assert 0 <= stats.buffered_samples <= PCM_24K.samples_of_ms(200)


TestJitterBooks = JitterBooks.TestCase
TestJitterBooks.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
