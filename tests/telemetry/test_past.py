from __future__ import annotations

from dataclasses import replace

from telemetry.recorded import END, RATE_HZ, START, recorded
from trunkline.protocol.observations import (
    RateLimits,
    RoundTrip,
    SessionReady,
    Speaker,
    Transcript,
    Transition,
)
from trunkline.telemetry.digester import Digester
from trunkline.telemetry.fold import LineFold
from trunkline.telemetry.frames import Beat, Began, Told
from trunkline.telemetry.line_view import snapshot_of
from trunkline.telemetry.past import KEPT_FACTS, Past

BEGAN = Began(line="x", at=START, wall_offset=0.0, name="x", rate_hz=RATE_HZ)


def _fold(frames):
    fold = LineFold.begun(BEGAN)
    for frame in frames:
        fold.apply(frame)
    return fold


def test_somebody_who_comes_later_sees_what_he_would_have_seen():
    frames = []
    digester = Digester(BEGAN, frames.append)
    for fact in recorded():
        digester.observe(fact)
    digester.flush(END)
    there, later = _fold(frames[1:]), _fold(digester.introduction()[1:])
    for fold in (there, later):
        fold.settle(int(END))
    one, other = snapshot_of(there, END, 60), snapshot_of(later, END, 60)
    for name in ("state", "state_since", "availability", "session_id", "model", "books", "outages",
                 "turns", "transcript", "reconnects", "epoch", "live_s", "up"):  # fmt: skip
        if name == "up":
            assert other.up.bytes_total == one.up.bytes_total
            assert other.up.types == one.up.types
        elif name == "outages":
            # When the last byte came before an old outage is not kept.
            assert other.outages == tuple(replace(each, detected_s=None) for each in one.outages)
        else:
            assert getattr(other, name) == getattr(one, name), name


def test_the_past_stays_small_and_keeps_what_stands():
    past = Past()
    ready = SessionReady(at=1.0, epoch=1, session_id="s", model="m", expires_at=None)
    past.told(ready)
    for n in range(1000):
        past.told(RoundTrip(at=2.0 + n, epoch=1, rtt=0.1))
        past.told(RateLimits(at=2.0 + n, epoch=1, limits=()))
    told = [frame.fact for frame in past.frames(BEGAN) if isinstance(frame, Told)]
    assert told == [ready, RateLimits(at=1001.0, epoch=1, limits=())]


def test_facts_are_told_in_their_order_after_the_totals():
    digester = Digester(BEGAN, lambda frame: None)
    for _ in range(3):
        for fact in recorded():
            digester.observe(fact)
    frames = digester.introduction()
    assert frames[0] is BEGAN
    assert isinstance(frames[1], Beat)
    assert frames[1].at == BEGAN.at
    times = [frame.fact.at for frame in frames[2:]]
    assert times == sorted(times)
    others = [frame for frame in frames[2:] if not isinstance(frame.fact, Transition)]
    assert len(others) <= KEPT_FACTS + 4


def _said(at, text, item, *, final=False):
    return Transcript(
        at=at, epoch=1, speaker=Speaker.ASSISTANT, item_id=item, text=text, final=final
    )


def _facts(past):
    return [frame.fact for frame in past.frames(BEGAN) if isinstance(frame, Told)]


def test_the_words_of_an_item_are_one_fact_of_the_time_when_they_began():
    past = Past()
    for fact in (_said(1.0, "so", "a"), _said(2.0, " we", "a"), _said(3.0, "and", "b")):
        past.told(fact)
    assert _facts(past) == [_said(1.0, "so we", "a"), _said(3.0, "and", "b")]
    past.told(_said(4.0, "so we go", "a", final=True))
    assert _facts(past) == [_said(1.0, "so we go", "a", final=True), _said(3.0, "and", "b")]


def test_words_without_an_end_stay_within_bounds():
    past = Past()
    for n in range(2000):
        past.told(_said(float(n), "x" * 50, f"i{n % 40}"))
    assert len(_facts(past)) <= KEPT_FACTS + 8
    assert all(len(fact.text) <= 2000 for fact in _facts(past))
