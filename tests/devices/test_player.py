"""What a loudspeaker plays of a line's answers, and how much of them was heard."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from trunkline.devices.player import INTERPRETER, Player
from trunkline.errors import CodecError
from trunkline.protocol import events

BLOCK = 480
LATENCY = 0.06


class Device:
    """A sink that holds 60 ms, on a clock that is turned by hand."""

    def __init__(self, **options):
        self.now = 100.0
        self.player = Player(**({"prefill_ms": 0, "target_ms": 0, "now": self.time} | options))

    def time(self) -> float:
        return self.now

    def play(self, blocks: int = 1) -> bytes:
        played = b""
        for _ in range(blocks):
            played += self.player.fill(BLOCK, self.now + LATENCY)
            self.now += 0.02
        return played


def level(samples: int) -> bytes:
    return np.full(samples, 1000, "<i2").tobytes()


def delta(item_id: str, samples: int, response_id: str = "r") -> events.AudioDelta:
    return events.AudioDelta(
        response_id=response_id,
        item_id=item_id,
        output_index=0,
        content_index=0,
        pcm=level(samples),
    )


def done(item_id: str) -> events.AudioDone:
    return events.AudioDone(response_id="r", item_id=item_id)


def response_done(status: str = "completed") -> events.ResponseDone:
    return events.ResponseDone(response_id="r", status=status, response={})


def test_an_answer_is_played_as_it_came():
    device = Device()
    device.player.receive(delta("a", 2 * BLOCK))
    device.player.receive(done("a"))
    assert device.play(2) == level(2 * BLOCK)


def test_what_was_given_is_heard_when_the_device_says_so():
    device = Device()
    device.player.receive(delta("a", 4 * BLOCK))
    device.play(3)
    assert device.player.heard() == []
    device.play()
    assert device.player.heard() == [("a", BLOCK)]
    assert device.player.heard(device.now + 0.01) == [("a", BLOCK + 240)]


def test_how_much_the_sink_has_is_known_at_once_and_from_any_thread_that_it_is():
    device = Device()
    device.player.receive(delta("a", 4 * BLOCK))
    device.player.receive(delta("b", 4 * BLOCK))
    assert not device.player.has_given
    assert device.player.given() == [("a", 0), ("b", 0)]
    assert device.player.given() == []
    device.play(3)
    assert device.player.has_given
    assert device.player.given() == [("a", 3 * BLOCK)]
    assert not device.player.has_given
    device.play(2)
    device.now += LATENCY
    # Asked late, it forgets neither what was given nor what was heard.
    assert device.player.heard() == [("a", 4 * BLOCK), ("b", BLOCK)]
    assert device.player.given() == [("a", 4 * BLOCK), ("b", BLOCK)]


def test_an_interrupted_answer_stops_within_a_block_and_what_still_comes_is_dropped():
    device = Device()
    device.player.receive(delta("a", 10 * BLOCK))
    device.play()
    device.player.receive(events.Interrupted(item_id="a", reason="the user spoke"))
    device.player.receive(delta("a", BLOCK))
    played = np.frombuffer(device.play(2), "<i2")
    assert not played[119:].any()
    assert device.player.stats.flushed_samples == 10 * BLOCK - 120


def test_a_response_that_is_cancelled_ends_its_items():
    device = Device()
    device.player.receive(delta("a", BLOCK))
    device.player.receive(response_done("cancelled"))
    device.play(2)
    assert device.player.stats.underruns == 0


def test_the_end_of_a_response_without_audio_says_nothing():
    device = Device()
    device.player.receive(response_done())
    assert device.player.is_quiet


def test_an_interpreter_is_one_stream_that_ends_with_its_line():
    device = Device()
    for _ in range(2):
        device.player.receive(events.TranslatedAudio(pcm=level(BLOCK), elapsed_ms=None))
    # The last 5 ms are faint: whether more comes is not known.
    assert device.play(2)[: 2 * BLOCK] == level(BLOCK)
    device.now += LATENCY
    assert device.player.heard() == [(INTERPRETER, 2 * BLOCK)]
    assert not device.player.is_quiet
    device.player.finish_all()
    device.play()
    assert device.player.is_quiet


def test_other_events_are_ignored():
    device = Device()
    device.player.receive(events.SpeechStarted(item_id="u", audio_start_ms=0))
    assert device.player.is_quiet


def test_it_is_quiet_when_all_has_been_heard():
    device = Device()
    player = device.player
    assert player.is_quiet
    player.receive(delta("a", BLOCK))
    assert not player.is_quiet
    player.receive(done("a"))
    device.play()
    assert not player.is_quiet
    device.now += LATENCY
    assert player.is_quiet
    assert player.heard() == [("a", BLOCK)]


def test_an_unfinished_answer_is_not_quiet_although_nothing_is_left_of_it():
    device = Device()
    device.player.receive(delta("a", BLOCK))
    device.play(10)
    device.player.heard()
    assert not device.player.is_quiet
    device.player.receive(done("a"))
    assert not device.player.is_quiet
    device.play()
    assert device.player.is_quiet


def test_what_has_not_been_looked_at_yet_counts_as_buffered():
    device = Device()
    device.player.push("a", 0, level(BLOCK))
    stats = device.player.stats
    assert (stats.received_samples, stats.buffered_ms) == (BLOCK, 20.0)


def test_holes_are_counted_and_raise_the_target():
    device = Device(target_ms=100)
    device.player.push("a", 0, level(BLOCK))
    device.play(3)
    stats = device.player.stats
    assert (stats.underruns, stats.underrun_ms, stats.target_ms) == (1, 40.0, 150)
    assert stats.faded_samples == 120


def test_what_a_lost_device_holds_is_not_heard_and_does_not_keep_it_from_being_quiet():
    device = Device()
    device.player.push("a", 0, level(4 * BLOCK))
    device.player.finish("a")
    device.play(4)
    assert device.player.lose() == 3 * BLOCK
    device.now += 10
    assert device.player.heard() == [("a", BLOCK)]
    assert device.player.is_quiet


def test_the_loss_may_be_told_later_than_it_was():
    device = Device()
    device.player.push("a", 0, level(4 * BLOCK))
    device.play(4)
    assert device.player.lose(0.0) == 4 * BLOCK


def test_a_flush_of_all_takes_what_is_not_looked_at_yet():
    device = Device()
    device.player.push("a", 0, level(BLOCK))
    device.player.push("b", 0, level(BLOCK))
    device.player.flush()
    assert device.play() == bytes(2 * BLOCK)


def test_a_sink_that_does_not_pull_makes_nothing_pile_up():
    device = Device(limit_ms=100)
    for _ in range(10):
        device.player.push("a", 0, level(BLOCK))
    refused = level(BLOCK)
    before = sys.getrefcount(refused)
    device.player.push("a", 0, refused)
    assert sys.getrefcount(refused) == before
    device.play()
    stats = device.player.stats
    assert stats.refused_samples == 6 * BLOCK
    assert stats.played_samples == BLOCK
    assert stats.buffered_samples == 4 * BLOCK


def test_half_a_sample_is_refused_before_anything_is_booked():
    device = Device()
    with pytest.raises(CodecError):
        device.player.push("a", 0, b"abc")
    assert device.player.is_quiet


def test_an_echo_canceller_is_told_what_was_given_with_its_silence():
    device, seen = Device(), []
    device.player.on_played = lambda pcm, heard_at: seen.append((pcm, heard_at))
    device.player.push("a", 0, level(100))
    device.player.finish("a")
    played = device.play()
    assert seen == [(played, 100.0 + LATENCY)]


def test_a_thread_may_pull_while_the_loop_pushes():
    """As many switches between the two as there can be, and no sample is lost."""
    player, blocks, played = Player(prefill_ms=0, now=lambda: 1e9), 400, []
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    is_over = threading.Event()

    def pull():
        while not is_over.is_set() or not player.is_quiet:
            played.append(player.fill(BLOCK, 0.0))

    thread = threading.Thread(target=pull)
    try:
        thread.start()
        for number in range(blocks):
            player.push("a", 0, np.full(BLOCK, number + 1, "<i2").tobytes())
            assert player.stats.buffered_samples >= 0
        player.finish("a")
        is_over.set()
        thread.join(20)
    finally:
        sys.setswitchinterval(switching)
    samples = np.frombuffer(b"".join(played), "<i2")
    stats = player.stats
    assert stats.received_samples == stats.played_samples == blocks * BLOCK
    # Where it ran dry there are fades, which change values and never their order.
    assert set(np.unique(samples[samples > 0])) >= {blocks}


class PlayerBooks(RuleBasedStateMachine):
    """Any order of calls: the books agree at any time, heard is never ahead of played nor goes back."""

    items = st.sampled_from("abc")

    def __init__(self):
        super().__init__()
        self.device = Device(limit_ms=300)
        self.heard: dict[str, int] = {}

    @rule(item=items, samples=st.integers(0, 2000))
    def push(self, item, samples):
        self.device.player.push(item, 0, level(samples))

    @rule(item=items)
    def finish(self, item):
        self.device.player.finish(item)

    @rule(item=st.sampled_from(["a", "b", "c", None]))
    def flush(self, item):
        self.device.player.flush(item)

    @rule(blocks=st.integers(0, 4))
    def play(self, blocks):
        self.device.play(blocks)

    @rule(seconds=st.floats(0, 0.1))
    def listen(self, seconds):
        self.device.now += seconds
        for item, samples in self.device.player.heard():
            assert samples > self.heard.get(item, -1)
            self.heard[item] = samples

    @rule()
    def lose(self):
        self.device.player.lose()

    @invariant()
    def books_agree(self):
        stats = self.device.player.stats
        accounted = stats.played_samples + stats.buffered_samples
        accounted += stats.flushed_samples + stats.refused_samples
        assert stats.received_samples == accounted
        assert sum(self.heard.values()) <= stats.played_samples


TestPlayerBooks = PlayerBooks.TestCase
TestPlayerBooks.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
