"""One scenario per promise: real sockets, real speech, a server that breaks the link, and a judge on its side."""

from __future__ import annotations

import asyncio
import json

import pytest

from scenarios.calling import MANUAL, call
from scenarios.judging import SPEECH

TEXTS = [
    turn["interpreter_text"]
    for turn in json.loads((SPEECH / "turns.json").read_text(encoding="utf-8"))["turns"]
]
UP = ["dialing", "opening", "configuring", "restoring", "live"]
DOWN = ["closing", "ended 1000", "closed"]


def run(faults, **options):
    async def bounded():
        async with asyncio.timeout(30):
            return await call(faults, **options)

    heard, judge = asyncio.run(bounded())
    books = heard.books
    assert books.accepted == books.consumed + books.retained + books.gap
    assert books.gap == heard.gaps == 0
    judge.check()
    return heard


def test_without_faults_every_turn_is_answered_on_one_link():
    heard = run([], turns=[1, 3])
    assert heard.completed == [TEXTS[0], TEXTS[2]]
    assert heard.milestones() == [*UP, "response completed", "response completed", *DOWN]


def test_a_reset_in_mid_utterance_loses_nothing_and_doubles_nothing():
    heard = run([{"when": {"utterance": 2, "ms": 900}, "action": "rst"}], turns=[1, 3])
    assert heard.completed == [TEXTS[0], TEXTS[2]]
    assert heard.milestones() == [
        *UP,
        "response completed",
        "ended 1006 RESET",
        "waiting",
        *UP,
        "restored 2 items, lost 0, owed False",
        "response completed",
        *DOWN,
    ]
    first, second = heard.sessions
    assert first.ending.by == "fault"
    assert [(item.role, item.text) for item in second.items_of("created")] == [
        ("user", "Good morning. I would like to change my train ticket to Thursday afternoon."),
        ("assistant", TEXTS[0]),
    ]


def test_a_close_in_mid_reply_is_answered_again_and_only_what_was_heard_is_kept():
    close = {"action": "close", "code": 1011, "reason": "internal error"}
    heard = run([{"when": {"reply": 2, "ms": 1200}} | close], turns=[1, 3])
    assert heard.completed == [TEXTS[0], TEXTS[2]]
    told = heard.milestones()
    assert told == [
        *UP,
        "response completed",
        "ended 1011",
        "waiting",
        *UP,
        told[13],
        "response completed",
        *DOWN,
    ]
    assert told[13].startswith("restored ")
    assert told[13].endswith("lost 0, owed True")
    second = heard.sessions[1]
    (broken,) = heard.interrupted
    (_, partial) = [item.text for item in second.items_of("created") if item.role == "assistant"]
    # Half of the audio that came had been played.
    assert partial
    assert TEXTS[2].startswith(partial)
    assert len(partial) < 0.75 * len(heard.words[broken])
    assert [response.status for response in second.responses] == ["completed"]


def test_both_in_one_call_like_the_demo():
    heard = run(
        [
            {"when": {"utterance": 1, "ms": 700}, "action": "rst"},
            {"when": {"reply": 2, "ms": 800}, "action": "close", "code": 1011, "reason": "x"},
        ],
        turns=[1, 3],
    )
    assert heard.completed == [TEXTS[0], TEXTS[2]]
    assert len(heard.sessions) == 3


def test_a_drop_while_restoring_starts_again_from_the_same_ledger():
    heard = run(
        [
            {"when": {"utterance": 2, "ms": 900}, "action": "rst"},
            {
                "when": {"event": "conversation.item.create"},
                "connection": 2,
                "action": "rst",
            },
            {
                "when": {"event": "session.update", "count": 2},
                "connection": 3,
                "action": "close",
                "code": 1012,
                "reason": "restart",
            },
        ],
        turns=[1, 3],
    )
    assert heard.completed == [TEXTS[0], TEXTS[2]]
    assert len(heard.sessions) == 4


def test_a_turn_that_is_committed_by_hand_survives_a_reset_as_well():
    heard = run(
        [{"when": {"appended_ms": 3500}, "connection": 1, "action": "rst"}],
        turns=[3, 4],
        session=MANUAL,
    )
    assert heard.completed == [TEXTS[2], TEXTS[3]]
    assert len(heard.sessions) == 2


@pytest.mark.parametrize("event", ["session.created", "session.updated"])
def test_a_link_that_breaks_before_it_is_live_is_only_another_try(event: str):
    heard = run([{"when": {"event": event}, "connection": 1, "action": "rst"}], turns=[3])
    assert heard.completed == [TEXTS[2]]
    assert len(heard.sessions) == 2
