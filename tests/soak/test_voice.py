from __future__ import annotations

import pytest

from trunkline.simulator.voice import Utterance
from trunkline.soak.tape import Microphone, place_of
from trunkline.soak.voice import REPLY_STRIDE, Witness, spans_of, written


@pytest.mark.parametrize("spans", [[], [(0, 7)], [(3, 9), (12, 400)]])
def test_a_transcript_says_which_samples_it_stands_for(spans):
    assert spans_of(written(spans)) == (spans or None)


@pytest.mark.parametrize("text", ["", "typed 3", "[inaudible]", "1-", "a-b", "re:1-2"])
def test_other_texts_stand_for_none(text):
    assert spans_of(text) is None


def test_it_hears_places_and_answers_the_last_thing_said():
    microphone = Microphone()
    voice = Witness(microphone, least_ms=100, most_ms=200)
    pcm = microphone.next(2400, loud=True)
    microphone.captured(2400, loud=True)
    assert voice.hear(pcm) == "0-2400"
    assert voice.hear(b"") == ""
    context = [Utterance(role="user", text="0-2400"), Utterance(role="assistant", text="hm")]
    first, second = voice.reply(context), voice.reply([])
    assert first.text.startswith("re:0-2400 ")
    assert (voice.asked, second.text.split()[0]) == ("nothing", "re:nothing")
    assert place_of(second.pcm) == 2 * REPLY_STRIDE
