"""The pacing of reply audio to a telephone."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio.g711 import decode_alaw, decode_ulaw, encode_ulaw
from trunkline.audio.pacing import Pacer
from trunkline.errors import CodecError, ConfigError

FRAME = 160


def pcm(samples: int, value: int = 1000) -> bytes:
    return value.to_bytes(2, "little", signed=True) * samples


def taken(pacer: Pacer, now: float) -> list:
    return list(iter(lambda: pacer.take(now), None))


def test_a_long_answer_goes_out_as_the_lead_and_then_frame_by_frame():
    pacer = Pacer()
    pacer.push("a", pcm(20 * FRAME))
    assert len(taken(pacer, 5.0)) == 8
    assert pacer.next_at == pytest.approx(5.02, abs=1e-5)
    assert taken(pacer, 5.019) == []
    assert len(taken(pacer, 5.02)) == 1
    assert len(taken(pacer, 5.06)) == 2


def test_a_frame_is_160_codes_of_what_was_pushed():
    pacer = Pacer()
    sound = np.arange(-80, 240, dtype="<i2") * 40
    pacer.push("a", sound)
    first, second = taken(pacer, 0.0)
    assert first.codes + second.codes == encode_ulaw(sound)
    assert [len(frame.codes) for frame in (first, second)] == [FRAME, FRAME]
    assert [frame.number for frame in (first, second)] == [1, 2]


def test_what_is_short_of_a_frame_waits_for_the_rest_of_its_item():
    pacer = Pacer()
    pacer.push("a", pcm(100))
    assert pacer.next_at is None
    assert pacer.take(0.0) is None
    pacer.push("a", pcm(60))
    frame = pacer.take(0.0)
    assert frame is not None
    assert frame.samples == FRAME


@pytest.mark.parametrize(("law", "decode"), [("ulaw", decode_ulaw), ("alaw", decode_alaw)])
def test_the_last_frame_of_an_item_is_filled_with_silence_that_is_not_counted(law, decode):
    pacer = Pacer(law=law)
    pacer.push("a", pcm(100))
    pacer.finish("a")
    frame = pacer.take(0.0)
    assert (frame.samples, len(frame.codes)) == (100, FRAME)
    assert np.abs(np.frombuffer(decode(frame.codes), "<i2")[100:]).max() <= 8
    assert pacer.heard(1) == {"a": 100}


def test_the_next_item_ends_the_one_before():
    pacer = Pacer()
    pacer.push("a", pcm(FRAME + 40))
    pacer.push("b", pcm(FRAME))
    assert [(frame.item_id, frame.samples) for frame in taken(pacer, 0.0)] == [
        ("a", FRAME),
        ("a", 40),
        ("b", FRAME),
    ]


def test_one_number_says_that_all_before_it_were_heard_and_of_which_items():
    pacer = Pacer()
    pacer.push("a", pcm(2 * FRAME))
    pacer.push("b", pcm(2 * FRAME))
    taken(pacer, 0.0)
    assert pacer.heard(1) == {"a": FRAME}
    assert pacer.heard(3) == {"a": 2 * FRAME, "b": FRAME}
    assert pacer.heard(3) == {}


def test_a_number_that_was_never_sent_says_nothing():
    pacer = Pacer()
    pacer.push("a", pcm(2 * FRAME))
    taken(pacer, 0.0)
    assert pacer.heard(3) == {}
    assert pacer.heard(2) == {"a": 2 * FRAME}


def test_without_word_from_the_provider_the_clock_says_which_frame_is_over():
    pacer = Pacer()
    pacer.push("a", pcm(10 * FRAME))
    assert pacer.played_by(9.0) == 0
    taken(pacer, 1.0)
    assert [pacer.played_by(now) for now in (1.0, 1.019, 1.02, 1.07, 9.0)] == [0, 0, 1, 3, 8]
    assert pacer.heard(pacer.played_by(1.07)) == {"a": 3 * FRAME}
    assert pacer.heard(pacer.played_by(1.07)) == {}
    pacer.flush()
    assert pacer.played_by(9.0) == 0


def test_a_flush_tells_what_was_not_sent_and_lets_old_numbers_mean_nothing():
    pacer = Pacer()
    pacer.push("a", pcm(10 * FRAME + 7))
    taken(pacer, 0.0)
    pacer.heard(3)
    assert pacer.flush() == 2 * FRAME + 7
    # The provider says back what it threw away.
    assert pacer.heard(8) == {}
    pacer.push("b", pcm(FRAME))
    assert pacer.take(0.0).number == 9
    assert pacer.heard(8) == {}
    assert pacer.heard(9) == {"b": FRAME}


def test_what_still_comes_for_a_flushed_item_is_dropped():
    pacer = Pacer()
    pacer.push("a", pcm(FRAME))
    pacer.flush()
    pacer.push("a", pcm(5 * FRAME))
    pacer.finish("a")
    assert pacer.waiting_samples == 0
    assert pacer.take(1.0) is None


def test_behind_a_flush_the_next_answer_begins_at_once():
    pacer = Pacer()
    pacer.push("a", pcm(10 * FRAME))
    taken(pacer, 0.0)
    pacer.flush()
    pacer.push("b", pcm(10 * FRAME))
    assert len(taken(pacer, 0.001)) == 8


def test_after_a_pause_the_answer_does_not_race_to_make_up_for_it():
    pacer = Pacer()
    pacer.push("a", pcm(8 * FRAME))
    taken(pacer, 0.0)
    pacer.push("a", pcm(20 * FRAME))
    # The provider ran dry at 0.16.
    assert len(taken(pacer, 3.0)) == 8


def test_a_pacer_that_is_asked_late_fills_the_lead_up_again():
    pacer = Pacer()
    pacer.push("a", pcm(20 * FRAME))
    taken(pacer, 0.0)
    assert len(taken(pacer, 0.1)) == 5


def test_a_lead_of_less_than_a_frame_is_refused():
    with pytest.raises(ConfigError, match="lead_ms"):
        Pacer(lead_ms=19)


def test_half_a_sample_is_refused_and_nothing_is_taken():
    pacer = Pacer()
    with pytest.raises(CodecError):
        pacer.push("a", bytes(321))
    assert pacer.waiting_samples == 0


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("push"), st.integers(0, 3000)),
        st.tuples(st.just("finish"), st.just(0)),
        st.tuples(st.just("next item"), st.just(0)),
        st.tuples(st.just("wait"), st.integers(0, 400)),
        st.tuples(st.just("take"), st.just(0)),
        st.tuples(st.just("flush"), st.just(0)),
    ),
    max_size=60,
)


class Provider:
    """A telephone that plays what it gets, and holds the pacer to its promises."""

    def __init__(self, lead: float) -> None:
        self.lead = lead
        self.dry_at = 0.0
        self.playing: deque = deque()
        self.got = b""
        self.heard: dict[str, int] = {}

    def take(self, frame, now: float) -> None:
        self.dry_at = max(self.dry_at, now) + 0.02
        assert self.dry_at - now <= self.lead + 1e-4, "too early"
        assert len(frame.codes) == FRAME
        self.playing.append((self.dry_at, frame))
        self.got += decode_ulaw(frame.codes)[: 2 * frame.samples]

    def played(self, now: float) -> list[int]:
        numbers = []
        while self.playing and self.playing[0][0] <= now:
            _, frame = self.playing.popleft()
            self.heard[frame.item_id] = self.heard.get(frame.item_id, 0) + frame.samples
            numbers.append(frame.number)
        return numbers

    def clear(self) -> list[int]:
        self.dry_at = 0.0
        numbers = [frame.number for _, frame in self.playing]
        self.playing.clear()
        return numbers


@given(steps=STEPS, lead_ms=st.sampled_from([20, 50, 160, 400]))
def test_no_frame_is_early_lost_or_out_of_order_and_what_was_heard_is_exact(steps, lead_ms):
    pacer, phone = Pacer(lead_ms=lead_ms), Provider(lead_ms / 1000)
    now, item, kept, told = 100.0, 0, b"", {}
    for what, amount in steps:
        now += amount / 1000 if what == "wait" else 0.0
        for number in phone.played(now):
            told |= pacer.heard(number)
        if what == "push":
            # Every sample differs from its neighbours, and survives the law as itself.
            sound = decode_ulaw(bytes((len(kept) // 2 + at) % 127 for at in range(amount)))
            pacer.push(f"i{item}", sound)
            kept += sound
        elif what == "finish":
            pacer.finish(f"i{item}")
        elif what == "next item":
            item += 1
        elif what == "flush":
            dropped = pacer.flush()
            assert [pacer.heard(number) for number in phone.clear() if pacer.heard(number)] == []
            kept = kept[: len(kept) - 2 * dropped]
            item += 1
        elif what == "take":
            for frame in taken(pacer, now):
                phone.take(frame, now)
            assert pacer.next_at is None or pacer.next_at > now
        assert kept.startswith(phone.got)
        assert len(kept) == len(phone.got) + 2 * pacer.waiting_samples
        assert told == phone.heard
