"""What a talker is told in words while he talks."""

from __future__ import annotations

import pytest

from trunkline.cli.news import News, Tidings, Weight, of_device
from trunkline.devices.base import Change, Notice
from trunkline.protocol.closure import Closure
from trunkline.protocol.lifecycle import State
from trunkline.protocol.observations import (
    AudioGap,
    CaptureOverrun,
    Congested,
    LinkEnded,
    ResponseFailed,
    Restored,
    RetryScheduled,
    Rotated,
    RoundTrip,
    Stalled,
    Suspended,
    Transition,
)
from trunkline.protocol.verdicts import Disposition, Verdict

WHEN = {"at": 1.0, "epoch": 1}
RESET = Verdict(disposition=Disposition.RETRY, cause="the connection was reset", advice="")
MOVED = {"items": 3, "items_dropped": 0, "replayed_samples": 0, "lost_samples": 0, "owed": False}


def told(*facts) -> list[tuple[Weight, str]]:
    found: list[Tidings] = []
    news = News(found.append)
    for fact in facts:
        news(fact)
    return [tuple(one) for one in found]


def ended(*, by_us: bool = False) -> LinkEnded:
    return LinkEnded(**WHEN, closure=Closure(by_us=by_us), verdict=RESET, lived=1.0)


def retry(attempt: int, delay: float) -> RetryScheduled:
    return RetryScheduled(**WHEN, attempt=attempt, delay=delay)


def moved(target: State) -> Transition:
    return Transition(**WHEN, source=State.LIVE, target=target, cause="test")


def restored(**changes) -> Restored:
    facts = WHEN | MOVED | {"duplicated_samples": 0, "verified": True, "took": 0.412}
    return Restored(**(facts | changes))


def test_an_outage_is_two_lines_what_happened_and_what_it_cost():
    assert told(
        ended(), moved(State.WAITING), retry(1, 0.43), moved(State.DIALING), restored()
    ) == [
        (Weight.WARNING, "link lost: the connection was reset; coming back in 0.4 s"),
        (Weight.GOOD, "restored in 412 ms, nothing lost"),
    ]


def test_each_attempt_in_vain_says_when_the_next_one_is():
    assert told(ended(), retry(1, 0.4), moved(State.DIALING), ended(), retry(2, 1.26))[-1] == (
        Weight.WARNING,
        "not yet back: the connection was reset; next try in 1.3 s",
    )


def test_a_link_that_is_dialed_again_at_once_needs_no_wait():
    assert told(ended(), moved(State.DIALING)) == [
        (Weight.WARNING, "link lost: the connection was reset; coming back at once")
    ]


@pytest.mark.parametrize(
    "facts",
    [
        [ended(by_us=True), moved(State.CLOSED)],
        [ended(), moved(State.FAILED), moved(State.DIALING)],
        [moved(State.DIALING)],
        [RoundTrip(**WHEN, rtt=0.1)],
        [CaptureOverrun(**WHEN, lost_ms=20.0)],
    ],
)
def test_what_is_no_outage_or_told_otherwise_is_no_news(facts):
    assert told(*facts) == []


def test_what_an_outage_cost_is_told_once():
    gap = AudioGap(**WHEN, start_sample=0, samples=12_000, reason="too late")
    (_, line) = told(ended(), retry(1, 0.4), gap, restored(lost_samples=12_000, took=2.04))
    assert line == (Weight.WARNING, "restored in 2.0 s, 500 ms of what you said lost")
    assert told(gap) == [(Weight.BAD, "500 ms of what you said not delivered: too late")]


def test_what_was_too_long_to_be_told_again_is_named():
    assert told(restored(items_dropped=4))[0][1] == (
        "restored in 412 ms, nothing lost, 4 oldest items left out"
    )


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (
            Rotated(**WHEN, **MOVED, old_epoch=1, verified=True, moment="in silence", took=1.0),
            "changed to a new session before the old one ends, nothing lost",
        ),
        (
            Stalled(**WHEN, response_id="r", silence=5.2, over=False),
            "no answer for 5 s; the link is well, the model is slow",
        ),
        (
            Congested(**WHEN, waiting_samples=1, over=False),
            "the link takes less than you say; it waits here",
        ),
        (Congested(**WHEN, waiting_samples=0, over=True), "caught up"),
        (Suspended(**WHEN, gap=31.6), "this machine slept for 32 s"),
        (
            ResponseFailed(**WHEN, response_id="r", code="rate_limit", message="slow \x1bdown"),
            "the model could not answer: slow ␛down",
        ),
        (CaptureOverrun(**WHEN, lost_ms=340.0), "the microphone lost 340 ms"),
    ],
)
def test_other_news_are_a_sentence_each_and_clean(fact, words: str):
    assert [text for _, text in told(fact)] == [words]


def test_a_stall_that_is_over_is_heard_anyway():
    assert told(Stalled(**WHEN, response_id="r", silence=5.2, over=True)) == []


@pytest.mark.parametrize(
    ("change", "detail", "words"),
    [
        (Change.OPENED, "", "microphone: USB\ufffd PnP"),
        (Change.LOST, "", "microphone gone; waiting for it (USB\ufffd PnP)"),
        (Change.STALLED, "", "microphone does nothing; waiting for it (USB\ufffd PnP)"),
        (Change.RETURNED, "as the default", "microphone back (USB\ufffd PnP): as the default"),
    ],
)
def test_what_becomes_of_a_device_is_told(change: Change, detail: str, words: str):
    notice = Notice(device="microphone", name="USB\a PnP", change=change, at=1.0, detail=detail)
    assert of_device(notice).text == words
