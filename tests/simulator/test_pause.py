from __future__ import annotations

import pytest

from trunkline.simulator.pause import EAGERNESS, Completeness, completeness, pause_ms
from trunkline.simulator.recordings import recorded_turns


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("Can I pay by card?", Completeness.FINISHED),
        ("“Yes.”", Completeness.FINISHED),
        ("こんにちは。", Completeness.FINISHED),
        ("Well, I", Completeness.UNFINISHED),
        ("And then,", Completeness.UNFINISHED),
        ("Let me see...", Completeness.UNFINISHED),
        ("", Completeness.UNKNOWN),
        ("(1.2 s of speech)", Completeness.UNKNOWN),
        ("  ...", Completeness.UNKNOWN),
    ],
)
def test_the_words_say_whether_the_user_has_finished(text, judged):
    assert completeness(text) is judged


def test_every_recorded_turn_is_finished():
    judged = {completeness(turn.caller_text) for turn in recorded_turns()}
    assert judged == {Completeness.FINISHED}


def test_the_longest_pauses_are_those_of_the_api():
    longest = {name: pause_ms(name, Completeness.UNFINISHED) for name in EAGERNESS}
    assert longest == {"low": 8000, "medium": 4000, "high": 2000, "auto": 4000}


@pytest.mark.parametrize("eagerness", EAGERNESS)
def test_the_more_finished_the_shorter_the_pause(eagerness):
    pauses = [pause_ms(eagerness, judged) for judged in Completeness]
    assert pauses == sorted(pauses)
    assert len(set(pauses)) == 3
